//! WireMock's value predicates (`equalTo`, `matches`, `absent` ...) as what they say of one text.
//!
//! Refuses to know where the text stands: query, header, cookie and form field are alike.

use crate::cassette::scalar_text;
use crate::matched::{both, expected_regex};
use crate::said_document::expected_text;
use plumb_shape::said::{Expected, Presence};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::Node;

/// Predicates within predicates at most.
const DEPTH_MAX: usize = 8;

/// Predicates that admit any text as far as traits can tell.
const ANY_TEXT: [&str; 10] = [
    "contains",
    "doesNotContain",
    "doesNotMatch",
    "not",
    "binaryEqualTo",
    "equalToJson",
    "matchesJsonPath",
    "matchesJsonSchema",
    "equalToXml",
    "matchesXPath",
];
const NUMBER: [&str; 5] = [
    "equalToNumber",
    "greaterThanNumber",
    "greaterThanEqualNumber",
    "lessThanNumber",
    "lessThanEqualNumber",
];
const MOMENT: [&str; 3] = ["before", "after", "equalToDateTime"];

/// What a predicate says, or `None` when it is not known.
pub(crate) fn expected_of(predicate: &Node) -> Option<Expected> {
    at_depth(predicate, 0)
}

fn at_depth(predicate: &Node, depth: usize) -> Option<Expected> {
    if depth > DEPTH_MAX {
        return None;
    }
    // A bare value stands for `equalTo`.
    if let Some(text) = scalar_text(predicate) {
        return Some(expected_text(&text));
    }
    let nested = |list: &Node| -> Option<Vec<Expected>> {
        list.items().iter().map(|one| at_depth(one, depth + 1)).collect()
    };
    let has = |names: &[&str]| names.iter().any(|name| predicate.get(name).is_some());
    if predicate.get("absent").is_some_and(|absent| absent.as_bool() != Some(false)) {
        return Some(Expected::always(TraitSet::NONE).with_presence(Presence::Never));
    }
    if let Some(value) = predicate.get("equalTo") {
        let exact = expected_text(&scalar_text(value)?);
        let any_case = predicate.get("caseInsensitive").and_then(Node::as_bool) == Some(true);
        return Some(if any_case { Expected { words: None, ..exact } } else { exact });
    }
    if let Some(regex) = predicate.get("matches") {
        return Some(expected_regex(regex.as_str()?));
    }
    if let Some(all) = predicate.get("and") {
        return nested(all)?.into_iter().reduce(both);
    }
    let several = ["or", "hasExactly", "includes"];
    if let Some(any) = several.iter().find_map(|name| predicate.get(name)) {
        return nested(any)?.into_iter().reduce(Expected::or);
    }
    let traits = if has(&NUMBER) {
        TraitSet::DIGITS
    } else if has(&MOMENT) {
        TraitSet::DATE | TraitSet::DATE_TIME
    } else if has(&ANY_TEXT) {
        TraitSet::STRING
    } else {
        return None;
    };
    Some(Expected::always(traits))
}
