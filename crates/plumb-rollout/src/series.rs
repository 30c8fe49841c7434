//! Two series of numbers that were measured at the same times, one for each version: whether the
//! canary's lies higher or lower, at every moment at once.
//!
//! A bet on the sign of each difference. Where both versions are alike, swapping them at any time
//! changes nothing, so a difference is as likely above nought as below it, whatever its size and
//! whatever came before, and no bet on its sign gains on average: the wealth is an e-value.
//!
//! Refuses to know what was measured, and where numbers come from.

use crate::number::{log_sum_exp, real};

/// Which part of the wealth each strategy bets. What all of them hold together is what one gambler
/// would hold who moves her stake, from the past alone, to those that did well.
const STAKES: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The part of a stake that goes on the smallest of differences; the largest gets all of it.
const LEAST: f64 = 0.5;

/// Sizes of past differences that a new one is ranked among; beyond, only the first count, so that
/// a long series does not cost its square. Any rank that is made of the past and of the size alone
/// keeps the bet fair.
const RANKED_MAX: usize = 4_096;

/// What to make of a number that is missing on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The time does not count.
    LeftOut,
    /// The number is nought: a count of which nobody heard anything.
    Nought,
}

/// What is known of two series.
#[derive(Clone, Debug)]
pub struct Pair {
    missing: Missing,
    /// The logarithms of what each strategy holds that bets on more, and of those that bet on less.
    more: [f64; STAKES.len()],
    less: [f64; STAKES.len()],
    /// Sizes of differences, in order.
    sizes: Vec<f64>,
    count: u64,
    sums: (f64, f64),
}

impl Pair {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(missing: Missing) -> Self {
        let even = [0.0; STAKES.len()];
        Self { missing, more: even, less: even, sizes: Vec::new(), count: 0, sums: (0.0, 0.0) }
    }

    /// Takes in what both series were at the next time; what is not finite is missing.
    pub fn observe(&mut self, control: f64, canary: f64) {
        if !control.is_finite() && !canary.is_finite() {
            // Nobody measured: there is nothing to put nought in the place of.
            return;
        }
        let number = |value: f64| match self.missing {
            _ if value.is_finite() => Some(value),
            Missing::Nought => Some(0.0),
            Missing::LeftOut => None,
        };
        let (Some(control), Some(canary)) = (number(control), number(canary)) else { return };
        self.count += 1;
        self.sums.0 += control;
        self.sums.1 += canary;
        let difference = canary - control;
        if difference == 0.0 || !difference.is_finite() {
            return;
        }
        let bet = difference.signum() * self.weight(difference.abs());
        for ((more, less), stake) in self.more.iter_mut().zip(&mut self.less).zip(STAKES) {
            *more += (stake * bet).ln_1p();
            *less += (-stake * bet).ln_1p();
        }
    }

    /// How much a difference of this size counts, by its rank among those before it.
    fn weight(&mut self, size: f64) -> f64 {
        let at = self.sizes.partition_point(|known| *known < size);
        let all = self.sizes.len() + 1;
        if self.sizes.len() < RANKED_MAX {
            self.sizes.insert(at, size);
        }
        LEAST + (1.0 - LEAST) * real((at + 1) as u64) / real(all as u64)
    }

    /// The logarithm of the e-value against "the canary's numbers are not higher".
    #[must_use]
    pub fn log_more(&self) -> f64 {
        log_mean(&self.more)
    }

    /// The logarithm of the e-value against "the canary's numbers are not lower".
    #[must_use]
    pub fn log_less(&self) -> f64 {
        log_mean(&self.less)
    }

    /// The logarithm of the e-value against "the canary's numbers are neither".
    #[must_use]
    pub fn log_either(&self) -> f64 {
        log_mean(&[self.log_more(), self.log_less()])
    }

