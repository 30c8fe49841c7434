//! The copy of one exchange while it passes. Each part is put in once, by whoever sees it end; when
//! the last of them lets go, the copy is offered to the queue. Nothing here waits, and a panic here
//! ends the copy and not the exchange. It refuses to know how messages are carried.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};

use crate::captured::{Captured, Ending, Extent, Payload, Side, target};
use crate::fields::Fields;
use crate::queue::Queue;

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
    authority: Option<Box<str>>,
    path: Box<str>,
    version: Version,
    writer_version: Option<Arc<str>>,
    headers: Fields,
    /// This recording's part of the bytes that all hold.
    held_bytes: AtomicUsize,
    seen: Mutex<Seen>,
}

/// What was seen so far beside the request's head: of each the first that is told.
#[derive(Debug, Default)]
struct Seen {
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
pub(crate) struct Passed {
    pub(crate) payload: Payload,
    pub(crate) trailers: Option<Fields>,
}

#[derive(Debug)]
struct Head {
    status: StatusCode,
    headers: Fields,
    latency: Duration,
}

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
    let (authority, path) = target(&request.uri);
    Some(Arc::new(Recording {
        capture: Arc::clone(capture),
        time,
        method: request.method.clone(),
        authority,
        path,
        version: request.version,
        writer_version: version.cloned(),
        headers: Fields::from(&request.headers),
        held_bytes: AtomicUsize::new(0),
        seen: Mutex::default(),
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
        let head = Head { status, headers: headers.into(), latency };
        self.seen().head.get_or_insert(head);
    }

    /// A message passed to its end, or as far as it came.
    pub(crate) fn passed(&self, direction: Direction, passed: Passed) {
        let mut seen = self.seen();
        let slot = match direction {
            Direction::Request => &mut seen.request,
            Direction::Response => &mut seen.response,
        };
        slot.get_or_insert(passed);
    }

    /// The exchange became something else; what follows is not recorded.
    pub(crate) fn became_other(&self) {
        for direction in [Direction::Request, Direction::Response] {
            self.passed(direction, Passed { payload: Payload::NONE, trailers: None });
        }
    }

    /// The exchange ended early. The first reason counts.
    pub(crate) fn ended(&self, ending: Ending) {
        self.seen().ending.get_or_insert(ending);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&mut self) -> Captured {
        let seen = self.seen.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Seen { request, head, response, ending } = std::mem::take(seen);
        let (request, response) = (request.unwrap_or_default(), response.unwrap_or_default());
        let whole = head.is_some() && response.payload.extent != Extent::Broken;
        let fallback = if whole { Ending::Complete } else { Ending::ClientGone };
        let ending = ending.unwrap_or(fallback);
        let (status, latency) = match &head {
            Some(head) => (head.status.as_u16(), Some(head.latency)),
            None => (0, None),
        };
        let headers = std::mem::take(&mut self.headers);
        Captured {
            time: self.time,
            latency,
            scheme: self.capture.scheme,
            method: std::mem::take(&mut self.method),
            authority: self.authority.take(),
            path: std::mem::take(&mut self.path),
            version: self.version,
            writer_version: self.writer_version.take(),
            request: Side { headers, payload: request.payload, trailers: request.trailers },
            status,
            response: Side {
                headers: head.map(|head| head.headers).unwrap_or_default(),
                payload: response.payload,
                trailers: response.trailers,
            },
            ending,
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.capture.held_bytes.fetch_sub(*self.held_bytes.get_mut(), Relaxed);
        if !self.capture.is_off() {
            guarded(|| {
                let captured = self.take();
                self.capture.queue.offer(Box::new(captured));
            });
        }
    }
}

/// Runs a part of the capture so that a panic in it ends there.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Each part is put in whole or not at all, so nothing half-made can be seen afterwards.
    catch_unwind(AssertUnwindSafe(work)).ok()
}
