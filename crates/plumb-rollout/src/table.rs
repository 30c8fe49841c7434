//! Two shares compared block by block, where hits are not rare: both numbers of units are known, so
//! a table of two by two says more than the ratio of two rates.
//!
//! Before each block the two shares are estimated from the blocks before it; the block then is
//! weighed under these and under one common share (R. Turner, A. Ly and P. Grünwald, Generic
//! E-variables for Exact Sequential k-Sample Tests, 2024).
//!
//! Refuses to know what is counted, and what follows.

use crate::number::real;
use crate::tick::{Count, Tick};

/// What is added to hits and misses before anything was seen, so that no share is 0 or 1.
const SMOOTHING: f64 = 0.18;

/// The evidence that the canary's share is the larger one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table {
    so_far: Tick,
    log: f64,
}

impl Table {
    /// Takes in a block. One in which an arm met nobody is only remembered.
    pub fn observe(&mut self, block: &Tick) {
        let (canary, control) = (guess(self.so_far.canary), guess(self.so_far.control));
        if canary > control && block.canary.units > 0 && block.control.units > 0 {
            let (n1, n0) = (real(block.canary.units), real(block.control.units));
            let common = (n1 * canary + n0 * control) / (n1 + n0);
            self.log += log_ratio(block.canary, canary, common);
            self.log += log_ratio(block.control, control, common);
        }
        self.so_far.add(block);
    }

    /// The logarithm of the e-value against "the canary's share is at most control's".
    #[must_use]
    pub fn log_more(&self) -> f64 {
        self.log
    }
}

fn guess(count: Count) -> f64 {
    (real(count.hits) + SMOOTHING) / (real(count.units) + 2.0 * SMOOTHING)
}

/// How much likelier a count is under one share than under another.
fn log_ratio(count: Count, share: f64, other: f64) -> f64 {
    let missed = real(count.units.saturating_sub(count.hits));
    real(count.hits) * (share / other).ln() + missed * ((1.0 - share) / (1.0 - other)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(blocks: u64, canary: u64, control: u64) -> f64 {
        let block = Tick { control: Count::new(100, control), canary: Count::new(100, canary) };
        let mut table = Table::default();
        (0..blocks).for_each(|_| table.observe(&block));
        table.log_more()
    }

    #[test]
    fn a_larger_share_is_found_and_a_smaller_one_is_silent() {
        assert!(after(20, 60, 40) > 20.0);
        assert!(after(20, 40, 60).abs() < 1e-9);
        assert!(after(1, 60, 40).abs() < 1e-9, "the first block only teaches");
    }

    /// The expectation over all outcomes of a second block, both arms with the same share.
    #[test]
    fn an_e_value_is_expected_to_be_one_at_its_null() {
        let first = Tick { control: Count::new(9, 2), canary: Count::new(7, 4) };
        let (n1, n0, share) = (6_u32, 8_u32, 0.3_f64);
        let mut expected = 0.0;
        for one in 0..(1_u64 << n1) {
            for zero in 0..(1_u64 << n0) {
                let (x1, x0) = (one.count_ones(), zero.count_ones());
                let hits = f64::from(x1 + x0);
                let chance = share.powf(hits) * (1.0 - share).powf(f64::from(n1 + n0) - hits);
                let mut table = Table { so_far: first, log: 0.0 };
                table.observe(&Tick {
                    control: Count::new(n0.into(), x0.into()),
                    canary: Count::new(n1.into(), x1.into()),
                });
                expected += chance * table.log_more().exp();
            }
        }
        assert!(expected <= 1.0 + 1e-9, "{expected}");
    }
}
