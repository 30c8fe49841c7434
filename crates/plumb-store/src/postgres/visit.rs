//! Windows of a server, visited in the order of their keys, all from one moment.
//!
//! What is in memory at once is bounded, however many windows there are. Refuses to know
//! connections.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::bounds::{BATCH_BYTES_MAX, BATCH_ROWS_MAX};
use crate::column::from_column;
use crate::postgres::explain::Stop;
use crate::postgres::row::{Hash, batches, hash_at, text_at, values_of};
use crate::postgres::work::Work;
use crate::store::{Filter, StoreError, Visit, Window, WindowKey};

/// A window but for its value.
struct Outline {
    hash: Hash,
    key: WindowKey,
    last_ms: i64,
    exchanges: u64,
    bytes: usize,
}

/// Visits the windows that the filter leaves. Keys come first, and values behind them in groups
/// whose size is known: how many largest values a batch of keys has is not.
pub(crate) fn visit_windows(
    work: &mut Work<'_>,
    filter: &Filter,
    visit: &mut Visit<'_>,
) -> Result<(), Stop> {
    let Filter { since_day, writer, operation, environment } = filter;
    let [writer, operation, environment] =
        [writer, operation, environment].map(|it| it.as_ref().map(|name| name.as_bytes()));
    let wanted: [(&str, Option<&(dyn ToSql + Sync)>); 4] = [
        ("day >=", since_day.as_ref().map(|day| day as _)),
        ("writer =", writer.as_ref().map(|name| name as _)),
        ("operation =", operation.as_ref().map(|name| name as _)),
        ("environment =", environment.as_ref().map(|name| name as _)),
    ];
    let mut sql = String::from(
        "SELECT id, writer, reader, operation, version, environment, day, last_ms, exchanges, \
         length(value) FROM plumb.windows WHERE true",
    );
    let mut values = Vec::new();
    for (condition, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        }
    }
    sql.push_str(" ORDER BY writer, reader, operation, version, environment, day");
    work.in_batches(&sql, &values, BATCH_ROWS_MAX, &mut |work, rows| {
        let outlines = rows.iter().map(outline).collect::<Result<Vec<_>, _>>()?;
        let sized = outlines.iter().map(|outline| (outline, outline.bytes));
        for outlines in batches(sized, BATCH_ROWS_MAX, BATCH_BYTES_MAX) {
            visit_batch(work, &outlines, visit)?;
        }
        Ok(())
    })
}

fn visit_batch(
    work: &mut Work<'_>,
    outlines: &[&Outline],
    visit: &mut Visit<'_>,
) -> Result<(), Stop> {
    let hashes: Vec<&[u8]> = outlines.iter().map(|outline| outline.hash.as_slice()).collect();
    let values = values_of(work, &hashes)?;
    for Outline { hash, key, last_ms, exchanges, .. } in outlines {
        let Some(value) = values.get(hash) else {
            return Err(Stop::Damaged("a window has no value"));
        };
        let window = Window { key, value, last_ms: *last_ms, exchanges: *exchanges };
        let refused = |refused| StoreError::VisitRefused { key: Box::new(key.clone()), refused };
        visit(&window).map_err(refused)?;
    }
    Ok(())
}

fn outline(row: &Row) -> Result<Outline, Stop> {
    Ok(Outline {
        hash: hash_at(row, 0)?,
        key: WindowKey {
            writer: text_at(row, 1)?,
            reader: text_at(row, 2)?,
            operation: text_at(row, 3)?,
            version: text_at(row, 4)?,
            environment: text_at(row, 5)?,
            day: row.try_get(6)?,
        },
        last_ms: row.try_get(7)?,
        exchanges: from_column(row.try_get(8)?),
        bytes: usize::try_from(row.try_get::<_, i32>(9)?).unwrap_or(usize::MAX),
    })
}
