//! Transitions: components move from version to version, and at every moment whoever reads must be
//! able to take what was written.
//!
//! From the pairs of versions that may meet follow a safe order, the windows between its steps, the
//! state from which there is no way back, and why there is no order where there is none. Refuses to
//! know where a pair's answer comes from, clusters, files, and how a plan is shown.

mod choice;
pub mod closing;
pub mod constraint;
pub mod event;
pub mod explore;
mod graph;
pub mod held;
#[cfg(test)]
mod laws;
pub mod order;
pub mod plan;
pub mod proposal;
pub mod transition;
pub mod window;
mod world;
