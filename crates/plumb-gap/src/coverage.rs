//! Coverage: the gap, as the share of exchanges that carry something the claims never covered.

use crate::header::{HeaderClass, header_class};
use plumb_shape::difference::{Difference, Standing, standing, uncovered};
use plumb_shape::ladder::Level;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Presence, Said};
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
        self.low = self.low.saturating_add(other.low);
        self.high = self.high.saturating_add(other.high);
        self.exchanges = self.exchanges.saturating_add(other.exchanges);
        self.seen_once = self.seen_once.saturating_add(other.seen_once);
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
            // What was not looked at may be anything.
            _ if is_withheld(said, &always, behaviour) => (0, count),
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

/// True when the body is said and the exchange's body was withheld, or a header that is always said
/// may have been.
fn is_withheld(said: &Said, always: &[&Place], behaviour: Behaviour<'_>) -> bool {
    let root = Place::root(Side::Response, Part::Body);
    let is_said = said.get(&root).is_some_and(|said| said.beneath != Beneath::Anything);
    let is_header_missing = || {
        always.iter().any(|place| place.part == Part::Header && behaviour.traits(place).is_none())
    };
    (is_said && is_part_withheld(Part::Body, behaviour))
        || (is_part_withheld(Part::Header, behaviour) && is_header_missing())
}

fn is_part_withheld(part: Part, behaviour: Behaviour<'_>) -> bool {
    let root = Place::root(Side::Response, part);
    behaviour.traits(&root).is_some_and(|traits| traits.intersects(TraitSet::WITHHELD))
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
        None => is_part_withheld(place.part, behaviour),
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

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::difference::diff;
    use plumb_shape::example::say_json;
    use plumb_shape::fold::Fold;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn key() -> LiteralKey {
        LiteralKey::new([3; 32])
    }

    fn fold(documents: &[String]) -> Outcome {
        let mut fold = Fold::new(key(), Arc::new(|_| false));
        for document in documents {
            fold.begin(None);
            fold.json(Side::Response, document.as_bytes()).unwrap();
            fold.commit();
        }
        fold.seal()
    }

    #[test]
    fn a_header_that_was_withheld_is_neither_covered_nor_gone() {
        let folded = |withheld: &[bool]| {
            let mut fold = Fold::new(key(), Arc::new(|_| false));
            for is_withheld in withheld {
                fold.begin(None);
                if *is_withheld {
                    fold.withhold(Side::Response, Part::Header);
                }
                fold.commit();
            }
            fold.seal()
        };
        let mut said = Said::default();
        said.say_header(Side::Response, "x-total-count", TraitSet::TEXT);
        let check = |withheld: &[bool], low: u64, high: u64, gone: Option<u64>| {
            let outcome = folded(withheld);
            let differences = diff(&said, &outcome.marginals(), &key());
            assert_eq!(differences.first().map(|one| one.of), gone, "{withheld:?}");
            let vocabulary = Vocabulary::Open;
            let covering = Covering { said: said.clone(), vocabulary, differences };
            let gap = gap(&outcome, Some(&covering), &key());
            assert_eq!((gap.low, gap.high), (low, high), "{withheld:?}");
        };
        check(&[true, true], 0, 2, None);
        check(&[true, false], 1, 2, Some(1));
        check(&[false], 1, 1, Some(1));
    }

    fn covering(examples: &[String], outcome: &Outcome) -> Covering {
        let mut said: Option<Said> = None;
        for example in examples {
            let mut one = Said::default();
            say_json(&mut one, Side::Response, example.as_bytes()).unwrap();
            said = Some(said.map_or(one.clone(), |all| all.or(&one)));
        }
        let said = said.unwrap_or_default();
        let differences = diff(&said, &outcome.marginals(), &key());
        Covering { said, vocabulary: Vocabulary::Open, differences }
    }

    /// How many exchanges are uncovered, each looked at alone.
    fn one_by_one(examples: &[String], documents: &[String]) -> u64 {
        let alone = |document: &String| {
            let outcome = fold(std::slice::from_ref(document));
            gap(&outcome, Some(&covering(examples, &outcome)), &key()).low
        };
        documents.iter().map(alone).sum()
    }

    fn document() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            Just("null"),
            Just("1"),
            Just("-7"),
            Just("3000000000"),
            Just("\"x y\""),
            Just("\"\""),
            Just("\"2026-11-21\""),
            Just("[]"),
            Just("[{\"sku\":1}]"),
            Just("[{\"sku\":1},{}]"),
            Just("{\"deep\":true}"),
        ];
        prop::collection::btree_map("[a-e]", scalar, 0..5).prop_map(|members| {
            let members: Vec<String> =
                members.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    }

    proptest! {
        #[test]
        fn behaviours_give_the_gap_exactly(
            examples in prop::collection::vec(document(), 1..4),
            documents in prop::collection::vec(document(), 1..40),
        ) {
            let outcome = fold(&documents);
            let whole = gap(&outcome, Some(&covering(&examples, &outcome)), &key());
            prop_assert_eq!(whole.low, whole.high);
            prop_assert_eq!(whole.low, one_by_one(&examples, &documents));
        }
    }

    #[test]
    fn a_coarsened_outcome_gives_an_interval_around_the_truth() {
        // Every subset of eleven optional keys: more behaviours than are told apart.
        let documents: Vec<String> = (0..2_048_u32)
            .map(|bits| {
                let keys = (0..11).filter(|bit| bits >> bit & 1 == 1);
                let members: Vec<String> = keys.map(|bit| format!("\"key{bit}x\":1")).collect();
                format!("{{{}}}", members.join(","))
            })
            .collect();
        let outcome = fold(&documents);
        assert!(outcome.level() > Level::FULL);
        for example in ["{}", "{\"key0x\":1,\"key1x\":1}"] {
            let examples = [example.to_owned(), documents[2_047].replace(",\"key3x\":1", "")];
            let truth = one_by_one(&examples, &documents);
            let whole = gap(&outcome, Some(&covering(&examples, &outcome)), &key());
            assert!(whole.low <= truth && truth <= whole.high, "{whole:?} against {truth}");
            assert!(whole.low > 0 && whole.high <= whole.exchanges);
        }
    }

    #[test]
    fn a_withheld_body_may_be_anything() {
        let mut fold = Fold::new(key(), Arc::new(|_| false));
        fold.begin(None);
        fold.body(Side::Response, TraitSet::WITHHELD);
        fold.commit();
        let outcome = fold.seal();
        let whole = gap(&outcome, Some(&covering(&["{}".to_owned()], &outcome)), &key());
        assert_eq!((whole.low, whole.high), (0, 1));
    }

    #[test]
    fn without_claims_everything_is_gap() {
        let outcome = fold(&["{}".to_owned()]);
        let whole = gap(&outcome, None, &key());
        assert_eq!((whole.low, whole.high, whole.exchanges), (1, 1, 1));
    }
}
