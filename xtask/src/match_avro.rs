//! Asks fastavro and Apache's own library for Python what becomes of data that cross from one
//! schema to another, and compares that with what the comparison of contracts decides.
//!
//! Stands apart from `ci`, since both come from the network. Refuses to know what is asked: that is
//! a test of `plumb-contract`, which this gives the tools.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use crate::servers::python_with;
use std::path::Path;

/// What is asked, and where it is installed, below the repository's root.
const LIBRARIES: [&str; 2] = ["fastavro==1.13.1", "avro==1.12.2"];
const FOLDER: &str = "target/fastavro";

/// The variable that names their Python to the test.
const VARIABLE: &str = "PLUMB_FASTAVRO";

/// Installs the libraries where they are missing, and runs the comparison in the repository at
/// `root`.
pub(crate) fn match_avro(root: &Path) -> Outcome {
    match python_with(&root.join(FOLDER), &LIBRARIES) {
        Outcome::Yes => {}
        failed => return failed,
    }
    let mut test = cargo(root);
    test.args(["test", "--locked", "-p", "plumb-contract", "--lib", "--"]);
    test.args(["--nocapture", "answers_stand_in_other_implementations"]);
    outcome_of(test.env(VARIABLE, root.join(FOLDER).join("bin/python")))
}
