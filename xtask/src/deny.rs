//! Licences, advisories and sources of the dependencies, judged by cargo-deny and `deny.toml`.
//!
//! Stands apart from `ci`, since the advisories come from the network. Refuses to install
//! anything.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::path::Path;
use std::process::Stdio;

const HELP: &str = "cargo-deny is not installed
help: cargo install --locked cargo-deny";

/// Runs cargo-deny in the repository at `root`, if it is installed.
pub(crate) fn deny(root: &Path) -> Outcome {
    if !is_installed(root) {
        eprintln!("{HELP}");
        return Outcome::Usage;
    }
    outcome_of(cargo(root).args(["deny", "--locked", "check"]))
}

fn is_installed(root: &Path) -> bool {
    let mut probe = cargo(root);
    probe.args(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
