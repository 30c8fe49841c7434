//! WireMock's value predicates (`equalTo`, `matches`, `absent` ...) as what they say of one text.
//!
//! Refuses to know where the text stands: query, header, cookie and form field are alike.

use crate::cassette::scalar_text;
use crate::matched::{both, expected_regex};
use crate::said_document::expected_text;
use crate::url_pattern::words_of_regex;
use plumb_shape::said::{Expected, Presence};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::Node;

/// Predicates within predicates at most.
const DEPTH_MAX: usize = 8;

/// Predicates that refuse a text; where there is none they hold.
const NEGATIVE: [&str; 3] = ["doesNotContain", "doesNotMatch", "not"];

/// Predicates that admit any text as far as traits can tell.
const ANY_TEXT: [&str; 7] = [
    "contains",
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

/// An expression that every text meets.
const ALL_TEXT: &str = ".*";

/// True when more is asked of a text than what is said of it: texts that the predicate tells apart
/// look alike.
pub(crate) fn is_loose(predicate: &Node) -> bool {
    loose_at_depth(predicate, 0)
}

fn loose_at_depth(predicate: &Node, depth: usize) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| predicate.get(name).is_some());
    if scalar_text(predicate).is_some() || has(&["absent", "equalTo"]) {
        return false;
    }
    if let Some(regex) = predicate.get("matches").and_then(Node::as_str) {
        return regex != ALL_TEXT && words_of_regex(regex).is_none();
    }
    if let Some(each) = ["and", "or", "hasExactly"].iter().find_map(|name| predicate.get(name)) {
        let is_list = predicate.get("hasExactly").is_some();
        let any_loose = || each.items().iter().any(|one| loose_at_depth(one, depth + 1));
        return depth >= DEPTH_MAX || is_list && each.items().len() > 1 || any_loose();
    }
    !has(&NUMBER) && !has(&MOMENT)
}

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
    // WireMock looks at the key alone: `absent: false` asks for no text either.
    if predicate.get("absent").is_some() {
        return Some(Expected::always(TraitSet::NONE).with_presence(Presence::Never));
    }
    if let Some(value) = predicate.get("equalTo") {
        let exact = expected_text(&scalar_text(value)?);
        let any_case = predicate.get("caseInsensitive").and_then(Node::as_bool) == Some(true);
        return Some(if any_case { exact.in_any_case() } else { exact });
    }
    if let Some(regex) = predicate.get("matches") {
        return Some(expected_regex(regex.as_str()?));
    }
    if let Some(all) = predicate.get("and") {
        return nested(all)?.into_iter().reduce(both);
    }
    if predicate.get("includes").is_some() {
        // Others may be among the values.
        return Some(Expected::always(TraitSet::STRING));
    }
    if has(&NEGATIVE) {
        return Some(unless(predicate));
    }
    if let Some(any) = ["or", "hasExactly"].iter().find_map(|name| predicate.get(name)) {
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

/// What a predicate that refuses some texts says; no text at all is refused only by `not` absent.
fn unless(predicate: &Node) -> Expected {
    let is_needed = predicate.get("not").is_some_and(|inside| inside.get("absent").is_some());
    let presence = if is_needed { Presence::Always } else { Presence::Sometimes };
    Expected::always(TraitSet::STRING).with_presence(presence)
}
