//! Whether a rollout can be gone back from, and what that makes of a verdict.
//!
//! Refuses to know where the answer comes from.

use crate::rollout::judge::Judged;
use plumb_rollout::judgement::WayBack;
use plumb_rollout::verdict::Verdict;

/// Tells whether the old version can be gone back to.
pub trait Ways: std::fmt::Debug {
    /// What is known now. Who cannot be asked any more answers what was known last.
    fn way_back(&mut self) -> WayBack;
}

/// Nobody named a transition, so that nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Untold;

impl Ways for Untold {
    fn way_back(&mut self) -> WayBack {
        WayBack::Unknown(String::new())
    }
}

/// The verdict of whatever judge: past the point of no return it leaves everything as it is, where
/// it would take traffic away.
#[must_use]
pub(super) fn held_to(judged: Judged, way_back: &WayBack) -> Judged {
    match (judged.verdict, way_back) {
        (Verdict::RollBack, WayBack::Closed(why)) => {
            let said = if judged.sentence.is_empty() { "" } else { "; " };
            let sentence = format!("{}{said}going back is not safe: {why}", judged.sentence);
            Judged { verdict: Verdict::Freeze, sentence, ..judged }
        }
        _ => judged,
    }
}

/// Whether a verdict is one that hangs on the way back.
pub(super) const fn hangs_on_it(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::RollBack | Verdict::Freeze)
}
