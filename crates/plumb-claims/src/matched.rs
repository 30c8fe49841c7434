//! What matchers of requests come to, whatever they are called: sayings that hold together, texts
//! that an expression admits, and places that a path names.
//!
//! Refuses to know dialects and the names of their matchers.

use crate::json_path::PathStep;
use crate::said_document::expected_text;
use crate::url_pattern::words_of_regex;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;

/// Narrows what is said by one more saying that holds as well.
pub(crate) fn narrow(all: &mut Said, one: Said) {
    for (place, expected) in one.places {
        let together = match all.places.remove(&place) {
            Some(before) => both(before, expected),
            None => expected,
        };
        all.places.insert(place, together);
    }
}

/// What two sayings about one place say together, when both hold.
pub(crate) fn both(one: Expected, two: Expected) -> Expected {
    let shared = one.traits & two.traits;
    let presence = match (one.presence, two.presence) {
        (Presence::Sometimes, other) | (other, Presence::Sometimes) => other,
        (one, two) => one.max(two),
    };
    let words = match (one.words, two.words) {
        (Some(one), Some(two)) => Some(one.intersection(&two).cloned().collect()),
        (one, two) => one.or(two),
    };
    let exact = match (one.exact, two.exact) {
        (Some(one), Some(two)) => (one == two).then_some(one),
        (one, two) => one.or(two),
    };
    Expected {
        exact,
        traits: if shared.is_empty() { two.traits } else { shared },
        presence,
        words,
        beneath: one.beneath.min(two.beneath),
    }
}

/// What a full-match expression says of a text.
pub(crate) fn expected_regex(regex: &str) -> Expected {
    let any = Expected::always(TraitSet::STRING);
    let Some(words) = words_of_regex(regex) else { return any };
    words.iter().map(|word| expected_text(word)).reduce(Expected::or).unwrap_or(any)
}

/// A place that holds anything.
pub(crate) fn anything(presence: Presence) -> Expected {
    let any = Expected::always(TraitSet::ALL).with_presence(presence);
    Expected { beneath: Beneath::Anything, ..any }
}

/// A predicate on a JSON value compares its text, so `"5"` is met by the number too.
pub(crate) fn as_json(expected: Expected) -> Expected {
    if expected.presence == Presence::Never {
        return expected;
    }
    let mut traits = expected.traits;
    if traits == TraitSet::STRING {
        return Expected { traits: TraitSet::ALL, beneath: Beneath::Anything, ..expected };
    }
    if traits.intersects(TraitSet::DIGITS) {
        traits |= TraitSet::NUMBER;
    }
    for (word, value) in [("true", TraitSet::TRUE), ("false", TraitSet::FALSE)] {
        if expected.words.as_ref().is_some_and(|words| words.contains(word)) {
            traits |= value;
        }
    }
    Expected { traits, ..expected }
}

/// Says that the request body has a place, as `end` has it, and all places on the way to it.
pub(crate) fn say_at_path(said: &mut Said, steps: &[PathStep], end: Expected) {
    let mut place = Place::root(Side::Request, Part::Body);
    let is_absent = end.presence == Presence::Never;
    // Without a body nothing is there either.
    let mut presence = if is_absent { Presence::Sometimes } else { Presence::Always };
    for step in steps {
        let (traits, below) = match step {
            PathStep::Key(name) => {
                (TraitSet::RECORD | TraitSet::MAP, Step::Key(name.as_str().into()))
            }
            PathStep::Members => (TraitSet::RECORD | TraitSet::MAP, Step::Any),
            PathStep::Index(_) | PathStep::Items => {
                (TraitSet::ONE_ELEMENT | TraitSet::MANY_ELEMENTS, Step::Item)
            }
        };
        let traits = if is_absent { TraitSet::ALL } else { traits };
        let in_some = presence == Presence::Sometimes && matches!(below, Step::Key(_));
        said.say(place.clone(), Expected::always(traits).with_presence(presence));
        // One element that has it is enough.
        if in_some || !matches!(below, Step::Key(_)) {
            presence = Presence::Sometimes;
        }
        place = place.child(below);
    }
    let presence = if end.presence == Presence::Always { presence } else { end.presence };
    said.say(place, end.with_presence(presence));
}
