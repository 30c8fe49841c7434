//! The difference of two means, at every moment at once, for values of any distribution that has a
//! variance.
//!
//! It holds only as the numbers grow (I. Waudby-Smith and others, Time-uniform Central Limit
//! Theory, 2024), so there is none below 200 values an arm.
//!
//! Refuses to know what was measured.

use crate::number::real;

/// How many values an arm needs before its mean is close enough to normal.
pub const VALUES_MIN: u64 = 200;

/// The number of values at which the interval is narrowest for its level.
const TUNED: f64 = 5_000.0;

/// What is kept of the values of one arm (B. Welford, 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes in a value; one that is not finite is left out.
    pub fn observe(&mut self, value: f64) {
        if value.is_finite() {
            self.count += 1;
            let before = value - self.mean;
            self.mean += before / real(self.count);
            self.squares += before * (value - self.mean);
        }
    }

    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; 0 for none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (real(self.count) - 1.0) / real(self.count)
    }
}

/// What the canary's mean exceeds control's by: with probability 1 - α between these two, now and
/// at every later moment. None with fewer than [`VALUES_MIN`] values on an arm.
#[must_use]
pub fn difference(canary: &Moments, control: &Moments, alpha: f64) -> Option<(f64, f64)> {
    if canary.count < VALUES_MIN || control.count < VALUES_MIN {
        return None;
    }
    let error = (canary.error() + control.error()).sqrt();
    let half = error * multiple(real(canary.count + control.count), alpha);
    let middle = canary.mean - control.mean;
    Some((middle - half, middle + half))
}

/// Half the width of the interval, in standard errors.
fn multiple(values: f64, alpha: f64) -> f64 {
    let rho = ((-2.0 * alpha.ln() + (-2.0 * alpha.ln() + 1.0).ln()) / TUNED).sqrt();
    let spread = values * rho * rho + 1.0;
    values.sqrt() * (2.0 * spread / (values * rho).powi(2) * (spread.sqrt() / alpha).ln()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: f64, expected: f64) {
        let found = multiple(values, 0.05);
        assert!((found - expected).abs() < 5e-4, "{found}, not {expected}");
    }

    #[test]
    fn the_interval_is_as_wide_as_published() {
        check(1_000.0, 3.364);
        check(5_000.0, 3.035);
        check(50_000.0, 3.242);
    }

    #[test]
    fn a_difference_is_told_once_there_are_values() {
        let (mut canary, mut control) = (Moments::default(), Moments::default());
        for at in 0..5_000_u32 {
            control.observe(f64::from(at % 10));
            canary.observe(f64::from(at % 10) + 1.0);
            canary.observe(f64::NAN);
            if at == 100 {
                assert_eq!(difference(&canary, &control, 0.05), None);
            }
        }
        let (low, high) = difference(&canary, &control, 0.05).unwrap();
        assert!(low > 0.5 && low < 1.0 && high > 1.0 && high < 1.5, "{low} to {high}");
    }
}
