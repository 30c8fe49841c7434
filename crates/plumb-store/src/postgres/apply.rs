//! One delta into the windows of a server, while others do the same.
//!
//! Windows are taken in the order of their hashes, by everybody, so that two deltas that meet wait
//! for each other and never in a circle. Refuses to know connections.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::bounds::{BATCH_BYTES_MAX, BATCH_ROWS_MAX};
use crate::column::{newest_day, to_column, total};
use crate::postgres::explain::Stop;
use crate::postgres::row::{Hash, batches, hash_at, horizon, values_of, window_hash};
use crate::postgres::work::Work;
use crate::store::{self, Applied, Delta, Entry, Merge, StoreError, WindowKey};

/// All that came for one window, merged.
struct Came<'a> {
    key: &'a WindowKey,
    value: Cow<'a, [u8]>,
    last_ms: i64,
    exchanges: i64,
}

/// What came for each window, in the order in which they are taken.
type Arrivals<'a> = BTreeMap<Hash, Came<'a>>;

/// A window that was there before, and is ours until the end.
struct There {
    hash: Hash,
    exchanges: i64,
    bytes: usize,
}

/// Merges a delta and records it, once the transaction is committed.
pub(crate) fn apply(
    work: &mut Work<'_>,
    delta: &Delta<'_>,
    merge: &Merge<'_>,
) -> Result<Applied, Stop> {
    // Held until the end, so that no pruning comes between.
    let horizon = horizon(work, "SELECT day FROM plumb.horizon FOR SHARE")?;
    if newest_day(delta) < horizon {
        return Ok(Applied::Late);
    }
    if !record(work, delta)? {
        return Ok(Applied::Already);
    }
    let (mut arrivals, mut entries_late) = (Arrivals::new(), 0);
    for entry in &delta.entries {
        if entry.key.day < horizon {
            entries_late += 1;
        } else {
            gather(&mut arrivals, entry, merge)?;
        }
    }
    let sized = arrivals.iter().map(|(hash, came)| (hash, came.value.len()));
    for hashes in batches(sized, BATCH_ROWS_MAX, BATCH_BYTES_MAX) {
        let there = insert_or_take(work, &arrivals, &hashes)?;
        let sized = there.iter().map(|window| (window, window.bytes));
        for windows in batches(sized, BATCH_ROWS_MAX, BATCH_BYTES_MAX) {
            widen(work, &arrivals, &windows, merge)?;
        }
    }
    Ok(Applied::New { entries_late })
}

/// Records a delta; false when it was recorded before. Waits for whoever is recording it now.
fn record(work: &mut Work<'_>, delta: &Delta<'_>) -> Result<bool, Stop> {
    let sql = "INSERT INTO plumb.deltas (id, source, received_ms, exchanges, windows, newest_day) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let windows = i64::try_from(delta.entries.len()).unwrap_or(i64::MAX);
    let recorded = work.execute(
        sql,
        &[
            &delta.id.as_slice(),
            &delta.source.as_bytes(),
            &delta.received_ms,
            &to_column(total(delta)),
            &windows,
            &newest_day(delta),
        ],
    )?;
    Ok(recorded > 0)
}

fn gather<'a>(
    arrivals: &mut Arrivals<'a>,
    entry: &'a Entry,
    merge: &Merge<'_>,
) -> Result<(), Stop> {
    let exchanges = to_column(entry.exchanges);
    let first = || Came {
        key: &entry.key,
        value: Cow::Borrowed(&entry.value),
        last_ms: entry.last_ms,
        exchanges,
    };
    match arrivals.entry(window_hash(&entry.key)) {
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(first());
        }
        std::collections::btree_map::Entry::Occupied(mut taken) => {
            let came = taken.get_mut();
            came.value = Cow::Owned(merged(merge, &entry.key, &came.value, &entry.value)?);
            came.last_ms = came.last_ms.max(entry.last_ms);
            came.exchanges = came.exchanges.saturating_add(exchanges);
        }
    }
    Ok(())
}

