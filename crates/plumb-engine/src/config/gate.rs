//! When a gate refuses.
//!
//! Refuses to judge anything itself, and to know exit codes.

/// What a gate does in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The least bad verdict that is refused.
    pub fail_on: FailOn,
    /// What to do without enough fresh evidence.
    pub on_unknown: OnUnknown,
    /// What to do when the evidence cannot be reached at all.
    pub on_unavailable: OnUnavailable,
}

/// The least bad verdict that a gate refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Only what is broken.
    Broken,
    /// What is broken or drifted.
    Drifted,
}

/// What a gate does without enough fresh evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknown {
    /// Pass, and say what is unknown.
    Warn,
    /// Answer that it cannot tell.
    Fail,
    /// Pass, and only count what is unknown.
    Pass,
}

/// What a gate does when the evidence cannot be reached at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnavailable {
    /// Answer that the outside failed.
    Fail,
    /// Pass, and say so.
    Warn,
}

/// One of a few words that a setting can be.
pub(crate) trait Word: Copy + 'static {
    /// The words.
    const WORDS: &'static [&'static str];
    /// What they mean, in the same order.
    const MEANINGS: &'static [Self];
}

impl Word for FailOn {
    const WORDS: &'static [&'static str] = &["broken", "drifted"];
    const MEANINGS: &'static [Self] = &[Self::Broken, Self::Drifted];
}

impl Word for OnUnknown {
    const WORDS: &'static [&'static str] = &["warn", "fail", "pass"];
    const MEANINGS: &'static [Self] = &[Self::Warn, Self::Fail, Self::Pass];
}

impl Word for OnUnavailable {
    const WORDS: &'static [&'static str] = &["fail", "warn"];
    const MEANINGS: &'static [Self] = &[Self::Fail, Self::Warn];
}
