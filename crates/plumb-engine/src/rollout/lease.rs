//! The lease of a rollout: a lock that the system takes back from whoever ends, however it ends.
//!
//! It holds among processes that see the same disk and its locks. Refuses to be taken by force.

use crate::files::FileError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// Who has a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its process.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// Since when, in Unix milliseconds.
    pub since_ms: i64,
}

/// The lease, as long as this value lives.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Asked {
    /// It is ours.
    Ours(Lease),
    /// Somebody else has it.
    Taken(Owner),
}

/// How often a lease is asked for, and the pause between: whoever only looks who has it holds it
/// for a moment as well.
const TRIES_MAX: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Bytes of the file that are read: a process, a machine and a moment.
const FILE_BYTES_MAX: u64 = 4_096;

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "process {} on `{}`", self.pid, self.host)
    }
}

/// This process, from a moment on.
#[must_use]
pub fn ourselves(now_ms: i64) -> Owner {
    Owner { pid: std::process::id(), host: host(), since_ms: now_ms }
}

/// Asks for the lease in this file.
///
/// # Errors
/// When the file cannot be used.
pub fn ask(path: &Path, now_ms: i64) -> Result<Asked, FileError> {
    let failed = |source| FileError { doing: "lock", path: path.to_owned(), source };
    let file = File::options().create(true).truncate(false).read(true).write(true).open(path);
    let mut file = file.map_err(failed)?;
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if tries < TRIES_MAX => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Ok(Asked::Taken(owner(&mut file))),
            Err(TryLockError::Error(err)) => return Err(failed(err)),
        }
    }
    write(&mut file, &ourselves(now_ms)).map_err(failed)?;
    Ok(Asked::Ours(Lease { _file: file }))
}

/// Who has the lease in this file; `None` when nobody has.
///
/// # Errors
/// When the file is there and cannot be used.
pub fn taken(path: &Path) -> Result<Option<Owner>, FileError> {
    let failed = |source| FileError { doing: "read", path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(failed(err)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(owner(&mut file))),
        Err(TryLockError::Error(err)) => Err(failed(err)),
    }
}

fn write(file: &mut File, owner: &Owner) -> io::Result<()> {
    let text = serde_json::to_string(owner)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

/// Who the file names. It may be about to be written.
fn owner(file: &mut File) -> Owner {
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX).read_to_string(&mut text);
    let told = read.ok().and_then(|_| serde_json::from_str(&text).ok());
    told.unwrap_or(Owner { pid: 0, host: "unknown".to_owned(), since_ms: 0 })
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lease");
        assert_eq!(taken(&path).unwrap(), None);
        let Asked::Ours(first) = ask(&path, 7).unwrap() else { panic!("it was free") };
        let Asked::Taken(owner) = ask(&path, 8).unwrap() else { panic!("it was not") };
        assert_eq!((owner.pid, owner.since_ms), (std::process::id(), 7));
        assert_eq!(taken(&path).unwrap(), Some(owner));
        drop(first);
        assert_eq!(taken(&path).unwrap(), None);
        assert!(matches!(ask(&path, 9).unwrap(), Asked::Ours(_)));
    }
}
