//! How long a delta takes to become durable, for each engine: five hundred windows of 4 KB, made
//! new at first and then merged into again and again.
//!
//! `cargo bench -p plumb-store`. The server is one of its own, on this machine, and both engines
//! write to the same disk. Every figure is the median of several runs.
#![expect(clippy::print_stdout, reason = "the measured figures are this program's data")]

#[path = "../src/server.rs"]
mod server;

use plumb_store::address::Address;
use plumb_store::store::{Delta, Entry, Filter, MergeRefused, Store, WindowKey};
use plumb_store::{postgres, sqlite};
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

/// Windows that a delta touches.
const WINDOWS: usize = 500;

/// Bytes of one value, those of a usual profile.
const VALUE_BYTES: usize = 4 * 1024;

/// Deltas of which the median is told.
const RUNS: u32 = 31;

/// Writers at once, where there is more than one.
const WRITERS: u32 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("seen.plumb");
    let address = Address::parse(&server::shared().database())?;
    tell("SQLite", &|| Ok(Box::new(sqlite::open(&path)?)))?;
    tell("PostgreSQL", &|| Ok(Box::new(postgres::open(&address)?)))
}

/// Opens a store of the engine.
type Open<'a> = dyn Fn() -> Result<Box<dyn Store>, Box<dyn Error>> + Sync + 'a;

fn tell(engine: &str, open: &Open<'_>) -> Result<(), Box<dyn Error>> {
    let mut store = open()?;
    let mut made = Vec::new();
    for run in 0..RUNS {
        made.push(applied(&mut *store, &delta(run, i32::try_from(run)?)));
    }
    let mut merged = Vec::new();
    for run in RUNS..2 * RUNS {
        merged.push(applied(&mut *store, &delta(run, 0)));
    }
    let started = now();
    let (mut windows, mut bytes) = (0, 0);
    store.windows(&Filter::default(), &mut |window| {
        (windows, bytes) = (windows + 1, bytes + window.value.len());
        Ok(())
    })?;
    let visited = started.elapsed();
    let at_once = at_once(open);
    println!("{engine}: {WINDOWS} windows of {VALUE_BYTES} bytes in a delta");
    let megabytes = bytes / 1_000_000;
    for (what, time) in [
        ("made new", median(made)),
        ("merged into", median(merged)),
        (&format!("merged by each of {WRITERS} at once"), at_once),
        (&format!("{windows} windows visited, {megabytes} MB"), visited),
    ] {
        println!("  {what:34} {:8.1} ms", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

fn applied(store: &mut dyn Store, delta: &Delta<'_>) -> Duration {
    let started = now();
    assert!(store.apply(delta, &newer).is_ok(), "a delta was refused");
    started.elapsed()
}

/// The time of a delta for each of several writers that merge into the same windows.
fn at_once(open: &Open<'_>) -> Duration {
    let writing = |writer: u32| {
        let Ok(mut store) = open() else { return };
        for run in 0..RUNS {
            applied(&mut *store, &delta(1_000 + writer * RUNS + run, 0));
        }
    };
    let started = now();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || writing(writer));
        }
    });
    started.elapsed() / RUNS
}

fn delta(number: u32, day: i32) -> Delta<'static> {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let entries = (0..WINDOWS).map(|window| {
        let key = WindowKey {
            writer: "payments-api".into(),
            reader: "shop".into(),
            operation: format!("GET /{window}/items/{{}}"),
            version: "2026.11.3".into(),
            environment: "production".into(),
            day,
        };
        Entry { key, value: noise(number), last_ms: 0, exchanges: 100 }
    });
    Delta { id, source: "measured", received_ms: 0, entries: entries.collect() }
}

/// Bytes that do not compress, as profiles hardly do.
fn noise(seed: u32) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let words = (0..VALUE_BYTES / 8).map(|_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ (state >> 29)).to_le_bytes()
    });
    words.flatten().collect()
}

/// Values stay as large as they are: what is measured is the store, not the merge.
fn newer(there: &[u8], came: &[u8]) -> Result<Vec<u8>, MergeRefused> {
    Ok(there.max(came).to_vec())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn now() -> Instant {
    Instant::now()
}
