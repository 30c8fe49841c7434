//! Asks Mountebank itself which stub answers, and compares that with what claims decide.
//!
//! Stands apart from `ci`, since the tool comes from the network and wants Node. Refuses to know
//! what is asked: that is a test of `plumb-claims`, which this gives the tool.

use crate::outcome::{Outcome, outcome_of};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The package that brings the tool, in the version that was compared last.
const PACKAGE: &str = "@mbtest/mountebank";
const VERSION: &str = "2.9.2";

/// Where it is installed, below the repository's root.
const FOLDER: &str = "target/mountebank";

/// The variable that names the package's folder to the test.
const VARIABLE: &str = "PLUMB_MOUNTEBANK";

/// Installs the tool where it is missing, and runs the comparison in the repository at `root`.
pub(crate) fn match_mountebank(root: &Path) -> Outcome {
    let folder = root.join(FOLDER);
    let package = folder.join("node_modules").join(PACKAGE);
    if !is_there(&package) {
        match install(&folder) {
            Outcome::Yes => {}
            failed => return failed,
        }
    }
    let mut test = Command::new("cargo");
    test.args(["test", "--locked", "-p", "plumb-claims", "--test", "it", "--"]);
    test.args(["--nocapture", "claims_decide_as_mountebank_does"]);
    outcome_of(test.env(VARIABLE, package).current_dir(root))
}

/// True when this very version is there.
fn is_there(package: &Path) -> bool {
    let manifest = fs::read_to_string(package.join("package.json")).unwrap_or_default();
    manifest.contains(&format!("\"version\": \"{VERSION}\""))
}

fn install(folder: &Path) -> Outcome {
    eprintln!("installing {PACKAGE} {VERSION}");
    if let Err(error) = fs::create_dir_all(folder) {
        eprintln!("cannot make {}: {error}", folder.display());
        return Outcome::Outside;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder);
    match outcome_of(npm.arg(format!("{PACKAGE}@{VERSION}"))) {
        Outcome::Yes => Outcome::Yes,
        _ => {
            eprintln!("cannot install {PACKAGE}\nhelp: install Node 18 or newer, with npm");
            Outcome::Outside
        }
    }
}
