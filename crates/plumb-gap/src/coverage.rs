//! Coverage: the gap, as the share of exchanges that carry something the claims never covered.

use crate::header::{HeaderClass, header_class};
use plumb_shape::difference::{Difference, Standing, standing, uncovered};
use plumb_shape::ladder::Level;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Presence, Said};
use plumb_shape::seen::Behaviour;
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeSet;

/// The gap over a number of exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    /// Exchanges that certainly carry something uncovered.
    pub low: u64,
    /// Exchanges that may carry something uncovered; equal to `low` unless coarsened.
    pub high: u64,
    /// All exchanges.
    pub exchanges: u64,
    /// Behaviours seen just once, the numerator of Good and Turing's estimate.
    pub seen_once: u64,
}

impl Gap {
    /// Joins the gap of other exchanges.
    pub fn merge(&mut self, other: Self) {
        self.low += other.low;
        self.high += other.high;
        self.exchanges += other.exchanges;
        self.seen_once += other.seen_once;
    }

    /// The shares `(point, low, high, unseen)`, each 0 to 1; all 0 without exchanges. The point is
    /// the middle of the interval.
    #[must_use]
    pub fn shares(self) -> (f64, f64, f64, f64) {
        let all = crate::policy::to_f64(self.exchanges.max(1));
        let share = |count: u64| crate::policy::to_f64(count) / all;
        let (low, high) = (share(self.low), share(self.high));
        (f64::midpoint(low, high), low, high, share(self.seen_once))
    }
}

/// Whether the values said at a place are all there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// Examples: each value stands for its kind.
    Open,
    /// Constraints: other values are outside.
    Closed,
}

/// What is said of one outcome, for the gap.
#[derive(Debug)]
pub(crate) struct Covering {
    pub(crate) said: Said,
    pub(crate) vocabulary: Vocabulary,
    /// The differences between what is said and the whole outcome, responses only.
    pub(crate) differences: Vec<Difference>,
}

/// The gap of one outcome against what is said of it; `None` means that nothing is said.
#[must_use]
pub(crate) fn gap(outcome: &Outcome, covering: Option<&Covering>, key: &LiteralKey) -> Gap {
    let exchanges = outcome.total().count;
    let mut gap = Gap { exchanges, seen_once: outcome.seen_once(), ..Gap::default() };
    let Some(Covering { said, vocabulary, differences }) = covering else {
        return Gap { low: exchanges, high: exchanges, ..gap };
    };
    if outcome.level() > Level::FULL {
        let counts = differences.iter().map(|difference| difference.seen.count.min(exchanges));
        gap.low = counts.clone().max().unwrap_or_default();
        gap.high = counts.sum::<u64>().min(exchanges);
        return gap;
    }
    let always = always_there(said);
    for behaviour in outcome.behaviours() {
        let count = behaviour.tally().count;
        let (low, high) = match vocabulary {
            _ if !is_covered(said, &always, behaviour) => (count, count),
            Vocabulary::Open => (0, 0),
            Vocabulary::Closed => new_values(said, behaviour, key),
        };
        gap.low += low.min(count);
        gap.high += high.min(count);
    }
    gap
}

/// True when everything this behaviour's response carries is covered.
fn is_covered(said: &Said, always: &[&Place], behaviour: Behaviour<'_>) -> bool {
    let responses = behaviour.facts().filter(|(place, _)| place.side == Side::Response);
    let covered = responses.into_iter().all(|(place, traits)| match place.part {
        Part::Header | Part::Query => true,
        Part::MediaType | Part::Body => match standing(said, place) {
            Standing::Said(expected) if expected.presence == Presence::Never => false,
            Standing::Said(expected) => {
                uncovered(expected, traits).is_empty()
                    && (expected.presence != Presence::Always
                        || !traits.intersects(TraitSet::PARTIAL))
            }
            Standing::New(_) => false,
            Standing::Anything | Standing::Beyond => true,
        },
    });
    covered && always.iter().all(|place| is_there_or_cannot_be(place, behaviour))
}

/// The response places that are always said, where absence counts.
fn always_there(said: &Said) -> Vec<&Place> {
    let counts = |place: &Place| match place.part {
        Part::Header => header_class(place.name().unwrap_or_default()) == HeaderClass::Meaning,
        Part::Body => matches!(place.steps.last(), Some(Step::Key(_))),
        Part::MediaType | Part::Query => false,
    };
    said.places
        .iter()
        .filter(|(place, said)| {
            place.side == Side::Response && said.presence == Presence::Always && counts(place)
        })
        .map(|(place, _)| place)
        .collect()
}

fn is_there_or_cannot_be(place: &Place, behaviour: Behaviour<'_>) -> bool {
    if behaviour.traits(place).is_some() {
        return true;
    }
    let parent = place.parent().filter(|parent| parent.part == Part::Body);
    match parent {
        None => false,
        Some(parent) => {
            !behaviour.traits(&parent).is_some_and(|traits| traits.intersects(TraitSet::OBJECT))
        }
    }
}

/// How many exchanges of a behaviour carry a value outside closed vocabularies: at least, at most.
fn new_values(said: &Said, behaviour: Behaviour<'_>, key: &LiteralKey) -> (u64, u64) {
    let (mut low, mut high) = (0, 0);
    for (place, counts) in behaviour.literals() {
        let Standing::Said(expected) = standing(said, place) else { continue };
        let Some(words) = expected.words.as_ref().filter(|_| place.side == Side::Response) else {
            continue;
        };
        let known: BTreeSet<_> = words.iter().map(|word| key.hash(word)).collect();
        let outside = counts.iter().filter(|(literal, _)| !known.contains(literal));
        let count: u64 = outside.map(|(_, count)| *count).sum();
        low = low.max(count);
        high += count;
    }
    (low, high)
}
