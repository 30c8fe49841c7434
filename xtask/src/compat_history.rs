//! Compares every published version of GitHub's description with the one before it: how long it
//! takes, what it finds, and how many operations it cannot decide.
//!
//! Stands apart from `ci`, since the descriptions come from the network. Refuses to judge what is
//! found: `docs/design/compat-history.md` does, of a sample.

use crate::github_api::{PACKAGE, description, versions};
use crate::measured::{Measured, watched};
use crate::outcome::Outcome;
use crate::program::program;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where the documents of all comparisons are left, below the repository's root.
const FOLDER: &str = "target/compat-history";

/// What counts the operations that two descriptions share.
const SCRIPT: &str = "xtask/src/compat_history/operations.js";

/// Longer than any comparison may take.
const TIME_MAX: Duration = Duration::from_secs(120);

/// What the document of one comparison says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    breaking: u64,
    risky: u64,
    safe: u64,
    unread: u64,
    /// Places at which nothing could be decided.
    undecided: u64,
    /// The operations and webhooks that they belong to.
    subjects: BTreeSet<String>,
}

/// Compares with the program of the repository at `root`.
pub(crate) fn compat_history(root: &Path) -> Outcome {
    match compared(root) {
        Ok(outcome) => outcome,
        Err(err) => {
            eprintln!("cannot compare: {err}");
            Outcome::Outside
        }
    }
}

fn compared(root: &Path) -> io::Result<Outcome> {
    let (program, versions) = match (program(root), versions()) {
        (Ok(program), Ok(versions)) => (program, versions),
        (Err(failed), _) | (_, Err(failed)) => return Ok(failed),
    };
    fs::create_dir_all(root.join(FOLDER))?;
    println!("{PACKAGE}, {} versions", versions.len());
    println!(
        "{:>18} {:>7} {:>8} {:>8} {:>6} {:>6} {:>6} {:>9} {:>10} {:>10}",
        "versions",
        "time",
        "resident",
        "breaking",
        "risky",
        "safe",
        "unread",
        "undecided",
        "in",
        "operations"
    );
    let (mut undecided, mut operations) = (0, 0);
    for two in versions.windows(2) {
        let [old, new] = two else { continue };
        let (from, to) = match (description(old, root), description(new, root)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(failed), _) | (_, Err(failed)) => return Ok(failed),
        };
        let document = root.join(FOLDER).join(format!("{old}-{new}.json"));
        let mut compat = Command::new(&program);
        compat.arg("compat").arg(&from).arg(&to).args(["--no-evidence", "--format", "json"]);
        let run = watched(&mut compat, &document, TIME_MAX)?;
        let counts = counts(&fs::read_to_string(&document)?);
        let shared = shared(root, &from, &to)?;
        undecided += counts.subjects.len();
        operations += shared;
        tell(&format!("{old} {new}"), &run, &counts, shared);
        if !matches!(run.code, Some(0 | 1 | 3)) {
            eprintln!("{old} {new}: the comparison failed");
            return Ok(Outcome::No);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let share = 100.0 * undecided as f64 / operations.max(1) as f64;
    println!("undecided in {undecided} of {operations} operations and webhooks: {share:.2} %");
    Ok(Outcome::Yes)
}

fn tell(versions: &str, run: &Measured, counts: &Counts, shared: usize) {
    let Counts { breaking, risky, safe, unread, undecided, subjects } = counts;
    println!(
        "{versions:>18} {:>5.2} s {:>4} MiB {breaking:>8} {risky:>6} {safe:>6} {unread:>6} \
         {undecided:>9} {:>10} {shared:>10}",
        run.time.as_secs_f64(),
        run.resident_mib_max,
        subjects.len(),
    );
}

/// How many operations and webhooks both descriptions have: those of which anything can be asked.
fn shared(root: &Path, old: &PathBuf, new: &PathBuf) -> io::Result<usize> {
    let output = Command::new("node").arg(root.join(SCRIPT)).arg(old).arg(new).output()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().map_err(|_| io::Error::other("the operations cannot be counted"))
}

/// Reads the lines that the program writes, one key on each.
fn counts(document: &str) -> Counts {
    let mut found = Counts::default();
    let mut rule = "";
    for line in document.lines() {
        let Some((key, value)) = line.trim().split_once(": ") else { continue };
        let value = value.trim_end_matches(',');
        match key {
            "\"breaking\"" => found.breaking = value.parse().unwrap_or_default(),
            "\"risky\"" => found.risky = value.parse().unwrap_or_default(),
            "\"safe\"" => found.safe = value.parse().unwrap_or_default(),
            "\"unread\"" => found.unread = value.parse().unwrap_or(found.unread),
            "\"rule\"" => rule = value,
            "\"subject\"" if rule.ends_with("-undecided\"") => {
                found.undecided += 1;
                found.subjects.insert(value.to_owned());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undecided_places_are_counted_by_their_operation() {
        let document = "  \"summary\": {\n    \"breaking\": 2,\n    \"safe\": 7,\n  },
            \"grade\": \"risky\",\n\"rule\": \"response-undecided\",\n\"subject\": \"GET /a\",
            \"rule\": \"request-undecided\",\n\"subject\": \"GET /a\",
            \"rule\": \"response-type-widened\",\n\"subject\": \"GET /b\",\n\"unread\": [";
        let subjects = BTreeSet::from(["\"GET /a\"".to_owned()]);
        let expected = Counts { breaking: 2, safe: 7, undecided: 2, subjects, ..Counts::default() };
        assert_eq!(counts(document), expected);
    }
}
