//! What the tests need of numbers.
//!
//! Refuses to know any test.

/// The logarithm of a sum of numbers given by their logarithms; minus infinity for none.
#[must_use]
pub(crate) fn log_sum_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}

/// A count as a number.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// `count` numbers from `low` to `high`, evenly spaced by their logarithms.
#[must_use]
pub(crate) fn log_spaced(low: f64, high: f64, count: u32) -> Vec<f64> {
    let (from, to) = (low.ln(), high.ln());
    let last = f64::from(count.max(2) - 1);
    (0..count).map(|at| (from + (to - from) * f64::from(at) / last).exp()).collect()
}
