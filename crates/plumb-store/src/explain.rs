//! What SQLite's answers mean to the people who meet them.
//!
//! Refuses to know what was being done when the answer came.

use std::path::Path;

use rusqlite::{Error as Answer, ErrorCode, ffi};
use thiserror::Error;

use crate::bounds::{BUSY_WAIT, OutOfBounds};
use crate::place::StorePlace;
use crate::store::StoreError;

/// Why work inside a connection ended: the engine answered, or the work itself came to an error.
#[derive(Debug, Error)]
pub(crate) enum Stop {
    #[error(transparent)]
    Engine(#[from] Answer),
    #[error(transparent)]
    Work(#[from] StoreError),
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
}

/// The error people see for work that ended inside the store at `path`.
pub(crate) fn explain(path: &Path, stop: Stop) -> StoreError {
    match stop {
        Stop::Work(error) => error,
        Stop::Bounds(error) => StoreError::OutOfBounds(error),
        Stop::Engine(Answer::SqliteFailure(failure, words)) => {
            let detail = words.unwrap_or_else(|| failure.to_string());
            explain_failure(path, failure, detail)
        }
        Stop::Engine(answer) if contradicts_schema(&answer) => {
            StoreError::Damaged { place: path.into(), detail: answer.to_string() }
        }
        Stop::Engine(answer) => {
            StoreError::Unforeseen { place: path.into(), detail: answer.to_string() }
        }
    }
}

fn explain_failure(path: &Path, failure: ffi::Error, detail: String) -> StoreError {
    let place = StorePlace::from(path);
    match failure.code {
        ErrorCode::DiskFull => StoreError::Full { place },
        // The shared index of the log is grown by writing to it, and that only fails for room.
        _ if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full { place },
        ErrorCode::SystemIoFailure => StoreError::Disk { place, detail },
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Busy { place, waited_s: BUSY_WAIT.as_secs() }
        }
        ErrorCode::DatabaseCorrupt => StoreError::Damaged { place, detail },
        ErrorCode::NotADatabase => StoreError::NotAStore {
            place,
            why: "it is not an SQLite file, or its start is damaged",
        },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            StoreError::Refused { place, detail }
        }
        _ => StoreError::Unforeseen { place, detail },
    }
}

/// The tables are strict, so a value of the wrong type was not written by this engine.
fn contradicts_schema(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::FromSqlConversionFailure(..)
            | Answer::IntegralValueOutOfRange(..)
            | Answer::InvalidColumnType(..)
            | Answer::Utf8Error(..)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::help;

    fn check(extended_code: i32, expected: &str) {
        let answer = Answer::SqliteFailure(ffi::Error::new(extended_code), None);
        let error = explain(Path::new("s.plumb"), Stop::Engine(answer));
        assert!(error.to_string().starts_with(expected), "{extended_code}: {error}");
        assert!(help(&error).is_some(), "{error}");
    }

    #[test]
    fn what_a_person_can_act_on_has_its_own_words() {
        check(ffi::SQLITE_FULL, "no room is left for the store `s.plumb`");
        check(ffi::SQLITE_IOERR_SHMSIZE, "no room is left for the store `s.plumb`");
        check(ffi::SQLITE_IOERR_FSYNC, "the disk failed the store `s.plumb`: ");
        check(ffi::SQLITE_BUSY, "the store `s.plumb` stayed locked by another process for 10 s");
        check(ffi::SQLITE_BUSY_RECOVERY, "the store `s.plumb` stayed locked by another process");
        check(ffi::SQLITE_CORRUPT, "the store `s.plumb` is damaged: ");
        check(ffi::SQLITE_NOTADB, "`s.plumb` is not a store: it is not an SQLite file");
        check(ffi::SQLITE_CANTOPEN, "the store `s.plumb` cannot be opened or written: ");
        check(ffi::SQLITE_READONLY, "the store `s.plumb` cannot be opened or written: ");
    }
}
