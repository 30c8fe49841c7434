//! Tools that come as packages of Node, installed below `target` in one very version.
//!
//! Refuses to know what they are for.

use crate::outcome::{Outcome, outcome_of};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package, in the version that was compared last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Where it is installed, below the repository's root.
    pub(crate) folder: &'static str,
}

/// The newest that runs on Node 20.
pub(crate) const PRISM: Package =
    Package { name: "@stoplight/prism-cli", version: "5.14.2", folder: "target/prism" };

/// Installs the package where it is missing; where it is then, or what went wrong.
pub(crate) fn installed(package: Package, root: &Path) -> Result<PathBuf, Outcome> {
    let folder = root.join(package.folder);
    let path = folder.join("node_modules").join(package.name);
    if is_there(&path, package.version) {
        return Ok(path);
    }
    match install(package, &folder) {
        Outcome::Yes => Ok(path),
        failed => Err(failed),
    }
}

/// True when this very version is there.
fn is_there(path: &Path, version: &str) -> bool {
    let manifest = fs::read_to_string(path.join("package.json")).unwrap_or_default();
    manifest.contains(&format!("\"version\": \"{version}\""))
}

fn install(Package { name, version, .. }: Package, folder: &Path) -> Outcome {
    eprintln!("installing {name} {version}");
    if let Err(error) = fs::create_dir_all(folder) {
        eprintln!("cannot make {}: {error}", folder.display());
        return Outcome::Outside;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder);
    match outcome_of(npm.arg(format!("{name}@{version}"))) {
        Outcome::Yes => Outcome::Yes,
        _ => {
            eprintln!("cannot install {name}\nhelp: install Node 18 or newer, with npm");
            Outcome::Outside
        }
    }
}
