//! What a predicate says of the request body: a text, a document whose values are compared as
//! texts, or what a selector takes out of it.
//!
//! Refuses to know the rest of the request.

use crate::json_path::parse_json_path;
use crate::matched::{anything, narrow, say_at_path};
use crate::mountebank::field::{Field, clashes};
use crate::said_document::{Decision, Members, Visit, itself, say_document};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::example::{say_body, say_opaque};
use plumb_shape::fold::DEPTH_MAX;
use plumb_shape::format::number_traits;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::json::parse_json;
use plumb_tree::{Node, Value};

const JSON_PATH: Why = Why {
    reason: "a JSONPath that chooses by value is not read, the stub is taken to answer some \
             requests only",
    remedy: "keep it, or name the place: `$.a.b`, `$.a[*].b`",
};

/// Whether all that a predicate asks for is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clarity {
    /// It is.
    Clear,
    /// Only some of the requests said meet it.
    Unclear,
}

/// Says what a predicate asks of the body; `media_type` is what the stub asks of it.
pub(crate) fn say_body_field(
    said: &mut Said,
    field: &Field<'_>,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
) -> Clarity {
    let mut one = Said::default();
    let predicate = field.condition.predicate;
    let clarity = if let Some(selector) = predicate.path(&["jsonpath", "selector"]) {
        say_selected(&mut one, field, selector, tally)
    } else if predicate.get("xpath").is_some() {
        say_opaque(&mut one, Side::Request);
        Clarity::Unclear
    } else if matches!(field.value.value, Value::Object(_) | Value::Array(_)) {
        say_members(&mut one, field)
    } else {
        say_whole(&mut one, field, media_type)
    };
    let clarity = if clashes(said, &one) { Clarity::Unclear } else { clarity };
    narrow(said, one);
    clarity
}

/// The body as one text.
fn say_whole(said: &mut Said, field: &Field<'_>, media_type: Option<&str>) -> Clarity {
    if let Some(text) = field.exact() {
        say_body(said, Side::Request, media_type, text.as_bytes());
        return Clarity::Clear;
    }
    let exists = field.value.as_bool().filter(|_| field.operator == "exists");
    let Some(exists) = exists else { return Clarity::Unclear };
    let root = Place::root(Side::Request, Part::Body);
    if exists == field.condition.negated {
        say_body(said, Side::Request, media_type, b"");
    } else {
        said.say(root, anything(Presence::Always));
    }
    Clarity::Clear
}

/// The body as a document.
fn say_members(said: &mut Said, field: &Field<'_>) -> Clarity {
    if field.operator == "exists" {
        say_existing(said, field, field.value, &Place::root(Side::Request, Part::Body));
        return Clarity::Clear;
    }
    let all = field.operator == "deepEquals";
    let unnamed = if all { Beneath::Closed } else { Beneath::Open };
    let decide = &mut |visit: &Visit<'_>| as_texts(visit, field);
    say_document(said, Side::Request, field.value, unnamed, decide);
    if field.is_equality() && !field.is_cut() { Clarity::Clear } else { Clarity::Unclear }
}

/// Values are compared as texts, so `5` is met by `"5"` and `"5"` by `5`.
fn as_texts(visit: &Visit<'_>, field: &Field<'_>) -> Decision {
    let decision = itself(visit);
    if matches!(visit.node.value, Value::Object(_) | Value::Array(_)) {
        return decision;
    }
    let scalar = TraitSet::BOOLEAN | TraitSet::NUMBER | TraitSet::STRING;
    let Some(expected) = field.expected(visit.node).filter(|_| field.is_equality()) else {
        return Decision { traits: scalar, words: None, members: Members::Named };
    };
    let alike = match visit.node.as_str() {
        None => expected.traits,
        Some("true") => TraitSet::TRUE,
        Some("false") => TraitSet::FALSE,
        Some(text) => number_of(text),
    };
    let traits = decision.traits | expected.traits | alike;
    Decision { traits, words: expected.words, members: Members::Named }
}

/// The traits of the number that a text writes, if it writes one.
fn number_of(text: &str) -> TraitSet {
    let is_number = parse_json(text.as_bytes())
        .is_ok_and(|parsed| parsed.documents.iter().all(|one| one.as_number().is_some()));
    if is_number { number_traits(text.as_bytes()) } else { TraitSet::NONE }
}

// Recursive; no deeper than the fold looks.
fn say_existing(said: &mut Said, field: &Field<'_>, node: &Node, place: &Place) {
    if let Some(exists) = node.as_bool() {
        let is_there = exists != field.condition.negated;
        let presence = if is_there { Presence::Always } else { Presence::Never };
        let traits = if is_there { TraitSet::ALL } else { TraitSet::NONE };
        return said.say(place.clone(), Expected { traits, ..anything(presence) });
    }
    said.say(place.clone(), Expected::always(TraitSet::RECORD | TraitSet::MAP));
    for (key, below) in node.entries() {
        if place.steps.len() < DEPTH_MAX {
            let step = Step::Key(key.text.as_str().into());
            say_existing(said, field, below, &place.child(step));
        }
    }
}

fn say_selected(
    said: &mut Said,
    field: &Field<'_>,
    selector: &Node,
    tally: &mut UnreadTally,
) -> Clarity {
    let Some(steps) = selector.as_str().and_then(parse_json_path) else {
        tally.add(selector.line, JSON_PATH);
        return Clarity::Unclear;
    };
    let is_text = !matches!(field.value.value, Value::Object(_) | Value::Array(_));
    let end = match field.value.as_bool().filter(|_| field.operator == "exists") {
        Some(exists) if exists == field.condition.negated => {
            Expected::always(TraitSet::NONE).with_presence(Presence::Never)
        }
        _ => anything(Presence::Always),
    };
    say_at_path(said, &steps, end);
    // The value is said by its presence only, so another value is not told from this one.
    if is_text && field.operator == "exists" { Clarity::Clear } else { Clarity::Unclear }
}
