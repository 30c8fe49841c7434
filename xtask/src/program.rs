//! The program that is measured: a release build, or one that is there already.
//!
//! Refuses to know what it is asked.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::path::{Path, PathBuf};

/// The variable that names a program which is built already, from the repository's root.
const VARIABLE: &str = "PLUMB_PROGRAM";

/// The program that the environment names, if any.
pub(crate) fn named(root: &Path) -> Option<PathBuf> {
    std::env::var_os(VARIABLE).map(|path| root.join(path))
}

/// Where the program lies, built now unless the environment names one.
pub(crate) fn program(root: &Path) -> Result<PathBuf, Outcome> {
    if let Some(path) = named(root) {
        return Ok(path);
    }
    let mut build = cargo(root);
    build.args(["build", "--release", "--locked", "--package", "plumb"]);
    match outcome_of(&mut build) {
        Outcome::Yes => {}
        failed => return Err(failed),
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Ok(root.join(target).join("release/plumb"))
}