fn merged(merge: &Merge<'_>, key: &WindowKey, there: &[u8], came: &[u8]) -> Result<Vec<u8>, Stop> {
    let merged = merge(there, came)
        .map_err(|refused| StoreError::MergeRefused { key: Box::new(key.clone()), refused })?;
    store::check_value(&merged)?;
    Ok(merged)
}

/// Makes the windows that are not there yet, takes those that are, and answers the latter. One
/// statement does both in one order, because between two a window could be made or taken.
fn insert_or_take(
    work: &mut Work<'_>,
    arrivals: &Arrivals<'_>,
    hashes: &[&Hash],
) -> Result<Vec<There>, Stop> {
    let came: Vec<&Came<'_>> = hashes.iter().filter_map(|hash| arrivals.get(*hash)).collect();
    let ids: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let field = |of: fn(&WindowKey) -> &str| -> Vec<&[u8]> {
        came.iter().map(|came| of(came.key).as_bytes()).collect()
    };
    let days: Vec<i32> = came.iter().map(|came| came.key.day).collect();
    let last_ms: Vec<i64> = came.iter().map(|came| came.last_ms).collect();
    let exchanges: Vec<i64> = came.iter().map(|came| came.exchanges).collect();
    let values: Vec<&[u8]> = came.iter().map(|came| came.value.as_ref()).collect();
    let rows = work.query(
        "INSERT INTO plumb.windows AS there (id, writer, reader, operation, version, environment, \
         day, last_ms, exchanges, merges, value) \
         SELECT id, writer, reader, operation, version, environment, day, last_ms, exchanges, 1, \
         value FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], \
         $6::bytea[], $7::int4[], $8::int8[], $9::int8[], $10::bytea[]) \
         AS came (id, writer, reader, operation, version, environment, day, last_ms, exchanges, \
         value) ORDER BY id \
         ON CONFLICT (id) DO UPDATE SET merges = there.merges + 1, \
         last_ms = greatest(there.last_ms, excluded.last_ms) \
         RETURNING id, exchanges, length(value), merges",
        &[
            &ids,
            &field(|key| &key.writer),
            &field(|key| &key.reader),
            &field(|key| &key.operation),
            &field(|key| &key.version),
            &field(|key| &key.environment),
            &days,
            &last_ms,
            &exchanges,
            &values,
        ],
    )?;
    let mut there = Vec::new();
    for row in rows {
        if row.try_get::<_, i64>(3)? > 1 {
            let bytes = usize::try_from(row.try_get::<_, i32>(2)?).unwrap_or(usize::MAX);
            there.push(There { hash: hash_at(&row, 0)?, exchanges: row.try_get(1)?, bytes });
        }
    }
    Ok(there)
}

/// Merges what came into windows that are ours.
fn widen(
    work: &mut Work<'_>,
    arrivals: &Arrivals<'_>,
    windows: &[&There],
    merge: &Merge<'_>,
) -> Result<(), Stop> {
    let hashes: Vec<&[u8]> = windows.iter().map(|window| window.hash.as_slice()).collect();
    let values = values_of(work, &hashes)?;
    let (mut exchanges, mut wider) = (Vec::new(), Vec::new());
    for window in windows {
        let (Some(came), Some(value)) = (arrivals.get(&window.hash), values.get(&window.hash))
        else {
            return Err(Stop::Damaged("a window that was taken is not there"));
        };
        exchanges.push(window.exchanges.saturating_add(came.exchanges));
        wider.push(merged(merge, came.key, value, &came.value)?);
    }
    work.execute(
        "UPDATE plumb.windows AS there SET exchanges = wider.exchanges, value = wider.value \
         FROM unnest($1::bytea[], $2::int8[], $3::bytea[]) AS wider (id, exchanges, value) \
         WHERE there.id = wider.id",
        &[&hashes, &exchanges, &wider],
    )?;
    Ok(())
}
