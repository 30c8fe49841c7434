//! Numbers that bounds and steps admit: whether there is one, and the plainest of them.
//!
//! Multiples of a common step are looked through in order; what other steps exclude comes back with
//! a period, so that looking through one period is enough. Refuses to know what the numbers are
//! for.

use crate::exact::{Exact, common_multiple, is_multiple, to_json};
use crate::texts::Found;
use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde_json::Value;
use std::collections::BTreeSet;

/// Multiples looked through at most.
const TRIED_MAX: u64 = 20_000;

/// Digits after the point of numbers that are tried where no step is asked.
const DIGITS_MAX: u32 = 12;

/// The largest power of ten that a float can hold.
const EXPONENT_MAX: u32 = 308;

/// A bound, and whether it is itself excluded.
pub(crate) type Bound = (Exact, bool);

/// What a number must and must not be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) least: Option<Bound>,
    pub(crate) most: Option<Bound>,
    /// Steps of which it is a multiple.
    pub(crate) steps: Vec<Exact>,
    /// Steps of which it is none.
    pub(crate) not_steps: Vec<Exact>,
    /// Numbers that it is not.
    pub(crate) not: BTreeSet<Exact>,
}

impl Wanted {
    /// Takes a lower bound, where it is the tighter one.
    pub(crate) fn at_least(&mut self, bound: Exact, beyond: bool) {
        let tighter = |(held, excluded): &Bound| bound > *held || bound == *held && !excluded;
        if self.least.as_ref().is_none_or(tighter) {
            self.least = Some((bound, beyond));
        }
    }

    /// Takes an upper bound, where it is the tighter one.
    pub(crate) fn at_most(&mut self, bound: Exact, below: bool) {
        let tighter = |(held, excluded): &Bound| bound < *held || bound == *held && !excluded;
        if self.most.as_ref().is_none_or(tighter) {
            self.most = Some((bound, below));
        }
    }

    fn is_within(&self, number: &Exact) -> bool {
        self.least
            .as_ref()
            .is_none_or(|(least, beyond)| number > least || !beyond && number == least)
            && self
                .most
                .as_ref()
                .is_none_or(|(most, below)| number < most || !below && number == most)
    }

    fn admits(&self, number: &Exact) -> bool {
        self.is_within(number)
            && self.steps.iter().all(|step| is_multiple(number, step))
            && !self.not_steps.iter().any(|step| is_multiple(number, step))
            && !self.not.contains(number)
    }

    /// The number as JSON, if it is all that is wanted and JSON can say it.
    fn taken(&self, number: &Exact) -> Option<Value> {
        self.admits(number).then(|| to_json(number)).flatten()
    }
}

/// A number that is all that is wanted.
pub(crate) fn find(wanted: &Wanted) -> Found<Value> {
    if let (Some((least, beyond)), Some((most, below))) = (&wanted.least, &wanted.most) {
        if least > most || least == most && (*beyond || *below) {
            return Found::None;
        }
        if least == most {
            return match wanted.taken(least) {
                Some(number) => Found::One(number),
                None if wanted.admits(least) => unknown(),
                None => Found::None,
            };
        }
    }
    let step = wanted.steps.iter().cloned().reduce(|one, two| common_multiple(&one, &two));
    match step {
        Some(step) => multiple(wanted, &step),
        None => fraction(wanted),
    }
}

fn unknown<T>() -> Found<T> {
    Found::Unknown("a number that steps and bounds leave could not be found".into())
}

