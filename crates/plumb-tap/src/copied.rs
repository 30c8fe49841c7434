//! A payload on its way through, passed on frame by frame as it comes, with a copy left behind.
//! Errors pass too: what breaks on one side breaks on the other. It refuses to know what the copy
//! is for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::gate::Gate;
use crate::keeping::{Keeping, Kept};
use crate::record::Ending;
use crate::recording::{Direction, Recording};

/// A payload that passes.
#[derive(Debug)]
pub(crate) struct Copied {
    passing: Incoming,
    copying: Option<Copying>,
    /// Things that count as in use until the payload has passed.
    pub(crate) holds: [Option<Arc<()>>; 2],
    /// Holds the payload back until it opens.
    pub(crate) gate: Option<Gate>,
}

#[derive(Debug)]
struct Copying {
    recording: Arc<Recording>,
    direction: Direction,
    keeping: Keeping,
    /// Bytes still to come, if that is known.
    remaining: Option<u64>,
}

impl Copied {
    pub(crate) fn new(
        passing: Incoming,
        recording: Option<Arc<Recording>>,
        direction: Direction,
    ) -> Self {
        let remaining = passing.size_hint().exact();
        let copying = recording.map(|recording| {
            let keeping = Keeping::up_to(room(&recording, remaining));
            Copying { recording, direction, keeping, remaining }
        });
        Self { passing, copying, holds: [None, None], gate: None }
    }

    fn copy(&mut self, frame: &Frame<Bytes>) {
        let Some(copying) = &mut self.copying else { return };
        if copying.recording.capture().is_off() {
            self.copying = None;
        } else if let Some(data) = frame.data_ref() {
            if copying.recording.claim(data.len().min(copying.keeping.room())) {
                copying.keeping.keep(data, copying.remaining);
            } else {
                copying.keeping.cut();
            }
            let length = data.len() as u64;
            copying.remaining = copying.remaining.map(|bytes| bytes.saturating_sub(length));
        } else if let Some(trailers) = frame.trailers_ref() {
            self.settle(Keeping::ended, Some(trailers));
        }
    }

    fn settle(&mut self, end: fn(Keeping) -> Kept, trailers: Option<&HeaderMap>) {
        if let Some(Copying { recording, direction, keeping, .. }) = self.copying.take() {
            recording.passed(direction, end(keeping), trailers);
        }
    }

    fn broke(&mut self, ending: Ending) {
        if let Some(copying) = &self.copying {
            copying.recording.ended(ending);
        }
        self.settle(Keeping::broken, None);
    }
}

/// Bytes of a payload that may be kept: none of one that is known to be too long, or while those
/// kept before wait to be read.
fn room(recording: &Recording, announced: Option<u64>) -> usize {
    let capture = recording.capture();
    let bytes_max = capture.body_bytes_max;
    let is_too_long = announced.is_some_and(|bytes| bytes > bytes_max as u64);
    if is_too_long || capture.queue.is_filling() { 0 } else { bytes_max }
}

impl Body for Copied {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(gate) = &mut self.gate {
            ready!(gate.poll_open(context));
            self.gate = None;
        }
        let polled = ready!(Pin::new(&mut self.passing).poll_frame(context));
        match (&polled, self.copying.as_ref().map(|copying| copying.direction)) {
            (_, None) => {}
            (Some(Ok(frame)), _) => self.copy(frame),
            (Some(Err(_)), Some(Direction::Request)) => self.broke(Ending::ClientGone),
            (Some(Err(_)), Some(Direction::Response)) => self.broke(Ending::UpstreamFailed),
            (None, _) => self.settle(Keeping::ended, None),
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.passing.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.passing.size_hint()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // Who has all that was announced does not ask whether there is more.
        let ended = self.passing.is_end_stream()
            || self.copying.as_ref().is_some_and(|copying| copying.remaining == Some(0));
        match self.copying.as_ref().map(|copying| copying.direction) {
            None => {}
            Some(_) if ended => self.settle(Keeping::ended, None),
            // The upstream need not read a request to its end; how the response ends decides.
            Some(Direction::Request) => self.settle(Keeping::broken, None),
            Some(Direction::Response) => self.broke(Ending::ClientGone),
        }
    }
}
