//! Whether traffic is split as it was meant to be.
//!
//! Refuses to know who splits it.

use crate::number::real;
use crate::share::Share;
use statrs::function::beta::ln_beta;
use statrs::function::gamma::ln_gamma;

/// How sharply the prior lies around the split that was meant: as if so many had been seen.
pub const CONCENTRATION: f64 = 100.0;

/// The logarithm of the e-value against "the parts are split as `shares` says", for a split that
/// stays the same while the counts grow.
///
/// A Dirichlet prior around the shares, of the given concentration (M. Lindon and A. Malek, 2022).
/// Zero where there are no counts, or a share is not between 0 and 1.
#[must_use]
pub fn log_e(counts: &[u64], shares: &[f64], concentration: f64) -> f64 {
    let is_share = |share: &f64| *share > 0.0 && *share < 1.0;
    if counts.len() != shares.len() || !shares.iter().all(is_share) {
        return 0.0;
    }
    let prior: Vec<f64> = shares.iter().map(|share| concentration * share).collect();
    let after: Vec<f64> = prior.iter().zip(counts).map(|(a, count)| a + real(*count)).collect();
    let expected: f64 =
        counts.iter().zip(shares).map(|(count, share)| real(*count) * share.ln()).sum();
    ln_beta_of(&after) - ln_beta_of(&prior) - expected
}

/// The shares of one part that are not refuted: with probability 1 - α the true one lies between
/// them, now and at every other moment.
#[must_use]
pub fn interval(hits: u64, units: u64, alpha: f64) -> (f64, f64) {
    if units == 0 {
        return (0.0, 1.0);
    }
    let (hit, missed) = (real(hits), real(units.saturating_sub(hits)));
    let mean = ln_beta(hit + 0.5, missed + 0.5) - ln_beta(0.5, 0.5);
    let is_possible = |share: f64| {
        let log = if hit > 0.0 { hit * share.ln() } else { 0.0 };
        let log = log + if missed > 0.0 { missed * (1.0 - share).ln() } else { 0.0 };
        mean - log < -alpha.ln()
    };
    let middle = hit / (hit + missed);
    (border(middle, 0.0, &is_possible), border(middle, 1.0, &is_possible))
}

/// The share of requests that routers really gave to the canary, as [`interval`] tells it at a
/// level of one in a hundred; none before the first request.
#[must_use]
pub fn routed(canary: u64, control: u64) -> Option<(Share, Share)> {
    let all = canary.checked_add(control).filter(|all| *all > 0)?;
    let (low, high) = interval(canary, all, 0.01);
    let share = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share lies between 0 and 1"
        )]
        Share::from_ppm((part * f64::from(Share::WHOLE.ppm())).round() as u32)
    };
    share(low).zip(share(high))
}

/// Where what is possible ends, between a share that is and an end that may not be.
fn border(possible: f64, end: f64, is_possible: &impl Fn(f64) -> bool) -> f64 {
    if is_possible(end) {
        return end;
    }
    let (mut inside, mut outside) = (possible, end);
    for _ in 0..60 {
        let middle = f64::midpoint(inside, outside);
        if is_possible(middle) { inside = middle } else { outside = middle }
    }
    inside
}

/// The logarithm of the Beta function of several arguments.
fn ln_beta_of(arguments: &[f64]) -> f64 {
    let sum: f64 = arguments.iter().sum();
    arguments.iter().map(|one| ln_gamma(*one)).sum::<f64>() - ln_gamma(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(counts: [u64; 2], share: f64, concentration: f64, expected: f64) {
        let found = log_e(&counts, &[share, 1.0 - share], concentration);
        assert!((found - expected).abs() < 5e-7, "{found}, not {expected}");
    }

    #[test]
    fn e_values_are_those_that_others_computed() {
        check([30, 370], 0.05, 100.0, 0.905_927);
        check([30, 370], 0.05, 1.0, -1.647_468);
        check([130, 100], 0.5, 100.0, 0.770_975);
        check([100, 100], 0.5, 100.0, -0.550_973);
        check([5, 0], 0.05, 10.0, 5.974_717);
    }

    #[test]
    fn a_split_that_is_none_is_not_judged() {
        check([5, 5], 0.0, 100.0, 0.0);
        check([5, 5], 1.0, 100.0, 0.0);
    }

    #[test]
    fn a_share_lies_in_its_interval_and_the_interval_narrows() {
        let (low, high) = interval(50, 1_000, 0.05);
        assert!(low < 0.05 && high > 0.05 && high - low < 0.06, "{low} to {high}");
        let (later_low, later_high) = interval(5_000, 100_000, 0.05);
        assert!(later_low > low && later_high < high);
        assert_eq!(interval(0, 0, 0.05), (0.0, 1.0));
        assert_eq!(interval(0, 100, 0.05).0.to_bits(), 0.0_f64.to_bits());
        assert_eq!(interval(100, 100, 0.05).1.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn what_routers_gave_is_told_as_shares() {
        assert_eq!(routed(0, 0), None);
        let shown = |canary, control| {
            let (low, high) = routed(canary, control).unwrap();
            format!("{low} to {high}")
        };
        assert!(shown(0, 1_000).starts_with("0 % to 0."), "{}", shown(0, 1_000));
        assert!(shown(1_000, 0).ends_with("to 100 %"), "{}", shown(1_000, 0));
    }

    proptest! {
        /// Requests are sent by a fixed, uneven beat: at no moment is the truth left out.
        #[test]
        fn the_truth_is_never_left_out_of_an_even_division(every in 2_u64..50) {
            let (mut canary, mut control) = (0, 0);
            for at in 0..2_000 {
                if at % every == 0 { canary += 1 } else { control += 1 }
                let (low, high) = routed(canary, control).unwrap();
                let truth = 1_000_000 / u32::try_from(every).unwrap();
                prop_assert!(low.ppm() <= truth && truth <= high.ppm() + 1);
            }
        }
    }
}
