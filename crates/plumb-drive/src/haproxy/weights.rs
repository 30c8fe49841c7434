//! Weights that divide traffic nearest to a share, and an order of setting them that never goes
//! beyond it.
//!
//! Refuses to know HAProxy's commands.

use crate::driver::WHOLE_PPM;

/// The largest weight of a server.
const WEIGHT_MAX: u32 = 256;

/// The weight of each server of a side that gets everything, where its configuration says none.
const PLAIN: u32 = 100;

/// How many servers each version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arms {
    pub(super) canary: u32,
    pub(super) control: u32,
}

/// A weight for each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) canary: u32,
    pub(super) control: u32,
}

/// Which side is set first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    CanaryFirst,
    ControlFirst,
}

/// The weights of each server of the sides that divide nearest to a share. Nothing and everything
/// are exact, and nothing else is rounded to either of them. Of several, the smallest.
pub(super) fn pair(arms: &Arms, ppm: u32) -> Pair {
    match ppm {
        0 => return Pair { canary: 0, control: PLAIN },
        WHOLE_PPM.. => return Pair { canary: PLAIN, control: 0 },
        _ => {}
    }
    let mut best = (u32::MAX, Pair { canary: 1, control: 1 });
    for canary in 1..=WEIGHT_MAX {
        // The nearest control weight lies beside the exact one.
        let whole = u64::from(WHOLE_PPM);
        let exact = u64::from(canary) * u64::from(arms.canary) * (whole - u64::from(ppm))
            / (u64::from(ppm) * u64::from(arms.control)).max(1);
        let exact = u32::try_from(exact).unwrap_or(WEIGHT_MAX);
        for control in [exact, exact.saturating_add(1)] {
            let tried = Pair { canary, control: control.clamp(1, WEIGHT_MAX) };
            let off = share(arms, tried).abs_diff(ppm);
            if off < best.0 {
                best = (off, tried);
            }
        }
    }
    best.1
}

/// The share of the new version, in millionths.
pub(super) fn share(arms: &Arms, pair: Pair) -> u32 {
    let canary = u64::from(arms.canary) * u64::from(pair.canary);
    let all = canary + u64::from(arms.control) * u64::from(pair.control);
    let ppm = (canary * u64::from(WHOLE_PPM) + all / 2).checked_div(all).unwrap_or_default();
    u32::try_from(ppm).unwrap_or(WHOLE_PPM)
}

/// The order in which what lies between two divisions goes beyond neither of them, and in which
/// some server always has weight. `old` is the sum of each side, as it may be uneven.
pub(super) fn order(arms: &Arms, old: Pair, new: Pair) -> Order {
    let new = Pair { canary: new.canary * arms.canary, control: new.control * arms.control };
    let one = Arms { canary: 1, control: 1 };
    let most = share(&one, old).max(share(&one, new));
    let between = Pair { canary: new.canary, control: old.control };
    let is_empty = between.canary == 0 && between.control == 0;
    if !is_empty && share(&one, between) <= most { Order::CanaryFirst } else { Order::ControlFirst }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_people_ask_for() {
        let arms = Arms { canary: 1, control: 1 };
        let told = |ppm| share(&arms, pair(&arms, ppm));
        for ppm in [0, 10_000, 50_000, 100_000, 250_000, 500_000, 750_000, 1_000_000] {
            assert_eq!(told(ppm), ppm);
        }
        // No weight of 256 divides as finely as this.
        assert_eq!(told(1_000), 3_891);
        assert_eq!(pair(&arms, 1_000), Pair { canary: 1, control: 256 });
    }

    proptest! {
        #[test]
        fn what_is_finer_than_weights_is_never_nothing_and_never_all(
            ppm in 1_u32..1_000_000, canary in 1_u32..9, control in 1_u32..9
        ) {
            let arms = Arms { canary, control };
            let found = pair(&arms, ppm);
            prop_assert!((1..=256).contains(&found.canary) && (1..=256).contains(&found.control));
            let told = share(&arms, found);
            let is_reachable = (300_000..700_000).contains(&ppm) && canary == control;
            prop_assert!(!is_reachable || told.abs_diff(ppm) < 3_000, "{ppm} {told}");
            prop_assert!(told > 0 && told < 1_000_000);
        }

        #[test]
        fn on_the_way_nothing_goes_beyond_and_somebody_always_serves(
            canary in 0_u32..300, control in 0_u32..300, ppm in 0_u32..=1_000_000,
            servers in (1_u32..5, 1_u32..5)
        ) {
            prop_assume!(canary + control > 0);
            let arms = Arms { canary: servers.0, control: servers.1 };
            let (old, new) = (Pair { canary, control }, pair(&arms, ppm));
            let (one, other) = (new.canary * arms.canary, new.control * arms.control);
            let sums = Pair { canary: one, control: other };
            let between = match order(&arms, old, new) {
                Order::CanaryFirst => Pair { canary: sums.canary, control },
                Order::ControlFirst => Pair { canary, control: sums.control },
            };
            prop_assert!(between.canary + between.control > 0);
            let one = Arms { canary: 1, control: 1 };
            let most = share(&one, old).max(share(&one, sums));
            prop_assert!(share(&one, between) <= most);
        }
    }
}
