//! Licences, advisories and sources of the dependencies, judged by cargo-deny and `deny.toml`.
//!
//! Stands apart from `ci`, since the advisories come from the network. Refuses to install
//! anything.

use crate::outcome::{Outcome, outcome_of};
use std::path::Path;
use std::process::{Command, Stdio};

const HELP: &str = "cargo-deny is not installed
help: cargo install --locked cargo-deny";

/// Runs cargo-deny in the repository at `root`, if it is installed.
pub(crate) fn deny(root: &Path) -> Outcome {
    if !is_installed() {
        eprintln!("{HELP}");
        return Outcome::Usage;
    }
    outcome_of(Command::new("cargo").args(["deny", "--locked", "check"]).current_dir(root))
}

fn is_installed() -> bool {
    let mut probe = Command::new("cargo");
    probe.args(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
