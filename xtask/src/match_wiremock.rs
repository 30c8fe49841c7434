//! Asks WireMock itself which stub answers, and compares that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node and Java. Refuses
//! to know what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::outcome::{Outcome, outcome_of};
use crate::wiremock::installed_jar;
use std::path::Path;
use std::process::Command;

/// The variable that names the archive to the test.
const VARIABLE: &str = "PLUMB_WIREMOCK";

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_wiremock(root: &Path) -> Outcome {
    let jar = match installed_jar(root) {
        Ok(jar) => jar,
        Err(failed) => return failed,
    };
    let mut test = Command::new("cargo");
    test.args(["test", "--locked", "-p", "plumb-claims", "--test", "it", "--"]);
    test.args(["--nocapture", "claims_decide_as_wiremock_does"]);
    outcome_of(test.env(VARIABLE, jar).current_dir(root))
}