/// A multiple of a step, from zero or the nearest bound outward.
fn multiple(wanted: &Wanted, step: &Exact) -> Found<Value> {
    if wanted.not_steps.iter().any(|not| is_multiple(step, not)) {
        return Found::None;
    }
    let lowest = wanted.least.as_ref().map(|(least, _)| (least / step).ceil().to_integer());
    let highest = wanted.most.as_ref().map(|(most, _)| (most / step).floor().to_integer());
    let start = match (&lowest, &highest) {
        (Some(lowest), _) if lowest.is_positive() => lowest.clone(),
        (_, Some(highest)) if highest.is_negative() => highest.clone(),
        _ => BigInt::zero(),
    };
    // What is excluded comes back with the period; numbers excluded by name, and the bounds that
    // exclude themselves, may each cost one more.
    let period =
        wanted.not_steps.iter().fold(step.clone(), |so_far, not| common_multiple(&so_far, not));
    let period = (period / step).to_integer().to_u64().unwrap_or(u64::MAX);
    let enough = period.saturating_add(wanted.not.len() as u64 + 2);
    let tried = enough.min(TRIED_MAX);
    let mut seen_everything = tried == enough;
    for direction in [BigInt::one(), -BigInt::one()] {
        let mut at = start.clone();
        for _ in 0..=tried {
            let number = Exact::from_integer(at.clone()) * step;
            if lowest.as_ref().is_some_and(|lowest| at < *lowest)
                || highest.as_ref().is_some_and(|highest| at > *highest)
            {
                break;
            }
            if let Some(number) = wanted.taken(&number) {
                return Found::One(number);
            }
            seen_everything &= !wanted.admits(&number);
            at += &direction;
        }
    }
    if seen_everything {
        return Found::None;
    }
    // Far from zero, JSON's floats leave out most whole numbers, and not the round ones.
    let ten = Exact::from_integer(10.into());
    let mut round = step.clone();
    for _ in 0..=EXPONENT_MAX {
        if let Some(number) = wanted.taken(&round).or_else(|| wanted.taken(&-&round)) {
            return Found::One(number);
        }
        round *= &ten;
    }
    unknown()
}

/// A number between bounds that are apart: there is always one, since only single numbers and
/// multiples of steps are excluded.
fn fraction(wanted: &Wanted) -> Found<Value> {
    let ten = Exact::from_integer(10.into());
    let low = wanted.least.as_ref().map(|(least, _)| least.clone());
    let high = wanted.most.as_ref().map(|(most, _)| most.clone());
    let middle = match (&low, &high) {
        (Some(low), Some(high)) => (low + high) / Exact::from_integer(2.into()),
        (Some(low), None) => low.clone(),
        (None, Some(high)) => high.clone(),
        (None, None) => Exact::zero(),
    };
    let mut scale = Exact::one();
    for _ in 0..=DIGITS_MAX {
        for near in [Exact::zero(), middle.clone()] {
            let near = (near * &scale).round();
            for away in 0..=8 + wanted.not.len().min(64) {
                for sign in [1, -1] {
                    let number =
                        (&near + Exact::from_integer((BigInt::from(away)) * sign)) / &scale;
                    if let Some(number) = wanted.taken(&number) {
                        return Found::One(number);
                    }
                }
            }
        }
        scale *= &ten;
    }
    unknown()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::exact;
    use proptest::prelude::*;
    use proptest::test_runner::TestCaseResult;
    use serde_json::Number;

    fn whole(number: i64) -> Exact {
        Exact::from_integer(number.into())
    }

    fn wanted(least: i64, most: i64, steps: &[i64], not_steps: &[i64]) -> Wanted {
        let whole = |numbers: &[i64]| numbers.iter().map(|number| self::whole(*number)).collect();
        Wanted {
            least: Some((self::whole(least), false)),
            most: Some((self::whole(most), false)),
            steps: whole(steps),
            not_steps: whole(not_steps),
            not: BTreeSet::new(),
        }
    }

    #[test]
    fn between_bounds_that_are_apart_there_is_a_number() {
        let mut between = wanted(0, 1, &[], &[1]);
        between.not.insert(whole(1) / whole(2));
        assert!(matches!(find(&between), Found::One(_)));
    }

    #[test]
    fn beyond_what_floats_tell_apart_a_round_number_is_found() {
        let wide = Wanted {
            least: Some((exact(&Number::from_f64(f64::from(f32::MAX)).unwrap()), true)),
            steps: vec![whole(1)],
            ..Wanted::default()
        };
        assert_eq!(find(&wide), Found::One(serde_json::json!(1e39)));
    }

    fn agrees_with_trying_all(
        bounds: (i64, i64),
        steps: &[i64],
        not_steps: &[i64],
    ) -> TestCaseResult {
        let wanted = wanted(bounds.0, bounds.1, steps, &[not_steps, &[97]].concat());
        let mut all = wanted.clone();
        all.steps.push(whole(1));
        let exists = (bounds.0..=bounds.1).any(|number| all.admits(&whole(number)));
        match find(&all) {
            Found::One(value) => prop_assert!(exists, "{value}"),
            Found::None => prop_assert!(!exists),
            Found::Unknown(why) => prop_assert!(false, "{why}"),
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn whole_numbers_are_found_just_where_there_are_some(
            bounds in (-40_i64..40, -40_i64..40),
            steps in proptest::collection::vec(1_i64..7, 0..3),
            not_steps in proptest::collection::vec(1_i64..7, 0..3),
        ) {
            agrees_with_trying_all(bounds, &steps, &not_steps)?;
        }
    }
}
