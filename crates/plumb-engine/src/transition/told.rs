//! An answer about a pair of versions, with a reason that is short enough to be shown.

use plumb_plan::transition::{Answer, Basis, Pair};

/// Letters of a reason at most.
const REASON_LETTERS_MAX: usize = 240;

/// The answer, and how it is known.
pub(super) fn told(answer: Answer, basis: Basis, because: &str) -> Pair {
    Pair { answer, basis, because: short(because) }
}

/// A reason, cut where it is too long.
pub(super) fn short(text: &str) -> String {
    text.chars().take(REASON_LETTERS_MAX).collect()
}
