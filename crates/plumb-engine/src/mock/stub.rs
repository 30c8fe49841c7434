//! What a behaviour was taken from, where somebody said it and nobody saw it.
//!
//! Refuses to know how an answer is made, and which one is chosen.

use plumb_shape::claim::Claim;
use plumb_shape::place::Place;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a behaviour was taken from, where somebody said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stub {
    /// Who says it, and of which requests.
    pub(crate) claim: Arc<Claim>,
    /// The claim's position among all: of two that speak of a request the later one answers.
    pub(crate) at: usize,
    /// Of the answers that one claim allows, the fullest is the first.
    pub(crate) variant: usize,
    /// The JSON body that it asks for, as it stands in its file.
    pub(crate) asked: Option<String>,
    /// Whether the values that it says may be told to others.
    pub(crate) keeps_values: bool,
}

impl Stub {
    /// The words that are said of a place, where they may be told.
    pub(crate) fn words(&self, place: &Place) -> Option<&BTreeSet<String>> {
        let words = self.claim.said.get(place)?.words.as_ref()?;
        (self.keeps_values && !words.is_empty()).then_some(words)
    }

    /// One of the words that are said of a place, where they may be told.
    pub(crate) fn word(&self, place: &Place) -> Option<String> {
        self.words(place).and_then(BTreeSet::first).cloned()
    }

    /// A text that is said of a place, where it may be told: the only one, or one of the words.
    pub(crate) fn text(&self, place: &Place) -> Option<String> {
        let exact = || self.claim.said.get(place)?.exact.clone().filter(|_| self.keeps_values);
        self.word(place).or_else(exact)
    }

    /// Whether a request has the very body that this one asks for.
    pub(crate) fn is_sent(&self, body: &[u8]) -> bool {
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let asked = self.asked.as_deref().and_then(|asked| json(asked.as_bytes()));
        asked.is_some_and(|asked| Some(asked) == json(body))
    }
}

/// Where a claim is said, for people.
pub(crate) fn where_said(claim: &Claim) -> String {
    format!("{}:{}", claim.source.file, claim.source.line)
}
