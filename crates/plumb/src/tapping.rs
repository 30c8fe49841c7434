//! Folding what a tap hands over: behind its queue, and on a thread of its own, so that whatever
//! happens here is not felt by the traffic.

use crate::priority::stand_back;
use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::keeper::KeepError;
use plumb_engine::live::{Live, Progress};
use plumb_tap::captured::Captured;
use plumb_tap::queue::{Next, Taking};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often evidence is written: what a crash loses at most, and seldom enough that the store is
/// not kept busy.
pub(crate) const WRITE_MS: i64 = 5_000;

/// How often to look at what else there is to do: soon enough for a person.
pub(crate) const LOOK_MS: i64 = 250;

/// How long to wait for an exchange before looking.
pub(crate) const WAIT: Duration = Duration::from_millis(LOOK_MS.unsigned_abs());

/// How observing went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tapped {
    /// What became of the exchanges that were folded.
    pub(crate) progress: Progress,
    /// Exchanges that found no room in the queue.
    pub(crate) dropped: u64,
    /// Exchanges that could not be folded, because of a bug.
    pub(crate) left_out: u64,
    /// Connections through TLS whose inside was not seen.
    pub(crate) tunnels: u64,
    /// Calls of gRPC whose bodies no schema could read.
    pub(crate) calls_without_schema: u64,
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
    type Taken = Captured;

    fn next_within(&mut self, wait: Duration) -> Handed<Captured> {
        match Self::next_within(self, wait) {
            Next::Captured(captured) => Handed::Taken(captured),
            Next::Nothing => Handed::Nothing,
            Next::Ended => Handed::Ended,
        }
    }

    fn fold(&mut self, captured: &Captured, live: &mut Live<'_>) {
        live.observe(&captured.exchange());
    }
}

/// Folds until the tap is gone, and writes again and again. While the file `switch` is there, the
/// tap is switched off. The calling thread stands back behind those that carry traffic.
pub(crate) fn fold_all(
    handing: &mut impl Handing,
    mut live: Live<'_>,
    switch: Option<&Path>,
    off: &AtomicBool,
    terminal: Terminal,
) -> Tapped {
    stand_back();
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
            return Tapped { progress, left_out, ..Tapped::default() };
        }
    }
}

/// Folds one; a bug on the way costs this one only.
fn is_folded<H: Handing>(handing: &mut H, taken: &H::Taken, live: &mut Live<'_>) -> bool {
    catch_unwind(AssertUnwindSafe(|| handing.fold(taken, live))).is_ok()
}

/// Says what is wrong with the store, once until it changes.
pub(crate) fn tell(terminal: Terminal, written: Result<(), KeepError>, complained: &mut String) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use crate::terminal::terminal;
    use clap::Parser as _;
    use plumb_engine::clock::since_epoch;
    use plumb_engine::keeper::ShelfKeeper;
    use plumb_engine::live::Watch;
    use plumb_tap::options::Options;
    use plumb_tap::proxy::Tap;
    use plumb_tap::queue::{Bounds, bounded};
    use plumb_tap::run::run;
    use plumb_tap::shutdown::shutdown;
    use plumb_tap::upstream::{Protocol, upstream};
    use plumb_traffic::fold::Origin;
    use plumb_traffic::redact::Redaction;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::thread;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

    /// Answers every connection once.
    fn provider() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                drop(stream.read(&mut [0; 4_096]));
                stream.write_all(ANSWER).unwrap();
            }
        });
        format!("http://{address}")
    }

    #[test]
    fn folding_that_panics_costs_evidence_and_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (queue, mut taking) = bounded(Bounds::default());
        let tap = Tap {
            upstream: upstream(&provider(), Protocol::Http1, None).unwrap(),
            second: None,
            tls: None,
            options: Options::default(),
            queue,
            off: Arc::default(),
            clock: since_epoch,
        };
        let (open, closing) = shutdown();
        let running = thread::spawn(move || run(listener, tap, closing).unwrap());
        let asking = thread::spawn(move || {
            for number in 0..20 {
                let host = if number % 2 == 0 { "calm.test" } else { "panic.test" };
                let mut stream = TcpStream::connect(address).unwrap();
                let request =
                    format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert!(answer.ends_with("{}"), "{answer}");
            }
            open.begin();
        });
        let redaction = Redaction::default();
        let live = Live::new(Watch {
            keeper: Box::new(ShelfKeeper::new(folder.path().into())),
            name: "test".to_owned(),
            origin: Origin::default(),
            redaction: &redaction,
            name_of: &|host| {
                assert_ne!(host, "panic.test");
                None
            },
        });
        let quiet = terminal(&Arguments::parse_from(["plumb", "init", "-q"]).global);
        let off = AtomicBool::new(false);
        let tapped = fold_all(&mut taking, live.unwrap(), None, &off, quiet);
        asking.join().unwrap();
        running.join().unwrap();
        assert_eq!((tapped.left_out, tapped.progress.written), (10, 10));
    }
}
