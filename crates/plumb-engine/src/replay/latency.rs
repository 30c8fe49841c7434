//! How long answers took, by side: a histogram that joins in any order. Shown, and never a verdict.

use std::collections::BTreeMap;
use std::time::Duration;

/// Steps between a duration and its double: quantiles are off by less than one part in sixteen.
const STEPS: u32 = 16;

/// Durations, counted by their size. Bounded: there are at most a thousand sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latency(BTreeMap<u32, u64>);

impl Latency {
    /// Counts one.
    pub fn count(&mut self, took: Duration) {
        *self.0.entry(size(took)).or_default() += 1;
    }

    /// Joins what was counted elsewhere.
    pub fn merge(&mut self, other: Self) {
        for (size, count) in other.0 {
            *self.0.entry(size).or_default() += count;
        }
    }

    /// The duration within which so many in a hundred stayed, in milliseconds; `None` without any.
    #[must_use]
    pub fn percentile_ms(&self, percent: u64) -> Option<f64> {
        let total: u64 = self.0.values().sum();
        let wanted = (total.saturating_mul(percent)).div_ceil(100);
        let mut below = 0;
        self.0.iter().find_map(|(size, count)| {
            below += count;
            (below >= wanted.max(1)).then(|| micros(*size) / 1_000.0)
        })
    }
}

/// Powers of two, each in [`STEPS`] equal steps.
fn size(took: Duration) -> u32 {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    let power = micros.ilog2();
    let step = ((u128::from(micros) * u128::from(STEPS)) >> power) - u128::from(STEPS);
    power * STEPS + u32::try_from(step).unwrap_or_default()
}

/// The least duration of a size.
fn micros(size: u32) -> f64 {
    let step = f64::from(size % STEPS) / f64::from(STEPS);
    (1.0 + step) * 2_f64.powf(f64::from(size / STEPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_near() {
        let mut latency = Latency::default();
        (1..=1_000).for_each(|ms| latency.count(Duration::from_millis(ms)));
        for (percent, expected) in [(50, 500.0), (95, 950.0), (100, 1_000.0)] {
            let got = latency.percentile_ms(percent).unwrap();
            assert!((got - expected).abs() <= expected / 16.0, "{percent}: {got}");
        }
        assert_eq!(Latency::default().percentile_ms(50), None);
    }
}
