//! How much a receiver takes, and for how long it waits. All bounds together keep a process that
//! receives below 256 MB. It refuses to know where their values come from.

use std::time::Duration;

use crate::options::{DRAIN, HANDSHAKE, IDLE};

/// Bytes of one request once decompressed; what the protocol suggests.
pub const REQUEST_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Bytes of requests that arrive, all together: the longest there may be, beside its compressed
/// form and a little.
pub const ARRIVING_BYTES_MAX: usize = 72 * 1_024 * 1_024;

/// Bytes of requests that wait to be read, and of the one that is: some tenths of a second of what
/// can be read at all.
pub const WAITING_BYTES_MAX: usize = 24 * 1_024 * 1_024;

/// Requests that wait. Small ones cost more than their bytes.
pub const WAITING_MAX: usize = 8_192;

/// Connections at once. An exporter keeps one or two; each may hold a read of 64 KiB. More wait in
/// the listener's backlog.
pub const CONNECTIONS_MAX: usize = 512;

/// Bytes of a request's head, and of one read.
pub(crate) const READ_BYTES_MAX: usize = 64 * 1_024;

/// Bytes that HTTP/2 clients send ahead: two full reads, enough for a fast link.
pub(crate) const WINDOW_BYTES: u32 = 128 * 1_024;

/// Streams at once on one HTTP/2 connection. A collector sends a few tens of requests at once.
pub(crate) const STREAMS_MAX: u32 = 64;

/// How long a request may take to arrive. Exporters give up after ten seconds.
pub const ARRIVAL: Duration = Duration::from_secs(30);

/// How much a receiver takes, and for how long it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Most bytes of one request, once decompressed.
    pub request_bytes_max: usize,
    /// Most bytes of all requests that arrive.
    pub arriving_bytes_max: usize,
    /// Most connections at once; at least one for each listener.
    pub connections_max: usize,
    /// How long a connection may stay without a request: for HTTP/1 until the next request's head
    /// is complete, for HTTP/2 between this and twice this.
    pub idle: Duration,
    /// How long a client may take for a TLS handshake.
    pub handshake: Duration,
    /// How long a request may take to arrive.
    pub arrival: Duration,
    /// How long requests may take to finish when the receiver closes.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            request_bytes_max: REQUEST_BYTES_MAX,
            arriving_bytes_max: ARRIVING_BYTES_MAX,
            connections_max: CONNECTIONS_MAX,
            idle: IDLE,
            handshake: HANDSHAKE,
            arrival: ARRIVAL,
            drain: DRAIN,
        }
    }
}
