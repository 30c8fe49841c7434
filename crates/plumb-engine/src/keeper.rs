//! Who keeps what is observed: a shelf at hand here, a server elsewhere.
//!
//! Refuses to know how exchanges become deltas, and how a server is reached.

use crate::location::Location;
use crate::releases::timeline;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_shape::literal::LiteralKey;
use plumb_store::store::Delta;
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
    fn keep(&mut self, delta: &Delta<'_>) -> Result<(), KeepError>;
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
    #[must_use]
    pub const fn new(location: Location) -> Self {
        Self { location, shelf: None }
    }
}

impl Keeper for ShelfKeeper {
    fn terms(&mut self) -> Result<Terms, KeepError> {
        self.shelf = None;
        let shelf = self.shelf.insert(shelf::open(&self.location)?);
        let timeline = timeline(shelf)?;
        Ok(Terms { key: shelf.key.clone(), key_id: shelf.key_id.clone(), timeline })
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<(), KeepError> {
        let shelf = match &mut self.shelf {
            Some(shelf) => shelf,
            None => self.shelf.insert(shelf::open(&self.location)?),
        };
        shelf.store.apply(delta, &shelf::merge).map_err(ShelfError::Store)?;
        Ok(())
    }
}
