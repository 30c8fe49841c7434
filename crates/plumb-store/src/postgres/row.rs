//! Rows: how they are called, how they are read, and how many travel together.
//!
//! Refuses to know what a delta is, and when anything is durable.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tokio_postgres::Row;

use crate::postgres::explain::Stop;
use crate::postgres::work::Work;
use crate::store::WindowKey;

/// What a row is called by. Keys are longer than an index takes, and their hash is not.
pub(crate) type Hash = [u8; 32];

/// What the row of a window is called by.
pub(crate) fn window_hash(key: &WindowKey) -> Hash {
    let WindowKey { writer, reader, operation, version, environment, day } = key;
    let day = day.to_be_bytes();
    hash(&[
        writer.as_bytes(),
        reader.as_bytes(),
        operation.as_bytes(),
        version.as_bytes(),
        environment.as_bytes(),
        &day,
    ])
}

/// What the row of a document is called by.
pub(crate) fn document_hash(kind: &str, key: &str) -> Hash {
    hash(&[kind.as_bytes(), key.as_bytes()])
}

/// Lengths go in as well, so that no two lists of fields look alike.
fn hash(fields: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    hasher.finalize().into()
}

/// The first day that is kept, as the statement reads it.
pub(crate) fn horizon(work: &mut Work<'_>, sql: &str) -> Result<i32, Stop> {
    match work.query(sql, &[])?.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Stop::Damaged("it has no horizon")),
    }
}

/// The values of windows, by what their rows are called by.
pub(crate) fn values_of(
    work: &mut Work<'_>,
    hashes: &[&[u8]],
) -> Result<BTreeMap<Hash, Vec<u8>>, Stop> {
    let rows = work.query("SELECT id, value FROM plumb.windows WHERE id = ANY($1)", &[&hashes])?;
    rows.iter().map(|row| Ok((hash_at(row, 0)?, row.try_get(1)?))).collect()
}

/// A hash in a column.
pub(crate) fn hash_at(row: &Row, column: usize) -> Result<Hash, Stop> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|_| Stop::Damaged("what should be a hash has another length"))
}

/// A text in a column.
pub(crate) fn text_at(row: &Row, column: usize) -> Result<String, Stop> {
    let bytes: Vec<u8> = row.try_get(column)?;
    String::from_utf8(bytes).map_err(|_| Stop::Damaged("a text is not UTF-8"))
}

/// Things in groups of at most `rows`, and of at most `bytes` unless one alone has more.
pub(crate) fn batches<T>(
    sized: impl Iterator<Item = (T, usize)>,
    rows: usize,
    bytes: usize,
) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut held = 0_usize;
    for (thing, size) in sized {
        held = held.saturating_add(size);
        match batches.last_mut() {
            Some(last) if last.len() < rows && held <= bytes => last.push(thing),
            _ => {
                batches.push(vec![thing]);
                held = size;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sizes: &[usize], expected: &[&[usize]]) {
        let sized = sizes.iter().map(|size| (*size, *size));
        assert_eq!(batches(sized, 3, 10), expected, "{sizes:?}");
    }

    #[test]
    fn batches_stay_within_both_bounds() {
        check(&[], &[]);
        check(&[1, 1, 1, 1], &[&[1, 1, 1], &[1]]);
        check(&[5, 5, 5], &[&[5, 5], &[5]]);
        check(&[1, 20, 1], &[&[1], &[20], &[1]]);
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        assert_ne!(document_hash("ab", "c"), document_hash("a", "bc"));
    }
}
