//! Replays as many requests as a busy service gets in minutes, with several seeds of noise: the
//! same build must never be told from itself, and of a changed one just what was planted.
//!
//! Stands apart from `ci`, which runs the same tests with fewer requests. Refuses to know what they
//! look for.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::path::Path;

/// Requests of each replay, each asked three times.
const REQUESTS: &str = "10000";

/// Seeds of noise.
const SEEDS: &str = "5";

/// Runs the tests of `replay` in the repository at `root`.
pub(crate) fn replay(root: &Path) -> Outcome {
    let mut tests = cargo(root);
    tests.args(["test", "--locked", "-p", "plumb", "--test", "it", "--", "replay::"]);
    tests.env("PLUMB_REPLAY_REQUESTS", REQUESTS).env("PLUMB_REPLAY_SEEDS", SEEDS);
    outcome_of(&mut tests)
}
