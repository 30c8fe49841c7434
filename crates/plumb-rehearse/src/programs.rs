//! The programs of PostgreSQL on this machine: which are there, and which are taken.
//!
//! Refuses to run a server with them.

use crate::trouble::Trouble;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian keeps the programs of each version, which nobody has in the search path.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// A folder of programs of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Programs {
    /// The major version, as 15.
    pub(crate) version: u32,
    folder: PathBuf,
}

/// What is asked of the programs.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The one folder to look in.
    pub folder: Option<PathBuf>,
    /// The major version.
    pub version: Option<u32>,
}

impl Programs {
    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether one of them is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).is_file()
    }
}

/// The newest programs that fit.
///
/// # Errors
/// [`Trouble::NoPrograms`].
pub(crate) fn find(wanted: &Wanted) -> Result<Programs, Trouble> {
    let folders = match &wanted.folder {
        Some(folder) => vec![folder.clone(), folder.join("bin")],
        None => known_folders(),
    };
    let found = folders.iter().filter_map(|folder| programs_in(folder));
    let fitting = found.filter(|one| wanted.version.is_none_or(|version| version == one.version));
    fitting.max().ok_or_else(|| {
        let version = wanted.version.map(|version| format!(" in version {version}"));
        let folder = wanted.folder.as_ref().map(|one| format!(", in `{}`", one.display()));
        let wanted = format!("{}{}", version.unwrap_or_default(), folder.unwrap_or_default());
        Trouble::NoPrograms { wanted }
    })
}

fn known_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir(DEBIAN_FOLDER) {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders
}

fn programs_in(folder: &Path) -> Option<Programs> {
    if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
        return None;
    }
    // A link leads to where the other programs are.
    let linked = folder.join("initdb").canonicalize().ok()?;
    let folder = linked.parent().filter(|one| one.join("postgres").is_file()).unwrap_or(folder);
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let version = version_in(&String::from_utf8_lossy(&output.stdout))?;
    Some(Programs { version, folder: folder.to_owned() })
}

/// The major version in `postgres (PostgreSQL) 15.20 (Debian ..)`.
fn version_in(text: &str) -> Option<u32> {
    let after = text.split("PostgreSQL) ").nth(1)?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What tests run on: the programs in the folder `PLUMB_POSTGRES`, else those that are installed.
#[cfg(test)]
pub(crate) fn wanted_in_tests() -> Wanted {
    Wanted { folder: std::env::var_os("PLUMB_POSTGRES").map(Into::into), version: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_program_says() {
        assert_eq!(version_in("postgres (PostgreSQL) 15.20 (Debian 15.20-1)"), Some(15));
        assert_eq!(version_in("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(version_in("something else"), None);
    }
}
