//! What may be waited for: something old, until it has gone of itself.
//!
//! Refuses to know who waits.

/// What has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// Instances of a component, by its place: open tabs, jobs that still run.
    Instances(usize),
    /// What lies at a seam, by its place: messages, entries of a cache.
    Data(usize),
}
