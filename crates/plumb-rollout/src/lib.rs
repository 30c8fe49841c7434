//! Rollouts: a new version beside the old one, and what can be said of the difference at any time.
//!
//! Refuses to know where counts come from, clocks, sockets, and how a verdict is shown.

pub mod band;
pub mod body;
mod burst;
pub mod cohort;
pub mod discovery;
pub mod dispersion;
pub mod flow;
pub mod forecast;
pub mod judge;
pub mod judgement;
pub mod kayenta;
pub mod latency;
pub mod mean;
mod number;
pub mod ratio;
pub mod series;
pub mod share;
pub mod split;
pub mod table;
pub mod tick;
pub mod verdict;
pub mod walk;
pub mod watch;
mod watched;
