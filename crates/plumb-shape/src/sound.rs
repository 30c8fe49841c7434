//! Soundness: whether bytes that decode to a profile are one that folding could have made.
//!
//! A profile that comes from a file is foreign. Everything else in this crate relies on what is
//! checked here: indexes that point into the table, orders that searches need, counts that add up.

use crate::ladder::Level;
use crate::literal::LITERALS_MAX;
use crate::outcome::{BEHAVIOURS_MAX, Facts, Outcome, PlaceTally};
use crate::place::Place;
use crate::profile::Profile;
use crate::tally::Tally;
use crate::trait_set::TraitSet;

/// More exchanges than this are in no profile: 2^48 at a million a second take nine years, and sums
/// over tens of thousands of profiles still fit 64 bits.
const EXCHANGES_MAX: u64 = 1 << 48;

/// No place is deeper: a body's depth, and the part it stands in.
const STEPS_MAX: usize = crate::fold::DEPTH_MAX + 1;

impl Profile {
    /// True when folding and merging could have made this profile.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.outcomes.iter().all(|(status, outcome)| *status < 1_000 && outcome.is_sound())
    }
}

impl Outcome {
    fn is_sound(&self) -> bool {
        self.level <= Level::STATUS
            && self.places.is_sorted_by(|one, two| one < two)
            && self.places.iter().chain(&self.full).all(is_sound_place)
            && self.many.iter().all(|index| self.has(*index))
            && self.are_behaviours_sound()
            && self.tallies.iter().all(|(index, tally)| self.has(*index) && self.is_within(tally))
            && (self.level > Level::FULL || self.tallies.is_empty())
            && self.latencies.is_sound(self.total.count)
            && self.is_settled()
    }

    fn has(&self, index: u32) -> bool {
        (index as usize) < self.places.len()
    }

    fn are_behaviours_sound(&self) -> bool {
        let mut exchanges = 0_u64;
        let each = self.behaviours.iter().all(|(facts, seen)| {
            exchanges = exchanges.saturating_add(seen.tally.count);
            self.are_facts_sound(facts)
                && seen.tally.count > 0
                && seen.literals.iter().all(|(index, counts)| {
                    self.has(*index)
                        && !self.many.contains(index)
                        && counts.len() <= LITERALS_MAX
                        && counts.values().all(|count| *count <= seen.tally.count)
                })
        });
        each && exchanges == self.total.count
            && exchanges <= EXCHANGES_MAX
            && self.behaviours.len() <= BEHAVIOURS_MAX
    }

    fn are_facts_sound(&self, facts: &Facts) -> bool {
        facts.is_sorted_by(|one, two| one.0 < two.0)
            && facts.iter().all(|(index, traits)| self.has(*index) && is_known(*traits))
    }

    fn is_within(&self, tally: &PlaceTally) -> bool {
        let fits = |part: &Tally| part.count <= self.total.count;
        fits(&tally.seen)
            && tally.objects <= tally.seen.count
            && tally.literals.len() <= LITERALS_MAX
            && tally.literals.values().all(|count| *count <= tally.seen.count)
            && tally
                .traits
                .iter()
                .all(|(bit, part)| is_known(*bit) && bit.iter().count() == 1 && fits(part))
    }

    /// True when every limit is in the state that this content needs, as after any merge.
    fn is_settled(&self) -> bool {
        let mut again = self.clone();
        again.settle_limits();
        again == *self
    }
}

fn is_known(traits: TraitSet) -> bool {
    TraitSet::ALL.contains(traits)
}

fn is_sound_place(place: &Place) -> bool {
    place.steps.len() <= STEPS_MAX
}
