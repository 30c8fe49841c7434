//! The body patterns of a WireMock stub as what they say of the request body.
//!
//! Patterns all hold together, so what they say is narrowed, never widened. A pattern that admits
//! too much to be told by places says nothing; that some requests are told apart by more than what
//! is said is kept. Refuses to know the rest of the stub.

use crate::json_path::{PathStep, parse_json_path};
use crate::matched::{anything, as_json, narrow, say_at_path};
use crate::said_document::{Decision, Members, Token, Visit, itself, say_document};
use crate::unread_tally::{UnreadTally, Why};
use crate::wiremock::predicate::{expected_of, is_loose};
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

/// The one media type that WireMock reads as a form.
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// What a JSONPath finds: anything but nothing.
const FOUND: TraitSet =
    TraitSet::ALL.minus(TraitSet::NULL).minus(TraitSet::EMPTY_ARRAY).minus(TraitSet::EMPTY_OBJECT);

/// Patterns that say nothing that places could tell.
const SILENT: [&str; 6] =
    ["contains", "doesNotContain", "matches", "doesNotMatch", "not", "binaryEqualTo"];

/// What patterns say together.
#[derive(Debug, Default)]
struct Asked {
    said: Said,
    /// More is asked of the body than what is said.
    is_loose: bool,
}

/// Says what `bodyPatterns` and `formParameters` ask of the request body; without any, whatever
/// body comes is covered. True when they ask for more than what is said.
pub(crate) fn say_body_patterns(
    said: &mut Said,
    request: &Node,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
) -> bool {
    let patterns = request.get("bodyPatterns").map(Node::items).unwrap_or_default();
    let mut all = Asked::default();
    for pattern in patterns {
        all.narrow(of_pattern(pattern, media_type, tally, 0));
    }
    if let Some(form) = request.get("formParameters").filter(|it| !it.entries().is_empty()) {
        all.narrow(of_form(form, tally));
    }
    if all.said.places.is_empty() {
        said.say_any_body(Side::Request);
    }
    for (place, expected) in all.said.places {
        said.say(place, expected);
    }
    all.is_loose
}

impl Asked {
    fn loose() -> Self {
        Self { is_loose: true, ..Self::default() }
    }

    fn narrow(&mut self, one: Self) {
        // What two patterns ask of one place may be what nothing meets.
        let clashes = |(place, expected): (&Place, &Expected)| {
            let before = self.said.get(place);
            before.is_some_and(|before| !before.traits.intersects(expected.traits))
        };
        self.is_loose |= one.is_loose || one.said.places.iter().any(clashes);
        narrow(&mut self.said, one.said);
    }
}

fn of_pattern(
    pattern: &Node,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
    depth: usize,
) -> Asked {
    let mut said = Said::default();
    let has = |name: &str| pattern.get(name).is_some();
    if let Some(json) = pattern.get("equalToJson") {
        let is_loose = !say_equal_json(&mut said, pattern, json, tally);
        return Asked { said, is_loose };
    }
    if let Some(path) = pattern.get("matchesJsonPath") {
        let is_loose = !say_json_path(&mut said, path, tally);
        return Asked { said, is_loose };
    }
    if let Some(text) = pattern.get("equalTo").and_then(Node::as_str) {
        // The text is compared as it is written, and its places do not keep that.
        say_body(&mut said, Side::Request, media_type, text.as_bytes());
        return Asked { said, is_loose: true };
    }
    if has("equalToXml") || has("matchesXPath") {
        say_opaque(&mut said, Side::Request);
        return Asked { said, is_loose: true };
    }
    if has("absent") {
        say_body(&mut said, Side::Request, media_type, b"");
        return Asked { said, is_loose: false };
    }
    if let Some(list) = ["and", "or"].iter().find_map(|name| pattern.get(name)) {
        if depth >= DEPTH_MAX {
            return Asked::loose();
        }
        let each = list.items().iter().map(|one| of_pattern(one, media_type, tally, depth + 1));
        return if has("or") { any_of(each.collect()) } else { all_of(each) };
    }
    if has("matchesJsonSchema") {
        tally.add(pattern.line, SCHEMA);
    } else if !SILENT.iter().any(|name| has(name)) {
        tally.add(pattern.line, PATTERN);
    }
    Asked::loose()
}

