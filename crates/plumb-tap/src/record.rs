//! What is kept of one exchange: what is small and fixed, and places in a text that goes with it.
//! It refuses to know how the copy was made, and where the text is.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Version};

/// One exchange as it passed.
#[derive(Debug)]
pub(crate) struct Record {
    /// When the request's head had arrived, since 1970-01-01T00:00Z.
    pub(crate) time: Duration,
    /// From the request's head to the response's head; none if there was no response.
    pub(crate) latency: Option<Duration>,
    /// `http` or `https`, as the client spoke to the tap.
    pub(crate) scheme: &'static str,
    /// The method as sent.
    pub(crate) method: Method,
    /// The protocol between client and tap.
    pub(crate) version: Version,
    /// The host that the target names, if it is a whole address (HTTP/2, absolute form).
    pub(crate) authority: Option<Span>,
    /// The target's path as sent, with its query.
    pub(crate) path: Span,
    /// What the client sent.
    pub(crate) request: Half,
    /// The status of the upstream's response; 0 if there was none, also when the tap answered in
    /// its stead.
    pub(crate) status: u16,
    /// What the upstream sent.
    pub(crate) response: Half,
    /// The version of whoever answered, where the tap chose it.
    pub(crate) writer_version: Option<Arc<str>>,
    /// How it ended.
    pub(crate) ending: Ending,
}

/// One direction of an exchange.
#[derive(Debug, Default)]
pub(crate) struct Half {
    /// Headers as they came, before anything that concerns one connection only was taken out.
    pub(crate) headers: Span,
    /// The payload, as far as it was kept.
    pub(crate) payload: Payload,
    /// What came after the payload.
    pub(crate) trailers: Option<Span>,
}

/// A payload, with content encoding and without transfer encoding.
#[derive(Debug, Default)]
pub(crate) struct Payload {
    /// One that is short enough to be copied twice.
    pub(crate) short: Span,
    /// One that is not, in order; where a piece ends means nothing.
    pub(crate) pieces: Vec<Vec<u8>>,
    /// How much of it this is.
    pub(crate) extent: Extent,
}

/// How much of a payload was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// None: it was longer than the tap keeps, or there was no room for it.
    Cut,
    /// It ended early, or never came.
    #[default]
    Broken,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The response was delivered to its end.
    Complete,
    /// The client went away, or the tap closed while the exchange was under way.
    ClientGone,
    /// The upstream could not be reached, or broke off.
    UpstreamFailed,
    /// The upstream took too long to answer.
    TimedOut,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    begin: u32,
    end: u32,
}

impl Span {
    /// Where the text holds what `write` puts behind it.
    pub(crate) fn of(text: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let begin = place(text.len());
        write(text);
        Self { begin, end: place(text.len()) }
    }

    /// What stands there.
    pub(crate) fn within(self, text: &[u8]) -> &[u8] {
        let ends = usize::try_from(self.begin).ok().zip(usize::try_from(self.end).ok());
        ends.and_then(|(begin, end)| text.get(begin..end)).unwrap_or_default()
    }
}

fn place(len: usize) -> u32 {
    // INVARIANT: heads and short payloads are shorter than that by far; what were longer would
    // stand nowhere.
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Payload {
    /// Bytes of it that are not in the text.
    pub(crate) fn bytes_beside(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }
}
