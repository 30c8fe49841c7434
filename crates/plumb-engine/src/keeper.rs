//! Who keeps what is observed: a shelf at hand here, a server elsewhere.
//!
//! Refuses to know how exchanges become deltas, and how a server is reached.

use crate::location::Location;
use crate::releases::timeline;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_shape::literal::LiteralKey;
use plumb_store::store::{Applied, Delta};
use plumb_traffic::timeline::Timeline;
use thiserror::Error;

/// Keeps deltas.
pub trait Keeper: Send {
    /// What to fold by, as it is now.
    ///
    /// # Errors
    ///
    /// When there is no key to be had.
    fn terms(&mut self) -> Result<Terms, KeepError>;

    /// Keeps a delta; durable when it answers. The same delta a second time changes nothing.
    ///
    /// # Errors
    ///
    /// When it was not kept, or nobody knows whether it was.
    fn keep(&mut self, delta: &Delta<'_>) -> Result<Applied, KeepError>;

    /// Keeps a document that is no evidence but belongs beside it. It stays on this machine, also
    /// when evidence goes elsewhere.
    ///
    /// # Errors
    ///
    /// When the shelf here fails.
    fn put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), KeepError>;

    /// A document that was put.
    ///
    /// # Errors
    ///
    /// When the shelf here fails.
    fn get(&mut self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, KeepError>;
}

/// What exchanges are folded by, so that what comes of it fits what is kept.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The key under which values are hashed.
    pub key: LiteralKey,
    /// What it is known by: the start of its hash.
    pub key_id: String,
    /// The releases that are known.
    pub timeline: Timeline,
}

/// Why a delta was not kept.
#[derive(Debug, Error)]
pub enum KeepError {
    /// The shelf failed.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// A server failed, in its keeper's words: lower case, no full stop.
    #[error("{0}")]
    Away(String),
}

/// Keeps deltas on a shelf, which is opened again for each of them: somebody may remove it or bring
/// another.
#[derive(Debug)]
pub struct ShelfKeeper {
    location: Location,
    shelf: Option<Shelf>,
}

impl ShelfKeeper {
    /// For the shelf at a location, which is made when it is not there.
    ///
    /// A folder is laid out at once: programs that walk through all folders, as runners of tests
    /// do, fail at drafts of files that vanish under their eyes. What goes wrong with that is told
    /// when something is to be kept.
    #[must_use]
    pub fn new(location: Location) -> Self {
        let is_here = matches!(location, Location::Folder(_));
        let shelf = if is_here { shelf::open(&location).ok() } else { None };
        Self { location, shelf }
    }
}

impl ShelfKeeper {
    fn shelf(&mut self) -> Result<&mut Shelf, ShelfError> {
        match &mut self.shelf {
            Some(shelf) => Ok(shelf),
            none => Ok(none.insert(shelf::open(&self.location)?)),
        }
    }
}

impl Keeper for ShelfKeeper {
    fn terms(&mut self) -> Result<Terms, KeepError> {
        // Opened before the last one closes, so that the files which SQLite keeps beside a store
        // stay where they are.
        self.shelf.insert(shelf::open(&self.location)?).terms()
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<Applied, KeepError> {
        self.shelf()?.keep(delta)
    }

    fn put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), KeepError> {
        self.shelf()?.put(kind, key, bytes)
    }

    fn get(&mut self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, KeepError> {
        self.shelf()?.get(kind, key)
    }
}

/// A shelf that is open, for work that ends before anybody could remove it.
impl Keeper for Shelf {
    fn terms(&mut self) -> Result<Terms, KeepError> {
        let timeline = timeline(self)?;
        Ok(Terms { key: self.key.clone(), key_id: self.key_id.clone(), timeline })
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<Applied, KeepError> {
        Ok(self.store.apply(delta, &shelf::merge).map_err(ShelfError::Store)?)
    }

    fn put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), KeepError> {
        Ok(self.store.document_put(kind, key, bytes).map_err(ShelfError::Store)?)
    }

    fn get(&mut self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, KeepError> {
        Ok(self.store.document_get(kind, key).map_err(ShelfError::Store)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Keeper as _, ShelfKeeper};
    use std::collections::BTreeSet;
    use std::ffi::OsString;
    use std::path::Path;

    fn files(folder: &Path) -> BTreeSet<OsString> {
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn nothing_comes_and_goes_in_a_folder_that_is_kept_to() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = ShelfKeeper::new(folder.path().into());
        let laid_out = files(folder.path());
        assert!(laid_out.contains(&OsString::from("evidence.db")), "{laid_out:?}");
        for _ in 0..2 {
            keeper.terms().unwrap();
            let missing: Vec<_> = laid_out.difference(&files(folder.path())).cloned().collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }
}
