//! Deltas as they travel from a collector to whoever keeps the evidence.
//!
//! A delta is JSON lines, as a bundle is: a header with its identity, then one line for each
//! window. It is taken in once however often it comes, and in any order with others. Refuses to
//! know what carries it.

use crate::clock::{DAY_MS, day_of};
use crate::shelf::{self, Shelf, ShelfError};
use crate::window_line::{self, Lent, Values, write_line};
use plumb_store::store::{Applied, Delta, Entry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io;
use thiserror::Error;

/// The version of the form.
pub const DELTA_VERSION: u32 = 1;

/// Bytes of one part of a delta, before compression, and the most that is taken in at once: the
/// largest window fits twice.
pub const DELTA_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A part is closed once it is this long, so that the next window still fits.
const PART_BYTES: usize = 16 * 1024 * 1024;

/// How far a collector's clock may be ahead. Evidence from the future would stay fresh for as long
/// as it is ahead.
const AHEAD_MAX_MS: i64 = DAY_MS / 24;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    plumb_delta: u32,
    id: String,
    key_id: String,
    source: String,
}

/// A delta that came.
#[derive(Debug)]
pub struct Received {
    /// Its identity.
    pub id: [u8; 32],
    /// What was read, for people.
    pub source: String,
    /// What it adds.
    pub entries: Vec<Entry>,
    /// True when its values were hashed under another key and are left out.
    pub is_foreign: bool,
}

