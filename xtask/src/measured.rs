//! A program run to its end: how long the whole process took, and the most memory it held.
//!
//! Knows Linux's `/proc`. Refuses to know what the program does or whether it did it well.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often a running program is looked at: memory that is held more briefly may be missed, and
/// the end of a program is noticed up to this much late.
const LOOK: Duration = Duration::from_millis(5);

/// What came of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Of the whole process.
    pub(crate) time: Duration,
    /// The most memory that it held, in MiB; zero where it ended before it was looked at.
    pub(crate) resident_mib_max: u64,
    /// Its exit code; none where it was ended, by a signal or because it took too long.
    pub(crate) code: Option<i32>,
}

/// Runs a program, its output thrown away, and waits for it: what a person waits.
///
/// # Errors
///
/// When it cannot be started.
pub(crate) fn timed(command: &mut Command) -> io::Result<Measured> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = now();
    let status = command.status()?;
    Ok(Measured { time: begun.elapsed(), resident_mib_max: 0, code: status.code() })
}

/// Runs a program with its output in a file, looks at its memory, and ends it once it takes longer
/// than `most`.
///
/// # Errors
///
/// When it cannot be started, or the file not be written.
pub(crate) fn watched(
    command: &mut Command,
    output: &Path,
    most: Duration,
) -> io::Result<Measured> {
    let errors = output.with_extension("err");
    command.stdin(Stdio::null()).stdout(File::create(output)?).stderr(File::create(errors)?);
    let begun = now();
    let mut child = command.spawn()?;
    let mut resident_mib_max = 0;
    loop {
        resident_mib_max = resident_mib_max.max(resident_mib(child.id()));
        if let Some(status) = child.try_wait()? {
            return Ok(Measured { time: begun.elapsed(), resident_mib_max, code: status.code() });
        }
        if begun.elapsed() > most {
            child.kill()?;
            child.wait()?;
            return Ok(Measured { time: begun.elapsed(), resident_mib_max, code: None });
        }
        sleep(LOOK);
    }
}

/// The median of several times; zero of none.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The most memory that a process held so far; zero once it has ended.
fn resident_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1_024
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let seconds = |all: &[u64]| median(all.iter().map(|it| Duration::from_secs(*it)).collect());
        assert_eq!(seconds(&[9, 1, 2]), Duration::from_secs(2));
        assert_eq!(seconds(&[]), Duration::ZERO);
    }
}
