//! How a broker is tapped, and the bounds a tap keeps. It refuses to know where their values come
//! from.

use std::time::Duration;

/// Bytes of one message that are kept; what NATS and Kafka let through unless told otherwise. A
/// longer payload is withheld.
pub const MESSAGE_BYTES_MAX: usize = 1_024 * 1_024;

/// How often consumers' backlogs are asked for: often enough for a rollout, and a handful of small
/// requests for the broker.
pub const BACKLOG_EVERY: Duration = Duration::from_secs(5);

/// Messages asked for at once, or under way to the tap at once: a full network buffer, and bounded
/// memory on both sides.
pub const PREFETCH: u16 = 256;

/// How long it may take to reach a broker, or for it to answer.
pub const ANSWER: Duration = Duration::from_secs(10);

/// How a broker is tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Where to begin.
    pub start: Start,
    /// The tap ends by itself after so many messages; none if it does not.
    pub count_max: Option<u64>,
    /// The tap ends by itself after this time; none if it does not.
    pub time_max: Option<Duration>,
    /// How often consumers' backlogs are asked for.
    pub backlog_every: Duration,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// With what is published from now on.
    #[default]
    Now,
    /// With the oldest message that the broker keeps.
    Oldest,
}

impl Default for Options {
    fn default() -> Self {
        Self { start: Start::Now, count_max: None, time_max: None, backlog_every: BACKLOG_EVERY }
    }
}
