//! Asks Mountebank itself which stub answers, and compares that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node. Refuses to know
//! what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::npm::{Package, installed};
use crate::outcome::Outcome;
use crate::side_by_side::SideBySide;
use std::path::Path;

const MOUNTEBANK: Package =
    Package { name: "@mbtest/mountebank", version: "2.9.2", folder: "target/mountebank" };

const COMPARISON: SideBySide =
    SideBySide { test: "claims_decide_as_mountebank_does", variable: "PLUMB_MOUNTEBANK" };

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_mountebank(root: &Path) -> Outcome {
    COMPARISON.run(root, installed(MOUNTEBANK, root))
}
