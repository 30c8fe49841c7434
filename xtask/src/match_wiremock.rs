//! Asks WireMock itself which stub answers, and compares that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node and Java. Refuses
//! to know what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::outcome::Outcome;
use crate::side_by_side::SideBySide;
use crate::wiremock::installed_jar;
use std::path::Path;

const COMPARISON: SideBySide =
    SideBySide { test: "claims_decide_as_wiremock_does", variable: "PLUMB_WIREMOCK" };

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_wiremock(root: &Path) -> Outcome {
    COMPARISON.run(root, installed_jar(root))
}
