//! How far a consumer of a queue, topic or stream is behind, as a broker tells it. It refuses to
//! know any broker, and who asks.

/// How far one consumer was behind at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The stream, topic or queue.
    pub destination: String,
    /// The consumer, group or queue that is behind.
    pub consumer: String,
    /// Messages that it has not been given yet; none if the broker does not tell.
    pub lag: Option<u64>,
    /// Messages that it was given and has not acknowledged; none if the broker does not tell.
    pub unacknowledged: Option<u64>,
    /// Milliseconds since the oldest of both was published, not negative; none if there is none, or
    /// if the broker does not tell.
    pub oldest_age_ms: Option<u64>,
    /// When the broker was asked, in milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
}
