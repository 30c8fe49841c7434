//! The folder that evidence is kept in: whether it can be written, whether its key is private, and
//! whether the disk has room.
//!
//! Refuses to open the store.

use crate::doctor::fact::Fact;
use crate::location::Location;
use crate::shelf::key_file;
use std::fs;
use std::path::Path;

/// Less room than this is told: a store is compacted beside itself, and a server takes 64 MiB at
/// once.
const DISK_BYTES_MIN: u64 = 256 * 1024 * 1024;

/// What is to be said about the folder of a location. Nothing where it is not there yet.
#[must_use]
pub fn facts(location: &Location) -> Vec<Fact> {
    let folder = location.folder();
    if !folder.is_dir() {
        return Vec::new();
    }
    let mut facts: Vec<Fact> = exposed(&key_file(location)).into_iter().collect();
    // A database keeps the evidence elsewhere.
    if matches!(location, Location::Folder(_)) {
        facts.extend(not_writable(folder));
        facts.extend(short(folder));
    }
    facts
}

/// Writes a file of no name that matters, and removes it.
fn not_writable(folder: &Path) -> Option<Fact> {
    let probe = folder.join(format!("doctor.{}.draft", std::process::id()));
    let written = fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe));
    let why = written.err()?.to_string();
    Some(Fact::NotWritable { folder: folder.to_owned(), why })
}

#[cfg(unix)]
fn exposed(key: &Path) -> Option<Fact> {
    use std::os::unix::fs::PermissionsExt as _;
    /// Whoever is neither the owner nor in the group: platforms hand secrets to a group.
    const OTHERS: u32 = 0o007;
    let mode = fs::metadata(key).ok()?.permissions().mode();
    (mode & OTHERS != 0).then(|| Fact::KeyExposed(key.to_owned()))
}

#[cfg(not(unix))]
fn exposed(_key: &Path) -> Option<Fact> {
    None
}

#[cfg(unix)]
fn short(folder: &Path) -> Option<Fact> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    let bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    (bytes < DISK_BYTES_MIN).then(|| Fact::DiskShort { folder: folder.to_owned(), bytes })
}

#[cfg(not(unix))]
fn short(_folder: &Path) -> Option<Fact> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_that_others_can_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        fs::write(&key, "").unwrap();
        for (mode, is_told) in [(0o600, false), (0o640, false), (0o644, true)] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            let found = facts(&folder.path().into());
            let is_found = found.iter().any(|fact| matches!(fact, Fact::KeyExposed(_)));
            assert_eq!(is_found, is_told, "{mode:o}");
        }
    }

    #[test]
    fn the_probe_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(not_writable(folder.path()).is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(not_writable(&folder.path().join("none")).is_some());
    }
}
