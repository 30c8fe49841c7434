//! What every engine writes into its columns, alike.
//!
//! Refuses to know tables and engines.

use crate::store::Delta;

/// The last day a delta speaks of; for one without entries, the day it came.
///
/// INVARIANT: a delta is forgotten only when this day lies before the horizon, and then none of its
/// entries can be counted again.
pub(crate) fn newest_day(delta: &Delta<'_>) -> i32 {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let received = || i32::try_from(delta.received_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
    delta.entries.iter().map(|entry| entry.key.day).max().unwrap_or_else(received)
}

/// How many exchanges a delta carries.
pub(crate) fn total(delta: &Delta<'_>) -> u64 {
    delta.entries.iter().map(|entry| entry.exchanges).fold(0, u64::saturating_add)
}

/// Columns hold signed numbers; what is beyond them stays at their end, in any order of adding.
pub(crate) fn to_column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// INVARIANT: the schema refuses counts below zero.
pub(crate) fn from_column(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