fn all_of(each: impl Iterator<Item = Asked>) -> Asked {
    let mut all = Asked::default();
    each.for_each(|one| all.narrow(one));
    all
}

/// An alternative that says nothing leaves nothing said, and which places go together is not kept.
fn any_of(each: Vec<Asked>) -> Asked {
    let is_loose = each.len() > 1 || each.iter().any(|one| one.is_loose);
    let is_silent = each.iter().any(|one| one.said.places.is_empty());
    let joined = each.into_iter().map(|one| one.said).reduce(|one, two| one.or(&two));
    Asked { said: joined.filter(|_| !is_silent).unwrap_or_default(), is_loose }
}

/// A document in a string or in place; an object is open, and an array may go on, only when extra
/// elements are ignored. False when there is no document.
fn say_equal_json(said: &mut Said, pattern: &Node, json: &Node, tally: &mut UnreadTally) -> bool {
    let extra = pattern.get("ignoreExtraElements").and_then(Node::as_bool) == Some(true);
    let unnamed = if extra { Beneath::Open } else { Beneath::Closed };
    let mut decide = |visit: &Visit<'_>| {
        // An array that may go on does so with whatever elements.
        if extra && visit.path.iter().any(|token| matches!(token, Token::Index(_))) {
            return Decision { traits: TraitSet::ALL, words: None, members: Members::Anything };
        }
        let mut decision = with_placeholders(visit);
        if extra && decision.traits.intersects(TraitSet::ARRAY) {
            decision.traits |= or_longer(decision.traits);
        }
        decision
    };
    let Some(text) = json.as_str() else {
        say_document(said, Side::Request, json, unnamed, &mut decide);
        return true;
    };
    match parse_json(text.as_bytes()).map(|parsed| parsed.documents) {
        Ok(documents) => documents.iter().for_each(|document| {
            say_document(said, Side::Request, document, unnamed, &mut decide);
        }),
        Err(_) => {
            tally.add(json.line, NOT_JSON);
            return false;
        }
    }
    true
}

/// The lengths of arrays that hold what an array of this length does, and more.
fn or_longer(traits: TraitSet) -> TraitSet {
    if traits.intersects(TraitSet::EMPTY_ARRAY) { TraitSet::ARRAY } else { TraitSet::MANY_ELEMENTS }
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

/// `"$.a.b"`, or `{"expression": "$.a.b", "equalTo": "x"}`. False when more is asked than is said.
fn say_json_path(said: &mut Said, pattern: &Node, tally: &mut UnreadTally) -> bool {
    let expression = pattern.as_str().or_else(|| pattern.get("expression")?.as_str());
    let Some(steps) = expression.and_then(parse_json_path) else {
        tally.add(pattern.line, JSON_PATH);
        return false;
    };
    // One place is told; whether one of several has what is asked for is not.
    let is_one = steps.iter().all(|step| matches!(step, PathStep::Key(_)));
    if pattern.get("expression").is_none() {
        let there = anything(Presence::Always);
        say_at_path(said, &steps, Expected { traits: FOUND, ..there });
        return is_one;
    }
    let end = expected_of(pattern).map_or(anything(Presence::Always), as_json);
    say_at_path(said, &steps, end);
    for expected in said.places.values_mut().filter(|it| it.presence == Presence::Never) {
        // To JSONPath `null` is as good as absent.
        *expected = Expected::always(TraitSet::NULL).with_presence(Presence::Sometimes);
    }
    is_one && !is_loose(pattern)
}

/// The form; no field of it need be there where each may be absent, and then another body will do
/// as well.
fn of_form(form: &Node, tally: &mut UnreadTally) -> Asked {
    let mut said = Said::default();
    let root = Place::root(Side::Request, Part::Body);
    let mut is_needed = false;
    for (key, predicate) in form.entries() {
        let expected = expected_of(predicate).unwrap_or_else(|| {
            tally.add(key.line, FORM);
            Expected::always(TraitSet::STRING)
        });
        is_needed |= expected.presence == Presence::Always;
        said.say(root.child(Step::Key(key.text.as_str().into())), expected);
    }
    if !is_needed {
        return Asked::loose();
    }
    said.say(root, Expected::always(TraitSet::RECORD | TraitSet::MAP));
    said.say_media_type(Side::Request, FORM_TYPE);
    let is_loose = form.entries().iter().any(|(_, predicate)| is_loose(predicate));
    Asked { said, is_loose }
}
