//! Seen: what an outcome shows, as behaviours one by one and as counts place by place. The half of
//! every comparison that reality wrote.

use crate::ladder::Level;
use crate::latency::Latencies;
use crate::outcome::{Facts, Outcome, PlaceTally, Seen};
use crate::place::{Part, Place, Step};
use crate::tally::Tally;
use crate::trait_set::TraitSet;
use std::collections::BTreeMap;

/// One distinct behaviour and how often it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour<'a> {
    places: &'a [Place],
    facts: &'a Facts,
    seen: &'a Seen,
}

/// Counts of exchanges, place by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marginals {
    /// All exchanges counted.
    pub total: Tally,
    /// What was seen at each place.
    pub places: BTreeMap<Place, PlaceTally>,
}

impl<'a> Behaviour<'a> {
    /// How often, first and last.
    #[must_use]
    pub fn tally(self) -> Tally {
        self.seen.tally
    }

    /// Its facts in order of place.
    pub fn facts(self) -> impl Iterator<Item = (&'a Place, TraitSet)> {
        self.facts.iter().map(move |(index, traits)| (&self.places[*index as usize], *traits))
    }

    /// The traits at a place; `None` when it was absent.
    #[must_use]
    pub fn traits(self, place: &Place) -> Option<TraitSet> {
        let index = self.places.binary_search(place).ok()?;
        let index = u32::try_from(index).ok()?;
        let at = self.facts.binary_search_by_key(&index, |(known, _)| *known).ok()?;
        Some(self.facts[at].1)
    }

    /// How many of its exchanges carried each literal, by place.
    pub fn literals(
        self,
    ) -> impl Iterator<Item = (&'a Place, &'a BTreeMap<crate::literal::Literal, u64>)> {
        self.seen
            .literals
            .iter()
            .map(move |(index, counts)| (&self.places[*index as usize], counts))
    }
}

impl Outcome {
    /// All exchanges.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.total
    }

    /// How long those exchanges took whose latency is known.
    #[must_use]
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// How far the behaviours are coarsened.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The behaviours told apart at this level.
    pub fn behaviours(&self) -> impl Iterator<Item = Behaviour<'_>> {
        self.behaviours.iter().map(|(facts, seen)| Behaviour { places: &self.places, facts, seen })
    }

    /// How many behaviours were seen just once. By Good and Turing, this number over the number of
    /// exchanges estimates the share of exchanges whose behaviour has not been seen at all (I. J.
    /// Good, Biometrika 40, 1953).
    #[must_use]
    pub fn seen_once(&self) -> u64 {
        self.behaviours.values().filter(|seen| seen.tally.count == 1).count() as u64
    }

    /// True when there were too many places below this one to tell apart.
    #[must_use]
    pub fn is_full(&self, place: &Place) -> bool {
        let mut at = Some(place.clone());
        while let Some(here) = at {
            if self.full.contains(&here) {
                return true;
            }
            at = here.parent();
        }
        false
    }

    /// True when the values at a place are no vocabulary.
    #[must_use]
    pub fn is_many(&self, place: &Place) -> bool {
        let index = self.places.binary_search(place).ok().and_then(|at| u32::try_from(at).ok());
        index.is_some_and(|index| self.many.contains(&index))
    }

    /// Counts of all exchanges, exact at every level.
    #[must_use]
    pub fn marginals(&self) -> Marginals {
        if self.level == Level::FULL {
            return self.marginals_of(|_| true);
        }
        let tallies = self.tallies.iter();
        let places =
            tallies.map(|(index, tally)| (self.places[*index as usize].clone(), tally.clone()));
        Marginals { total: self.total, places: places.collect() }
    }

    /// Counts of the exchanges whose behaviour is wanted, as far as this level tells them apart.
    #[must_use]
    pub fn marginals_of(&self, mut wanted: impl FnMut(Behaviour<'_>) -> bool) -> Marginals {
        let mut total = Tally::EMPTY;
        let mut tallies: Vec<PlaceTally> = vec![PlaceTally::default(); self.places.len()];
        for (facts, seen) in &self.behaviours {
            if !wanted(Behaviour { places: &self.places, facts, seen }) {
                continue;
            }
            total.merge(seen.tally);
            for (index, traits) in facts {
                tallies[*index as usize].add(*traits, seen.tally, seen.literals.get(index));
            }
        }
        let places = self.places.iter().zip(tallies).filter(|(_, tally)| tally.seen.count > 0);
        Marginals { total, places: places.map(|(place, tally)| (place.clone(), tally)).collect() }
    }
}

impl Marginals {
    /// In how many exchanges the place was there.
    #[must_use]
    pub fn seen(&self, place: &Place) -> Tally {
        self.places.get(place).map_or(Tally::EMPTY, |tally| tally.seen)
    }

    /// In how many exchanges it could have been told of: its parent held an object, or an array for
    /// elements, or the side had the part at all and the source did not withhold it.
    #[must_use]
    pub fn possible(&self, place: &Place) -> u64 {
        match place.parent() {
            None => self.total.count,
            Some(parent) if parent.steps.is_empty() && parent.part != Part::Body => {
                // A source that withholds a part may still tell some of it.
                let withheld = self.carrying(&parent, TraitSet::WITHHELD).count;
                self.total.count.saturating_sub(withheld).max(self.seen(place).count)
            }
            Some(parent) if matches!(place.steps.last(), Some(Step::Item)) => {
                self.carrying(&parent, TraitSet::ARRAY).count
            }
            Some(parent) => self.places.get(&parent).map_or(0, |tally| tally.objects),
        }
    }

    /// In how many exchanges the place carried at least one of these traits, at most: exact for one
    /// trait, the sum cut off at the times seen for more.
    #[must_use]
    pub fn carrying(&self, place: &Place, traits: TraitSet) -> Tally {
        let mut carrying = Tally::EMPTY;
        let Some(tally) = self.places.get(place) else { return carrying };
        for bit in traits.iter() {
            carrying.merge(tally.traits.get(&bit).copied().unwrap_or_default());
        }
        carrying.count = carrying.count.min(tally.seen.count);
        carrying
    }

    /// Every trait seen at the place.
    #[must_use]
    pub fn traits(&self, place: &Place) -> TraitSet {
        let none = TraitSet::NONE;
        let tally = self.places.get(place);
        tally.map_or(none, |tally| tally.traits.keys().fold(none, |all, bit| all | *bit))
    }

    /// Joins counts of other exchanges.
    pub fn merge(&mut self, other: &Self) {
        self.total.merge(other.total);
        for (place, tally) in &other.places {
            self.places.entry(place.clone()).or_default().merge(tally);
        }
    }
}
