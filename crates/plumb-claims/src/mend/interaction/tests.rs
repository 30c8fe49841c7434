//! Interactions and their rules, as lines that go and come.

use super::*;
use crate::dialect;
use crate::mend::{Done, Mended, mend};
use crate::reading::SourceFile;
use plumb_shape::change::{Action, Change};
use plumb_shape::place::Step;
use plumb_shape::trait_set::TraitSet;

/// A pact of one interaction with this answer.
fn pact(version: &str, answer: &str) -> String {
    format!(
        r#"{{
  "consumer": {{ "name": "a" }}, "provider": {{ "name": "b" }},
  "interactions": [{{
    "description": "one",
    "request": {{ "method": "GET", "path": "/" }},
    "response": {answer}
  }}],
  "metadata": {{ "pactSpecification": {{ "version": "{version}" }} }}
}}"#
    )
}

fn place(steps: &[&str]) -> Place {
    let step = |name: &&str| match *name {
        "[]" => Step::Item,
        key => Step::Key(key.into()),
    };
    Place { side: Side::Response, part: Part::Body, steps: steps.iter().map(step).collect() }
}

fn admitted(
    text: &str,
    place: Place,
    (kind, traits, json): (DifferenceKind, TraitSet, &str),
) -> Mended {
    let file = SourceFile { path: "pact.json", bytes: text.as_bytes() };
    let claims = dialect::read(&file, &|_| None).claims;
    let json = (!json.is_empty()).then(|| json.to_owned());
    let beyond = Beyond { kind, traits, json, words: Vec::new(), is_required: false };
    let action = Action::Admit(place, beyond);
    let claim = claims[0].source.clone();
    let change = Change { claim, action, reach: Reach::Everywhere };
    mend(&file, &[&change], &|_| None)
}

/// Checks the answer of the pact afterwards.
#[track_caller]
fn check(
    version: &str,
    answer: &str,
    (place, beyond): (Place, (DifferenceKind, TraitSet, &str)),
    expected: &str,
) {
    let text = pact(version, answer);
    let mended = admitted(&text, place, beyond);
    assert_eq!(mended.done, [Done::Written]);
    assert_eq!(mended.files["pact.json"], pact(version, expected));
}

#[track_caller]
fn check_refused(
    version: &str,
    answer: &str,
    (place, beyond): (Place, (DifferenceKind, TraitSet, &str)),
    why: &str,
) {
    let mended = admitted(&pact(version, answer), place, beyond);
    let Done::Refused(reason) = &mended.done[0] else { panic!("{:?}", mended.files) };
    assert!(reason.contains(why) && mended.files.is_empty(), "{reason}");
}

const GONE: (DifferenceKind, TraitSet, &str) = (DifferenceKind::Gone, TraitSet::NONE, "");
/// A new rule of later versions.
const TYPED: &str = r#"{"$.a":{"combine":"AND","matchers":[{"match":"type"}]}}"#;

const NULL: (DifferenceKind, TraitSet, &str) = (DifferenceKind::NullNew, TraitSet::NULL, "null");

#[test]
fn what_is_gone_takes_its_rules_along() {
    check(
        "2.0.0",
        r#"{"body": {"id": 1, "old": {"a": 1}}, "matchingRules": {"$.body.old.a": {"match": "type"},
      "$.body.id": {"match": "type"}}}"#,
        (place(&["old"]), GONE),
        r#"{"body": {"id": 1}, "matchingRules": {"$.body.id": {"match": "type"}}}"#,
    );
    check(
        "3.0.0",
        r#"{"body": {"old": 1, "id": 1}, "matchingRules": {"body": {"$.old": {"matchers": []}}}}"#,
        (place(&["old"]), GONE),
        r#"{"body": {"id": 1}, "matchingRules": {"body": {}}}"#,
    );
}

#[test]
fn a_new_type_is_matched_by_type() {
    let text = (DifferenceKind::KindChanged, TraitSet::DIGITS, "\"1\"");
    check(
        "3.0.0",
        r#"{"body": {"id": 1},
      "matchingRules": {"body": {"$['id']": {"matchers": [{"match": "integer"}]}}}}"#,
        (place(&["id"]), text),
        r#"{"body": {"id": "1"},
      "matchingRules": {"body": {"$['id']": {"matchers": [{"match": "type"}]}}}}"#,
    );
    // A rule above that matches by type goes on doing so.
    let above = r#"{"body": {"id": 1}, "matchingRules": {"$.body": {"match": "type"}}}"#;
    check("2.0.0", above, (place(&["id"]), text), &above.replace("\"id\": 1", "\"id\": \"1\""));
    // So does one for every member, however much stands beside it.
    let beside = r#"{"body": {"id": 1}, "matchingRules": {"$.body.*": {"match": "type"}}}"#;
    check("2.0.0", beside, (place(&["id"]), text), &beside.replace("\"id\": 1", "\"id\": \"1\""));
    let new = (DifferenceKind::New, TraitSet::INT32, "1");
    check(
        "2.0.0",
        r#"{"body": {"a": 1}}"#,
        (place(&["b c"]), new),
        r#"{"body": {"a": 1, "b c": 1}, "matchingRules": {"$.body['b c']":{"match":"type"}}}"#,
    );
}

