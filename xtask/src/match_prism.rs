//! Asks Prism itself which operation takes a request and whether it is valid there, and compares
//! that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node. Refuses to know
//! what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::npm::{PRISM, installed};
use crate::outcome::{Outcome, outcome_of};
use std::path::Path;
use std::process::Command;

/// The variable that names the package's folder to the test.
const VARIABLE: &str = "PLUMB_PRISM";

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_prism(root: &Path) -> Outcome {
    let package = match installed(PRISM, root) {
        Ok(package) => package,
        Err(failed) => return failed,
    };
    let mut test = Command::new("cargo");
    test.args(["test", "--locked", "-p", "plumb-claims", "--test", "it", "--"]);
    test.args(["--nocapture", "claims_decide_as_prism_does"]);
    outcome_of(test.env(VARIABLE, package).current_dir(root))
}
