//! An outcome: everything seen of the exchanges at one seam that ended with one status. Behaviours
//! while they can be told apart, tallies by place when they no longer can.
//!
//! `merge` is total, associative and commutative and has an empty. Every limit is a state that
//! depends only on the set of exchanges, never on the order in which they came:
//!
//! - A place with more than [`LITERALS_MAX`] literals is *many* and keeps none.
//! - A place with more places below it than [`below_max`] allows is *full* and keeps none below.
//! - More than [`BEHAVIOURS_MAX`] behaviours, or a full place, raise the [`Level`].
//!
//! All three only ever grow, and what each needs in a part is never more than in the whole.

use crate::ladder::Level;
use crate::latency::Latencies;
use crate::literal::{LITERALS_MAX, Literal};
use crate::place::{Place, key_depth};
use crate::tally::Tally;
use crate::trait_set::TraitSet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// More behaviours than this are coarsened. Ten independent optional keys make 1,024; what has more
/// is better told by its tallies.
pub const BEHAVIOURS_MAX: usize = 1024;

/// Everything seen of the exchanges that ended with one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// All exchanges.
    pub(crate) total: Tally,
    /// Every place that a behaviour or a tally names, in order.
    pub(crate) places: Vec<Place>,
    /// How far the behaviours are coarsened.
    pub(crate) level: Level,
    /// The distinct behaviours at that level.
    pub(crate) behaviours: BTreeMap<Facts, Seen>,
    /// What the behaviours no longer tell, by place; empty at [`Level::FULL`].
    pub(crate) tallies: BTreeMap<u32, PlaceTally>,
    /// Places whose values are no vocabulary.
    pub(crate) many: BTreeSet<u32>,
    /// Places with too many places below them.
    pub(crate) full: BTreeSet<Place>,
    /// How long the exchanges took whose latency is known. Not in the serialized form, which is
    /// older than this: whoever keeps profiles keeps these beside it.
    #[serde(skip)]
    pub(crate) latencies: Latencies,
}

/// The facts of one behaviour: place by its index, with its traits, in order of index.
pub(crate) type Facts = Vec<(u32, TraitSet)>;

/// How often one behaviour was seen, and with which literals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) tally: Tally,
    pub(crate) literals: BTreeMap<u32, BTreeMap<Literal, u64>>,
}

/// What was seen at one place, counted in exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceTally {
    /// Exchanges in which the place was there.
    pub seen: Tally,
    /// Exchanges in which it held an object, so that members could be there or absent.
    pub objects: u64,
    /// Exchanges by trait; an exchange with several elements can carry several.
    pub traits: BTreeMap<TraitSet, Tally>,
    /// Exchanges by literal; empty when the place is many.
    pub literals: BTreeMap<Literal, u64>,
}

/// How many places may stand below a place that is `key_depth` keys deep. Falls with depth, so that
/// one map with words for keys fills up its own place long before it fills the document's.
#[must_use]
pub const fn below_max(key_depth: usize) -> usize {
    match key_depth {
        0 => 32_768,
        1 => 4_096,
        2 => 1_024,
        _ => 256,
    }
}

