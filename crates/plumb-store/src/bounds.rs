//! How large a thing the store takes and how long it waits, each bound with its reason.
//!
//! Refuses to know what the bounded bytes are, and how an engine keeps them.

use std::time::Duration;

use thiserror::Error;

/// How long one process waits while another writes: 10 s, far more than a delta takes, and short
/// enough that a gate still answers.
pub const BUSY_WAIT: Duration = Duration::from_secs(10);

/// How long a server may take until a session stands, from its name on: 5 s, since a gate has ten
/// for everything.
pub const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// How long a server may work at one statement: 60 s. The longest sorts every window or removes
/// years of them, which takes seconds.
pub const STATEMENT_WAIT: Duration = Duration::from_secs(60);

/// How long an answer is waited for here: 65 s. A server that works says within the bound on
/// statements that it gave up; one that stands still says nothing.
pub const ANSWER_WAIT: Duration = Duration::from_secs(65);

/// How long a session takes its leave: 1 s, and then it is simply gone.
pub const FAREWELL_WAIT: Duration = Duration::from_secs(1);

/// How long a server may leave what was sent without any sign: 30 s, many times what a lost packet
/// takes to be sent again.
pub const SILENCE_WAIT: Duration = Duration::from_secs(30);

/// How often a change is tried when others collide with it: 8 times. Changes take their locks in
/// one order, so that collisions come from outside and are rare.
pub const TRIES_MAX: u32 = 8;

/// Rows that travel to or from a server together: 256, some ten pages of keys, so that the way
/// there and back counts little.
pub const BATCH_ROWS_MAX: usize = 256;

/// Bytes of values that travel together, unless one alone is larger: 16 MiB, so that a single
/// largest one does.
pub const BATCH_BYTES_MAX: usize = VALUE_BYTES_MAX;

/// Bytes of one window's value: 16 MiB. A profile is some tens of kilobytes; a thousand times that
/// is a defect of its maker, and still fits in memory twice while it is merged.
pub const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of one field of a key: 2 KiB. Paths and topics of that length exist, longer ones are data
/// that strayed into a name; six fields stay within a few pages of the index.
pub const KEY_FIELD_BYTES_MAX: usize = 2 * 1024;

/// Bytes of the text that says what a delta was read from: 4 KiB, the longest path on Linux.
pub const SOURCE_BYTES_MAX: usize = 4 * 1024;

/// Entries in one delta: 262,144, a year of days for some seven hundred seams. A delta is one
/// transaction, and while it runs nobody else writes.
pub const DELTA_ENTRIES_MAX: usize = 256 * 1024;

/// Bytes of one document: 16 MiB, as for a window.
pub const DOCUMENT_BYTES_MAX: usize = VALUE_BYTES_MAX;

/// Documents of one kind: 10,000, so that a list of their keys stays within 20 MB.
pub const DOCUMENTS_PER_KIND_MAX: usize = 10_000;

/// Something larger than the store takes. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}: {size} {unit}, and the store takes {limit}")]
pub struct OutOfBounds {
    /// What is too large, in words: `the value of a window`.
    pub what: &'static str,
    /// How large it is, in `unit`.
    pub size: usize,
    /// The most that is taken, in `unit`.
    pub limit: usize,
    /// `bytes`, `entries` or `documents`.
    pub unit: &'static str,
}

/// Whether `size` bytes of `what` fit into `limit`.
///
/// # Errors
/// [`OutOfBounds`] when they do not.
pub fn check_bytes(what: &'static str, size: usize, limit: usize) -> Result<(), OutOfBounds> {
    check(OutOfBounds { what, size, limit, unit: "bytes" })
}

/// Whether `size` things of the `unit` named fit into `limit`.
///
/// # Errors
/// [`OutOfBounds`] when they do not.
pub fn check_count(
    what: &'static str,
    unit: &'static str,
    size: usize,
    limit: usize,
) -> Result<(), OutOfBounds> {
    check(OutOfBounds { what, size, limit, unit })
}

fn check(measured: OutOfBounds) -> Result<(), OutOfBounds> {
    if measured.size > measured.limit { Err(measured) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_taken() {
        assert_eq!(check_bytes("a name", 8, 8), Ok(()));
        assert_eq!(check_count("a delta", "entries", 0, 0), Ok(()));
    }

    #[test]
    fn one_more_is_refused_with_both_numbers() {
        let refused = check_bytes("a name", 9, 8).unwrap_err();
        assert_eq!(refused.to_string(), "a name: 9 bytes, and the store takes 8");
    }
}
