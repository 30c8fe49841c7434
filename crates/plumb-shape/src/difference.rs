//! Differences: what is said and what is seen, compared place by place. A difference is a fact
//! without severity; what it means for whom is policy and enters elsewhere.

use crate::cover::cover;
use crate::literal::{Literal, LiteralKey};
use crate::place::{Part, Place, Step};
use crate::said::{Beneath, Expected, Presence, Said};
use crate::seen::Marginals;
use crate::tally::Tally;
use crate::trait_set::TraitSet;
use std::collections::BTreeSet;

/// One difference between said and seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: DifferenceKind,
    /// The exchanges that show it.
    pub seen: Tally,
    /// Out of how many that could have shown it.
    pub of: u64,
    /// The traits said at the place.
    pub said: TraitSet,
    /// The traits seen there that make the difference.
    pub found: TraitSet,
    /// How many distinct literals make the difference, for [`DifferenceKind::ValueNew`].
    pub values: usize,
}

/// The kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// Said to be always there, never seen.
    Gone,
    /// Said to be always there, absent in some exchanges.
    SometimesAbsent,
    /// Said to be there at times, never seen.
    NeverSeen,
    /// Seen, and nothing was said of it.
    New,
    /// Seen, and said not to be there.
    Refused,
    /// Only kinds that were not said.
    KindChanged,
    /// Kinds that were not said, beside those that were.
    KindNew,
    /// Null where null was not said.
    NullNew,
    /// Empty strings or arrays only, where only filled ones were said.
    Emptied,
    /// Empty strings or arrays at times, where only filled ones were said.
    EmptyNew,
    /// Strings of another format than the one said.
    FormatChanged,
    /// Numbers wider than said: larger, negative, with a fraction.
    NumberWidened,
    /// Values outside those said.
    ValueNew,
    /// Elements beside those that the query asks for, where only such were said.
    Unselected,
}

/// How a seen place stands to what is said.
#[derive(Clone, Copy, Debug)]
pub enum Standing<'a> {
    /// It is said.
    Said(&'a Expected),
    /// Something above it covers whatever stands below.
    Anything,
    /// Its parent is said and it is not.
    New(Beneath),
    /// Neither it nor its parent is said.
    Beyond,
}

/// Compares what is said with what is seen.
///
/// Places whose parent was never there are left out, and so is everything below a place that is
/// itself new: one cause, one difference.
#[must_use]
pub fn diff(said: &Said, seen: &Marginals, key: &LiteralKey) -> Vec<Difference> {
    let mut found = Vec::new();
    for (place, expected) in &said.places {
        presence(place, expected, seen, &mut found);
    }
    for place in seen.places.keys() {
        match standing(said, place) {
            Standing::Said(expected) => values(place, expected, seen, key, &mut found),
            Standing::New(beneath) => {
                let refused = beneath == Beneath::Closed;
                let kind = if refused { DifferenceKind::Refused } else { DifferenceKind::New };
                let tally = seen.seen(place);
                let traits = (TraitSet::NONE, seen.traits(place));
                found.push(difference(place, kind, tally, seen.possible(place), traits));
            }
            Standing::Anything | Standing::Beyond => {}
        }
    }
    found.sort_by(|one, two| (&one.place, one.kind).cmp(&(&two.place, two.kind)));
    found
}

/// How a seen place stands to what is said. A member of a place whose members are said to be a map
/// is taken as any of them.
#[must_use]
pub fn standing<'a>(said: &'a Said, place: &Place) -> Standing<'a> {
    let mut at = Place::root(place.side, place.part);
    let mut expected = said.places.get(&at);
    if expected.is_some_and(|expected| expected.beneath == Beneath::Anything) {
        return Standing::Anything;
    }
    for (depth, step) in place.steps.iter().enumerate() {
        let parent = expected;
        at.steps.push(step.clone());
        expected = said.places.get(&at);
        if expected.is_none() && matches!(step, Step::Key(_)) {
            at.steps.pop();
            at.steps.push(Step::Any);
            expected = said.places.get(&at);
        }
        match expected {
            Some(expected) if expected.beneath == Beneath::Anything => {
                let is_last = depth + 1 == place.steps.len();
                return if is_last { Standing::Said(expected) } else { Standing::Anything };
            }
            Some(_) => {}
            None if depth + 1 < place.steps.len() => return Standing::Beyond,
            None => {
                return match parent {
                    Some(parent) => Standing::New(parent.beneath),
                    None if place.part != Part::Body && said.speaks_of(place.side, place.part) => {
                        Standing::New(Beneath::Open)
                    }
                    None => Standing::Beyond,
                };
            }
        }
    }
    expected.map_or(Standing::Beyond, Standing::Said)
}

/// The traits that a saying does not cover.
#[must_use]
pub fn uncovered(expected: &Expected, traits: TraitSet) -> TraitSet {
    if traits.intersects(TraitSet::WITHHELD) {
        // What was not looked at can be neither covered nor uncovered by its value.
        let kinds = cover(expected.traits).widened_to_kinds();
        return traits.minus(kinds | TraitSet::ASIDE);
    }
    traits.minus(cover(expected.traits)) | unselected(expected, traits)
}

/// That a list holds more than was asked for, where it is said to hold just that. Lists of which
/// nothing is said in this respect cover any.
fn unselected(expected: &Expected, traits: TraitSet) -> TraitSet {
    if expected.traits & TraitSet::SELECTION == TraitSet::SELECTED {
        traits & TraitSet::UNSELECTED
    } else {
        TraitSet::NONE
    }
}

