//! Rollouts: a new version beside the old one, and what can be said of the difference at any time.
//!
//! Refuses to know where counts come from, clocks, sockets, and how a verdict is shown.

pub mod share;
pub mod split;
pub mod verdict;
pub mod walk;
