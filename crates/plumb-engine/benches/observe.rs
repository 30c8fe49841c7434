//! How fast a file of traffic is observed into an empty shelf, once, as the command does it.
//!
//! `cargo bench -p plumb-engine --bench observe -- FILE` names the file; without one there is
//! nothing to measure. `cargo xtask corpus` writes files for it.
#![expect(clippy::print_stdout, reason = "the measured figure is this program's data")]

use plumb_engine::observe::{Observe, observe};
use plumb_engine::shelf;
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use std::fs::File;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(path) = std::env::args().skip(1).find(|word| !word.starts_with("--")) else {
        println!("observe: no file named, nothing measured");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let mut shelf = shelf::open(&folder.path().into())?;
    let redaction = Redaction::default();
    let request =
        Observe { name: &path, format: None, origin: Origin::default(), redaction: &redaction };
    let mut input = File::open(&path)?;
    let started = now();
    let observed = observe(&mut shelf, &request, &|_| None, &mut input, &mut |_| {})?;
    let seconds = started.elapsed().as_secs_f64();
    let (exchanges, seams) = (observed.reading.exchanges, observed.seams);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = exchanges as f64 / seconds;
    println!("{exchanges} exchanges at {seams} seams in {seconds:.3} s: {rate:.0} exchanges/s");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn now() -> Instant {
    Instant::now()
}
