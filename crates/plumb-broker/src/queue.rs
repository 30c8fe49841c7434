//! The way from the broker to whoever reads the copies: bounded in number and in bytes, never
//! waiting on the side of the broker. What finds no room is dropped and counted. It refuses to know
//! what is made of a copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use plumb_traffic::backlog::Backlog;

use crate::note::Note;
use crate::taken::Taken;

/// Messages that may wait: a second of a busy topic; memory is bounded by the bytes.
pub const COUNT_MAX: usize = 8_192;

/// Bytes that may wait, as [`Taken::weight`] tells them.
pub const BYTES_MAX: usize = 24 * 1_024 * 1_024;

/// Room beside the messages for what is told about them, which is little and must not be dropped
/// because messages are many.
const TOLD_MAX: usize = 1_024;

/// What comes out of a queue.
#[derive(Debug)]
pub enum Came {
    /// A message.
    Taken(Box<Taken>),
    /// How far a consumer is behind.
    Backlog(Box<Backlog>),
    /// Something about the tap itself.
    Note(Note),
}

/// The tap's end. Clones offer to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: SyncSender<Waiting>,
    counters: Arc<Counters>,
    bounds: Bounds,
}

/// The reader's end. It ends when every [`Queue`] is gone.
#[derive(Debug)]
pub struct Taking {
    receiver: Receiver<Waiting>,
}

/// How much may wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most messages.
    pub count_max: usize,
    /// Most bytes.
    pub bytes_max: usize,
}

/// What happened to messages at a queue so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages the tap brought.
    pub offered: u64,
    /// Messages that found no room or no reader.
    pub dropped: u64,
}

/// What the reader's end gave within a while.
#[derive(Debug)]
pub enum Next {
    /// Something came.
    Came(Came),
    /// Nothing did.
    Nothing,
    /// Nothing will come any more.
    Ended,
}

#[derive(Debug, Default)]
struct Counters {
    offered: AtomicU64,
    dropped: AtomicU64,
    waiting: AtomicUsize,
    bytes: AtomicUsize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { count_max: COUNT_MAX, bytes_max: BYTES_MAX }
    }
}

/// A queue without anything in it.
#[must_use]
pub fn bounded(bounds: Bounds) -> (Queue, Taking) {
    let (sender, receiver) = sync_channel(bounds.count_max + TOLD_MAX);
    (Queue { sender, counters: Arc::default(), bounds }, Taking { receiver })
}

impl Queue {
    /// Hands a message over if there is room, and drops it otherwise. Never waits.
    pub(crate) fn offer(&self, taken: Taken) {
        let Counters { offered, dropped, waiting, bytes } = &*self.counters;
        offered.fetch_add(1, Relaxed);
        let has_room = waiting.load(Relaxed) < self.bounds.count_max
            && bytes.load(Relaxed) <= self.bounds.bytes_max;
        let weight = taken.weight();
        let came = Came::Taken(Box::new(taken));
        if !has_room || !self.send(came, weight) {
            dropped.fetch_add(1, Relaxed);
        }
    }

    /// Counts messages that were lost on the way here.
    pub(crate) fn lose(&self, count: u64) {
        self.counters.offered.fetch_add(count, Relaxed);
        self.counters.dropped.fetch_add(count, Relaxed);
    }

    /// Hands on what is no message; lost if nobody reads.
    pub(crate) fn tell(&self, came: Came) {
        self.send(came, 0);
    }

    /// Whether at least half of the queue is free: time to ask a broker for more.
    pub(crate) fn has_room(&self) -> bool {
        self.counters.waiting.load(Relaxed) * 2 <= self.bounds.count_max
            && self.counters.bytes.load(Relaxed) * 2 <= self.bounds.bytes_max
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Counters { offered, dropped, .. } = &*self.counters;
        Counts { offered: offered.load(Relaxed), dropped: dropped.load(Relaxed) }
    }

    fn send(&self, came: Came, weight: usize) -> bool {
        let counters = Arc::clone(&self.counters);
        counters.waiting.fetch_add(1, Relaxed);
        counters.bytes.fetch_add(weight, Relaxed);
        self.sender.try_send(Waiting { came: Some(came), weight, counters }).is_ok()
    }
}

impl Taking {
    /// What comes next, waiting for it no longer than `wait`.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        match self.receiver.recv_timeout(wait).map(Waiting::take) {
            Ok(Some(came)) => Next::Came(came),
            Ok(None) | Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
        }
    }
}

/// Something that accounts for itself, however it leaves the queue.
#[derive(Debug)]
struct Waiting {
    came: Option<Came>,
    weight: usize,
    counters: Arc<Counters>,
}

impl Waiting {
    fn take(mut self) -> Option<Came> {
        self.came.take()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // INVARIANT: all that was counted as waiting passes here once.
        self.counters.waiting.fetch_sub(1, Relaxed);
        self.counters.bytes.fetch_sub(self.weight, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer_all(bounds: Bounds, count: u64) -> (Queue, Taking) {
        let (queue, taking) = bounded(bounds);
        (0..count).for_each(|_| queue.offer(Taken::default()));
        (queue, taking)
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let (queue, mut taking) = offer_all(Bounds { count_max: 3, bytes_max: usize::MAX }, 5);
        assert_eq!(queue.counts(), Counts { offered: 5, dropped: 2 });
        queue.tell(Came::Note(Note { what: "told", why: None }));
        let mut taken = 0;
        while let Next::Came(came) = taking.next_within(Duration::ZERO) {
            taken += u64::from(matches!(came, Came::Taken(_)));
        }
        assert_eq!(taken, 3);
        queue.offer(Taken::default());
        assert_eq!(queue.counts(), Counts { offered: 6, dropped: 2 });
        drop(queue);
        assert!(matches!(taking.next_within(Duration::ZERO), Next::Came(_)));
        assert!(matches!(taking.next_within(Duration::ZERO), Next::Ended));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let (queue, _taking) = offer_all(Bounds { count_max: 100, bytes_max: 0 }, 5);
        assert_eq!(queue.counts(), Counts { offered: 5, dropped: 4 });
        assert!(!queue.has_room());
    }

    #[test]
    fn without_a_reader_all_is_dropped() {
        let (queue, taking) = bounded(Bounds::default());
        drop(taking);
        queue.offer(Taken::default());
        assert_eq!(queue.counts(), Counts { offered: 1, dropped: 1 });
        assert!(queue.has_room());
    }
}
