//! Sightings: on which days each version of a component was seen at work.
//!
//! Refuses to know what it did.

use plumb_store::store::WindowKey;
use std::collections::BTreeMap;

/// A version of a component, seen on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// The component, which wrote what was seen.
    pub component: String,
    /// Its version, never empty.
    pub version: String,
    /// Where it was seen, empty when unknown.
    pub environment: String,
    /// Days since 1970-01-01, in UTC.
    pub day: i32,
    /// When it was last seen on that day, Unix milliseconds; where exchanges tell no time, when
    /// they were read.
    pub last_ms: i64,
}

/// Sightings that come in windows: what stands under one name and day becomes one. There are never
/// more than windows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sightings(BTreeMap<(String, String, String, i32), i64>);

impl Sightings {
    /// Adds a window. One whose version nobody told says nothing of when a version went.
    pub(crate) fn add(&mut self, key: &WindowKey, last_ms: i64) {
        if key.version.is_empty() {
            return;
        }
        let (writer, version) = (key.writer.clone(), key.version.clone());
        let name = (writer, version, key.environment.clone(), key.day);
        let known = self.0.entry(name).or_insert(last_ms);
        *known = last_ms.max(*known);
    }

    /// All of them, by name and day.
    pub(crate) fn into_sightings(self) -> Vec<Sighting> {
        let sightings = self.0.into_iter().map(|(name, last_ms)| {
            let (component, version, environment, day) = name;
            Sighting { component, version, environment, day, last_ms }
        });
        sightings.collect()
    }
}
