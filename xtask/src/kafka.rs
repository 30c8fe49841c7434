//! Taps a broker of Kafka's protocol, Tansu, beside a consumer of its own.
//!
//! Stands apart from `ci`, which runs the same tests with a stand-in: the broker takes minutes to
//! build. Refuses to know what the tests look for.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::path::Path;

const BROKER: &str = "tansu";
const VERSION: &str = "0.6.0";

/// Where it is installed, and built, below the repository's root.
const FOLDER: &str = "target/tansu";
const BUILD: &str = "target/tansu/build";

/// Installs the broker where it is missing, and runs the tests in the repository at `root`.
pub(crate) fn kafka(root: &Path) -> Outcome {
    let program = root.join(FOLDER).join("bin").join(BROKER);
    if !program.exists() {
        eprintln!("building {BROKER} {VERSION}");
        let mut install = cargo(root);
        install.args(["install", BROKER, "--version", VERSION, "--locked", "--debug"]);
        install.args(["--features", "libsql", "--root", FOLDER, "--target-dir", BUILD]);
        let installed = outcome_of(&mut install);
        if installed != Outcome::Yes {
            return installed;
        }
    }
    let mut tests = cargo(root);
    tests.args(["test", "--locked", "-p", "plumb-broker", "--test", "it", "--", "kafka::"]);
    tests.env("PLUMB_TANSU", program);
    outcome_of(&mut tests)
}
