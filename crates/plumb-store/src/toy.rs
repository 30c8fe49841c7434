//! The smallest values worth merging: multisets of numbers, which show what is lost and what is
//! counted twice. With them, windows to look at and deltas by number.

use std::collections::BTreeMap;

use crate::store::{Delta, Entry, Filter, MergeRefused, Store, WindowKey};

/// Days it takes to move on to new windows: 40 deltas, so that windows stay small.
const DELTAS_PER_DAY: u32 = 40;

/// How often a delta says its own number: 64 times, so that windows need pages of their own.
const COPIES: usize = 64;

/// Every window with its numbers, its newest exchange and its count.
pub(crate) type Windows = BTreeMap<WindowKey, (Vec<u32>, i64, u64)>;

pub(crate) fn to_value(numbers: &[u32]) -> Vec<u8> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

pub(crate) fn from_value(value: &[u8]) -> Vec<u32> {
    value.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

pub(crate) fn merge(there: &[u8], came: &[u8]) -> Result<Vec<u8>, MergeRefused> {
    if there.len() % 4 + came.len() % 4 > 0 {
        return Err(MergeRefused { reason: "not a list of numbers".into() });
    }
    Ok(to_value(&from_value(&[there, came].concat())))
}

pub(crate) fn key(writer: &str, day: i32) -> WindowKey {
    WindowKey {
        writer: writer.into(),
        reader: "shop".into(),
        operation: "GET /items/{id}".into(),
        version: "1.4.0".into(),
        environment: "production".into(),
        day,
    }
}

pub(crate) fn entry(key: WindowKey, numbers: &[u32]) -> Entry {
    let last_ms = numbers.iter().copied().max().map_or(0, i64::from);
    Entry { key, value: to_value(numbers), last_ms, exchanges: numbers.len() as u64 }
}

pub(crate) fn delta(number: u32, entries: Vec<Entry>) -> Delta<'static> {
    let mut id = [7; 32];
    id[..4].copy_from_slice(&number.to_le_bytes());
    Delta { id, source: "toy", received_ms: i64::from(number), entries }
}

/// The number of the delta with this identity.
pub(crate) fn number(id: &[u8; 32]) -> u32 {
    u32::from_le_bytes([id[0], id[1], id[2], id[3]])
}

/// A delta that touches a window of its own and one shared with all deltas of its day.
pub(crate) fn numbered(number: u32) -> Delta<'static> {
    let day = i32::try_from(number / DELTAS_PER_DAY).unwrap();
    let own = format!("own-{}", number % 3);
    let entries = [own.as_str(), "shared"].map(|writer| entry(key(writer, day), &[number; COPIES]));
    delta(number, entries.into())
}

/// Merges a delta into windows kept by the test itself.
pub(crate) fn expect(windows: &mut Windows, delta: &Delta<'_>) {
    for entry in &delta.entries {
        let (numbers, last_ms, exchanges) = windows.entry(entry.key.clone()).or_default();
        numbers.extend(from_value(&entry.value));
        numbers.sort_unstable();
        *last_ms = entry.last_ms.max(*last_ms);
        *exchanges += entry.exchanges;
    }
}

pub(crate) fn windows(store: &dyn Store, filter: &Filter) -> Windows {
    let mut windows = Windows::new();
    let visited = store.windows(filter, &mut |window| {
        assert!(windows.last_key_value().is_none_or(|(last, _)| last < window.key), "out of order");
        let seen = (from_value(window.value), window.last_ms, window.exchanges);
        windows.insert(window.key.clone(), seen);
        Ok(())
    });
    visited.unwrap();
    windows
}

pub(crate) fn all_windows(store: &dyn Store) -> Windows {
    windows(store, &Filter::default())
}

/// The numbers of the deltas recorded, in the order they came.
pub(crate) fn numbers(store: &dyn Store) -> Vec<u32> {
    store.deltas(u32::MAX).unwrap().iter().map(|record| number(&record.id)).collect()
}
