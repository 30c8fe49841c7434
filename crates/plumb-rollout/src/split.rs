//! The share that routers really gave, as an interval that may be looked at as often as one likes.
//!
//! Refuses to know what a router is, and what share was asked for.

use crate::share::Share;

/// How seldom the true share may ever lie outside, over all looks: once in so many rollouts.
const LOOKS_WRONG: f64 = 100.0;

/// The shares that the counts leave possible, from and to; `None` before the first request.
///
/// Each share is tried as a bet against the mixture of all others (a uniform prior): what a
/// gambler would have won a hundredfold against is left out, at whatever moment one looks.
#[must_use]
pub fn interval(canary: u64, control: u64) -> Option<(Share, Share)> {
    let all = canary.checked_add(control).filter(|all| *all > 0)?;
    let middle = u128::from(canary) * u128::from(Share::WHOLE.ppm()) / u128::from(all);
    let middle = u32::try_from(middle).unwrap_or(Share::WHOLE.ppm());
    let mixed = ln_factorial(canary) + ln_factorial(control) - ln_factorial(all) - ln(all + 1);
    let is_possible = |ppm: u32| {
        let share = f64::from(ppm) / f64::from(Share::WHOLE.ppm());
        let alone = times(canary, share.ln()) + times(control, (1.0 - share).ln());
        mixed - alone < LOOKS_WRONG.ln()
    };
    let low = last(middle, |down| middle - down, &is_possible);
    let high = last(Share::WHOLE.ppm() - middle, |up| middle + up, &is_possible);
    Share::from_ppm(low).zip(Share::from_ppm(high))
}

/// The last of 0 to `most` steps that is possible, given that none is once one was not.
fn last(most: u32, at: impl Fn(u32) -> u32, is_possible: &dyn Fn(u32) -> bool) -> u32 {
    let (mut fine, mut beyond) = (0, most + 1);
    while beyond - fine > 1 {
        let middle = fine + (beyond - fine) / 2;
        if is_possible(at(middle)) { fine = middle } else { beyond = middle }
    }
    at(fine)
}

/// Nothing happening costs nothing, also where it could not have happened at all.
fn times(count: u64, ln: f64) -> f64 {
    if count == 0 { 0.0 } else { real(count) * ln }
}

fn ln(count: u64) -> f64 {
    real(count).ln()
}

fn real(count: u64) -> f64 {
    // Beyond 2^53 neighbours fall together, which moves no interval.
    count as f64
}

/// The logarithm of a factorial, by Stirling's series; exact to ten digits from the start.
fn ln_factorial(count: u64) -> f64 {
    const EXACT_BELOW: u64 = 16;
    if count < EXACT_BELOW {
        return (2..=count).map(ln).sum();
    }
    let x = real(count);
    let rest = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(canary: u64, control: u64) -> String {
        let (low, high) = interval(canary, control).unwrap();
        format!("{low} to {high}")
    }

    #[test]
    fn more_requests_leave_less() {
        assert_eq!(interval(0, 0), None);
        let width = |canary, control| {
            let (low, high) = interval(canary, control).unwrap();
            high.ppm() - low.ppm()
        };
        assert!(width(5, 95) > width(50, 950) && width(50, 950) > width(5_000, 95_000));
        assert!(width(5_000_000, 95_000_000) < 1_000);
        assert!(shown(0, 1_000).starts_with("0 % to 1."), "{}", shown(0, 1_000));
        assert!(shown(1_000, 0).ends_with("to 100 %"), "{}", shown(1_000, 0));
    }

    #[test]
    fn factorials() {
        let exact: f64 = (2..=20_u64).map(ln).sum();
        assert!((ln_factorial(20) - exact).abs() < 1e-9);
    }

    proptest! {
        /// Requests are sent by a fixed, uneven beat: at no moment is the truth left out.
        #[test]
        fn the_truth_is_never_left_out_of_an_even_division(every in 2_u64..50) {
            let (mut canary, mut control) = (0, 0);
            for at in 0..2_000 {
                if at % every == 0 { canary += 1 } else { control += 1 }
                let (low, high) = interval(canary, control).unwrap();
                let truth = 1_000_000 / u32::try_from(every).unwrap();
                prop_assert!(low.ppm() <= truth && truth <= high.ppm() + 1);
            }
        }
    }
}