impl Outcome {
    /// Joins what was seen elsewhere. Neither part may have seen an exchange of the other.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        if other.total.count == 0 {
            return self.clone();
        }
        if self.total.count == 0 {
            return other.clone();
        }
        let places = union_of(&self.places, &other.places);
        let mut merged = Self {
            total: self.total,
            level: self.level.max(other.level),
            full: self.full.union(&other.full).cloned().collect(),
            ..Self::default()
        };
        merged.total.merge(other.total);
        merged.latencies = self.latencies.clone();
        merged.latencies.merge(&other.latencies);
        for part in [self, other] {
            let place_of = indexes_in(&part.places, &places);
            merged.many.extend(part.many.iter().map(|index| place_of[*index as usize]));
            part.pour(&mut merged, &place_of);
        }
        merged.places = places;
        merged.settle_limits();
        merged
    }

    /// Forgets every literal, as if each place with some had too many: for evidence from another
    /// project's key, whose hashes mean nothing here.
    pub fn forget_literals(&mut self) {
        let in_behaviours = self.behaviours.values().flat_map(|seen| seen.literals.keys());
        self.many.extend(in_behaviours.copied().collect::<Vec<u32>>());
        for (place, tally) in &self.tallies {
            if !tally.literals.is_empty() {
                self.many.insert(*place);
            }
        }
        self.settle_limits();
    }

    /// Adds this part's behaviours and tallies to `merged`, under the indexes of its place table.
    fn pour(&self, merged: &mut Self, place_of: &[u32]) {
        let at = |index: &u32| place_of[*index as usize];
        for (facts, seen) in &self.behaviours {
            let facts: Facts = facts.iter().map(|(place, traits)| (at(place), *traits)).collect();
            let literals = seen.literals.iter().map(|(place, counts)| (at(place), counts.clone()));
            let seen = Seen { tally: seen.tally, literals: literals.collect() };
            if self.level == Level::FULL && merged.level > Level::FULL {
                settle(&mut merged.tallies, &facts, &seen);
            }
            merged.behaviours.entry(facts).or_default().merge(&seen);
        }
        for (place, tally) in &self.tallies {
            merged.tallies.entry(at(place)).or_default().merge(tally);
        }
    }

    /// Brings the three limits to the state that this set of exchanges needs. The place table may
    /// still name places that nothing refers to; it is compacted at the end.
    pub(crate) fn settle_limits(&mut self) {
        self.settle_full();
        self.settle_many();
        let before = self.level;
        let needed = self.full.iter().map(Level::without_below).max().unwrap_or_default();
        self.level = self.level.max(needed);
        let mut projected = self.projected();
        while projected.len() > BEHAVIOURS_MAX && self.level < Level::STATUS {
            self.level = self.level.next();
            projected = self.projected();
        }
        if self.level > Level::FULL {
            self.drop_below_full(before);
            let many = &self.many;
            self.tallies.retain(|place, tally| {
                if many.contains(place) {
                    tally.literals.clear();
                }
                true
            });
        }
        self.behaviours = projected;
        self.compact();
    }

    /// Coarsens to at least this level, as a limit would.
    #[cfg(test)]
    pub(crate) fn raise_to(&mut self, level: Level) {
        if self.level == Level::FULL && level > Level::FULL {
            for (facts, seen) in &self.behaviours {
                settle(&mut self.tallies, facts, seen);
            }
        }
        self.level = self.level.max(level);
        self.settle_limits();
    }

    /// The behaviours as the present level shows them.
    fn projected(&self) -> BTreeMap<Facts, Seen> {
        let mut projected: BTreeMap<Facts, Seen> = BTreeMap::new();
        for (facts, seen) in &self.behaviours {
            let kept = facts.iter().filter_map(|(index, traits)| {
                let place = &self.places[*index as usize];
                self.level.project(place, *traits).map(|traits| (*index, traits))
            });
            let slot = projected.entry(kept.collect()).or_default();
            slot.tally.merge(seen.tally);
            if self.level == Level::FULL {
                slot.merge_literals(&seen.literals);
            }
        }
        projected
    }

    fn settle_full(&mut self) {
        if self.full.is_empty() && self.places.len() <= below_max(usize::MAX) {
            return;
        }
        let known = std::mem::take(&mut self.full);
        for place in full_places(&self.places, known) {
            // A full place hides the full places below it, which come next to it.
            if !self.full.last().is_some_and(|above| above.is_above(&place)) {
                self.full.insert(place);
            }
        }
    }

    fn is_below_full(&self, place: &Place) -> bool {
        // Whatever lies between a place and one below it is below it too, and no full place is
        // below another: only the last one before can be above.
        self.full.range(..place).next_back().is_some_and(|full| full.is_above(place))
    }

    /// Forgets what is told of places below full ones. Behaviours from before this level are
    /// counted into tallies first, as far as those stay.
    fn drop_below_full(&mut self, before: Level) {
        let dropped: Vec<bool> =
            self.places.iter().map(|place| self.is_below_full(place)).collect();
        let stays = |index: &u32| !dropped[*index as usize];
        if before == Level::FULL {
            for (facts, seen) in &self.behaviours {
                let facts = facts.iter().filter(|(index, _)| stays(index));
                settle(&mut self.tallies, facts, seen);
            }
        }
        self.tallies.retain(|index, _| stays(index));
        self.many.retain(stays);
    }

    fn settle_many(&mut self) {
        let mut words: BTreeMap<u32, BTreeSet<Literal>> = BTreeMap::new();
        let in_behaviours = self.behaviours.values().flat_map(|seen| &seen.literals);
        let in_tallies = self.tallies.iter().map(|(place, tally)| (place, &tally.literals));
        for (place, counts) in in_behaviours.chain(in_tallies) {
            words.entry(*place).or_default().extend(counts.keys());
        }
        let grown = words.into_iter().filter(|(_, set)| set.len() > LITERALS_MAX);
        self.many.extend(grown.map(|(place, _)| place));
        for seen in self.behaviours.values_mut() {
            seen.literals.retain(|place, _| !self.many.contains(place));
        }
    }

    /// Drops places that nothing refers to and renumbers the rest.
    fn compact(&mut self) {
        let mut used: BTreeSet<u32> = self.tallies.keys().copied().collect();
        used.extend(self.behaviours.keys().flatten().map(|(index, _)| *index));
        if used.len() == self.places.len() {
            return;
        }
        self.many.retain(|index| used.contains(index));
        let mut renumbered = vec![0; self.places.len()];
        for (new, old) in (0..).zip(&used) {
            renumbered[*old as usize] = new;
        }
        let at = |index: &u32| renumbered[*index as usize];
        self.places = used.iter().map(|index| self.places[*index as usize].clone()).collect();
        self.many = self.many.iter().map(at).collect();
        self.tallies = std::mem::take(&mut self.tallies)
            .into_iter()
            .map(|(index, tally)| (at(&index), tally))
            .collect();
        self.behaviours = std::mem::take(&mut self.behaviours)
            .into_iter()
            .map(|(facts, mut seen)| {
                let literals = std::mem::take(&mut seen.literals);
                seen.literals = literals.into_iter().map(|(i, counts)| (at(&i), counts)).collect();
                (facts.iter().map(|(i, traits)| (at(i), *traits)).collect(), seen)
            })
            .collect();
    }
}

