//! How the tap carries traffic, and the bounds it keeps. The bounds are wide: the tap must not
//! refuse what the upstream would take. It refuses to know where their values come from.

use std::time::Duration;

/// Bytes of the longest payload that is copied. API payloads are mostly far shorter; longer ones
/// pass uncopied.
pub const BODY_BYTES_MAX: usize = 256 * 1_024;

/// Bytes of payloads held for exchanges under way, all together: a small part of what the tap may
/// use. Streams that stay open for hours hold theirs as long.
pub const HELD_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Bytes of a message's head, and of one read. Servers refuse heads beyond 8 to 64 KiB. A head of
/// HTTP/1 has at most 100 lines, as with other proxies: room for more is asked of the allocator.
/// Each connection may have four times this in its buffers, which is most of what a busy tap holds.
pub const HEAD_BYTES_MAX: usize = 64 * 1_024;

/// Client connections at once. Each takes a few tens of kilobytes and two descriptors; more wait
/// in the listener's backlog.
pub const CONNECTIONS_MAX: usize = 4_096;

/// Streams at once on one HTTP/2 connection; what servers commonly allow.
pub const STREAMS_MAX: u32 = 256;

/// How long a client's connection may stay without an exchange. Longer than clients keep theirs
/// (60 to 90 seconds), so that it is they who close, and no request meets a closing connection.
pub const IDLE: Duration = Duration::from_secs(300);

/// How long a client may take for a TLS handshake. A slow phone needs seconds.
pub const HANDSHAKE: Duration = Duration::from_secs(20);

/// How long it may take to reach the upstream, with its TLS handshake.
pub const CONNECT: Duration = Duration::from_secs(10);

/// How long the upstream may take until its response begins. Clients give up long before, and then
/// the tap does; this is for those that never do.
pub const ANSWER: Duration = Duration::from_secs(3_600);

/// How long exchanges may take to finish when the tap closes; orchestrators kill after 30 seconds.
pub const DRAIN: Duration = Duration::from_secs(25);

/// How long a peer may be silent until it is asked whether it is still there. One that vanished
/// would hold its place for ever.
pub(crate) const ALIVE: Duration = Duration::from_secs(60);

/// The smallest bound on a head, and the shortest time, with which anything can be carried.
const HEAD_BYTES_MIN: usize = 8 * 1_024;
const TIME_MIN: Duration = Duration::from_millis(1);

/// How the tap carries traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What the upstream is told it was called.
    pub host: HostHeader,
    /// Bytes of the longest payload that is copied.
    pub body_bytes_max: usize,
    /// Most bytes of payloads held for exchanges under way, all together.
    pub held_bytes_max: usize,
    /// Most bytes of a message's head; at least 8 KiB.
    pub head_bytes_max: usize,
    /// Most client connections at once; at least one.
    pub connections_max: usize,
    /// How long a client's connection may stay without an exchange, which begins once a request's
    /// head is complete: between this and twice this.
    pub idle: Duration,
    /// How long a client may take for a TLS handshake.
    pub handshake: Duration,
    /// How long it may take to reach the upstream.
    pub connect: Duration,
    /// How long the upstream may take until its response begins.
    pub answer: Duration,
    /// How long exchanges may take to finish when the tap closes.
    pub drain: Duration,
}

/// What the upstream is told it was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HostHeader {
    /// What the client called.
    #[default]
    AsSent,
    /// The upstream's own address.
    Upstream,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: HostHeader::AsSent,
            body_bytes_max: BODY_BYTES_MAX,
            held_bytes_max: HELD_BYTES_MAX,
            head_bytes_max: HEAD_BYTES_MAX,
            connections_max: CONNECTIONS_MAX,
            idle: IDLE,
            handshake: HANDSHAKE,
            connect: CONNECT,
            answer: ANSWER,
            drain: DRAIN,
        }
    }
}

impl Options {
    /// The options, with bounds that would carry nothing at all raised to the least that does.
    pub(crate) fn raised(self) -> Self {
        Self {
            head_bytes_max: self.head_bytes_max.max(HEAD_BYTES_MIN),
            connections_max: self.connections_max.max(1),
            idle: self.idle.max(TIME_MIN),
            ..self
        }
    }
}
