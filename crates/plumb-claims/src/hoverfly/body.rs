//! The matchers of a body as what they say of the request body. They all hold together.
//!
//! Refuses to know the rest of the pair.

use crate::hoverfly::matcher::{Kind, Matcher, matchers};
use crate::json_path::parse_json_path;
use crate::matched::{anything, narrow, say_at_path};
use crate::said_document::{itself, say_document};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::example::{say_body, say_opaque};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::json::parse_json;

const NOT_JSON: Why = Why {
    reason: "a JSON matcher holds no JSON, nothing is said by it",
    remedy: "mend the document",
};

/// Says what the matchers ask of the body, whatever it is where they ask for nothing; gives those
/// that leave requests apart that look alike in a claim.
pub(crate) fn say_body_matchers<'a>(
    said: &mut Said,
    body: &[Matcher<'a>],
    media_type: Option<&str>,
    tally: &mut UnreadTally,
) -> Vec<Matcher<'a>> {
    let mut all = Said::default();
    let mut unclear = Vec::new();
    for matcher in body {
        let mut one = Said::default();
        let is_told = match matcher.kind {
            Kind::Exact | Kind::Glob => match matcher.exact() {
                Some(text) => {
                    say_body(&mut one, Side::Request, media_type, text.as_bytes());
                    true
                }
                None => matcher.is_any(),
            },
            Kind::Regex => matcher.is_any(),
            Kind::Json => say_whole(&mut one, matcher, Beneath::Closed, tally),
            Kind::JsonPartial => say_whole(&mut one, matcher, Beneath::Open, tally),
            Kind::JsonPath => say_path(&mut one, matcher),
            Kind::Xml => {
                say_opaque(&mut one, Side::Request);
                false
            }
            Kind::Form => say_fields(&mut one, matcher),
            Kind::Other | Kind::Unknown => false,
        };
        if !is_told || matcher.is_chained {
            unclear.push(*matcher);
        }
        narrow(&mut all, one);
    }
    if all.places.is_empty() {
        said.say_any_body(Side::Request);
    }
    for (place, expected) in all.places {
        said.say(place, expected);
    }
    unclear
}

/// A document, in a text or in place.
fn say_whole(
    said: &mut Said,
    matcher: &Matcher<'_>,
    unnamed: Beneath,
    tally: &mut UnreadTally,
) -> bool {
    let Some(text) = matcher.value.as_str() else {
        say_document(said, Side::Request, matcher.value, unnamed, &mut itself);
        return true;
    };
    match parse_json(text.as_bytes()) {
        Ok(parsed) => {
            for document in &parsed.documents {
                say_document(said, Side::Request, document, unnamed, &mut itself);
            }
            true
        }
        Err(_) => {
            tally.add(matcher.value.line, NOT_JSON);
            true
        }
    }
}

fn say_path(said: &mut Said, matcher: &Matcher<'_>) -> bool {
    let Some(steps) = matcher.value.as_str().and_then(parse_json_path) else { return false };
    say_at_path(said, &steps, anything(Presence::Always));
    true
}

fn say_fields(said: &mut Said, matcher: &Matcher<'_>) -> bool {
    let root = Place::root(Side::Request, Part::Body);
    said.say(root.clone(), Expected::always(TraitSet::RECORD | TraitSet::MAP));
    let mut is_told = true;
    for (name, values) in matcher.value.entries() {
        for field in matchers(Some(values), Kind::Exact) {
            is_told &= !matches!(field.kind, Kind::Other | Kind::Unknown);
            said.say(root.child(Step::Key(name.text.as_str().into())), field.expected());
        }
    }
    is_told
}
