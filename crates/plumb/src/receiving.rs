//! Folding what a receiver hands over: behind its queue, and on a thread of its own, so that
//! exporters are answered whatever happens here.

use crate::tapping::{LOOK_MS, WAIT, WRITE_MS, tell};
use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::live::{Live, Progress};
use plumb_tap::otlp::queue::{Counts, Next, Taking};
use plumb_traffic::exchange::Exchange;
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::reading::{Limits, Reading};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How long a span waits for the other side of its call, at least; at most twice as long. Exporters
/// send every five seconds, and again later if they could not.
const TURN_MS: i64 = 30_000;

/// Bytes of spans that wait for the other side of their call, and as much for messages: a tenth of
/// what receiving may use.
const WAITING_BYTES_MAX: usize = 24 * 1024 * 1024;

/// How receiving went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// What became of the exchanges that were folded.
    pub(crate) progress: Progress,
    /// What came, and what found no room.
    pub(crate) counts: Counts,
    /// Requests that could not be read to their end, because of a bug.
    pub(crate) left_out: u64,
    /// What was read, and what was not.
    pub(crate) reading: Reading,
}

/// Spans on their way to exchanges, and the account.
struct Folding<'a> {
    live: Live<'a>,
    calls: Calls,
    received: Received,
}

/// Takes exchanges.
type Sink<'s> = &'s mut dyn FnMut(Exchange<'_>);

/// Folds until the receiver is gone, and writes again and again.
pub(crate) fn fold_all(mut taking: Taking, live: Live<'_>, terminal: Terminal) -> Received {
    let limits = Limits { waiting_bytes_max: WAITING_BYTES_MAX, ..Limits::default() };
    let (calls, received) = (Calls::new(&limits), Received::default());
    let mut folding = Folding { live, calls, received };
    let bar = terminal.progress("exchanges", 0);
    let mut complained = String::new();
    let (mut written_ms, mut turned_ms, mut looked_ms) = (now_ms(), now_ms(), 0);
    loop {
        let next = taking.next_within(WAIT);
        if let Next::Export(export) = &next {
            folding.guarded(|calls, sink, reading| export.read(calls, sink, reading));
        }
        let has_ended = matches!(next, Next::Ended);
        let now_ms = now_ms();
        // A clock that was set back must not stop the work.
        if has_ended {
            folding.guarded(Calls::finish);
        } else if (now_ms - turned_ms).abs() >= TURN_MS {
            folding.guarded(Calls::turn);
            turned_ms = now_ms;
        }
        if has_ended || (now_ms - written_ms).abs() >= WRITE_MS {
            tell(terminal, folding.live.write(now_ms), &mut complained);
            written_ms = now_ms;
        }
        if (now_ms - looked_ms).abs() >= LOOK_MS {
            bar.set_position(folding.received.reading.exchanges);
            looked_ms = now_ms;
        }
        if has_ended {
            bar.finish_and_clear();
            return Received { progress: folding.live.progress(), ..folding.received };
        }
    }
}

impl Folding<'_> {
    /// Works on the spans; a bug on the way costs what is left of this piece of work.
    fn guarded(&mut self, work: impl FnOnce(&mut Calls, Sink<'_>, &mut Reading)) {
        let Self { live, calls, received } = self;
        let reading = &mut received.reading;
        let work = || work(calls, &mut |exchange| live.observe(&exchange), reading);
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            received.left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_engine::keeper::ShelfKeeper;
    use plumb_engine::live::Watch;
    use plumb_traffic::fold::Origin;

    #[test]
    fn a_bug_costs_one_piece_of_work() {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch {
            keeper: Box::new(ShelfKeeper::new(folder.path().into())),
            name: "otlp".to_owned(),
            origin: Origin::default(),
            redaction: Box::leak(Box::default()),
            name_of: &|_| None,
        };
        let (live, calls) = (Live::new(watch).unwrap(), Calls::new(&Limits::default()));
        let mut folding = Folding { live, calls, received: Received::default() };
        folding.guarded(|_, _, _| panic!("a bug"));
        folding.guarded(|_, sink, reading| {
            reading.exchanges += 1;
            sink(Exchange::default());
        });
        assert_eq!((folding.received.left_out, folding.live.progress().waiting), (1, 1));
    }
}
