//! Folding what a tap hands over: behind its queue, and on a thread of its own, so that whatever
//! happens here is not felt by the traffic.

use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::live::{Live, Progress};
use plumb_engine::shelf::ShelfError;
use plumb_tap::captured::Captured;
use plumb_tap::queue::{Next, Taking};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often evidence is written: what a crash loses at most, and seldom enough that the store is
/// not kept busy.
const WRITE_MS: i64 = 5_000;

/// How often to look at what else there is to do: soon enough for a person.
const LOOK_MS: i64 = 250;

/// How long to wait for an exchange before looking.
const WAIT: Duration = Duration::from_millis(LOOK_MS.unsigned_abs());

/// How observing went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tapped {
    /// What became of the exchanges that were folded.
    pub(crate) progress: Progress,
    /// Exchanges that found no room in the queue.
    pub(crate) dropped: u64,
    /// Exchanges that could not be folded, because of a bug.
    pub(crate) left_out: u64,
}

/// What a tap hands over, one after the other.
pub(crate) trait Handing {
    /// What is handed over.
    type Taken;

    /// What comes next, waiting for it no longer than `wait`.
    fn next_within(&mut self, wait: Duration) -> Handed<Self::Taken>;

    /// Folds one.
    fn fold(&mut self, taken: &Self::Taken, live: &mut Live<'_>);
}

/// What came within a while.
#[derive(Debug)]
pub(crate) enum Handed<T> {
    /// This.
    Taken(T),
    /// Nothing to fold.
    Nothing,
    /// Nothing will come any more.
    Ended,
}

impl Handing for Taking {
    type Taken = Box<Captured>;

    fn next_within(&mut self, wait: Duration) -> Handed<Box<Captured>> {
        match Self::next_within(self, wait) {
            Next::Captured(captured) => Handed::Taken(captured),
            Next::Nothing => Handed::Nothing,
            Next::Ended => Handed::Ended,
        }
    }

    fn fold(&mut self, captured: &Box<Captured>, live: &mut Live<'_>) {
        live.observe(&captured.exchange());
    }
}

/// Folds until the tap is gone, and writes again and again. While the file `switch` is there, the
/// tap is switched off.
pub(crate) fn fold_all(
    handing: &mut impl Handing,
    mut live: Live<'_>,
    switch: Option<&Path>,
    off: &AtomicBool,
    terminal: Terminal,
) -> Tapped {
    let bar = terminal.progress("exchanges", 0);
    let mut left_out = 0;
    let mut complained = String::new();
    let (mut written_ms, mut looked_ms) = (now_ms(), 0);
    loop {
        let next = handing.next_within(WAIT);
        if let Handed::Taken(taken) = &next {
            left_out += u64::from(!is_folded(handing, taken, &mut live));
        }
        let has_ended = matches!(next, Handed::Ended);
        let now_ms = now_ms();
        // A clock that was set back must not stop the writing.
        if has_ended || (now_ms - written_ms).abs() >= WRITE_MS {
            tell(terminal, live.write(now_ms), &mut complained);
            written_ms = now_ms;
        }
        let progress = live.progress();
        // Neither the disk nor the terminal is asked for every exchange.
        if (now_ms - looked_ms).abs() >= LOOK_MS {
            off.store(switch.is_some_and(Path::exists), Ordering::Relaxed);
            bar.set_position(progress.written + progress.waiting);
            looked_ms = now_ms;
        }
        if has_ended {
            bar.finish_and_clear();
            return Tapped { progress, dropped: 0, left_out };
        }
    }
}

/// Folds one; a bug on the way costs this one only.
fn is_folded<H: Handing>(handing: &mut H, taken: &H::Taken, live: &mut Live<'_>) -> bool {
    catch_unwind(AssertUnwindSafe(|| handing.fold(taken, live))).is_ok()
}

/// Says what is wrong with the store, once until it changes.
fn tell(terminal: Terminal, written: Result<(), ShelfError>, complained: &mut String) {
    let said = written.err().map(|err| err.to_string()).unwrap_or_default();
    if said != *complained {
        let text = match said.as_str() {
            "" => "evidence is written again\n".to_owned(),
            said => format!("warning: {said}; evidence waits, traffic goes on\n"),
        };
        terminal.complain(&text);
        *complained = said;
    }
}
