//! Runs a test that decides beside the tool whose decisions it is about, which stands apart from
//! `ci` because the tool comes from the network.
//!
//! Refuses to know what is asked: that is the test, which is given the tool.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::path::Path;

/// A test of `plumb-claims`, and the variable that names the tool to it.
pub(crate) struct SideBySide {
    pub(crate) test: &'static str,
    pub(crate) variable: &'static str,
}

impl SideBySide {
    /// Runs the test in the repository at `root`, with the tool where it was installed, if it was.
    pub(crate) fn run(&self, root: &Path, tool: Result<impl AsRef<Path>, Outcome>) -> Outcome {
        let tool = match tool {
            Ok(tool) => tool,
            Err(failed) => return failed,
        };
        let mut test = cargo(root);
        test.args(["test", "--locked", "-p", "plumb-claims", "--test", "it", "--"]);
        test.args(["--nocapture", self.test]);
        outcome_of(test.env(self.variable, tool.as_ref()))
    }
}
