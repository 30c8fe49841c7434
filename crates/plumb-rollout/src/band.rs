//! How far a distribution as seen can lie from the true one, at every moment at once.
//!
//! Refuses to know what was measured.

use crate::number::real;
use crate::split;

/// The factor before the root, for which the constants below hold.
const FACTOR: f64 = 0.85;

/// Half the height of the band that holds a whole distribution function with probability 1 - α for
/// all numbers of values from `first` on. 1, which says nothing, for fewer.
///
/// S. Howard and A. Ramdas, Sequential Estimation of Quantiles, 2022, with their closed form of the
/// constant, which is a little wider than need be.
#[must_use]
pub fn half_height(values: u64, first: u64, alpha: f64) -> f64 {
    half_height_with(values, first, 0.8 * (1_612.0 / alpha).ln())
}

fn half_height_with(values: u64, first: u64, constant: f64) -> f64 {
    if values == 0 || values < first || first == 0 {
        return 1.0;
    }
    let iterated = (1.0 + (real(values) / real(first)).ln()).ln();
    (FACTOR * ((iterated + constant) / real(values)).sqrt()).min(1.0)
}

/// Where a quantile lies, in a histogram: the first and the last bucket that are not refuted, with
/// probability 1 - α now and at every other moment. None where there are no values.
///
/// Each border between buckets is tested as a share: were it the quantile, so many values would
/// lie below it. That is tighter for one quantile than a band for the whole distribution.
#[must_use]
pub fn quantile(buckets: &[u64], share: f64, alpha: f64) -> Option<(usize, usize)> {
    let all: u64 = buckets.iter().sum();
    if all == 0 || !(share > 0.0 && share < 1.0) {
        return None;
    }
    let mut below = 0_u64;
    let mut first = 0;
    for (at, count) in buckets.iter().enumerate() {
        below = below.saturating_add(*count);
        let log = split::log_e(&[below, all - below], &[share, 1.0 - share], 1.0);
        let is_refuted = log >= -alpha.ln();
        if is_refuted && real(below) < share * real(all) {
            first = at + 1;
        } else if is_refuted {
            return Some((first.min(at), at));
        }
    }
    Some((first.min(buckets.len() - 1), buckets.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_is_as_high_as_published() {
        let found = half_height_with(1_000, 100, 8.123);
        assert!((found - 0.082_049).abs() < 5e-7, "{found}");
        let closed = half_height(1_000, 100, 0.05);
        assert!(closed > found && closed < 1.02 * found, "{closed}");
    }

    #[test]
    fn too_few_values_say_nothing() {
        assert_eq!(half_height(99, 100, 0.05).to_bits(), 1.0_f64.to_bits());
        assert_eq!(quantile(&[0, 0], 0.99, 0.05), None);
        assert_eq!(quantile(&[3, 1], 0.99, 0.05), Some((0, 1)));
    }

    #[test]
    fn a_quantile_is_found_in_its_bucket_once_there_are_values() {
        assert_eq!(quantile(&[9_000, 700, 300], 0.95, 0.05), Some((1, 1)));
        assert_eq!(quantile(&[90, 7, 3], 0.95, 0.05), Some((0, 2)));
    }
}
