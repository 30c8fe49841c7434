//! What must hold of every comparison, whatever is compared.

use super::agreement::Trio;
use super::answer::Answer;
use super::report::{Basis, Circumstances, Ended, Report, Verdict, report};
use super::tallies::{Tallies, Withheld};
use plumb_traffic::redact::Redaction;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Three answers to one request of an operation.
type Asked = (String, [Answer; 3]);

const CIRCUMSTANCES: Circumstances =
    Circumstances { basis: Basis::TwoAsks, samples_min: 1, ended: Ended::Whole };

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_i32).prop_map(Value::from),
        Just(json!(1.5)),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-c]|[0-9]{4}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn answers() -> impl Strategy<Value = Answer> {
    let body = prop_oneof![
        4 => values().prop_map(|value| value.to_string()),
        1 => "[ab]{0,2}",
    ];
    let status = prop_oneof![6 => Just(200), 1 => Just(503), 1 => Just(0)];
    (status, body, any::<bool>()).prop_map(|(status, body, has_header)| {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if has_header {
            headers.push(("x-age".to_owned(), "1".to_owned()));
        }
        Answer::received(status, headers, body.into_bytes())
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let operation = prop_oneof![Just("GET /a".to_owned()), Just("GET /b".to_owned())];
    (operation, [answers(), answers(), answers()])
}

/// The same in two orders.
fn shuffled() -> impl Strategy<Value = (Vec<Asked>, Vec<Asked>)> {
    vec(asked(), 1..12).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

fn counted<'a>(all: impl IntoIterator<Item = &'a Asked>) -> Tallies {
    let withheld = Withheld::from(&Redaction::default());
    let mut tallies = Tallies::default();
    for (operation, [first, second, single]) in all {
        tallies.compare(operation, Trio { pair: [first, second], single }, &withheld);
    }
    tallies
}

fn told(tallies: Tallies) -> Report {
    report(tallies, CIRCUMSTANCES)
}

/// More places than are counted, in two parts that are each below that.
#[test]
fn too_many_places_are_a_state_whatever_came_first() {
    let part = |first: u32| {
        let letter = |n: u32| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let key = |n: u32| [n / 676, n / 26, n].map(letter).iter().collect::<String>();
        let members = (first..first + 1_500).map(|n| (key(n), Value::from(1)));
        let body = Value::Object(members.collect()).to_string().into_bytes();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let answer = Answer::received(200, headers, body);
        counted(&[("GET /a".to_owned(), [answer.clone(), answer.clone(), answer])])
    };
    let joined = |parts: [u32; 2]| {
        let [mut all, other] = parts.map(part);
        all.merge(other);
        all
    };
    let all = joined([0, 1_500]);
    assert_eq!(all, joined([1_500, 0]));
    assert!(told(all).operations[0].is_full);
    assert!(!told(part(0)).operations[0].is_full);
}

proptest! {
    #[test]
    fn a_side_is_never_told_from_itself(all in vec(asked(), 0..12), times in 1..30_usize) {
        let with_itself: Vec<Asked> = all
            .into_iter()
            .map(|(operation, [first, second, _])| (operation, [first.clone(), second, first]))
            .collect();
        let repeated = std::iter::repeat_n(&with_itself, times).flatten();
        let report = told(counted(repeated));
        prop_assert_eq!(&report.differences, &[]);
        prop_assert_eq!(&report.undecided, &[]);
        prop_assert!(report.verdict != Verdict::Different);
    }

    #[test]
    fn answers_may_arrive_in_any_order(
        (all, shuffled) in shuffled(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (one, other) = shuffled.split_at(cut.index(shuffled.len()));
        let mut parts = counted(other);
        parts.merge(counted(one));
        prop_assert_eq!(&parts, &counted(&all));
        prop_assert_eq!(told(parts), told(counted(&all)));
    }

    /// What the deployed version always says, and the candidate never, is told at that very place.
    #[test]
    fn what_every_answer_shows_is_told(old in values(), new in values()) {
        let answer = |value: &Value| {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            Answer::received(200, headers, json!({ "at": value }).to_string().into_bytes())
        };
        let asked = ("GET /a".to_owned(), [answer(&old), answer(&old), answer(&new)]);
        let report = told(counted(std::iter::repeat_n(&asked, 40)));
        prop_assert_eq!(report.differences.is_empty(), old == new, "{:?}", report.differences);
        let is_there = |place: &str| place.starts_with("response 200 $.at");
        prop_assert!(report.differences.iter().all(|one| is_there(&one.place)));
    }
}
