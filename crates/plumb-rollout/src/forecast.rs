//! How long an answer takes, told before and during a rollout.
//!
//! Refuses to know clocks: a forecast counts units, whoever knows the rate makes a time of it.

use crate::number::real;

/// What a canary can be expected to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The canary's share of the units, between 0 and 1.
    pub share: f64,
    /// The share of units that are hit on control, between 0 and 1.
    pub base: f64,
    /// The level of the test.
    pub alpha: f64,
}

impl Setting {
    /// How many units both arms together need until a canary with `ratio` times as many hits is
    /// found, in expectation, by a test that knows the ratio; a real one needs somewhat more.
    /// None where it never is.
    #[must_use]
    pub fn units_to_tell(&self, ratio: f64, null: f64) -> Option<f64> {
        let share = |ratio: f64| self.share * ratio / (self.share * ratio + 1.0 - self.share);
        let growth = divergence(share(ratio), share(null));
        let hits = -self.alpha.ln() / growth;
        let a_unit = self.base * (self.share * ratio + 1.0 - self.share);
        let units = hits / a_unit;
        units.is_finite().then_some(units)
    }

    /// The smallest ratio, in steps of 5 %, that is found within so many units; none up to fifty
    /// times.
    #[must_use]
    pub fn smallest_told(&self, units: u64, null: f64) -> Option<f64> {
        let mut ratio = null;
        while ratio < 50.0 {
            ratio *= 1.05;
            if self.units_to_tell(ratio, null).is_some_and(|needed| needed <= real(units)) {
                return Some(ratio);
            }
        }
        None
    }
}

/// How much evidence a hit brings where the truth is `truth` and the null says `null`: the
/// divergence of S. Kullback and R. Leibler between two coins, in natural logarithms.
fn divergence(truth: f64, null: f64) -> f64 {
    truth * (truth / null).ln() + (1.0 - truth) * ((1.0 - truth) / (1.0 - null)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hits on both arms until an e-value of 100, as published.
    fn check(share: f64, ratio: f64, expected: f64) {
        let setting = Setting { share, base: 0.001, alpha: 0.01 };
        let units = setting.units_to_tell(ratio, 1.0).unwrap();
        let hits = units * 0.001 * (share * ratio + 1.0 - share);
        assert!((hits - expected).abs() < 0.01 * expected + 0.6, "{hits}, not {expected}");
    }

    #[test]
    fn forecasts_are_those_that_others_computed() {
        check(0.01, 1.5, 4_327.0);
        check(0.05, 2.0, 267.0);
        check(0.05, 10.0, 11.0);
        check(0.1, 5.0, 19.0);
        check(0.5, 10.0, 12.0);
    }

    #[test]
    fn without_hits_there_is_never_an_answer() {
        let setting = Setting { share: 0.05, base: 0.0, alpha: 0.01 };
        assert_eq!(setting.units_to_tell(5.0, 1.0), None);
        assert_eq!(setting.smallest_told(1_000_000, 1.0), None);
    }

    #[test]
    fn more_units_tell_smaller_differences() {
        let setting = Setting { share: 0.05, base: 0.001, alpha: 0.01 };
        let few = setting.smallest_told(20_000, 1.0).unwrap();
        let many = setting.smallest_told(2_000_000, 1.0).unwrap();
        assert!(many < few && many > 1.0);
    }
}
