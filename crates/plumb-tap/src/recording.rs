//! The copy of one exchange while it passes. Each part is put in once, by whoever sees it end; when
//! the last of them lets go, the copy is offered to the queue. Nothing here waits, and a panic here
//! ends the copy and not the exchange. It refuses to know how messages are carried.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode, Version};

use crate::fields;
use crate::keeping::Kept;
use crate::queue::Queue;
use crate::record::{Ending, Extent, Half, Record, Span};

/// What all recordings of a tap share.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) queue: Queue,
    /// Since 1970-01-01T00:00Z.
    pub(crate) clock: fn() -> Duration,
    /// Set: nothing is copied any more.
    pub(crate) off: Arc<AtomicBool>,
    pub(crate) body_bytes_max: usize,
    /// Bytes of payloads that all recordings may hold together.
    pub(crate) held_bytes_max: usize,
    pub(crate) held_bytes: AtomicUsize,
    pub(crate) scheme: &'static str,
}

/// One exchange, growing.
#[derive(Debug)]
pub(crate) struct Recording {
    capture: Arc<Capture>,
    time: Duration,
    method: Method,
    authority: Option<Span>,
    path: Span,
    version: Version,
    writer_version: Option<Arc<str>>,
    headers: Span,
    /// This recording's part of the bytes that all hold.
    held_bytes: AtomicUsize,
    seen: Mutex<Seen>,
}

/// What was seen so far beside the request's head: of each the first that is told.
#[derive(Debug, Default)]
struct Seen {
    /// What is text of all of it.
    text: Vec<u8>,
    request: Option<Passed>,
    head: Option<Head>,
    response: Option<Passed>,
    ending: Option<Ending>,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// What follows a message's head.
#[derive(Debug, Default)]
struct Passed {
    kept: Kept,
    trailers: Option<Span>,
}

#[derive(Debug)]
struct Head {
    status: StatusCode,
    headers: Span,
    latency: Duration,
}

/// Bytes that the heads and a short payload of an exchange mostly fit into.
const TEXT_BYTES: usize = 1_024;

/// Begins to record, unless copying is switched off.
/// The version that is known to answer is told with it.
pub(crate) fn begin(
    capture: &Arc<Capture>,
    request: &Parts,
    version: Option<&Arc<str>>,
) -> Option<Arc<Recording>> {
    if capture.is_off() {
        return None;
    }
    let time = guarded(capture.clock)?;
    let mut text = Vec::with_capacity(TEXT_BYTES);
    let mut put = |part: &str| Span::of(&mut text, |text| text.extend_from_slice(part.as_bytes()));
    let authority = request.uri.authority().map(|authority| put(authority.as_str()));
    let path = put(request.uri.path_and_query().map_or("", PathAndQuery::as_str));
    let headers = Span::of(&mut text, |text| fields::write(&request.headers, text));
    Some(Arc::new(Recording {
        capture: Arc::clone(capture),
        time,
        method: request.method.clone(),
        authority,
        path,
        version: request.version,
        writer_version: version.cloned(),
        headers,
        held_bytes: AtomicUsize::new(0),
        seen: Mutex::new(Seen { text, ..Seen::default() }),
    }))
}

impl Capture {
    pub(crate) fn is_off(&self) -> bool {
        self.off.load(Relaxed)
    }
}

impl Recording {
    pub(crate) fn capture(&self) -> &Capture {
        &self.capture
    }

    /// Asks to hold more bytes. The bound is common to all recordings: where it is reached,
    /// payloads are cut, and heads are still recorded.
    pub(crate) fn claim(&self, bytes: usize) -> bool {
        let capture = &self.capture;
        let held = capture.held_bytes.fetch_add(bytes, Relaxed);
        if held.saturating_add(bytes) > capture.held_bytes_max {
            capture.held_bytes.fetch_sub(bytes, Relaxed);
            return false;
        }
        self.held_bytes.fetch_add(bytes, Relaxed);
        true
    }

    /// The upstream's response began.
    pub(crate) fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        let Some(now) = guarded(self.capture.clock) else { return };
        let latency = now.saturating_sub(self.time);
        let Seen { text, head, .. } = &mut *self.seen();
        head.get_or_insert_with(|| {
            let headers = Span::of(text, |text| fields::write(headers, text));
            Head { status, headers, latency }
        });
    }

    /// A message passed to its end, or as far as it came.
    pub(crate) fn passed(&self, direction: Direction, kept: Kept, trailers: Option<&HeaderMap>) {
        let Seen { text, request, response, .. } = &mut *self.seen();
        let slot = match direction {
            Direction::Request => request,
            Direction::Response => response,
        };
        slot.get_or_insert_with(|| {
            let write = |trailers| Span::of(text, |text| fields::write(trailers, text));
            Passed { kept, trailers: trailers.map(write) }
        });
    }

    /// The exchange became something else; what follows is not recorded.
    pub(crate) fn became_other(&self) {
        for direction in [Direction::Request, Direction::Response] {
            self.passed(direction, Kept::NONE, None);
        }
    }

    /// The exchange ended early. The first reason counts.
    pub(crate) fn ended(&self, ending: Ending) {
        self.seen().ending.get_or_insert(ending);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept, and the text that goes with it.
    fn take(&mut self) -> (Record, Vec<u8>) {
        let seen = self.seen.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Seen { mut text, request, head, response, ending } = std::mem::take(seen);
        let (request, response) = (request.unwrap_or_default(), response.unwrap_or_default());
        let whole = head.is_some() && response.kept.extent() != Extent::Broken;
        let fallback = if whole { Ending::Complete } else { Ending::ClientGone };
        let (status, headers, latency) = match head {
            Some(head) => (head.status.as_u16(), head.headers, Some(head.latency)),
            None => (0, Span::default(), None),
        };
        let mut half = |headers, Passed { kept, trailers }| Half {
            headers,
            payload: kept.written(&mut text),
            trailers,
        };
        let record = Record {
            time: self.time,
            latency,
            scheme: self.capture.scheme,
            method: std::mem::take(&mut self.method),
            version: self.version,
            authority: self.authority,
            path: self.path,
            request: half(self.headers, request),
            status,
            response: half(headers, response),
            writer_version: self.writer_version.take(),
            ending: ending.unwrap_or(fallback),
        };
        (record, text)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.capture.held_bytes.fetch_sub(*self.held_bytes.get_mut(), Relaxed);
        if !self.capture.is_off() {
            guarded(|| {
                let (record, text) = self.take();
                self.capture.queue.offer(record, &text);
            });
        }
    }
}

/// Runs a part of the capture so that a panic in it ends there.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Each part is put in whole or not at all, so nothing half-made can be seen afterwards.
    catch_unwind(AssertUnwindSafe(work)).ok()
}
