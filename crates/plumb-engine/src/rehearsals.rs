//! The rehearsals that were held last, kept beside the evidence.
//!
//! Refuses to know what a rehearsal found.

use crate::shelf::{self, Shelf, ShelfError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind and the key under which they are kept.
const REHEARSALS: (&str, &str) = ("rehearsal", "newest");

/// Rehearsals that are kept, the newest.
const REHEARSALS_MAX: usize = 10;

/// Bytes of all of them; the shelf takes no larger document. The oldest go first.
const BYTES_MAX: usize = 4 << 20;

/// A rehearsal that was held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Its document, as `plumb rehearse` writes it.
    pub document: Value,
}

/// The rehearsals, the newest first. What an older program kept in another form is as good as
/// nothing.
///
/// # Errors
///
/// When the store cannot be read.
pub fn rehearsals(shelf: &Shelf) -> Result<Vec<Kept>, ShelfError> {
    Ok(shelf::kept(shelf, REHEARSALS)?.unwrap_or_default())
}

/// Keeps a rehearsal. One that would leave no room for others is not kept.
///
/// # Errors
///
/// When the store cannot be read or written.
pub fn keep(shelf: &mut Shelf, kept: Kept) -> Result<(), ShelfError> {
    if kept.document.to_string().len() > BYTES_MAX / 2 {
        return Ok(());
    }
    let mut all = rehearsals(shelf)?;
    all.insert(0, kept);
    all.truncate(REHEARSALS_MAX);
    let text = loop {
        let text = serde_json::to_vec(&all).unwrap_or_default();
        if text.len() <= BYTES_MAX {
            break text;
        }
        all.pop();
    };
    let (kind, key) = REHEARSALS;
    Ok(shelf.store.document_put(kind, key, &text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Location;
    use serde_json::json;

    #[test]
    fn the_newest_are_kept_and_what_is_too_large_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&Location::from(folder.path())).unwrap();
        for at_ms in 0..12 {
            keep(&mut shelf, Kept { at_ms, document: json!({ "answer": "pass" }) }).unwrap();
        }
        let times: Vec<i64> = rehearsals(&shelf).unwrap().iter().map(|one| one.at_ms).collect();
        assert_eq!(times, (2..12).rev().collect::<Vec<i64>>());
        let large = json!("x".repeat(BYTES_MAX));
        keep(&mut shelf, Kept { at_ms: 99, document: large }).unwrap();
        assert_eq!(rehearsals(&shelf).unwrap().first().map(|one| one.at_ms), Some(11));
    }
}
