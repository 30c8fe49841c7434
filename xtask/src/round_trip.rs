//! Takes recordings that others published from one format to another and back, and compares what is
//! said with what was seen.
//!
//! Stands apart from `ci`, since the recordings come from the network. Refuses to know what a
//! format holds: the script beside this asks the program.

use crate::npm::{Package, installed};
use crate::outcome::{Outcome, outcome_of};
use crate::program::program;
use std::path::Path;
use std::process::Command;

/// What clients of GitHub's interface are tested with, recorded by nock.
const RECORDINGS: Package =
    Package { name: "@octokit/fixtures", version: "23.1.2", folder: "target/octokit-fixtures" };

/// Archives of every kind of request.
const ARCHIVES: Package =
    Package { name: "har-examples", version: "5.0.1", folder: "target/har-examples" };

/// Where everything is written, below the repository's root.
const FOLDER: &str = "target/round-trip";
const SCRIPT: &str = "xtask/src/round_trip/round_trip.js";

/// Installs the recordings where they are missing, and takes each through every format.
pub(crate) fn round_trip(root: &Path) -> Outcome {
    let (program, recordings, archives) =
        match (program(root), installed(RECORDINGS, root), installed(ARCHIVES, root)) {
            (Ok(program), Ok(recordings), Ok(archives)) => (program, recordings, archives),
            (Err(failed), ..) | (_, Err(failed), _) | (.., Err(failed)) => return failed,
        };
    let mut node = Command::new("node");
    node.arg(root.join(SCRIPT)).arg(program).arg(root.join(FOLDER)).arg(recordings).arg(archives);
    outcome_of(&mut node)
}
