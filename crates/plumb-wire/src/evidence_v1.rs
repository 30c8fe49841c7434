//! The evidence document, version 1: what was seen, window by window. Schema:
//! `evidence-v1.schema.json`. Shapes and counts only: values are kept as keyed hashes and are never
//! part of it.
//!
//! Refuses to know how windows are stored or merged.

use crate::finding_v1::known;
use crate::harmless::harmless;
use crate::json::pretty;
use crate::rfc3339::rfc3339;
use plumb_shape::outcome::{Outcome, PlaceTally};
use plumb_shape::place::Place;
use plumb_shape::profile::Profile;
use plumb_shape::seen::Marginals;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The version of this document.
pub const EVIDENCE_VERSION: u32 = 1;

/// What was seen at one seam in one window.
#[derive(Clone, Copy, Debug)]
pub struct SeenWindow<'a> {
    /// The provider; empty when unknown.
    pub writer: &'a str,
    /// The consumer; empty when unknown.
    pub reader: &'a str,
    /// Method and path template.
    pub operation: &'a str,
    /// The writer's version; empty when unknown.
    pub version: &'a str,
    /// The environment; empty when unknown.
    pub environment: &'a str,
    /// The day, `2026-11-21`; empty when unknown.
    pub day: &'a str,
    /// What was seen.
    pub profile: &'a Profile,
}

/// What was seen, window by window.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceDocument<'a> {
    /// [`EVIDENCE_VERSION`].
    pub version: u32,
    /// In the order given.
    pub windows: Vec<WindowEntry<'a>>,
}

/// One window.
#[derive(Clone, Debug, Serialize)]
pub struct WindowEntry<'a> {
    /// The provider.
    pub writer: Option<Cow<'a, str>>,
    /// The consumer.
    pub reader: Option<Cow<'a, str>>,
    /// Method and path template.
    pub operation: Cow<'a, str>,
    /// The writer's version.
    pub version: Option<Cow<'a, str>>,
    /// The environment.
    pub environment: Option<Cow<'a, str>>,
    /// The day.
    pub day: Option<Cow<'a, str>>,
    /// By status, ascending.
    pub outcomes: Vec<OutcomeEntry>,
}

/// Everything that ended with one status.
#[derive(Clone, Debug, Serialize)]
pub struct OutcomeEntry {
    /// The status; 0 when the end was not seen.
    pub status: u16,
    /// How many exchanges.
    pub exchanges: u64,
    /// The first, RFC 3339.
    pub first: Option<String>,
    /// The last, RFC 3339.
    pub last: Option<String>,
    /// How far behaviours are coarsened: 0 (not at all) to 6 (status only).
    pub level: u8,
    /// How many distinct behaviours at that level.
    pub behaviours: usize,
    /// How many of them were seen just once.
    pub seen_once: u64,
    /// Every place, in order.
    pub places: Vec<PlaceEntry>,
}

/// What was seen at one place.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceEntry {
    /// Where in the exchange.
    pub place: String,
    /// Exchanges in which it was there.
    pub seen: u64,
    /// Exchanges in which it could have been.
    pub of: u64,
    /// The traits that were seen.
    pub traits: Vec<String>,
    /// How many distinct values, while they are few enough to be a vocabulary.
    pub literals: LiteralsEntry,
    /// Always true in this version: no value is part of the document.
    pub withheld: bool,
}

/// How many distinct values a place had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralsEntry {
    /// This many; 0 when the place holds no words.
    Few(usize),
    /// Too many to be a vocabulary.
    Many,
}

impl Serialize for LiteralsEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Few(count) => count.serialize(serializer),
            Self::Many => serializer.serialize_str("many"),
        }
    }
}

/// The evidence document.
#[must_use]
pub fn evidence_document<'a>(windows: &[SeenWindow<'a>]) -> EvidenceDocument<'a> {
    let windows = windows.iter().map(window_entry).collect();
    EvidenceDocument { version: EVIDENCE_VERSION, windows }
}

impl EvidenceDocument<'_> {
    /// Indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}

fn window_entry<'a>(window: &SeenWindow<'a>) -> WindowEntry<'a> {
    let outcomes = window.profile.outcomes.iter();
    WindowEntry {
        writer: known(window.writer),
        reader: known(window.reader),
        operation: harmless(window.operation),
        version: known(window.version),
        environment: known(window.environment),
        day: known(window.day),
        outcomes: outcomes.map(|(status, outcome)| outcome_entry(*status, outcome)).collect(),
    }
}

fn outcome_entry(status: u16, outcome: &Outcome) -> OutcomeEntry {
    let total = outcome.total();
    let marginals = outcome.marginals();
    let places = marginals.places.iter();
    OutcomeEntry {
        status,
        exchanges: total.count,
        first: total.first_ms.and_then(rfc3339),
        last: total.last_ms.and_then(rfc3339),
        level: outcome.level().number(),
        behaviours: outcome.behaviours().count(),
        seen_once: outcome.seen_once(),
        places: places
            .map(|(place, tally)| place_entry(place, tally, &marginals, outcome))
            .collect(),
    }
}

fn place_entry(
    place: &Place,
    tally: &PlaceTally,
    marginals: &Marginals,
    outcome: &Outcome,
) -> PlaceEntry {
    PlaceEntry {
        place: harmless(&place.to_string()).into_owned(),
        seen: tally.seen.count,
        // Elements have no parent that could lack them.
        of: marginals.possible(place).max(tally.seen.count),
        traits: tally.traits.keys().map(|bit| bit.names()).collect(),
        literals: if outcome.is_many(place) {
            LiteralsEntry::Many
        } else {
            LiteralsEntry::Few(tally.literals.len())
        },
        withheld: true,
    }
}