#[test]
fn rules_are_widened_where_that_is_mechanical() {
    let rules = |rule: &str| {
        format!(r#"{{"body": {{"a": "x"}}, "matchingRules": {{"body": {{"$.a": {rule}}}}}}}"#)
    };
    check(
        "4.0",
        &rules(r#"{"matchers": [{"match": "type"}]}"#),
        (place(&["a"]), NULL),
        &rules(r#"{"matchers": [{"match": "type"},{"match": "null"}], "combine": "OR"}"#),
    );
    let wide = (DifferenceKind::NumberWidened, TraitSet::FRACTION, "1.5");
    check(
        "3.0.0",
        &rules(r#"{"matchers": [{"match": "integer"}]}"#),
        (place(&["a"]), wide),
        &rules(r#"{"matchers": [{"match": "number"}]}"#),
    );
    let empty = (DifferenceKind::EmptyNew, TraitSet::EMPTY_ARRAY, "[]");
    check(
        "3.0.0",
        &rules(r#"{"matchers": [{"match": "type", "min": 2}]}"#),
        (place(&["a"]), empty),
        &rules(r#"{"matchers": [{"match": "type", "min": 0}]}"#),
    );
    let words = (DifferenceKind::ValueNew, TraitSet::TEXT, "\"y\"");
    check(
        "3.0.0",
        r#"{"body": {"a": "x"}, "matchingRules": {}}"#,
        (place(&["a"]), words),
        &format!(r#"{{"body": {{"a": "x"}}, "matchingRules": {{"body": {TYPED}}}}}"#),
    );
}

#[test]
fn a_rule_that_refuses_what_is_seen_is_named() {
    let words = (DifferenceKind::ValueNew, TraitSet::TEXT, "\"y\"");
    let rule =
        r#"{"body": {"a": "x"}, "matchingRules": {"$.body.a": {"match": "regex", "regex": "x"}}}"#;
    check_refused("2.0.0", rule, (place(&["a"]), words), "`$.body.a` in line 6 refuses it");
    check_refused("2.0.0", rule, (place(&["a"]), NULL), "cannot take null");
    let both = r#"{"body": {"a": "x"}, "matchingRules": {"body": {"$.a": {
      "matchers": [{"match": "type"}, {"match": "include", "value": "x"}]}}}}"#;
    check_refused("3.0.0", both, (place(&["a"]), NULL), "must all hold");
    // Matched by its type already, so what is refused there is of another one.
    let typed = r#"{"body": {"a": "x"}, "matchingRules": {"$.body.*": {"match": "type"}}}"#;
    let wide = (DifferenceKind::NumberWidened, TraitSet::FRACTION, "1.5");
    check_refused("2.0.0", typed, (place(&["a"]), wide), "two kinds");
    let absent = (DifferenceKind::SometimesAbsent, TraitSet::NONE, "");
    check_refused("4.0", both, (place(&["a"]), absent), "there at times");
}

#[test]
fn a_wrapped_body_and_its_headers_are_edited_where_they_are() {
    let answer = r#"{"headers": {"ETag": ["1"]},
      "body": {"contentType": "application/json", "content": {"a": 1}},
      "matchingRules": {"header": {"ETag": {"matchers": [{"match": "regex", "regex": "."}]}}}}"#;
    let header = Place::named(Side::Response, Part::Header, "etag");
    check(
        "4.0",
        answer,
        (header, GONE),
        r#"{"headers": {},
      "body": {"contentType": "application/json", "content": {"a": 1}},
      "matchingRules": {"header": {}}}"#,
    );
    let text = (DifferenceKind::KindChanged, TraitSet::DIGITS, "\"1\"");
    let rules = r#"{"header": {"ETag": {"matchers": [{"match": "regex", "regex": "."}]}}"#;
    let more = format!("{rules}, \"body\": {TYPED}}}");
    let expected = answer.replace("\"a\": 1", "\"a\": \"1\"");
    let expected = expected.replace(&format!("{rules}}}"), &more);
    check("4.0", answer, (place(&["a"]), text), &expected);
}
