//! The audit log: what people and programs did at a server, each entry bound to the one before it
//! by its hash, so that nothing can be changed or taken out unnoticed.
//!
//! One file of JSON lines that is only ever added to. Refuses to know what the actions mean.

use crate::shelf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The log's name in the evidence folder.
pub const AUDIT_FILE: &str = "audit.ndjson";

/// Bytes of one line. Actions and subjects are names.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Bytes of each name in an entry; longer ones are cut, so that every line can be read again.
const NAME_BYTES_MAX: usize = 1_024;

/// What the first entry is bound to.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1.
    pub number: u64,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who: a token's name, or `loopback`, or `server`.
    pub who: String,
    /// What was done, in kebab-case: `release-recorded`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// The hash of the entry before.
    pub previous: String,
    /// The hash of this entry without this field.
    pub hash: String,
}

/// What is to be logged.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who.
    pub who: &'a str,
    /// What, in kebab-case.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
}

/// The log, open for adding. One process at a time may hold it.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    /// Bytes of whole entries.
    length: u64,
    number: u64,
    last: String,
}

/// What goes wrong with the log.
#[derive(Debug, Error)]
pub enum AuditError {
    /// It cannot be read or written.
    #[error("cannot use the audit log `{}`: {source}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something in it is not as it was written.
    #[error("entry {number} of the audit log `{}` {why}", path.display())]
    Tampered {
        /// Where it is.
        path: PathBuf,
        /// The entry, from 1.
        number: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// Another process adds to it.
    #[error("another process writes the audit log `{}`", path.display())]
    Held {
        /// Where it is.
        path: PathBuf,
    },
}

/// Opens the log of an evidence folder, after reading all of it: a log that was changed is not
/// added to. An entry that was cut off when the machine stopped was never acknowledged, and is
/// removed.
///
/// # Errors
///
/// [`AuditError`].
pub fn open(folder: &Path) -> Result<Log, AuditError> {
    let path = folder.join(AUDIT_FILE);
    let failed = |source| AuditError::File { path: path.clone(), source };
    let file =
        OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => return Err(AuditError::Held { path }),
        Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
    }
    let (mut number, mut last) = (0, BEGINNING.to_owned());
    let length = each(&path, &mut |entry| {
        (number, last) = (entry.number, entry.hash);
    })?;
    file.set_len(length).map_err(failed)?;
    Ok(Log { path, file, length, number, last })
}

/// Every entry, oldest first, once the log has proved to be whole.
///
/// # Errors
///
/// [`AuditError`]; a log that is not there is empty.
pub fn read(folder: &Path) -> Result<Vec<Entry>, AuditError> {
    let path = folder.join(AUDIT_FILE);
    let mut entries = Vec::new();
    if path.exists() {
        each(&path, &mut |entry| entries.push(entry))?;
    }
    Ok(entries)
}

impl Log {
    /// Adds an entry; durable when it returns.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn add(&mut self, act: Act<'_>) -> Result<(), AuditError> {
        let mut entry = Entry {
            number: self.number + 1,
            at_ms: act.at_ms,
            who: cut(act.who),
            action: cut(act.action),
            subject: cut(act.subject),
            previous: self.last.clone(),
            hash: String::new(),
        };
        entry.hash = hash(&entry);
        let failed = |source| AuditError::File { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&entry).map_err(|err| failed(io::Error::other(err)))?;
        line.push(b'\n');
        // What a failure left half written would spoil the next entry.
        self.file
            .write_all(&line)
            .and_then(|()| self.file.sync_data())
            .inspect_err(|_| drop(self.file.set_len(self.length)))
            .map_err(failed)?;
        self.length += u64::try_from(line.len()).unwrap_or_default();
        (self.number, self.last) = (entry.number, entry.hash);
        Ok(())
    }
}

fn cut(name: &str) -> String {
    name[..name.floor_char_boundary(NAME_BYTES_MAX)].to_owned()
}

/// Visits every entry; gives the bytes of the whole ones.
fn each(path: &Path, visit: &mut dyn FnMut(Entry)) -> Result<u64, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let mut input = BufReader::new(File::open(path).map_err(failed)?);
    let (mut whole, mut number, mut last) = (0, 0, BEGINNING.to_owned());
    loop {
        let mut line = Vec::new();
        let length =
            input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(failed)?;
        if line.last() != Some(&b'\n') {
            return Ok(whole);
        }
        number += 1;
        let tampered = |why| AuditError::Tampered { path: path.to_owned(), number, why };
        let entry: Entry = serde_json::from_slice(&line).map_err(|_| tampered("is no entry"))?;
        if entry.number != number || entry.previous != last {
            return Err(tampered("does not follow the one before it"));
        }
        if entry.hash != hash(&entry) {
            return Err(tampered("was changed after it was written"));
        }
        whole += u64::try_from(length).unwrap_or_default();
        last.clone_from(&entry.hash);
        visit(entry);
    }
}

/// The hash of everything but the hash. Each field goes with its length, so that none can lend
/// letters to the next.
fn hash(entry: &Entry) -> String {
    let mut hasher = Sha256::new();
    hasher.update(entry.number.to_le_bytes());
    hasher.update(entry.at_ms.to_le_bytes());
    for field in [&entry.who, &entry.action, &entry.subject, &entry.previous] {
        hasher.update(field.len().to_le_bytes());
        hasher.update(field);
    }
    shelf::hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(folder: &Path, subjects: &[&str]) {
        let mut log = open(folder).unwrap();
        for subject in subjects {
            log.add(Act { at_ms: 1, who: "ci", action: "release-recorded", subject }).unwrap();
        }
    }

    fn subjects(folder: &Path) -> Vec<String> {
        read(folder).unwrap().into_iter().map(|entry| entry.subject).collect()
    }

    #[test]
    fn entries_are_added_and_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(subjects(folder.path()).is_empty());
        add(folder.path(), &["a", "b"]);
        add(folder.path(), &["c"]);
        assert_eq!(subjects(folder.path()), ["a", "b", "c"]);
    }

    #[track_caller]
    fn check_tampered(change: impl Fn(Vec<&str>) -> Vec<String>, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), &["a", "b", "c"]);
        let path = folder.path().join(AUDIT_FILE);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(text.lines().collect()).join("\n") + "\n").unwrap();
        let said = read(folder.path()).unwrap_err().to_string();
        assert!(said.starts_with(expected) && open(folder.path()).is_err(), "{said}");
    }

    #[test]
    fn what_was_changed_or_taken_out_is_noticed() {
        let owned =
            |lines: Vec<&str>| -> Vec<String> { lines.into_iter().map(str::to_owned).collect() };
        check_tampered(
            |lines| owned(lines).iter().map(|it| it.replace("\"b\"", "\"x\"")).collect(),
            "entry 2",
        );
        check_tampered(|lines| owned(vec![lines[0], lines[2]]), "entry 2");
        check_tampered(|lines| owned(vec![lines[1], lines[2]]), "entry 1");
        check_tampered(|lines| owned(vec![lines[0], "?", lines[2]]), "entry 2");
    }

    #[test]
    fn an_entry_that_was_cut_off_was_never_there() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), &["a", "b"]);
        let path = folder.path().join(AUDIT_FILE);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        add(folder.path(), &["c"]);
        assert_eq!(subjects(folder.path()), ["a", "c"]);
    }

    #[test]
    fn only_one_process_adds() {
        let folder = tempfile::tempdir().unwrap();
        let _log = open(folder.path()).unwrap();
        assert!(matches!(open(folder.path()), Err(AuditError::Held { .. })));
    }
}
