//! Tallies: how often, first and last. The unit of all evidence.

use serde::{Deserialize, Serialize};

/// How many exchanges, and when the first and the last of them were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tally {
    /// Exchanges counted.
    pub count: u64,
    /// The earliest, in milliseconds since the Unix epoch; `None` when no time was known.
    pub first_ms: Option<i64>,
    /// The latest, likewise.
    pub last_ms: Option<i64>,
}

impl Tally {
    /// Nothing counted.
    pub const EMPTY: Self = Self { count: 0, first_ms: None, last_ms: None };

    /// One exchange at this time.
    #[must_use]
    pub const fn one(time_ms: Option<i64>) -> Self {
        Self { count: 1, first_ms: time_ms, last_ms: time_ms }
    }

    /// Counts one more exchange.
    pub fn observe(&mut self, time_ms: Option<i64>) {
        self.merge(Self::one(time_ms));
    }

    /// Joins another tally of other exchanges. Counts stop at their largest value.
    pub fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.first_ms = match (self.first_ms, other.first_ms) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.last_ms = self.last_ms.max(other.last_ms);
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::EMPTY
    }
}
