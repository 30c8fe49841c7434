//! What is told of small changes, and of what is none.

use super::*;
use crate::replay::agreement::Trio;
use crate::replay::answer::Answer;
use crate::replay::tallies::Withheld;
use plumb_traffic::redact::Redaction;

/// As often as one thing is asked here: beyond chance if all answers show it.
const TIMES: usize = 40;

/// A trio of bodies with the status 200.
type Bodies<'a> = [&'a str; 3];

fn answer(body: &str) -> Answer {
    let is_json = body.starts_with(['{', '[']);
    let media_type = if is_json { "application/json" } else { "text/plain" };
    let headers = vec![("content-type".to_owned(), media_type.to_owned())];
    Answer::received(200, headers, body.as_bytes().to_vec())
}

fn told(basis: Basis, asked: impl IntoIterator<Item = [Answer; 3]>) -> Report {
    let withheld = Withheld::from(&Redaction::default().and_places(&["$.hidden".to_owned()]));
    let mut tallies = Tallies::default();
    for [first, second, single] in &asked.into_iter().collect::<Vec<_>>() {
        tallies.compare("GET /a", Trio { pair: [first, second], single }, &withheld);
    }
    report(tallies, Circumstances { basis, samples_min: 30, ended: Ended::Whole })
}

fn always(bodies: Bodies<'_>) -> Report {
    told(Basis::TwoAsks, std::iter::repeat_n(bodies.map(answer), TIMES))
}

fn lines(report: &Report) -> Vec<String> {
    let line = |one: &Difference| {
        let place = one.place.replace("response 200 ", "");
        format!("{} {place}: {} → {}", one.kind.name(), one.deployed, one.candidate)
    };
    report.differences.iter().map(line).collect()
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(lines(&always([old, old, new])), expected, "{old} {new}");
}

#[test]
fn each_change_is_told_once_and_by_its_name() {
    check(r#"{"a":1}"#, r#"{"a":1}"#, &[]);
    check(r#"{"a":1}"#, r#"{"a":2}"#, &["value-changed $.a:  → "]);
    check(r#"{"a":1}"#, r#"{}"#, &["gone $.a: integer → absent"]);
    check(r#"{"a":1,"b":1}"#, r#"{"b":1}"#, &["gone $.a: integer → absent"]);
    check(r#"{"b":1}"#, r#"{"a":{"c":[1]},"b":1}"#, &["new $.a: absent → object"]);
    check(r#"{"a":1}"#, r#"{"a":"1"}"#, &["kind-changed $.a: integer → text"]);
    check(r#"{"a":1}"#, r#"{"a":null}"#, &["null-new $.a: integer → null"]);
    check(r#"{"a":null}"#, r#"{"a":1}"#, &["null-gone $.a: null → integer"]);
    check(r#"{"a":1}"#, r#"{"a":1.5}"#, &["number-changed $.a: integer → fraction"]);
    check(r#"{"a":"2026-11-21"}"#, r#"{"a":"x"}"#, &["format-changed $.a: date → text"]);
    check(r#"{"a":[1]}"#, r#"{"a":[]}"#, &["emptied $.a: elements → empty array"]);
    check(r#"{"a":""}"#, r#"{"a":"x"}"#, &["filled $.a: empty string → text"]);
    check(r#"{"a":[1,2]}"#, r#"{"a":[1,2,3]}"#, &["length-changed $.a:  → "]);
    check(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, &["order-changed $.a:  → "]);
    check(r#"{"a":[{},1,null]}"#, r#"{"a":[1,null,{}]}"#, &["order-changed $.a:  → "]);
    check(r#"{"a":[{"b":1},{"c":1}]}"#, r#"{"a":[{"c":1},{"b":1}]}"#, &["order-changed $.a:  → "]);
    check(r#"{"a":{"2026-11-21":1}}"#, r#"{"a":{"2026-11-22":1}}"#, &["value-changed $.a:  → "]);
    check("plain", "other", &["value-changed $:  → "]);
    check("plain", "others", &["length-changed $:  → "]);
}

#[test]
fn the_order_of_what_stands_within_is_no_change_of_its_own() {
    let old = r#"[{"n":1,"a":[1,2]},{"n":0,"a":[3,4]}]"#;
    let new = r#"[{"n":0,"a":[3,4]},{"n":1,"a":[1,2]}]"#;
    check(old, new, &["order-changed $:  → "]);
}

#[test]
fn an_order_that_comes_and_goes_is_noise() {
    let orders = ["[1,2,3]", "[2,3,1]", "[3,1,2]"];
    let asked = (0..90).map(|at| {
        let drawn = |step: usize| orders[(at * step / 7 + at) % 3];
        [drawn(1), drawn(2), drawn(5)].map(answer)
    });
    let report = told(Basis::TwoAsks, asked);
    assert_eq!(lines(&report), Vec::<String>::new());
    assert_eq!(report.noise[0].aspect, "order");
}

#[test]
fn what_is_withheld_is_compared_by_its_form_only() {
    check(r#"{"hidden":"a"}"#, r#"{"hidden":"b"}"#, &[]);
    check(r#"{"password":"a","b":1}"#, r#"{"password":"b","b":1}"#, &[]);
    let gone = lines(&always([r#"{"hidden":"a","b":1}"#, r#"{"hidden":"a","b":1}"#, r#"{"b":1}"#]));
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert!(gone[0].starts_with("gone $.hidden"), "{gone:?}");
}

#[test]
fn against_recorded_answers_the_single_one_is_the_deployed_versions() {
    let (recorded, now) = (answer(r#"{"a":1,"b":1}"#), answer(r#"{"b":2}"#));
    let asked = std::iter::repeat_n([now.clone(), now, recorded], TIMES);
    let report = told(Basis::Recorded, asked);
    assert_eq!(lines(&report), ["gone $.a: integer → absent", "value-changed $.b:  → "]);
    let decides: Vec<bool> =
        report.differences.iter().map(|one| one.decides(Basis::Recorded)).collect();
    assert_eq!(decides, [true, false]);
}

#[test]
fn what_is_too_rare_to_tell_is_told_as_such() {
    let (old, new) = (r#"{"a":1}"#, r#"{"a":2}"#);
    let one = |at: usize| [old, old, if at < 4 { new } else { old }].map(answer);
    let report = told(Basis::TwoAsks, (0..100).map(one));
    assert_eq!((report.verdict, report.differences.len()), (Verdict::Same, 0));
    let undecided: Vec<(&str, u64)> =
        report.undecided.iter().map(|noise| (noise.place.as_str(), noise.alone)).collect();
    assert_eq!(undecided, [("response 200 $.a", 4)]);
}

#[test]
fn too_little_is_never_the_same() {
    let body = answer(r#"{"a":1}"#);
    let few = told(Basis::TwoAsks, std::iter::repeat_n([&body; 3].map(Clone::clone), 29));
    assert_eq!(few.verdict, Verdict::CannotTell(Doubt::TooFew));
    let refused = || Answer::received(403, Vec::new(), Vec::new());
    let refused = told(Basis::TwoAsks, (0..TIMES).map(|_| [refused(), refused(), refused()]));
    assert_eq!(refused.verdict, Verdict::CannotTell(Doubt::Refused));
}
