//! Asks Prism itself which operation takes a request and whether it is valid there, and compares
//! that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node. Refuses to know
//! what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::npm::{PRISM, installed};
use crate::outcome::Outcome;
use crate::side_by_side::SideBySide;
use std::path::Path;

const COMPARISON: SideBySide =
    SideBySide { test: "claims_decide_as_prism_does", variable: "PLUMB_PRISM" };

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_prism(root: &Path) -> Outcome {
    COMPARISON.run(root, installed(PRISM, root))
}