impl Seen {
    fn merge(&mut self, other: &Self) {
        self.tally.merge(other.tally);
        self.merge_literals(&other.literals);
    }

    fn merge_literals(&mut self, literals: &BTreeMap<u32, BTreeMap<Literal, u64>>) {
        for (place, counts) in literals {
            add_counts(self.literals.entry(*place).or_default(), counts);
        }
    }
}

impl PlaceTally {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.seen.merge(other.seen);
        self.objects = self.objects.saturating_add(other.objects);
        for (bit, tally) in &other.traits {
            self.traits.entry(*bit).or_default().merge(*tally);
        }
        add_counts(&mut self.literals, &other.literals);
    }

    pub(crate) fn add(
        &mut self,
        traits: TraitSet,
        tally: Tally,
        literals: Option<&BTreeMap<Literal, u64>>,
    ) {
        self.seen.merge(tally);
        if traits.intersects(TraitSet::OBJECT) {
            self.objects = self.objects.saturating_add(tally.count);
        }
        for bit in traits.iter() {
            self.traits.entry(bit).or_default().merge(tally);
        }
        if let Some(counts) = literals {
            add_counts(&mut self.literals, counts);
        }
    }
}

fn add_counts(into: &mut BTreeMap<Literal, u64>, counts: &BTreeMap<Literal, u64>) {
    for (literal, count) in counts {
        let slot = into.entry(*literal).or_default();
        *slot = slot.saturating_add(*count);
    }
}

/// The places with too many places below them, and those that are known to be so. `places` are in
/// order, so that whatever stands below a place follows it.
fn full_places(places: &[Place], known: BTreeSet<Place>) -> BTreeSet<Place> {
    let mut all: Vec<&Place> = places.iter().chain(&known).collect();
    if !known.is_empty() {
        // Two ordered runs, which are merged in one go.
        all.sort();
    }
    let mut full = known.clone();
    // For each step down to the place before, its part first, how many places stand below so far.
    let mut below: Vec<usize> = Vec::new();
    for (at, place) in all.iter().enumerate() {
        below.resize(place.steps.len() + 1, 0);
        let shared = all.get(at + 1).map_or(0, |next| place.shared_depth(next));
        for depth in (shared..below.len()).rev() {
            let limit = below_max(key_depth(&place.steps[..depth]));
            let mut count = below[depth];
            // A full place counts as one more than it may have, so that the count never shrinks as
            // more is seen.
            if count > limit || (!full.is_empty() && full.contains(&place.at_depth(depth))) {
                full.insert(place.at_depth(depth));
                count = limit + 1;
            }
            if depth > 0 {
                below[depth - 1] += 1 + count;
            }
        }
        below.truncate(shared);
    }
    full
}

/// Counts one behaviour's facts into tallies by place.
fn settle<'f>(
    tallies: &mut BTreeMap<u32, PlaceTally>,
    facts: impl IntoIterator<Item = &'f (u32, TraitSet)>,
    seen: &Seen,
) {
    for (place, traits) in facts {
        tallies.entry(*place).or_default().add(*traits, seen.tally, seen.literals.get(place));
    }
}

/// The union of two ordered place tables.
fn union_of(one: &[Place], two: &[Place]) -> Vec<Place> {
    if one == two {
        return one.to_vec();
    }
    let all: BTreeSet<&Place> = one.iter().chain(two).collect();
    all.into_iter().cloned().collect()
}

/// For each place of `part`, its index in `whole`, which holds them all.
fn indexes_in(part: &[Place], whole: &[Place]) -> Vec<u32> {
    let mut at = (0_u32..).zip(whole);
    part.iter()
        .map(|place| at.find(|(_, known)| *known == place).map_or(0, |(index, _)| index))
        .collect()
}
