//! Folded windows as the store takes them.

use crate::shelf::{self, ShelfError};
use plumb_shape::profile::Profile;
use plumb_store::store::{Entry, WindowKey};
use plumb_traffic::fold::Window;
use std::collections::BTreeMap;

/// The entries of a delta. `received_ms` is the moment of exchanges that tell no time.
pub(crate) fn entries(
    profiles: &BTreeMap<Window, Profile>,
    received_ms: i64,
) -> Result<Vec<Entry>, ShelfError> {
    let entries = profiles.iter().map(|(window, profile)| {
        let total = profile.total();
        Ok(Entry {
            key: window_key(window),
            value: shelf::encode(profile)?,
            last_ms: total.last_ms.unwrap_or(received_ms),
            exchanges: total.count,
        })
    });
    entries.collect()
}

fn window_key(window: &Window) -> WindowKey {
    WindowKey {
        writer: window.writer.clone(),
        reader: window.reader.clone(),
        operation: window.operation.clone(),
        version: window.version.clone(),
        environment: window.environment.clone(),
        day: window.day,
    }
}
