//! One rule of a format whose changes each know which side writes.
//!
//! Refuses to know which rules there are.

use crate::change::{Direction, Grade};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The id, as printed.
    pub(crate) id: &'static str,
    /// What such a change does to parties that stay as they are.
    pub(crate) grade: Grade,
    /// Who writes what it is about; parties on the other side are not touched by it.
    pub(crate) direction: Direction,
    /// Why, in lower case without full stop.
    pub(crate) why: &'static str,
}