fn presence(place: &Place, expected: &Expected, seen: &Marginals, found: &mut Vec<Difference>) {
    let possible = seen.possible(place);
    // Of any part but the body, only members can be there or not.
    let is_part = place.steps.is_empty() && place.part != Part::Body;
    if possible == 0 || is_part {
        return;
    }
    let there = seen.seen(place);
    let traits = (expected.traits, seen.traits(place));
    if expected.presence == Presence::Never {
        if there.count > 0 {
            found.push(difference(place, DifferenceKind::Refused, there, possible, traits));
        }
        return;
    }
    if there.count == 0 {
        if !is_optional_by_nature(place) && !is_anything_or_nothing(place, expected) {
            let kind = match expected.presence {
                Presence::Always => DifferenceKind::Gone,
                _ => DifferenceKind::NeverSeen,
            };
            let absent = Tally { count: possible, ..parent_tally(place, seen) };
            found.push(difference(place, kind, absent, possible, traits));
        }
        return;
    }
    if expected.presence == Presence::Always && place.is_member() {
        let absent =
            possible.saturating_sub(there.count) + seen.carrying(place, TraitSet::PARTIAL).count;
        if absent > 0 {
            let count = absent.min(possible);
            let tally = Tally { count, ..parent_tally(place, seen) };
            let kind = DifferenceKind::SometimesAbsent;
            found.push(difference(place, kind, tally, possible, traits));
        }
    }
}

/// Elements come and go with the length of their array, and so do members of a map.
fn is_optional_by_nature(place: &Place) -> bool {
    matches!(place.steps.last(), Some(Step::Item | Step::Any))
}

/// A body of which nothing is said but that there may be one, or a text: none will do as well, and
/// an empty text is none.
fn is_anything_or_nothing(place: &Place, expected: &Expected) -> bool {
    let is_open =
        expected.beneath == Beneath::Anything || TraitSet::OPAQUE.contains(expected.traits);
    place.steps.is_empty() && expected.presence == Presence::Sometimes && is_open
}

fn parent_tally(place: &Place, seen: &Marginals) -> Tally {
    let parent = place.parent().filter(|parent| parent.part == Part::Body);
    parent.map_or(seen.total, |parent| seen.seen(&parent))
}

fn values(
    place: &Place,
    expected: &Expected,
    seen: &Marginals,
    key: &LiteralKey,
    found: &mut Vec<Difference>,
) {
    if expected.presence == Presence::Never {
        return;
    }
    let there = seen.seen(place);
    let traits = seen.traits(place);
    let outside = uncovered(expected, traits);
    let mut push = |kind, part: TraitSet| {
        let tally = seen.carrying(place, part);
        found.push(difference(place, kind, tally, there.count, (expected.traits, part)));
    };
    let said_kinds = expected.traits.widened_to_kinds();
    let other_kinds = outside.minus(said_kinds | TraitSet::NULL | TraitSet::SELECTION);
    if !other_kinds.is_empty() {
        // Where nothing but null was said, a null that is seen is what was said.
        let says_null_only = expected.traits == TraitSet::NULL;
        let beside =
            if says_null_only { TraitSet::ASIDE } else { TraitSet::ASIDE | TraitSet::NULL };
        let all = traits.minus(beside).minus(other_kinds).is_empty();
        let kind = if all { DifferenceKind::KindChanged } else { DifferenceKind::KindNew };
        push(kind, other_kinds);
    }
    let same_kind = outside.minus(other_kinds);
    let empties = TraitSet::EMPTY_STRING | TraitSet::EMPTY_ARRAY;
    if same_kind.intersects(TraitSet::NULL) {
        push(DifferenceKind::NullNew, TraitSet::NULL);
    }
    if same_kind.intersects(empties) {
        let all = traits.minus(TraitSet::ASIDE | empties).is_empty();
        let kind = if all { DifferenceKind::Emptied } else { DifferenceKind::EmptyNew };
        push(kind, same_kind & empties);
    }
    let strings = same_kind & TraitSet::STRING.minus(empties);
    if !strings.is_empty() {
        push(DifferenceKind::FormatChanged, strings);
    }
    if same_kind.intersects(TraitSet::NUMBER) {
        push(DifferenceKind::NumberWidened, same_kind & TraitSet::NUMBER);
    }
    if outside.intersects(TraitSet::UNSELECTED) {
        push(DifferenceKind::Unselected, TraitSet::UNSELECTED);
    }
    let Some((tally, values)) = new_values(place, expected, seen, key) else { return };
    let part = traits & TraitSet::STRING;
    let value_new = DifferenceKind::ValueNew;
    let traits = (expected.traits, part);
    found.push(Difference { values, ..difference(place, value_new, tally, there.count, traits) });
}

/// How many exchanges carried values outside those said, and how many distinct values there were.
fn new_values(
    place: &Place,
    expected: &Expected,
    seen: &Marginals,
    key: &LiteralKey,
) -> Option<(Tally, usize)> {
    let words = expected.words.as_ref()?;
    let tally = seen.places.get(place).filter(|tally| !tally.literals.is_empty())?;
    let said: BTreeSet<Literal> = words.iter().map(|word| key.hash(word)).collect();
    let new: Vec<u64> = tally
        .literals
        .iter()
        .filter(|(literal, _)| !said.contains(literal))
        .map(|(_, count)| *count)
        .collect();
    let count = new.iter().sum::<u64>().min(tally.seen.count);
    (count > 0).then_some((Tally { count, ..tally.seen }, new.len()))
}

fn difference(
    place: &Place,
    kind: DifferenceKind,
    seen: Tally,
    of: u64,
    (said, found): (TraitSet, TraitSet),
) -> Difference {
    Difference { place: place.clone(), kind, seen, of, said, found, values: 0 }
}
