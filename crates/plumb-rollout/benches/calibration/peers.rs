//! What others do with the same counts: rules of thumb over minutes, a test that was made for one
//! look, and Kayenta's judge.
//!
//! Refuses to know where counts come from, and what Plumb says.

use plumb_rollout::kayenta::{Class, Direction, classify};
use plumb_rollout::tick::{Count, Tick};

/// The standard normal quantile of one look at a level of 1 %.
const ONE_IN_A_HUNDRED: f64 = 2.326_347_874_040_841;

/// How many hits the smaller arm must be expected to have before a normal distribution is thought
/// to fit: what textbooks ask for.
const EXPECTED_MIN: f64 = 5.0;

/// A textbook test of two shares, looked at whenever there is something new.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Textbook {
    so_far: Tick,
}

impl Textbook {
    /// Takes in a second, and answers whether the test rejects now.
    pub(crate) fn observe(&mut self, tick: &Tick) -> bool {
        self.so_far.add(tick);
        let (canary, control) = (self.so_far.canary, self.so_far.control);
        let mut both = canary;
        both.add(control);
        let (n1, n0, pooled) = (real(canary.units), real(control.units), both.share());
        if n1.min(n0) * pooled < EXPECTED_MIN {
            return false;
        }
        let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n0)).sqrt();
        canary.share() - control.share() > ONE_IN_A_HUNDRED * error
    }
}

/// What two rules with a threshold say of the canary's minutes: a success rate below 99 %.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Threshold {
    in_a_row: u32,
    in_all: u32,
}

impl Threshold {
    /// Takes in a minute of the canary, and answers whether it is the third bad one in a row, and
    /// whether it is one more than the three that Argo's `failureLimit: 3` allows.
    pub(crate) fn observe(&mut self, minute: Count) -> (bool, bool) {
        self.minute(minute.share() > 0.01)
    }

    /// The same for a minute about which it is known whether it is a bad one.
    pub(crate) fn minute(&mut self, is_bad: bool) -> (bool, bool) {
        self.in_a_row = if is_bad { self.in_a_row + 1 } else { 0 };
        self.in_all += u32::from(is_bad);
        (self.in_a_row >= 3, self.in_all > 3)
    }
}

/// A value a minute of the canary and of a baseline as large, judged by Kayenta in the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    canary: Vec<f64>,
    baseline: Vec<f64>,
}

impl Series {
    pub(crate) fn push(&mut self, canary: f64, baseline: f64) {
        self.canary.push(canary);
        self.baseline.push(baseline);
    }

    /// Whether the canary is told to be worse.
    pub(crate) fn is_high(&self) -> bool {
        classify(&self.canary, &self.baseline, Direction::Increase) == Class::High
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}
