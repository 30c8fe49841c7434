//! The inventory of a shelf: which sources were read, which windows they filled, and what to let
//! go of.
//!
//! Refuses to know how any of it is shown.

use crate::judge::Scope;
use crate::observe::SOURCE_KIND;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_shape::profile::Profile;
use plumb_store::store::{DeltaRecord, Filter, Pruned, VisitRefused, WindowKey};
use std::collections::{BTreeMap, BTreeSet};

/// The newest deltas that are looked at: a day of a dozen taps that each send one every five
/// seconds.
const DELTAS_MAX: u32 = 200_000;

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

/// A source that was read: a file as one delta, a tap as one for every few seconds it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What was read, for people.
    pub name: String,
    /// How many deltas came of it.
    pub deltas: u64,
    /// When the last one came, Unix milliseconds.
    pub received_ms: i64,
    /// Exchanges in all of them.
    pub exchanges: u64,
    /// Windows in the largest of them.
    pub windows: u64,
}

/// The sources that were read, the one that was read last coming last. Of very many deltas the
/// newest ones count.
///
/// # Errors
///
/// When the store cannot be read.
pub fn sources(shelf: &Shelf) -> Result<Vec<Source>, ShelfError> {
    Ok(joined(shelf.store.deltas(DELTAS_MAX)?))
}

/// Deltas of the same name as one source.
fn joined(deltas: Vec<DeltaRecord>) -> Vec<Source> {
    let mut by_name: BTreeMap<String, Source> = BTreeMap::new();
    for DeltaRecord { source, received_ms, exchanges, windows, .. } in deltas {
        let known = by_name.entry(source).or_insert_with_key(|name| Source {
            name: name.clone(),
            deltas: 0,
            received_ms,
            exchanges: 0,
            windows: 0,
        });
        known.deltas += 1;
        known.received_ms = known.received_ms.max(received_ms);
        known.exchanges = known.exchanges.saturating_add(exchanges);
        known.windows = known.windows.max(windows);
    }
    let mut sources: Vec<Source> = by_name.into_values().collect();
    sources
        .sort_by(|one, other| (one.received_ms, &one.name).cmp(&(other.received_ms, &other.name)));
    sources
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

/// What a window holds, without its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which window.
    pub key: WindowKey,
    /// How many exchanges.
    pub exchanges: u64,
    /// The newest of them, Unix milliseconds.
    pub last_ms: i64,
}

/// Every window within the scope, without reading any profile.
///
/// # Errors
///
/// When the store cannot be read.
pub fn lines(shelf: &Shelf, scope: &Scope) -> Result<Vec<Line>, ShelfError> {
    let mut lines = Vec::new();
    shelf.store.windows(&Filter::default(), &mut |window| {
        if scope.takes(window.key) {
            let (exchanges, last_ms) = (window.exchanges, window.last_ms);
            lines.push(Line { key: window.key.clone(), exchanges, last_ms });
        }
        Ok(())
    })?;
    Ok(lines)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(source: &str, received_ms: i64, exchanges: u64, windows: u64) -> DeltaRecord {
        DeltaRecord { id: [0; 32], source: source.to_owned(), received_ms, exchanges, windows }
    }

    #[test]
    fn a_tap_is_one_source_however_often_it_wrote() {
        let deltas = [delta("tap", 1, 10, 2), delta("a.har", 2, 5, 1), delta("tap", 3, 20, 1)];
        let sources = joined(deltas.to_vec());
        let told: Vec<_> = sources
            .iter()
            .map(|one| (one.name.as_str(), one.deltas, one.received_ms, one.exchanges, one.windows))
            .collect();
        assert_eq!(told, [("a.har", 1, 2, 5, 1), ("tap", 2, 3, 30, 2)]);
    }
}
