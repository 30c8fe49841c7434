//! Who keeps what is observed: a shelf at hand here, a server elsewhere.
//!
//! Refuses to know how exchanges become deltas, and how a server is reached.

use crate::shelf::{self, Shelf, ShelfError};
use plumb_shape::literal::LiteralKey;
use plumb_store::store::{Delta, Store as _};
use std::path::PathBuf;
use thiserror::Error;

/// Keeps deltas.
pub trait Keeper: Send {
    /// The key under which values are hashed, as it is now.
    ///
    /// # Errors
    ///
    /// When there is none to be had.
    fn key(&mut self) -> Result<KeyAtHand, KeepError>;

    /// Keeps a delta; durable when it answers. The same delta a second time changes nothing.
    ///
    /// # Errors
    ///
    /// When it was not kept, or nobody knows whether it was.
    fn keep(&mut self, delta: &Delta<'_>) -> Result<(), KeepError>;
}

/// A key, and what it is known by.
#[derive(Clone, Debug)]
pub struct KeyAtHand {
    /// The key.
    pub key: LiteralKey,
    /// The start of its hash.
    pub id: String,
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
    folder: PathBuf,
    shelf: Option<Shelf>,
}

impl ShelfKeeper {
    /// For the shelf in a folder, which is made when it is not there.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, shelf: None }
    }
}

impl Keeper for ShelfKeeper {
    fn key(&mut self) -> Result<KeyAtHand, KeepError> {
        self.shelf = None;
        let shelf = self.shelf.insert(shelf::open(&self.folder)?);
        Ok(KeyAtHand { key: shelf.key.clone(), id: shelf.key_id.clone() })
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<(), KeepError> {
        let shelf = match &mut self.shelf {
            Some(shelf) => shelf,
            None => self.shelf.insert(shelf::open(&self.folder)?),
        };
        shelf.store.apply(delta, &shelf::merge).map_err(ShelfError::Store)?;
        Ok(())
    }
}
