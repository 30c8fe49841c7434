//! The way from the traffic to whoever reads the copies: bounded in number and in bytes, never
//! waiting on the side of the traffic. What finds no room is dropped and counted. It refuses to
//! know what is made of a copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::sleep;
use std::time::Duration;

use crate::captured::Captured;

/// Exchanges that may wait. A second of a busy service; memory is bounded by the bytes.
pub const COUNT_MAX: usize = 8_192;

/// Bytes that may wait, as [`Captured::weight`] tells them: a tenth of what the tap may use, and
/// some thirty large answers.
pub const BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// How long a reader that found nothing leaves the queue alone. Whoever offers to a reader that
/// waits has to wake it, which costs as much as the rest of the copy; this way it happens some
/// hundred times a second at most. Far below the time in which a queue fills.
const GATHERING: Duration = Duration::from_millis(5);

/// How much may wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most exchanges; at least one.
    pub count_max: usize,
    /// Most bytes.
    pub bytes_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { count_max: COUNT_MAX, bytes_max: BYTES_MAX }
    }
}

/// The traffic's end. Clones offer to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: SyncSender<Waiting>,
    counters: Arc<Counters>,
    bytes_max: usize,
}

/// The reader's end: blocks until an exchange comes, and ends when every [`Queue`] is gone.
#[derive(Debug)]
pub struct Taking {
    receiver: Receiver<Waiting>,
}

/// What happened at a queue so far. Whenever nothing is just being offered or taken,
/// `offered = taken + dropped + waiting`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Exchanges the traffic brought.
    pub offered: u64,
    /// Exchanges the reader took.
    pub taken: u64,
    /// Exchanges that found no room or no reader.
    pub dropped: u64,
    /// Exchanges in the queue.
    pub waiting: u64,
    /// Their bytes.
    pub bytes: usize,
}

#[derive(Debug, Default)]
struct Counters {
    offered: AtomicU64,
    taken: AtomicU64,
    dropped: AtomicU64,
    waiting: AtomicU64,
    bytes: AtomicUsize,
}

/// A queue without anything in it.
#[must_use]
pub fn bounded(bounds: Bounds) -> (Queue, Taking) {
    // Without any room a sender would wait for its reader.
    let (sender, receiver) = sync_channel(bounds.count_max.max(1));
    let queue = Queue { sender, counters: Arc::default(), bytes_max: bounds.bytes_max };
    (queue, Taking { receiver })
}

impl Queue {
    /// Hands an exchange over if there is room, and drops it otherwise. Never waits.
    pub fn offer(&self, captured: Box<Captured>) {
        self.counters.offered.fetch_add(1, Relaxed);
        let waiting = Waiting::new(captured, &self.counters);
        if self.counters.bytes.load(Relaxed) <= self.bytes_max {
            // What comes back is dropped here, and counts itself.
            drop(self.sender.try_send(waiting));
        }
    }

    /// Whether more than half of the room is taken. Payloads are left out from here on, so that
    /// heads still find room: under load payloads are a sample, and exchanges are not.
    pub(crate) fn is_filling(&self) -> bool {
        self.counters.bytes.load(Relaxed) > self.bytes_max / 2
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Counters { offered, taken, dropped, waiting, bytes } = &*self.counters;
        Counts {
            offered: offered.load(Relaxed),
            taken: taken.load(Relaxed),
            dropped: dropped.load(Relaxed),
            waiting: waiting.load(Relaxed),
            bytes: bytes.load(Relaxed),
        }
    }
}

/// What the reader's end gave within a while.
#[derive(Debug)]
pub enum Next {
    /// An exchange.
    Captured(Box<Captured>),
    /// None came.
    Nothing,
    /// None will come any more.
    Ended,
}

impl Taking {
    /// The next exchange, waiting for it no longer than `wait`, give or take a few milliseconds.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        let waiting = self.gathered().or_else(|_| self.receiver.recv_timeout(wait));
        match waiting.map(Waiting::take) {
            Ok(Some(captured)) => Next::Captured(captured),
            Ok(None) | Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
        }
    }

    /// An exchange that is there already. If there is none, some time for others to come.
    fn gathered(&self) -> Result<Waiting, TryRecvError> {
        self.receiver.try_recv().inspect_err(|_| sleep(GATHERING))
    }
}

impl Iterator for Taking {
    type Item = Box<Captured>;

    fn next(&mut self) -> Option<Box<Captured>> {
        let waiting = self.gathered().or_else(|_| self.receiver.recv());
        waiting.ok().and_then(Waiting::take)
    }
}

/// An exchange that accounts for itself, however it leaves the queue: taken, refused, or lost with
/// a reader that died.
#[derive(Debug)]
struct Waiting {
    captured: Option<Box<Captured>>,
    weight: usize,
    counters: Arc<Counters>,
}

impl Waiting {
    fn new(captured: Box<Captured>, counters: &Arc<Counters>) -> Self {
        let weight = captured.weight();
        counters.waiting.fetch_add(1, Relaxed);
        counters.bytes.fetch_add(weight, Relaxed);
        Self { captured: Some(captured), weight, counters: Arc::clone(counters) }
    }

    fn take(mut self) -> Option<Box<Captured>> {
        self.captured.take()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // INVARIANT: every exchange that was counted as waiting passes here once.
        self.counters.waiting.fetch_sub(1, Relaxed);
        self.counters.bytes.fetch_sub(self.weight, Relaxed);
        let left =
            if self.captured.is_none() { &self.counters.taken } else { &self.counters.dropped };
        left.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests;
