//! What happens to readers when a change of the schema waits behind somebody who holds the table
//! in an idle transaction: with and without `lock_timeout`.
//!
//! Everything is rolled back. Refuses to know how long real transactions last.

use crate::clock::started;
use crate::link::{Lines, Link, Refusal};
use crate::migration::Placed;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the idle transaction lives.
pub(crate) const IDLE: Duration = Duration::from_millis(1_500);

/// Readers that come and go meanwhile.
const READERS: usize = 2;

/// How long before the change comes, so that readers are known to flow.
const AHEAD: Duration = Duration::from_millis(100);

/// How long after everything let go the readers still read.
const AFTERWARDS: Duration = Duration::from_millis(50);

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// The step, by its number.
    pub step: usize,
    /// The table.
    pub table: String,
    /// How long the idle transaction lived, in microseconds.
    pub idle_us: u64,
    /// The median of reads before anything waited, in microseconds.
    pub read_us: u64,
    /// The longest read with the change waiting as long as it has to, in microseconds.
    pub frozen_us: u64,
    /// The `lock_timeout` of the second try, in microseconds.
    pub lock_timeout_us: u64,
    /// The longest read with it, in microseconds.
    pub frozen_with_timeout_us: u64,
    /// Whether the change had to give up then.
    pub is_given_up: bool,
}

/// One table and one statement in a copy that stands right before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    /// Connections.
    pub(crate) lines: &'a Lines,
    /// The database.
    pub(crate) database: &'a str,
    /// The table, as SQL writes it.
    pub(crate) table: &'a str,
    /// The statement.
    pub(crate) placed: &'a Placed,
}

/// Plays it twice.
pub(crate) fn freeze(stage: Stage<'_>, lock_timeout: Duration) -> Result<Freeze, Refusal> {
    let plain = play(stage, None)?;
    let careful = play(stage, Some(lock_timeout))?;
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    Ok(Freeze {
        step: stage.placed.number,
        table: stage.table.to_owned(),
        idle_us: micros(IDLE),
        read_us: plain.usual_us,
        frozen_us: plain.longest_us,
        lock_timeout_us: micros(lock_timeout),
        frozen_with_timeout_us: careful.longest_us,
        is_given_up: careful.is_given_up,
    })
}

struct Played {
    usual_us: u64,
    longest_us: u64,
    is_given_up: bool,
}

fn play(stage: Stage<'_>, lock_timeout: Option<Duration>) -> Result<Played, Refusal> {
    let connect = || stage.lines.connect(stage.database);
    let read = format!("SELECT 1 FROM {} LIMIT 1", stage.table);
    let (idle, changing) = (connect()?, connect()?);
    let readers: Vec<Link> = (0..READERS).map(|_| connect()).collect::<Result<_, _>>()?;
    let milliseconds = lock_timeout.unwrap_or_default().as_millis();
    changing.run(&format!("SET lock_timeout = {milliseconds}"))?;
    idle.run(&format!("BEGIN; {read}"))?;
    let has_ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reading: Vec<_> =
            readers.iter().map(|reader| scope.spawn(|| reads(reader, &read, &has_ended))).collect();
        std::thread::sleep(AHEAD);
        let change = format!("BEGIN; {}", stage.placed.statement.text);
        let waiting = scope.spawn(move || {
            let ran = changing.run(&change);
            drop(changing.run("ROLLBACK"));
            ran
        });
        std::thread::sleep(IDLE);
        let released = idle.run("ROLLBACK");
        let changed = waiting.join().unwrap_or(Ok(()));
        std::thread::sleep(AFTERWARDS);
        has_ended.store(true, Ordering::Release);
        let mut times: Vec<u64> =
            reading.into_iter().flat_map(|one| one.join().unwrap_or_default()).collect();
        times.sort_unstable();
        released?;
        let is_given_up = match changed {
            Ok(()) => false,
            Err(refused) if refused.sqlstate == "55P03" => true,
            Err(refused) => return Err(refused),
        };
        Ok(Played {
            usual_us: times.get(times.len() / 2).copied().unwrap_or_default(),
            longest_us: times.last().copied().unwrap_or_default(),
            is_given_up,
        })
    })
}

/// How long each read took, in microseconds.
fn reads(reader: &Link, read: &str, has_ended: &AtomicBool) -> Vec<u64> {
    let mut times = Vec::new();
    while !has_ended.load(Ordering::Acquire) {
        let begun = started();
        if reader.run(read).is_err() {
            break;
        }
        times.push(begun.micros());
        // Readers come one after the other, not as fast as they can.
        std::thread::sleep(Duration::from_millis(1));
    }
    times
}
