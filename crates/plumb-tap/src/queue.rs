//! The way from the traffic to whoever reads the copies: bounded in bytes, never waiting on the
//! side of the traffic. What finds no room is dropped and counted. Threads write each on a page of
//! its own, so that they do not meet; pages go over when they are full, or when the reader has
//! nothing else. It refuses to know what is made of a copy.

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{available_parallelism, sleep};
use std::time::Duration;

use crate::captured::Captured;
use crate::page::Page;
use crate::record::Record;

/// Bytes that may wait: a tenth of what the tap may use, some thirty large answers, and some
/// thousand small ones.
pub const BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// How long a reader that found nothing leaves the queue alone. Whoever offers to a reader that
/// waits has to wake it, which costs as much as the rest of the copy; this way it happens some
/// hundred times a second at most. Far below the time in which a queue fills.
const GATHERING: Duration = Duration::from_millis(5);

/// Pages that are written on at once. More threads than this share them.
const SEATS_MAX: usize = 16;

/// Empty pages that wait to be used again.
const SPARE_MAX: usize = 2 * SEATS_MAX;

/// How much may wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes, give or take a page for each thread that writes.
    pub bytes_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes_max: BYTES_MAX }
    }
}

/// The traffic's end. Clones offer to the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    shared: Arc<Shared>,
    /// Wakes the reader, and tells it by its end that nobody offers any more.
    bell: SyncSender<()>,
}

/// The reader's end: blocks until an exchange comes, and ends when every [`Queue`] is gone.
#[derive(Debug)]
pub struct Taking {
    shared: Arc<Shared>,
    bell: Receiver<()>,
    page: Arc<Page>,
    /// Exchanges of the page that were taken.
    taken: usize,
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
    /// Bytes of the pages that are not read to their end.
    pub bytes: usize,
}

#[derive(Debug)]
struct Shared {
    seats: Box<[Seat]>,
    pages: Mutex<Pages>,
    /// Bytes of the pages that were handed over and not read to their end.
    bytes: AtomicUsize,
    bytes_max: usize,
    /// The reader waits to be woken.
    is_asleep: AtomicBool,
    read: Read,
}

/// What only the reader changes, apart from what threads that write look at.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Read {
    taken: AtomicU64,
    /// Exchanges that were waiting when it died.
    left: AtomicU64,
}

/// Where threads write, apart from where others do.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Seat(Mutex<Writing>);

#[derive(Debug, Default)]
struct Writing {
    page: Page,
    offered: u64,
    dropped: u64,
    /// There is no reader any more.
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Pages {
    full: VecDeque<Page>,
    spare: Vec<Page>,
}

/// A queue without anything in it.
#[must_use]
pub fn bounded(bounds: Bounds) -> (Queue, Taking) {
    let seats = available_parallelism().map_or(1, usize::from).min(SEATS_MAX);
    let shared = Arc::new(Shared {
        seats: (0..seats).map(|_| Seat::default()).collect(),
        pages: Mutex::default(),
        bytes: AtomicUsize::new(0),
        bytes_max: bounds.bytes_max,
        is_asleep: AtomicBool::new(false),
        read: Read::default(),
    });
    let (ringing, bell) = sync_channel(1);
    let taking = Taking { shared: Arc::clone(&shared), bell, page: Arc::default(), taken: 0 };
    (Queue { shared, bell: ringing }, taking)
}

impl Queue {
    /// Hands an exchange over if there is room, and drops it otherwise. Never waits for the reader.
    pub(crate) fn offer(&self, record: Record, text: &[u8]) {
        let shared = &*self.shared;
        let mut writing = shared.seats[seat(shared.seats.len())].writing();
        writing.offered += 1;
        let room = shared.bytes_max.saturating_sub(shared.bytes.load(Relaxed));
        if writing.is_closed || !writing.page.add(record, text, room) {
            writing.dropped += 1;
            return;
        }
        if writing.page.is_full() {
            shared.hand_over(&mut writing.page);
        }
        drop(writing);
        // INVARIANT: a reader that did not find this says that it sleeps before it looks again, at
        // this seat too. One that was woken already need not be.
        if shared.is_asleep.load(Relaxed) && shared.is_asleep.swap(false, Relaxed) {
            // One that is full rings already.
            self.bell.try_send(()).ok();
        }
    }

