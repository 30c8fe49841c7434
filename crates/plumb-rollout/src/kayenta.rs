//! The judge of Spinnaker's Kayenta, as it decides about one metric: what its users are told today,
//! to be laid beside what the other tests say. Nothing of Plumb's own verdicts rests on it.
//!
//! Two series, a value a minute, are compared by the test of H. Mann and D. Whitney (1947): the
//! interval of shifts of the one against the other that the test does not refuse, at 98 %, found
//! as R's `wilcox.test` finds it, and the shift of J. Hodges and E. Lehmann (1963) in its middle.
//!
//! Refuses to know groups, scores and weights of metrics, and where values come from.

use crate::number::real;

/// The level of the interval, 98 %, as the standard normal distribution's quantile at its end.
const QUANTILE: f64 = 2.326_347_874_040_841;

/// How much of the shift the end of the interval must lie beyond zero.
const TOLERANCE: f64 = 0.25;

/// How close a root is looked for.
const CLOSE: f64 = 1e-4;

/// How many steps a search for a root may take.
const STEPS_MAX: u32 = 1_001;

/// Which way a metric must not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is worse: errors, latencies.
    Increase,
    /// Less is worse: throughput.
    Decrease,
    /// Any change is worse.
    Either,
}

/// What is said of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing was found.
    Pass,
    /// The experiment's values are larger.
    High,
    /// The experiment's values are smaller.
    Low,
    /// One of the two has no values.
    NoData,
}

/// By how much the experiment's values exceed control's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The smallest shift that is not refused.
    pub low: f64,
    /// The largest shift that is not refused.
    pub high: f64,
    /// The shift in the middle.
    pub estimate: f64,
}

/// Compares the values of an experiment with those of its control, in any order; values that are
/// no numbers are left out.
#[must_use]
pub fn classify(experiment: &[f64], control: &[f64], direction: Direction) -> Class {
    let (experiment, control) = (sorted(experiment), sorted(control));
    if experiment.is_empty() || control.is_empty() {
        return Class::NoData;
    }
    let Some(shift) = shift(&experiment, &control) else { return Class::Pass };
    if experiment == control {
        return Class::Pass;
    }
    let band = TOLERANCE * shift.estimate.abs();
    let (of_experiment, of_control) = (mean(&experiment), mean(&control));
    // A ratio with zero is none, and then not asked for.
    let is_ratio = of_experiment != 0.0 && of_control != 0.0;
    let is_more = !is_ratio || of_experiment / of_control >= 1.0;
    let is_less = !is_ratio || of_experiment / of_control <= 1.0;
    if direction != Direction::Decrease && shift.low > band && is_more {
        Class::High
    } else if direction != Direction::Increase && shift.high < -band && is_less {
        Class::Low
    } else {
        Class::Pass
    }
}

/// The shift of two series. None where one is empty, or all values are the same.
///
/// Where each has one value of its own, Kayenta adds noise of a hundred-thousandth to be able to
/// compute at all; here the answer is the one that comes out without noise in the end.
#[must_use]
pub fn shift(experiment: &[f64], control: &[f64]) -> Option<Shift> {
    let (experiment, control) = (sorted(experiment), sorted(control));
    let (first, last) = (experiment.first()?, experiment.last()?);
    let (control_first, control_last) = (control.first()?, control.last()?);
    if first == last && control_first == control_last {
        let one = first - control_first;
        return (one != 0.0).then_some(Shift { low: one, high: one, estimate: one });
    }
    let (least, most) = (first - control_last, last - control_first);
    let at = |shift: f64| statistic(&experiment, &control, shift);
    let (at_least, at_most) = (at(least), at(most));
    let zero = |quantile: f64| {
        let (low, high) = ((least, at_least - quantile), (most, at_most - quantile));
        root(low, high, |shift| at(shift) - quantile)
    };
    let border = |quantile: f64| {
        if at_least <= quantile {
            least
        } else if at_most >= quantile {
            most
        } else {
            zero(quantile)
        }
    };
    Some(Shift { low: border(QUANTILE), high: border(-QUANTILE), estimate: zero(0.0) })
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / real(values.len() as u64)
}

/// The test's statistic, as a number of standard deviations, were the experiment's values smaller
/// by `shift`; corrected for ties and for steps.
fn statistic(experiment: &[f64], control: &[f64], shift: f64) -> f64 {
    let (own, other) = (real(experiment.len() as u64), real(control.len() as u64));
    let (ranks, ties) = ranks(experiment, control, shift);
    let surplus = ranks - own * (own + 1.0) / 2.0 - own * other / 2.0;
    let step = if surplus == 0.0 { 0.0 } else { 0.5 * surplus.signum() };
    let all = own + other;
    let variance = own * other / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    (surplus - step) / variance.sqrt()
}

/// The sum of the experiment's ranks among all values, equal ones sharing theirs, and for each
/// such group its size cubed less its size, added up. Both series are sorted.
fn ranks(experiment: &[f64], control: &[f64], shift: f64) -> (f64, f64) {
    let (mut at, mut beside) = (0, 0);
    let (mut sum, mut ties) = (0.0, 0.0);
    while at < experiment.len() {
        let value = experiment[at] - shift;
        let skipped = control[beside..].partition_point(|one| *one < value);
        ties += ties_in(&control[beside..beside + skipped]);
        beside += skipped;
        let own = experiment[at..].iter().take_while(|one| **one - shift <= value).count();
        let other = control[beside..].iter().take_while(|one| **one <= value).count();
        let group = real((own + other) as u64);
        sum += real(own as u64) * (real((at + beside) as u64) + (group + 1.0) / 2.0);
        ties += group * group * group - group;
        at += own;
        beside += other;
    }
    (sum, ties + ties_in(&control[beside..]))
}

