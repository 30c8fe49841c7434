//! Takes recordings and mocks that others published from one format to another and back, and
//! compares what is said with what was seen, or with what was said before.
//!
//! Stands apart from `ci`, since they come from the network. Refuses to know what a format holds:
//! the scripts beside this ask the program.

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
const MOCKS_SCRIPT: &str = "xtask/src/round_trip/mocks.js";

/// Mocks that lie in the repository: recorded by WireMock and by VCR from servers that ran, and one
/// of every other kind.
const OWN: [&str; 4] = [
    "fixtures/mlflow-1.30-2.22-3.17",
    "fixtures/json-server-0.17-1.0beta",
    "golden/_inputs",
    "golden/fix",
];

/// Installs the recordings where they are missing, and takes each through every format; then mocks:
/// those in the repository, those that others published, and those below the folders named.
pub(crate) fn round_trip(root: &Path, folders: &[&str]) -> Outcome {
    let (program, recordings, archives) =
        match (program(root), installed(RECORDINGS, root), installed(ARCHIVES, root)) {
            (Ok(program), Ok(recordings), Ok(archives)) => (program, recordings, archives),
            (Err(failed), ..) | (_, Err(failed), _) | (.., Err(failed)) => return failed,
        };
    let mut node = Command::new("node");
    node.arg(root.join(SCRIPT)).arg(&program).arg(root.join(FOLDER));
    let seen = outcome_of(node.arg(&recordings).arg(archives));
    if seen != Outcome::Yes {
        return seen;
    }
    let mut node = Command::new("node");
    node.arg(root.join(MOCKS_SCRIPT)).arg(program).arg(root.join(FOLDER).join("mocks"));
    node.arg(recordings.join("scenarios")).args(OWN.map(|path| root.join(path))).args(folders);
    outcome_of(&mut node)
}