/// Why a delta was not taken in.
#[derive(Debug, Error)]
pub enum DeltaError {
    /// Not a delta, or a damaged one.
    #[error("line {line} of the delta: {reason}")]
    Broken {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Of a newer version.
    #[error("the delta is of version {0}, this plumb reads up to {DELTA_VERSION}")]
    Newer(u32),
    /// Seen later than now.
    #[error("the delta holds exchanges from {minutes} min ahead: the collector's clock is wrong")]
    Ahead {
        /// How far ahead.
        minutes: i64,
    },
    /// The shelf failed.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

/// A delta as bytes, in as many parts as it takes. Each part is a delta of its own, and the same
/// delta gives the same parts.
///
/// # Errors
///
/// Never for deltas that fit memory; the encoding's own error otherwise.
pub fn parts(delta: &Delta<'_>, key_id: &str) -> io::Result<Vec<Vec<u8>>> {
    let mut parts = Vec::new();
    let mut entries = delta.entries.iter().peekable();
    loop {
        let number = parts.len();
        let header = Header {
            plumb_delta: DELTA_VERSION,
            id: shelf::hex(&part_id(delta.id, number)),
            key_id: key_id.to_owned(),
            source: delta.source.to_owned(),
        };
        let mut part = Vec::new();
        write_line(&mut part, &header)?;
        while let Some(entry) = entries.next_if(|_| part.len() < PART_BYTES) {
            let Entry { key, value, last_ms, exchanges } = entry;
            let (last_ms, exchanges) = (*last_ms, *exchanges);
            window_line::write(&mut part, Lent { key, value, last_ms, exchanges })?;
        }
        parts.push(part);
        if entries.peek().is_none() {
            return Ok(parts);
        }
    }
}

fn part_id(id: [u8; 32], number: usize) -> [u8; 32] {
    if number == 0 {
        return id;
    }
    let mut hasher = Sha256::new();
    hasher.update(id);
    hasher.update(number.to_le_bytes());
    hasher.finalize().into()
}

/// Reads a part. `key_id` names the key at hand.
///
/// # Errors
///
/// [`DeltaError::Broken`] or [`DeltaError::Newer`].
pub fn read(bytes: &[u8], key_id: &str) -> Result<Received, DeltaError> {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let broken = |line: usize, reason: String| DeltaError::Broken { line, reason };
    let header: Header = serde_json::from_slice(lines.next().unwrap_or_default())
        .map_err(|_| broken(1, "it is no header of a delta".to_owned()))?;
    if header.plumb_delta > DELTA_VERSION {
        return Err(DeltaError::Newer(header.plumb_delta));
    }
    let id = shelf::from_hex(&header.id)
        .ok_or_else(|| broken(1, "its identity is not 32 bytes in hexadecimal".to_owned()))?;
    let is_foreign = header.key_id != key_id;
    let values = if is_foreign { Values::Foreign } else { Values::Ours };
    let entries = lines
        .enumerate()
        .map(|(at, line)| window_line::read(line, values).map_err(|reason| broken(at + 2, reason)));
    Ok(Received {
        id,
        source: header.source,
        entries: entries.collect::<Result<_, _>>()?,
        is_foreign,
    })
}

/// Puts a delta on the shelf, once.
///
/// # Errors
///
/// [`DeltaError::Ahead`], or when the shelf fails. Nothing has changed then.
pub fn take(shelf: &mut Shelf, received: Received, now_ms: i64) -> Result<Applied, DeltaError> {
    let Received { id, source, entries, .. } = received;
    let ahead_ms = |entry: &Entry| {
        let of_day =
            i64::from(entry.key.day) - i64::from(day_of(now_ms.saturating_add(AHEAD_MAX_MS)));
        entry.last_ms.saturating_sub(now_ms).max(of_day.saturating_mul(DAY_MS))
    };
    let ahead_ms = entries.iter().map(ahead_ms).max().unwrap_or_default();
    if ahead_ms > AHEAD_MAX_MS {
        return Err(DeltaError::Ahead { minutes: ahead_ms / 60_000 });
    }
    let delta = Delta { id, source: &source, received_ms: now_ms, entries };
    Ok(shelf.store.apply(&delta, &shelf::merge).map_err(ShelfError::Store)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::profile::Profile;
    use plumb_store::store::WindowKey;

    const NOW_MS: i64 = 1_795_262_400_000;

    fn entry(operation: &str, last_ms: i64) -> Entry {
        let key = WindowKey {
            writer: "orders".to_owned(),
            reader: "web".to_owned(),
            operation: operation.to_owned(),
            version: "1".to_owned(),
            environment: "test".to_owned(),
            day: day_of(last_ms),
        };
        Entry { key, value: shelf::encode(&Profile::default()).unwrap(), last_ms, exchanges: 0 }
    }

    fn delta(entries: Vec<Entry>) -> Delta<'static> {
        Delta { id: [7; 32], source: "a tap", received_ms: NOW_MS, entries }
    }

    #[test]
    fn what_is_written_is_read() {
        let delta = delta(vec![entry("GET /a", NOW_MS), entry("GET /b", NOW_MS - 1)]);
        let parts = parts(&delta, "k").unwrap();
        let received = read(&parts[0], "k").unwrap();
        assert_eq!((parts.len(), received.id, &*received.source), (1, delta.id, delta.source));
        assert_eq!(received.entries, delta.entries);
        assert!(!received.is_foreign && read(&parts[0], "other").unwrap().is_foreign);
    }

    #[test]
    fn a_long_delta_goes_in_parts_with_identities_of_their_own() {
        let mut long = entry("GET /a", NOW_MS);
        long.value.resize(PART_BYTES, 0);
        let delta = delta(vec![long.clone(), long.clone(), long]);
        let header = |part: &Vec<u8>| -> Header {
            serde_json::from_slice(part.split(|byte| *byte == b'\n').next().unwrap()).unwrap()
        };
        let parts = parts(&delta, "k").unwrap();
        let ids: std::collections::BTreeSet<_> = parts.iter().map(|part| header(part).id).collect();
        assert_eq!((parts.len(), ids.len()), (3, 3));
        assert!(parts.iter().all(|part| part.len() < DELTA_BYTES_MAX));
    }

    #[test]
    fn a_delta_counts_once_and_never_from_the_future() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&folder.path().into()).unwrap();
        let key_id = shelf.key_id.clone();
        let mut taken = |last_ms| {
            let parts = parts(&delta(vec![entry("GET /a", last_ms)]), &key_id).unwrap();
            take(&mut shelf, read(&parts[0], &key_id).unwrap(), NOW_MS)
        };
        let ahead = taken(NOW_MS + AHEAD_MAX_MS + 60_000).unwrap_err();
        assert_eq!(
            ahead.to_string(),
            "the delta holds exchanges from 61 min ahead: the collector's clock is wrong"
        );
        assert_eq!(taken(NOW_MS + AHEAD_MAX_MS).unwrap(), Applied::New { entries_late: 0 });
        assert_eq!(taken(NOW_MS).unwrap(), Applied::Already);
    }

    #[track_caller]
    fn check_broken(bytes: &[u8], expected: &str) {
        assert_eq!(read(bytes, "k").unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_no_delta_is_refused_with_its_line() {
        check_broken(b"", "line 1 of the delta: it is no header of a delta");
        let header = |version: u32, id: &str| {
            format!(r#"{{"plumb_delta":{version},"id":"{id}","key_id":"k","source":"s"}}"#)
        };
        check_broken(
            header(1, "ab").as_bytes(),
            "line 1 of the delta: its identity is not 32 bytes in hexadecimal",
        );
        check_broken(
            header(2, "").as_bytes(),
            "the delta is of version 2, this plumb reads up to 1",
        );
        let cut = format!("{}\n{{\"writer\"", header(1, &"0".repeat(64)));
        let said = read(cut.as_bytes(), "k").unwrap_err().to_string();
        assert!(said.starts_with("line 2 of the delta: EOF"), "{said}");
    }
}
