//! The inventory of a shelf: which sources were read, which windows they filled, and what to let
//! go of.
//!
//! Refuses to know how any of it is shown.

use crate::observe::SOURCE_KIND;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_shape::profile::Profile;
use plumb_store::store::{DeltaRecord, Filter, Pruned, VisitRefused, WindowKey};
use std::collections::{BTreeMap, BTreeSet};

/// The newest sources that are listed; a list beyond it is read by nobody.
const SOURCES_MAX: u32 = 10_000;

/// One window of the shelf with its profile.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where it belongs.
    pub key: WindowKey,
    /// What was seen.
    pub profile: Profile,
}

/// How much lies on the shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Windows.
    pub windows: u64,
    /// Exchanges in all of them.
    pub exchanges: u64,
    /// The newest exchange, Unix milliseconds.
    pub last_ms: Option<i64>,
    /// Exchanges by environment; the empty name stands for traffic that did not say.
    pub environments: BTreeMap<String, u64>,
}

/// The sources that were read, oldest first.
///
/// # Errors
///
/// When the store cannot be read.
pub fn sources(shelf: &Shelf) -> Result<Vec<DeltaRecord>, ShelfError> {
    Ok(shelf.store.deltas(SOURCES_MAX)?)
}

/// The hashes of the files that were observed, by which a scan tells evidence from fixtures.
///
/// # Errors
///
/// When the store cannot be read.
pub fn observed_files(shelf: &Shelf) -> Result<BTreeSet<String>, ShelfError> {
    Ok(shelf.store.document_list(SOURCE_KIND)?.into_iter().collect())
}

/// Every window within the filter, in the order of their keys.
///
/// # Errors
///
/// When the store or a profile cannot be read.
pub fn windows(shelf: &Shelf, filter: &Filter) -> Result<Vec<Kept>, ShelfError> {
    let mut kept = Vec::new();
    shelf.store.windows(filter, &mut |window| {
        let profile =
            shelf::decode(window.value).map_err(|err| VisitRefused { reason: err.to_string() })?;
        kept.push(Kept { key: window.key.clone(), profile });
        Ok(())
    })?;
    Ok(kept)
}

/// How much lies on the shelf, without reading any profile.
///
/// # Errors
///
/// When the store cannot be read.
pub fn extent(shelf: &Shelf) -> Result<Extent, ShelfError> {
    let mut extent = Extent::default();
    shelf.store.windows(&Filter::default(), &mut |window| {
        extent.windows += 1;
        extent.exchanges = extent.exchanges.saturating_add(window.exchanges);
        extent.last_ms = extent.last_ms.max(Some(window.last_ms));
        let name = window.key.environment.clone();
        *extent.environments.entry(name).or_default() += window.exchanges;
        Ok(())
    })?;
    Ok(extent)
}

/// Lets go of everything before a day, in days since 1970-01-01. Such days are not taken in again.
///
/// # Errors
///
/// When the store cannot be written.
pub fn prune(shelf: &mut Shelf, before_day: i32) -> Result<Pruned, ShelfError> {
    Ok(shelf.store.prune(before_day)?)
}
