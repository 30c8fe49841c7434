//! The bodies of a pact, in the forms of its versions, as what they say.
//!
//! Refuses to know interactions and how rules are written.

use crate::pact::rules::Rules;
use crate::said_document::{Decision, Visit, say_document};
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::example::{is_json_type, say_body};
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Beneath, Expected, Presence, Said, media_type_essence};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::json::parse_json;
use plumb_tree::{Node, Value};

/// How bodies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyForm {
    /// Versions 1 to 3: the body itself.
    Plain,
    /// Version 4: an object of content, content type and encoding.
    Wrapped,
}

/// One side of an interaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PactSide<'a> {
    /// Request or response.
    pub(crate) side: Side,
    /// Its object in the file.
    pub(crate) node: &'a Node,
    /// Its rules.
    pub(crate) rules: &'a Rules,
    /// Its content type, when one is said.
    pub(crate) media_type: Option<&'a str>,
    /// How its body is written.
    pub(crate) form: BodyForm,
}

const BODY_RULES: Why = Why {
    reason: "matching rules for a body that is not JSON are not read",
    remedy: "keep them; the body is compared by its media type",
};
const NOT_BASE64: Why = Why {
    reason: "a body marked as encoded cannot be decoded, nothing is said about it",
    remedy: "write the pact again",
};

/// Says the body: none at all leaves it open, an empty text asks for an empty one.
pub(crate) fn say_pact_body(said: &mut Said, part: PactSide<'_>, tally: &mut UnreadTally) {
    let Some(body) = part.node.get("body") else { return said.say_any_body(part.side) };
    if part.form == BodyForm::Plain || body.value == Value::Null {
        return say_content(said, part, body, tally);
    }
    let Some(content) = body.get("content") else { return said.say_any_body(part.side) };
    let encoded = match body.get("encoded").map(|node| &node.value) {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Bool(true)) => "base64",
        _ => "",
    };
    match (content.as_str(), encoded.to_ascii_lowercase().as_str()) {
        (None, _) | (_, "" | "false") => say_content(said, part, content, tally),
        (Some(text), "json") => say_json_text(said, part, text, content, tally),
        (Some(text), _) => match STANDARD.decode(text.trim()) {
            Ok(bytes) => say_bytes(said, part, &bytes, tally),
            Err(_) => {
                tally.add(content.line, NOT_BASE64);
                said.say_any_body(part.side);
            }
        },
    }
}

fn say_content(said: &mut Said, part: PactSide<'_>, content: &Node, tally: &mut UnreadTally) {
    let essence = part.media_type.map(media_type_essence).unwrap_or_default();
    let is_json = is_json_type(&essence);
    match &content.value {
        Value::String(text) if is_json && !text.is_empty() => {
            say_json_text(said, part, text, content, tally);
        }
        Value::String(text) => say_bytes(said, part, text.as_bytes(), tally),
        Value::Null if !is_json && !essence.is_empty() => say_bytes(said, part, b"", tally),
        // Implementations differ in whether they write null for no body at all: both will do.
        Value::Null => {
            let null = Expected::always(TraitSet::NULL).with_presence(Presence::Sometimes);
            said.say(Place::root(part.side, Part::Body), null);
        }
        _ => say_json_value(said, part, content, tally),
    }
}

/// A text that holds a document, or that is itself a document of one string.
fn say_json_text(
    said: &mut Said,
    part: PactSide<'_>,
    text: &str,
    node: &Node,
    tally: &mut UnreadTally,
) {
    let holds = text.trim_start().starts_with(['{', '[', '"']);
    let parsed = if holds { parse_json(text.as_bytes()).ok() } else { None };
    let document = parsed.as_ref().and_then(|parsed| parsed.documents.first());
    say_json_value(said, part, document.unwrap_or(node), tally);
}

fn say_json_value(said: &mut Said, part: PactSide<'_>, document: &Node, tally: &mut UnreadTally) {
    // Unexpected keys fail a request and pass in a response.
    let unnamed = match part.side {
        Side::Request => Beneath::Closed,
        Side::Response => Beneath::Open,
    };
    let mut decide = |visit: &Visit<'_>| {
        let Decision { mut traits, words, members } = part.rules.decide(visit, tally);
        if part.side == Side::Response {
            traits |= with_more_keys(traits);
        }
        Decision { traits, words, members }
    };
    say_document(said, part.side, document, unnamed, &mut decide);
}

/// What an object may also be once keys that nobody asked for are added.
fn with_more_keys(traits: TraitSet) -> TraitSet {
    if traits.intersects(TraitSet::OBJECT) {
        TraitSet::RECORD | TraitSet::MAP
    } else {
        TraitSet::NONE
    }
}

fn say_bytes(said: &mut Said, part: PactSide<'_>, bytes: &[u8], tally: &mut UnreadTally) {
    if let Some(rule) = part.rules.body.first() {
        tally.add(rule.line, BODY_RULES);
    }
    say_body(said, part.side, part.media_type, bytes);
}