    /// At how many times both had a number.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean of control and that of the canary; none where there were no numbers.
    #[must_use]
    pub fn means(&self) -> Option<(f64, f64)> {
        let count = real(self.count);
        (self.count > 0).then(|| (self.sums.0 / count, self.sums.1 / count))
    }
}

/// The fewest times from which a difference can be told with an e-value of this logarithm: with
/// fewer, nothing that is measured could ever show harm.
#[must_use]
pub fn times_needed(log_e: f64) -> u64 {
    // The wealth of a bet that always wins, at the full stake of every strategy.
    let wealth = |times: u64| log_mean(&STAKES.map(|stake| real(times) * stake.ln_1p()));
    (1..u64::from(u16::MAX)).find(|times| wealth(*times) >= log_e).unwrap_or(u64::from(u16::MAX))
}

fn log_mean(logs: &[f64]) -> f64 {
    log_sum_exp(logs.iter().copied()) - real(logs.len() as u64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(numbers: impl IntoIterator<Item = (f64, f64)>) -> Pair {
        let mut pair = Pair::new(Missing::LeftOut);
        numbers.into_iter().for_each(|(control, canary)| pair.observe(control, canary));
        pair
    }

    #[test]
    fn a_series_that_lies_higher_is_told_soon_and_not_as_lower() {
        let waves =
            (0..20_u32).map(|at| (f64::from(at % 7) * 10.0, f64::from(at % 7) * 10.5 + 1.0));
        let higher = pair(waves);
        assert!(higher.log_more() > 100_f64.ln() && higher.log_either() > 100_f64.ln());
        assert!(higher.log_less() < 0.0);
        let (control, canary) = higher.means().unwrap();
        assert!(canary > control);
    }

    #[test]
    fn what_is_missing_is_left_out_or_nought() {
        let numbers = [(1.0, f64::NAN), (f64::INFINITY, 2.0), (3.0, 4.0)];
        assert_eq!(pair(numbers).count(), 1);
        let mut nought = Pair::new(Missing::Nought);
        numbers.iter().for_each(|(control, canary)| nought.observe(*control, *canary));
        assert_eq!((nought.count(), nought.means()), (3, Some((4.0 / 3.0, 2.0))));
        nought.observe(f64::NAN, f64::NAN);
        assert_eq!(nought.count(), 3);
        assert_eq!(pair([]).means(), None);
        let tied = pair([(5.0, 5.0); 50]);
        assert!(tied.log_either().abs() < 1e-12 && tied.count() == 50);
    }

    #[test]
    fn too_few_times_cannot_show_harm() {
        let needed = times_needed(100_f64.ln());
        assert!((8..=12).contains(&needed), "{needed}");
        let always = |times: u64| pair((0..times).map(|at| (0.0, real(at + 1)))).log_more();
        assert!(always(needed - 1) < 100_f64.ln());
        assert!(always(needed + 2) >= 100_f64.ln());
    }

    proptest! {
        /// Over all ways to swap both versions at each time, the wealth is one on average.
        #[test]
        fn nobody_gains_where_both_are_exchangeable(
            numbers in prop::collection::vec((-1e6..1e6_f64, -1e6..1e6_f64), 1..9),
            missing in prop::collection::vec(any::<bool>(), 9),
        ) {
            let ways = 1_u32 << numbers.len();
            let mut sums = [0.0; 3];
            for way in 0..ways {
                let swapped = numbers.iter().zip(&missing).enumerate().map(|(at, (both, is_out))| {
                    let (a, b) = if *is_out { (both.0, f64::NAN) } else { *both };
                    if way >> at & 1 == 1 { (b, a) } else { (a, b) }
                });
                let pair = pair(swapped);
                let all = [pair.log_more(), pair.log_less(), pair.log_either()];
                sums.iter_mut().zip(all).for_each(|(sum, log)| *sum += log.exp());
            }
            for sum in sums {
                prop_assert!((sum / f64::from(ways) - 1.0).abs() < 1e-9);
            }
        }
    }
}
