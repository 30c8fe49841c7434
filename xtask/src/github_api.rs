//! GitHub's description of its own interface, in the versions that a package of Node brings.
//!
//! Refuses to know what differs between them.

use crate::outcome::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package, the file in it, and where its versions lie below the repository's root.
pub(crate) const PACKAGE: &str = "@octokit/openapi";
const FILE: &str = "package/generated/api.github.com.json";
const FOLDER: &str = "target/github-api";

const HELP: &str = "help: install Node 18 or newer, with npm, and tar";

/// Every version that is published, in order.
pub(crate) fn versions() -> Result<Vec<String>, Outcome> {
    let output = Command::new("npm").args(["view", PACKAGE, "versions", "--json"]).output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(listed(&String::from_utf8_lossy(&output.stdout)))
        }
        _ => {
            eprintln!("npm does not tell the versions of {PACKAGE}\n{HELP}");
            Err(Outcome::Outside)
        }
    }
}

/// The description of one version, fetched where it is missing.
pub(crate) fn description(version: &str, root: &Path) -> Result<PathBuf, Outcome> {
    let folder = root.join(FOLDER);
    let path = folder.join(format!("{version}.json"));
    if path.is_file() || fetched(version, &folder, &path) {
        return Ok(path);
    }
    eprintln!("cannot fetch {PACKAGE} {version}\n{HELP}");
    Err(Outcome::Outside)
}

fn fetched(version: &str, folder: &Path, path: &Path) -> bool {
    eprintln!("fetching {PACKAGE} {version}");
    if fs::create_dir_all(folder).is_err() {
        return false;
    }
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(folder);
    let packed = npm.arg(format!("{PACKAGE}@{version}")).output();
    if !packed.is_ok_and(|output| output.status.success()) {
        return false;
    }
    let archive = folder.join(format!("octokit-openapi-{version}.tgz"));
    let file = Command::new("tar").arg("-xzOf").arg(&archive).arg(FILE).output();
    let is_written =
        file.is_ok_and(|output| output.status.success() && fs::write(path, output.stdout).is_ok());
    // An archive that stays only takes room.
    drop(fs::remove_file(archive));
    is_written
}

/// The texts of a list in JSON that holds nothing else, without what is published before its time.
fn listed(json: &str) -> Vec<String> {
    let texts = json.split('"').skip(1).step_by(2);
    texts.filter(|version| !version.contains('-')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_listed_in_order() {
        assert_eq!(
            listed("[\n  \"9.0.0\",\n  \"10.0.0-beta.1\",\n  \"10.0.0\"\n]"),
            ["9.0.0", "10.0.0"]
        );
        assert_eq!(listed("\"9.0.0\""), ["9.0.0"]);
    }
}
