//! The clock of a rehearsal: how long something took is one of the things that it measures.
//!
//! Refuses to know the time of day.

use std::time::Duration;
use tokio::time::Instant;

/// A moment from which time is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started(Instant);

/// Begins to count.
pub(crate) fn started() -> Started {
    Started(Instant::now())
}

impl Started {
    /// How long ago that was.
    pub(crate) fn ago(self) -> Duration {
        self.0.elapsed()
    }

    /// The same in microseconds.
    pub(crate) fn micros(self) -> u64 {
        u64::try_from(self.ago().as_micros()).unwrap_or(u64::MAX)
    }
}
