//! Replay: captured requests are asked again of two versions, and how the candidate behaves is
//! compared with how the deployed version does.
//!
//! Pure: requests and answers come in, a report comes out. Refuses to know sockets, clocks and how
//! a request travels; values live no longer than the comparison of the answers that hold them.

pub mod agreement;
pub mod answer;
mod chance;
mod facts;
pub mod ids;
pub mod kind;
pub mod latency;
#[cfg(test)]
mod laws;
pub mod plan;
pub mod reel;
pub mod report;
pub mod tallies;
mod values;
