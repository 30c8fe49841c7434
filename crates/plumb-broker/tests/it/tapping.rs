//! A tap that runs beside a test, and what came of it.

use crate::server::{clock, until};
use plumb_broker::attempt::TapError;
use plumb_broker::authority::authority;
use plumb_broker::note::TAPPING;
use plumb_broker::options::Options;
use plumb_broker::queue::{Bounds, Came, Counts, Next, Queue, bounded};
use plumb_broker::run::{Tap, run};
use plumb_broker::shutdown::{Shutdown, shutdown};
use plumb_broker::source::source;
use plumb_broker::taken::{Payload, Taken};
use plumb_traffic::backlog::Backlog;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What came out of the queue so far.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) taken: Vec<Taken>,
    pub(crate) backlogs: Vec<Backlog>,
    pub(crate) notes: Vec<&'static str>,
}

/// A tap that runs.
pub(crate) struct Tapping {
    seen: Arc<Mutex<Seen>>,
    queue: Queue,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), TapError>>,
    reading: JoinHandle<()>,
}

/// What a tap left behind.
pub(crate) struct Ended {
    pub(crate) seen: Seen,
    pub(crate) counts: Counts,
}

/// Options for a test, which does not wait seconds for a backlog.
pub(crate) fn options() -> Options {
    Options { backlog_every: Duration::from_millis(50), ..Options::default() }
}

/// Starts a tap, and waits until it takes every message.
pub(crate) fn tapping(url: &str, options: Options) -> Tapping {
    let tapping = unready(url, options);
    tapping.until("it taps", |seen| seen.notes.contains(&TAPPING));
    tapping
}

/// Starts a tap that trusts an authority, and waits until it takes every message.
pub(crate) fn trusting(url: &str, options: Options, pem: &[u8]) -> Tapping {
    let tapping = start(url, options, Some(pem));
    tapping.until("it taps", |seen| seen.notes.contains(&TAPPING));
    tapping
}

/// Starts a tap.
pub(crate) fn unready(url: &str, options: Options) -> Tapping {
    start(url, options, None)
}

fn start(url: &str, options: Options, pem: Option<&[u8]>) -> Tapping {
    let (queue, mut taking) = bounded(Bounds::default());
    let authority = pem.map(|pem| authority(Some(pem.to_vec())).unwrap());
    let tap = Tap { source: source(url).unwrap(), authority, options, queue: queue.clone(), clock };
    let (shutdown, closing) = shutdown();
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let told = Arc::clone(&seen);
    let reading = std::thread::spawn(move || {
        loop {
            match taking.next_within(Duration::from_millis(5)) {
                Next::Came(Came::Taken(taken)) => told.lock().unwrap().taken.push(*taken),
                Next::Came(Came::Backlog(backlog)) => told.lock().unwrap().backlogs.push(*backlog),
                Next::Came(Came::Note(note)) => told.lock().unwrap().notes.push(note.what),
                Next::Nothing => {}
                Next::Ended => return,
            }
        }
    });
    let running = std::thread::spawn(move || run(tap, closing));
    Tapping { seen, queue, shutdown, running, reading }
}

impl Tapping {
    /// Waits until what was seen is so.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut(&Seen) -> bool) {
        until(what, || is_so(&self.seen.lock().unwrap()) || self.running.is_finished());
        assert!(is_so(&self.seen.lock().unwrap()), "the tap ended before it came: {what}");
    }

    /// Whether what was seen is so.
    pub(crate) fn has(&self, is_so: impl FnOnce(&Seen) -> bool) -> bool {
        is_so(&self.seen.lock().unwrap())
    }

    /// Waits for so many messages.
    #[track_caller]
    pub(crate) fn until_taken(&self, count: usize) {
        self.until("all messages", |seen| seen.taken.len() >= count);
    }

    /// Tells it to end, and waits.
    pub(crate) fn end(self) -> Ended {
        self.shutdown.begin();
        self.ended().unwrap()
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(self) -> Result<Ended, TapError> {
        let ran = self.running.join().unwrap();
        let counts = self.queue.counts();
        drop(self.queue);
        self.reading.join().unwrap();
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        ran.map(|()| Ended { seen, counts })
    }
}

/// The payload of the message with that number.
pub(crate) fn numbered(number: usize) -> String {
    format!("{{\"number\":{number},\"state\":\"open\"}}")
}

/// Whether these are all messages of a producer, each once and in order.
#[track_caller]
pub(crate) fn check_numbered(taken: &[Taken], numbers: std::ops::Range<usize>) {
    let expected: Vec<String> = numbers.map(numbered).collect();
    let found: Vec<String> = taken.iter().map(|taken| text(&taken.payload)).collect();
    assert_eq!(found.len(), expected.len());
    assert!(found == expected, "not in order");
}

fn text(payload: &Payload) -> String {
    match payload {
        Payload::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => format!("{other:?}"),
    }
}
