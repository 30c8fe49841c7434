//! The body patterns of a WireMock stub as what they say of the request body.
//!
//! Patterns all hold together, so what they say is narrowed, never widened. A pattern that admits
//! too much to be told by places says nothing. Refuses to know the rest of the stub.

use crate::json_path::parse_json_path;
use crate::matched::{anything, as_json, narrow, say_at_path};
use crate::said_document::{Decision, Members, Visit, itself, say_document};
use crate::unread_tally::{UnreadTally, Why};
use crate::wiremock::predicate::expected_of;
use plumb_shape::example::{say_body, say_opaque};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::Node;
use plumb_tree::json::parse_json;

/// Patterns within patterns at most.
const DEPTH_MAX: usize = 8;

const NOT_JSON: Why = Why {
    reason: "`equalToJson` holds no JSON, nothing is said about the request body",
    remedy: "mend the document",
};
const JSON_PATH: Why = Why {
    reason: "a JSONPath that chooses by value is not read, nothing is said by it",
    remedy: "keep it, or name the place: `$.a.b`, `$.a[*].b`",
};
const SCHEMA: Why = Why {
    reason: "`matchesJsonSchema` in a body pattern is not read, nothing is said by it",
    remedy: "keep it; an OpenAPI document beside it is read",
};
const PATTERN: Why = Why {
    reason: "a body pattern is not known, nothing is said by it",
    remedy: "use a pattern that WireMock documents",
};
const FORM: Why = Why {
    reason: "a predicate of `formParameters` is not known, any text is taken to do",
    remedy: "use a predicate that WireMock documents",
};

/// Patterns that say nothing that places could tell.
const SILENT: [&str; 6] =
    ["contains", "doesNotContain", "matches", "doesNotMatch", "not", "binaryEqualTo"];

/// Says what `bodyPatterns` and `formParameters` ask of the request body; without any, whatever
/// body comes is covered.
pub(crate) fn say_body_patterns(
    said: &mut Said,
    request: &Node,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
) {
    let patterns = request.get("bodyPatterns").map(Node::items).unwrap_or_default();
    let mut all = Said::default();
    for pattern in patterns {
        narrow(&mut all, of_pattern(pattern, media_type, tally, 0));
    }
    if let Some(form) = request.get("formParameters").filter(|it| !it.entries().is_empty()) {
        narrow(&mut all, of_form(form, tally));
    }
    if all.places.is_empty() {
        said.say_any_body(Side::Request);
    }
    for (place, expected) in all.places {
        said.say(place, expected);
    }
}

fn of_pattern(
    pattern: &Node,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
    depth: usize,
) -> Said {
    let mut said = Said::default();
    let has = |name: &str| pattern.get(name).is_some();
    if let Some(json) = pattern.get("equalToJson") {
        say_equal_json(&mut said, pattern, json, tally);
    } else if let Some(path) = pattern.get("matchesJsonPath") {
        say_json_path(&mut said, path, tally);
    } else if let Some(text) = pattern.get("equalTo").and_then(Node::as_str) {
        say_body(&mut said, Side::Request, media_type, text.as_bytes());
    } else if has("equalToXml") || has("matchesXPath") {
        say_opaque(&mut said, Side::Request);
    } else if pattern.get("absent").and_then(Node::as_bool) == Some(true) {
        say_body(&mut said, Side::Request, media_type, b"");
    } else if has("matchesJsonSchema") {
        tally.add(pattern.line, SCHEMA);
    } else if let Some(list) = ["and", "or"].iter().find_map(|name| pattern.get(name)) {
        if depth < DEPTH_MAX {
            let each = list.items().iter();
            let each = each.map(|one| of_pattern(one, media_type, tally, depth + 1));
            let each: Vec<Said> = each.collect();
            if has("or") {
                // An alternative that says nothing leaves nothing said.
                let silent = each.iter().any(|one| one.places.is_empty());
                let joined = each.into_iter().reduce(|one, two| one.or(&two));
                return joined.filter(|_| !silent).unwrap_or_default();
            }
            each.into_iter().for_each(|one| narrow(&mut said, one));
        }
    } else if !SILENT.iter().any(|name| has(name)) {
        tally.add(pattern.line, PATTERN);
    }
    said
}

/// A document in a string or in place; an object is open only when extra elements are ignored.
fn say_equal_json(said: &mut Said, pattern: &Node, json: &Node, tally: &mut UnreadTally) {
    let extra = pattern.get("ignoreExtraElements").and_then(Node::as_bool) == Some(true);
    let unnamed = if extra { Beneath::Open } else { Beneath::Closed };
    let Some(text) = json.as_str() else {
        return say_document(said, Side::Request, json, unnamed, &mut with_placeholders);
    };
    match parse_json(text.as_bytes()).map(|parsed| parsed.documents) {
        Ok(documents) => documents.iter().for_each(|document| {
            say_document(said, Side::Request, document, unnamed, &mut with_placeholders);
        }),
        Err(_) => tally.add(json.line, NOT_JSON),
    }
}

/// JsonUnit's placeholders widen the value they stand for.
fn with_placeholders(visit: &Visit<'_>) -> Decision {
    let text = visit.node.as_str().unwrap_or_default();
    let inside = ["${json-unit.", "#{json-unit."].iter().find_map(|open| text.strip_prefix(open));
    let Some(name) = inside.and_then(|rest| rest.split('}').next()) else { return itself(visit) };
    let (traits, members) = match name {
        "any-string" | "regex" => (TraitSet::STRING, Members::Named),
        "any-number" => (TraitSet::NUMBER, Members::Named),
        "any-boolean" => (TraitSet::BOOLEAN, Members::Named),
        _ => (TraitSet::ALL, Members::Anything),
    };
    Decision { traits, words: None, members }
}

/// `"$.a.b"`, or `{"expression": "$.a.b", "equalTo": "x"}`.
fn say_json_path(said: &mut Said, pattern: &Node, tally: &mut UnreadTally) {
    let expression = pattern.as_str().or_else(|| pattern.get("expression")?.as_str());
    let Some(steps) = expression.and_then(parse_json_path) else {
        return tally.add(pattern.line, JSON_PATH);
    };
    let end = match pattern.get("expression") {
        Some(_) => expected_of(pattern).map_or(anything(Presence::Always), as_json),
        None => anything(Presence::Always),
    };
    say_at_path(said, &steps, end);
}

fn of_form(form: &Node, tally: &mut UnreadTally) -> Said {
    let mut said = Said::default();
    let root = Place::root(Side::Request, Part::Body);
    said.say(root.clone(), Expected::always(TraitSet::RECORD | TraitSet::MAP));
    for (key, predicate) in form.entries() {
        let expected = expected_of(predicate).unwrap_or_else(|| {
            tally.add(key.line, FORM);
            Expected::always(TraitSet::STRING)
        });
        said.say(root.child(Step::Key(key.text.as_str().into())), expected);
    }
    said
}