    /// Whether more than half of the room is taken. Payloads are left out from here on, so that
    /// heads still find room: under load payloads are a sample, and exchanges are not.
    pub(crate) fn is_filling(&self) -> bool {
        self.shared.bytes.load(Relaxed) > self.shared.bytes_max / 2
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let Shared { seats, bytes, read, .. } = &*self.shared;
        let mut counts = Counts { bytes: bytes.load(Relaxed), ..Counts::default() };
        for seat in seats {
            let writing = seat.writing();
            counts.offered += writing.offered;
            counts.dropped += writing.dropped;
            counts.bytes += writing.page.weight();
        }
        counts.taken = read.taken.load(Relaxed);
        counts.dropped += read.left.load(Relaxed);
        counts.waiting = counts.offered.saturating_sub(counts.taken + counts.dropped);
        counts
    }
}

/// The seat of this thread.
fn seat(seats: usize) -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: Cell<usize> = Cell::new(THREADS.fetch_add(1, Relaxed)));
    NUMBER.get() % seats
}

impl Seat {
    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a page that was written on, and leaves an empty one.
    fn hand_over(&self, page: &mut Page) {
        self.bytes.fetch_add(page.weight(), Relaxed);
        let mut pages = self.pages();
        let empty = pages.spare.pop().unwrap_or_default();
        pages.full.push_back(mem::replace(page, empty));
    }

    /// Takes what was written at all seats.
    fn collect(&self) {
        for seat in &self.seats {
            let mut writing = seat.writing();
            if writing.page.count() > 0 {
                self.hand_over(&mut writing.page);
            }
        }
    }

    fn give_back(&self, page: Page) {
        let page = page.emptied();
        let mut pages = self.pages();
        if pages.spare.len() < SPARE_MAX {
            pages.spare.push(page);
        }
    }
}

/// What the reader's end gave within a while.
#[derive(Debug)]
pub enum Next {
    /// An exchange.
    Captured(Captured),
    /// None came.
    Nothing,
    /// None will come any more.
    Ended,
}

impl Taking {
    /// The next exchange, waiting for it no longer than `wait`, give or take a few milliseconds.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        if let Some(captured) = self.waiting() {
            return Next::Captured(captured);
        }
        sleep(GATHERING);
        self.shared.is_asleep.store(true, Relaxed);
        let mut found = self.waiting();
        let mut has_ended = false;
        if found.is_none() {
            has_ended = self.bell.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected);
            found = self.waiting();
        }
        self.shared.is_asleep.store(false, Relaxed);
        match found {
            Some(captured) => Next::Captured(captured),
            None if has_ended => Next::Ended,
            None => Next::Nothing,
        }
    }

    /// The next exchange of those that are there.
    fn waiting(&mut self) -> Option<Captured> {
        if self.taken == self.page.count() {
            self.turn();
        }
        let captured = Captured::on(&self.page, self.taken)?;
        self.taken += 1;
        self.shared.read.taken.fetch_add(1, Relaxed);
        Some(captured)
    }

    /// Goes on to the next page, if there is one.
    fn turn(&mut self) {
        let mut next = self.shared.pages().full.pop_front();
        if next.is_none() {
            self.shared.collect();
            next = self.shared.pages().full.pop_front();
        }
        let read = mem::replace(&mut self.page, Arc::new(next.unwrap_or_default()));
        self.taken = 0;
        self.shared.bytes.fetch_sub(read.weight(), Relaxed);
        // Whoever still holds on to an exchange keeps the page.
        if let Some(page) = Arc::into_inner(read).filter(|page| page.count() > 0) {
            self.shared.give_back(page);
        }
    }
}

impl Iterator for Taking {
    type Item = Captured;

    fn next(&mut self) -> Option<Captured> {
        loop {
            match self.next_within(Duration::MAX) {
                Next::Captured(captured) => return Some(captured),
                Next::Nothing => {}
                Next::Ended => return None,
            }
        }
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        // INVARIANT: nothing is written at a seat that is closed, so this collects the last of it.
        self.shared.seats.iter().for_each(|seat| seat.writing().is_closed = true);
        self.shared.collect();
        let waiting = mem::take(&mut self.shared.pages().full);
        let bytes = waiting.iter().map(Page::weight).sum::<usize>() + self.page.weight();
        let count = waiting.iter().map(Page::count).sum::<usize>() + self.page.count() - self.taken;
        self.shared.bytes.fetch_sub(bytes, Relaxed);
        self.shared.read.left.fetch_add(count as u64, Relaxed);
    }
}

#[cfg(test)]
mod tests;
