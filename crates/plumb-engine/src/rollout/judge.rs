//! Who judges a rollout, whoever that is.
//!
//! Refuses to know how a verdict is found.

use crate::rollout::rests::Rests;
use plumb_drive::driver::Counts;
use plumb_rollout::judgement::WayBack;
use plumb_rollout::verdict::Verdict;

/// Gives a verdict on the stage that a rollout is in.
pub trait Judge: std::fmt::Debug {
    /// What to do now. A judge that cannot be asked answers [`Verdict::CannotTell`] with the
    /// reason, and never anything that gives more.
    fn judge(&mut self, asked: &Asked<'_>) -> Judged;
}

/// What a judge is told.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The rollout's name.
    pub rollout: &'a str,
    /// The version that was there.
    pub control: &'a str,
    /// The version that comes.
    pub canary: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// The share that the stage asked for in its region, in millionths.
    pub ppm: u32,
    /// When the rollout began, in Unix milliseconds.
    pub began_ms: i64,
    /// When routers had it, in Unix milliseconds.
    pub since_ms: i64,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
    /// What routers sent where since the stage began, over all regions, where they tell.
    pub routed: Option<Counts>,
    /// Whether the old version can be gone back to.
    pub way_back: &'a WayBack,
}

/// A verdict and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one sentence for people.
    pub sentence: String,
    /// What it rests on.
    pub rests: Rests,
}

impl Judged {
    /// Nothing can be told, for this reason.
    #[must_use]
    pub fn cannot_tell(why: String) -> Self {
        Self { verdict: Verdict::CannotTell, sentence: why, rests: Rests::default() }
    }
}
