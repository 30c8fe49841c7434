//! The gap: what claims take for granted against what was seen.
//!
//! Turns differences into findings by rules and policy, judges claims and seams by five verdicts,
//! and measures the gap. Refuses to know how any format is written and how a finding is shown.

mod compare;
mod context;
mod contradiction;
pub mod coverage;
pub mod evidence;
pub mod finding;
pub mod header;
mod history;
pub mod judged;
pub mod mending;
mod observed;
mod peers;
pub mod policy;
pub mod release;
pub mod report;
pub mod rule;
mod sample;
mod seam_index;
mod select;
mod severity;
mod spread;
mod status;
pub mod template;
pub mod widening;
mod wording;
