//! How long it takes to weigh the claims of a folder against evidence: reading the claims, loading
//! the evidence, judging, and all three.
//!
//! `cargo bench -p plumb-engine --bench gap -- FOLDER HAR` names the folder with the claims and the
//! traffic to put on an empty shelf first; without them there is nothing to measure. `cargo xtask
//! corpus` writes both. Every figure is the median of several runs.
#![expect(clippy::print_stdout, reason = "the measured figures are this program's data")]

use plumb_engine::judge::{Scope, evidence, judge};
use plumb_engine::observe::{Observe, observe};
use plumb_engine::scan::{Scan, scan};
use plumb_engine::shelf::{self, Shelf};
use plumb_gap::policy::Policy;
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

/// Runs of which the median is told.
const RUNS: usize = 9;

/// The moment of judgement: the day after the made-up traffic.
const POLICY: Policy =
    Policy { now_ms: 1_795_219_200_000, max_age_ms: 14 * 86_400_000, samples_min: 30 };

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [folder, har] = words.as_slice() else {
        println!("gap: no folder and traffic named, nothing measured");
        return Ok(());
    };
    let place = tempfile::tempdir()?;
    let shelf = filled(place.path(), har)?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    let mut found = String::new();
    for _ in 0..RUNS {
        let started = now();
        let request = Scan { folder: folder.into(), ..Scan::default() };
        let mut scanned = scan(&request, &|_, _| {})?;
        times[0].push(started.elapsed());
        let started = now();
        let evidence = evidence(&shelf, &Scope::default())?;
        times[1].push(started.elapsed());
        let seams = evidence.len();
        let started = now();
        let report = judge(&mut scanned.claims, evidence, &[], &POLICY, &shelf.key, &|_| None);
        times[2].push(started.elapsed());
        let findings = report.findings.len();
        found = format!("{} claims, {seams} seams, {findings} findings", scanned.claims.len());
    }
    println!("{found}");
    let medians = times.map(median);
    for (what, time) in ["scan", "load", "judge"].iter().zip(&medians) {
        println!("{what:6} {:7.1} ms", time.as_secs_f64() * 1e3);
    }
    let whole: Duration = medians.iter().sum();
    println!("whole  {:7.1} ms", whole.as_secs_f64() * 1e3);
    Ok(())
}

fn filled(place: &Path, har: &str) -> Result<Shelf, Box<dyn Error>> {
    let mut shelf = shelf::open(&place.into())?;
    let redaction = Redaction::default();
    let origin = Origin::default();
    let request = Observe { name: har, format: None, origin, redaction: &redaction };
    observe(&mut shelf, &request, &|_| None, &mut File::open(har)?, &mut |_| {})?;
    Ok(shelf)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn now() -> Instant {
    Instant::now()
}
