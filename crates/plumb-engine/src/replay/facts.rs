//! The facts of one answer: every place and its traits, through the very fold that traffic goes
//! through.
//!
//! Refuses to know values: those stand beside, and only while they are compared.

use super::answer::{Answer, Payload};
use plumb_shape::fold::Denied;
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::{Part, Place};
use plumb_shape::synthetic::Facts;
use plumb_shape::trait_set::TraitSet;
use plumb_traffic::exchange::{Body, Exchange, Message};
use plumb_traffic::fold::{Folds, Origin};

/// Traits that say how a number or text happened to turn out, and not what form a place has. Values
/// are compared by themselves.
const INCIDENTAL: [(TraitSet, TraitSet); 5] = [
    (TraitSet::BOOLEAN, TraitSet::TRUE),
    (SMALL_INTEGER, TraitSet::INT32),
    (FILLED_ARRAY, TraitSet::MANY_ELEMENTS),
    (PLAIN_TEXT, TraitSet::TEXT),
    // Which members an object has is told at each of them.
    (TraitSet::OBJECT, TraitSet::RECORD),
];

const SMALL_INTEGER: TraitSet = TraitSet::INTEGER.minus(TraitSet::INT64).minus(TraitSet::BIG);
const FILLED_ARRAY: TraitSet = TraitSet::ARRAY.minus(TraitSet::EMPTY_ARRAY);
const PLAIN_TEXT: TraitSet = TraitSet::STRING.minus(TraitSet::FORMAT).minus(TraitSet::EMPTY_STRING);

/// The facts of an answer. Only places of the response are among them.
pub(super) fn facts(answer: &Answer, denied: &Denied) -> Facts {
    // Nothing of this fold is kept, so the key never hides anything.
    let key = LiteralKey::new([0; 32]);
    let origin = Origin { writer: Some(String::new()), ..Origin::default() };
    let mut folds = Folds::new(key, denied.clone(), origin, &|_| None);
    let body = match &answer.payload {
        Payload::Absent => Body::Absent,
        Payload::Bytes(bytes) => Body::Bytes(bytes.into()),
        Payload::Withheld(reason) => Body::Withheld(reason),
    };
    let headers = answer.headers.iter().flatten();
    let response = Message {
        headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
        media_type: answer.media_type.as_deref().map(Into::into),
        headers_withheld: None,
        body,
    };
    folds.observe(&Exchange { status: answer.status, response, ..Exchange::default() });
    let profiles = folds.seal();
    let outcomes = profiles.values().flat_map(|profile| profile.outcomes.values());
    let behaviour = outcomes.flat_map(|outcome| outcome.behaviours()).next();
    let facts = behaviour.into_iter().flat_map(|behaviour| behaviour.facts());
    facts.map(|(place, traits)| (place.clone(), traits)).collect()
}

/// The traits that make a place's form: its kinds, null, emptiness, formats of texts, fractions and
/// numbers beyond 2^53. Whether a number is small or a text long is a matter of its value.
pub(super) fn form(traits: TraitSet) -> TraitSet {
    let plain = INCIDENTAL.iter().fold(traits, |traits, (incidental, stands_for)| {
        if traits.intersects(*incidental) {
            traits.minus(*incidental) | *stands_for
        } else {
            traits
        }
    });
    plain.minus(TraitSet::NEGATIVE)
}

/// Whether a place can be told of where its parent has these traits: members need an object,
/// elements an array that has some.
pub(super) fn has_below(place: &Place, parent: Option<TraitSet>) -> bool {
    use plumb_shape::place::Step;
    match place.steps.last() {
        None => true,
        Some(_) if place.part != Part::Body => true,
        Some(Step::Item) => parent.is_some_and(|traits| traits.intersects(FILLED_ARRAY)),
        Some(Step::Key(_) | Step::Any) => {
            parent.is_some_and(|traits| traits.intersects(TraitSet::OBJECT))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn told(body: &str) -> Vec<String> {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let answer = Answer::received(200, headers, body.as_bytes().to_vec());
        let denied: Denied = Arc::new(|_| false);
        let facts = facts(&answer, &denied);
        facts.iter().map(|(place, traits)| format!("{place}: {}", form(*traits).names())).collect()
    }

    #[test]
    fn an_answer_is_folded_as_traffic_is() {
        assert_eq!(
            told(r#"{"id":0,"tags":["a"],"at":"2026-11-21"}"#),
            [
                "response media-type application/json: present",
                "response $: record",
                "response $.at: date",
                "response $.id: int32",
                "response $.tags: many elements",
                "response $.tags[]: text",
            ]
        );
    }

    #[test]
    fn how_a_value_happens_to_turn_out_is_no_form() {
        let form_of = |body: &str| told(body).pop();
        assert_eq!(form_of(r#"{"a":-7}"#), form_of(r#"{"a":5000000000}"#));
        assert_eq!(form_of(r#"{"a":true}"#), form_of(r#"{"a":false}"#));
        assert_eq!(form_of(r#"{"a":"12"}"#), form_of(r#"{"a":"é"}"#));
        assert_ne!(form_of(r#"{"a":1}"#), form_of(r#"{"a":1.5}"#));
        assert_ne!(form_of(r#"{"a":""}"#), form_of(r#"{"a":"a"}"#));
        assert_ne!(form_of(r#"{"a":null}"#), form_of(r#"{"a":"a"}"#));
    }
}