/// The ties of control's values with each other, where no value of the experiment is among them.
fn ties_in(control: &[f64]) -> f64 {
    let groups = control.chunk_by(|one, next| one >= next);
    groups.map(|group| real(group.len() as u64)).map(|size| size * size * size - size).sum()
}

/// Where a function that falls from the first point to the last one crosses zero (R. Brent,
/// Algorithms for Minimization Without Derivatives, 1973, chapter 4). With a function of steps the
/// answer hangs on every step of the search, so it follows the book to the letter.
fn root(first: (f64, f64), last: (f64, f64), function: impl Fn(f64) -> f64) -> f64 {
    if first.1 == 0.0 {
        return first.0;
    }
    // Zero lies between `best` and `beyond`; `before` is the point that was tried last.
    let (mut before, mut best, mut beyond) = (first, last, first);
    for _ in 0..STEPS_MAX {
        let moved = best.0 - before.0;
        if beyond.1.abs() < best.1.abs() {
            (before, best, beyond) = (best, beyond, best);
        }
        let close = 2.0 * f64::EPSILON * best.0.abs() + CLOSE / 2.0;
        let half = (beyond.0 - best.0) / 2.0;
        if half.abs() <= close || best.1 == 0.0 {
            return best.0;
        }
        let is_worth_it = moved.abs() >= close && before.1.abs() > best.1.abs();
        let guess = is_worth_it.then(|| interpolated(before, best, beyond));
        let step = guess
            .filter(|(over, under)| {
                let room = 0.75 * (beyond.0 - best.0) * under - (close * under).abs() / 2.0;
                *over < room && *over < (moved * under / 2.0).abs()
            })
            .map_or(half, |(over, under)| over / under);
        let step = if step.abs() >= close { step } else { close.copysign(step) };
        before = best;
        best.0 += step;
        best.1 = function(best.0);
        if best.1 * beyond.1 > 0.0 {
            beyond = before;
        }
    }
    best.0
}

/// A step to where zero would be, as a fraction whose upper part is not negative: along a line
/// through two points, or along a parabola on its side through three.
fn interpolated(before: (f64, f64), best: (f64, f64), beyond: (f64, f64)) -> (f64, f64) {
    let width = beyond.0 - best.0;
    let (over, under) = if before == beyond {
        let share = best.1 / before.1;
        (width * share, 1.0 - share)
    } else {
        let (outer, to_beyond) = (before.1 / beyond.1, best.1 / beyond.1);
        let to_before = best.1 / before.1;
        let bend = width * outer * (outer - to_beyond);
        let over = to_before * (bend - (best.0 - before.0) * (to_beyond - 1.0));
        (over, (outer - 1.0) * (to_beyond - 1.0) * (to_before - 1.0))
    };
    if over > 0.0 { (over, -under) } else { (-over, under) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hundreds(count: usize) -> Vec<f64> {
        (0..10).map(|at| if at < count { 100.0 } else { 1.0 }).collect()
    }

    #[test]
    fn a_shift_is_the_one_that_its_users_published() {
        let found = shift(&hundreds(7), &[1.0; 10]).unwrap();
        let published =
            Shift { low: 6.825_022_991_538_781e-5, high: 99.0, estimate: 98.999_929_041_701_93 };
        assert_eq!(found, published);
    }

    #[test]
    fn seven_of_ten_pass_and_eight_do_not() {
        assert_eq!(classify(&hundreds(7), &[1.0; 10], Direction::Increase), Class::Pass);
        assert_eq!(classify(&hundreds(8), &[1.0; 10], Direction::Increase), Class::High);
        assert_eq!(classify(&hundreds(8), &[1.0; 10], Direction::Decrease), Class::Pass);
        assert_eq!(classify(&[1.0; 10], &hundreds(8), Direction::Either), Class::Low);
    }

    #[test]
    fn sparse_errors_pass_as_its_users_complain() {
        let sparse = [0.0, 1.0, 2.0, 1.0, 0.0, 0.0];
        assert_eq!(classify(&sparse, &[0.0; 6], Direction::Increase), Class::Pass);
    }

    #[test]
    fn what_is_the_same_passes_and_what_is_not_there_is_told() {
        let some = [3.0, 1.0, 2.0, f64::NAN];
        assert_eq!(classify(&some, &[1.0, 2.0, 3.0], Direction::Either), Class::Pass);
        assert_eq!(classify(&[1.0; 4], &[1.0; 9], Direction::Either), Class::Pass);
        assert_eq!(classify(&[2.0; 4], &[1.0; 9], Direction::Either), Class::High);
        assert_eq!(classify(&[], &[1.0], Direction::Either), Class::NoData);
        assert_eq!(classify(&[f64::NAN], &[1.0], Direction::Either), Class::NoData);
    }

    #[test]
    fn ranks_of_equal_values_are_shared() {
        assert_eq!(
            ranks(&[1.0, 2.0, 2.0], &[0.0, 0.0, 2.0, 5.0, 5.0], 0.0),
            (13.0, 6.0 + 24.0 + 6.0)
        );
        assert_eq!(ranks(&[3.0], &[1.0, 2.0], 10.0), (1.0, 0.0));
    }
}
