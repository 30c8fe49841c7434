//! The way from the receiver to whoever reads the requests: bounded in number and in bytes, never
//! waiting on the side of the sender. It refuses to know how requests come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use plumb_traffic::exchange::Exchange;
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::otlp::wire::Broken;
use plumb_traffic::otlp::{count_json, count_proto, request_json, request_proto};
use plumb_traffic::reading::Reading;

use super::options::{WAITING_BYTES_MAX, WAITING_MAX};
use super::room::{Claim, Room};

/// What a request costs beside its bytes: the structures that hold it.
const FIXED_BYTES: usize = 256;

/// How much may wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most requests; at least one.
    pub count_max: usize,
    /// Most bytes, with those of the request that is being read; one that is alone may have more.
    pub bytes_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { count_max: WAITING_MAX, bytes_max: WAITING_BYTES_MAX }
    }
}

/// The form of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Binary.
    Proto,
    /// Text.
    Json,
}

/// The receiver's end. Clones offer to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: SyncSender<Export>,
    room: Arc<Room>,
    counters: Arc<Counters>,
}

/// The reader's end.
#[derive(Debug)]
pub struct Taking {
    receiver: Receiver<Export>,
}

/// What the reader's end gave within a while.
#[derive(Debug)]
pub enum Next {
    /// A request.
    Export(Export),
    /// None came.
    Nothing,
    /// None will come any more.
    Ended,
}

/// A request that was found whole and answered. It keeps its room in the queue until it is dropped.
#[derive(Debug)]
pub struct Export {
    bytes: Bytes,
    form: Form,
    _claim: Claim,
}

/// What came so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that found room.
    pub requests: u64,
    /// Their spans.
    pub spans: u64,
    /// Spans of requests that found no room.
    pub rejected: u64,
    /// Requests that were refused: broken, too large, of another kind, or not allowed.
    pub refused: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    spans: AtomicU64,
    rejected: AtomicU64,
    refused: AtomicU64,
}

/// A queue without anything in it.
#[must_use]
pub fn bounded(bounds: Bounds) -> (Queue, Taking) {
    // Without any room a sender would wait for its reader.
    let (sender, receiver) = sync_channel(bounds.count_max.max(1));
    let room = Room::new(bounds.bytes_max);
    (Queue { sender, room, counters: Arc::default() }, Taking { receiver })
}

/// Whether a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    Taken,
    /// There was no room for it and these spans.
    Rejected(u64),
}

impl Queue {
    /// Counts the spans of a request, and hands it over if there is room. Never waits.
    ///
    /// # Errors
    /// Where the bytes stop being a request.
    pub(crate) fn offer(&self, bytes: Bytes, form: Form) -> Result<Offered, Broken> {
        let spans = match form {
            Form::Proto => count_proto(&bytes)?,
            Form::Json => count_json(&bytes)?,
        };
        let claim = self.room.enter(bytes.len().saturating_add(FIXED_BYTES));
        let is_taken = claim
            .is_ok_and(|claim| self.sender.try_send(Export { bytes, form, _claim: claim }).is_ok());
        Ok(if is_taken {
            self.counters.requests.fetch_add(1, Relaxed);
            self.counters.spans.fetch_add(spans, Relaxed);
            Offered::Taken
        } else {
            self.counters.rejected.fetch_add(spans, Relaxed);
            Offered::Rejected(spans)
        })
    }

    /// Counts a request that was refused.
    pub(crate) fn refused(&self) {
        self.counters.refused.fetch_add(1, Relaxed);
    }

    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Counters { requests, spans, rejected, refused } = &*self.counters;
        Counts {
            requests: requests.load(Relaxed),
            spans: spans.load(Relaxed),
            rejected: rejected.load(Relaxed),
            refused: refused.load(Relaxed),
        }
    }
}

impl Taking {
    /// The next request, waiting for it no longer than `wait`.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        match self.receiver.recv_timeout(wait) {
            Ok(export) => Next::Export(export),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
        }
    }
}

impl Export {
    /// Reads the request; what is broken in single spans is in the `reading`.
    pub fn read(
        &self,
        calls: &mut Calls,
        sink: &mut dyn FnMut(Exchange<'_>),
        reading: &mut Reading,
    ) {
        let taken = match self.form {
            Form::Proto => request_proto(&self.bytes, calls, sink, reading),
            Form::Json => request_json(&self.bytes, calls, sink, reading),
        };
        // What is broken is in the reading.
        taken.ok();
    }
}
