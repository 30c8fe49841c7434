//! The store in one SQLite file: durable when acknowledged, shared by processes of one machine.
//!
//! Refuses to know how the file is made and opened, and what the bytes in it mean.

use std::io;
use std::path::{self, Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, TransactionBehavior, params};

use crate::bounds;
use crate::column::{from_column, newest_day, to_column, total};
use crate::connect;
use crate::explain::{Stop, explain};
use crate::store::{
    self, Applied, Delta, DeltaRecord, Entry, Filter, Merge, MergeRefused, Pruned, Store,
    StoreError, Visit, Window, WindowKey,
};

/// A store in one SQLite file. Each thread opens its own.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
}

/// Opens the store at `path` for reading and writing. One that is not there is made, its file
/// readable by its owner alone (0600, missing folders 0700); an older one is brought to
/// [`FORMAT`](crate::migrate::FORMAT).
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::NewerFormat`], [`StoreError::Damaged`],
/// [`StoreError::Create`], [`StoreError::Refused`], [`StoreError::Full`], [`StoreError::Busy`],
/// [`StoreError::Disk`].
pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    let (path, there) = locate(path)?;
    if !there {
        connect::create(&path)?;
    }
    let connection = connect::to_write(&path)?;
    Ok(SqliteStore { connection, path })
}

/// Opens the store at `path` for reading: nothing is made and nothing is brought up to date, and
/// what would change it is refused. Writers may go on beside it.
///
/// # Errors
/// [`StoreError::NotThere`], [`StoreError::OlderFormat`], or as for [`open`].
pub fn open_read_only(path: &Path) -> Result<SqliteStore, StoreError> {
    let (path, there) = locate(path)?;
    if !there {
        return Err(StoreError::NotThere { place: path.as_path().into() });
    }
    let connection = connect::to_read(&path)?;
    Ok(SqliteStore { connection, path })
}

impl Store for SqliteStore {
    fn apply(&mut self, delta: &Delta<'_>, merge: &Merge<'_>) -> Result<Applied, StoreError> {
        apply(&mut self.connection, delta, merge).map_err(|stop| explain(&self.path, stop))
    }

    fn windows(&self, filter: &Filter, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        visit_windows(&self.connection, filter, visit).map_err(|stop| explain(&self.path, stop))
    }

    fn deltas(&self, count_max: u32) -> Result<Vec<DeltaRecord>, StoreError> {
        list_deltas(&self.connection, count_max).map_err(|stop| explain(&self.path, stop))
    }

    fn prune(&mut self, before_day: i32) -> Result<Pruned, StoreError> {
        prune(&mut self.connection, before_day).map_err(|stop| explain(&self.path, stop))
    }

    fn document_put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        put_document(&mut self.connection, kind, key, bytes)
            .map_err(|stop| explain(&self.path, stop))
    }

    fn document_claim(
        &mut self,
        kind: &str,
        key: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        claim_document(&mut self.connection, kind, key, bytes)
            .map_err(|stop| explain(&self.path, stop))
    }

    fn document_get(&self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        get_document(&self.connection, kind, key).map_err(|stop| explain(&self.path, stop))
    }

    fn document_list(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        list_documents(&self.connection, kind).map_err(|stop| explain(&self.path, stop))
    }
}

/// The absolute form of `path`, which the engine cannot take for one of its special names, and
/// whether something is there.
fn locate(path: &Path) -> Result<(PathBuf, bool), StoreError> {
    let failed =
        |error: io::Error| StoreError::Refused { place: path.into(), detail: error.to_string() };
    let absolute = path::absolute(path).map_err(failed)?;
    let there = absolute.try_exists().map_err(failed)?;
    Ok((absolute, there))
}

fn apply(
    connection: &mut Connection,
    delta: &Delta<'_>,
    merge: &Merge<'_>,
) -> Result<Applied, Stop> {
    store::check_delta(delta)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if is_recorded(&transaction, &delta.id)? {
        return Ok(Applied::Already);
    }
    let horizon = horizon(&transaction)?;
    if newest_day(delta) < horizon {
        return Ok(Applied::Late);
    }
    let mut entries_late = 0;
    for entry in &delta.entries {
        if entry.key.day < horizon {
            entries_late += 1;
        } else {
            fold_entry(&transaction, entry, merge)?;
        }
    }
    record(&transaction, delta)?;
    transaction.commit()?;
    Ok(Applied::New { entries_late })
}

fn is_recorded(transaction: &Transaction<'_>, id: &[u8; 32]) -> Result<bool, Stop> {
    let mut statement = transaction.prepare_cached("SELECT 1 FROM deltas WHERE id = ?1")?;
    Ok(statement.exists([id])?)
}

/// The first day that is kept.
fn horizon(connection: &Connection) -> Result<i32, Stop> {
    let mut statement = connection.prepare_cached("SELECT day FROM horizon")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(i32::MIN))
}

/// A window that is there, with what came already merged into its value.
struct Widened {
    id: i64,
    last_ms: i64,
    exchanges: i64,
    merged: Result<Vec<u8>, MergeRefused>,
}

fn fold_entry(transaction: &Transaction<'_>, entry: &Entry, merge: &Merge<'_>) -> Result<(), Stop> {
    match widen(transaction, entry, merge)? {
        Some(widened) => update_window(transaction, entry, widened),
        None => insert_window(transaction, entry),
    }
}

fn widen(
    transaction: &Transaction<'_>,
    entry: &Entry,
    merge: &Merge<'_>,
) -> Result<Option<Widened>, Stop> {
    let WindowKey { writer, reader, operation, version, environment, day } = &entry.key;
    let mut find = transaction.prepare_cached(
        "SELECT id, last_ms, exchanges, value FROM windows WHERE writer = ?1 AND reader = ?2 \
         AND operation = ?3 AND version = ?4 AND environment = ?5 AND day = ?6",
    )?;
    let key = params![writer, reader, operation, version, environment, day];
    let found = find.query_row(key, |row| {
        Ok(Widened {
            id: row.get(0)?,
            last_ms: row.get(1)?,
            exchanges: row.get(2)?,
            merged: merge(row.get_ref(3)?.as_blob()?, &entry.value),
        })
    });
    Ok(found.optional()?)
}

fn update_window(
    transaction: &Transaction<'_>,
    entry: &Entry,
    widened: Widened,
) -> Result<(), Stop> {
    let merged = widened.merged.map_err(|refused| StoreError::MergeRefused {
        key: Box::new(entry.key.clone()),
        refused,
    })?;
    store::check_value(&merged)?;
    let last_ms = widened.last_ms.max(entry.last_ms);
    let exchanges = widened.exchanges.saturating_add(to_column(entry.exchanges));
    let mut update = transaction.prepare_cached(
        "UPDATE windows SET last_ms = ?2, exchanges = ?3, value = ?4 WHERE id = ?1",
    )?;
    update.execute(params![widened.id, last_ms, exchanges, merged])?;
    Ok(())
}

fn insert_window(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), Stop> {
    let WindowKey { writer, reader, operation, version, environment, day } = &entry.key;
    let (last_ms, exchanges, value) = (entry.last_ms, to_column(entry.exchanges), &entry.value);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO windows (writer, reader, operation, version, environment, day, \
         last_ms, exchanges, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert.execute(params![
        writer,
        reader,
        operation,
        version,
        environment,
        day,
        last_ms,
        exchanges,
        value
    ])?;
    Ok(())
}

fn record(transaction: &Transaction<'_>, delta: &Delta<'_>) -> Result<(), Stop> {
    let exchanges = to_column(total(delta));
    let windows = i64::try_from(delta.entries.len()).unwrap_or(i64::MAX);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO deltas (id, source, received_ms, exchanges, windows, newest_day) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    insert.execute(params![
        delta.id,
        delta.source,
        delta.received_ms,
        exchanges,
        windows,
        newest_day(delta)
    ])?;
    Ok(())
}

fn visit_windows(
    connection: &Connection,
    filter: &Filter,
    visit: &mut Visit<'_>,
) -> Result<(), Stop> {
    let (sql, values) = select_windows(filter);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values.as_slice())?;
    while let Some(row) = rows.next()? {
        let key = WindowKey {
            writer: row.get(0)?,
            reader: row.get(1)?,
            operation: row.get(2)?,
            version: row.get(3)?,
            environment: row.get(4)?,
            day: row.get(5)?,
        };
        let value = row.get_ref(8)?.as_blob().map_err(rusqlite::Error::from)?;
        let exchanges = from_column(row.get(7)?);
        let window = Window { key: &key, value, last_ms: row.get(6)?, exchanges };
        let seen = visit(&window);
        seen.map_err(|refused| StoreError::VisitRefused { key: Box::new(key), refused })?;
    }
    Ok(())
}

/// One statement is one moment, and the order is the index's own, so that nothing is gathered and
/// sorted before the first window is seen. The `+` keeps the planner from dropping a fixed column
/// out of the order, after which it would no longer see that the index has that order.
fn select_windows(filter: &Filter) -> (String, Vec<&dyn ToSql>) {
    let Filter { since_day, writer, operation, environment } = filter;
    let wanted: [(&str, Option<&dyn ToSql>); 4] = [
        ("day >= ?", since_day.as_ref().map(|day| day as _)),
        ("writer = ?", writer.as_ref().map(|name| name as _)),
        ("+operation = ?", operation.as_ref().map(|name| name as _)),
        ("+environment = ?", environment.as_ref().map(|name| name as _)),
    ];
    let mut sql = String::from(
        "SELECT writer, reader, operation, version, environment, day, last_ms, exchanges, value \
         FROM windows INDEXED BY windows_by_key WHERE true",
    );
    let mut values = Vec::new();
    for (condition, value) in wanted {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    }
    sql.push_str(" ORDER BY writer, reader, operation, version, environment, day");
    (sql, values)
}

fn list_deltas(connection: &Connection, count_max: u32) -> Result<Vec<DeltaRecord>, Stop> {
    let mut statement = connection.prepare_cached(
        "SELECT id, source, received_ms, exchanges, windows FROM deltas \
         ORDER BY arrival DESC LIMIT ?1",
    )?;
    let records = statement.query_map([count_max], |row| {
        Ok(DeltaRecord {
            id: row.get(0)?,
            source: row.get(1)?,
            received_ms: row.get(2)?,
            exchanges: from_column(row.get(3)?),
            windows: from_column(row.get(4)?),
        })
    })?;
    let mut records = records.collect::<Result<Vec<_>, _>>()?;
    records.reverse();
    Ok(records)
}

fn prune(connection: &mut Connection, before_day: i32) -> Result<Pruned, Stop> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO horizon (one, day) VALUES (1, ?1) \
         ON CONFLICT (one) DO UPDATE SET day = max(day, excluded.day)",
        [before_day],
    )?;
    let windows = "DELETE FROM windows WHERE day < (SELECT day FROM horizon)";
    let deltas = "DELETE FROM deltas WHERE newest_day < (SELECT day FROM horizon)";
    let pruned = Pruned {
        windows: transaction.execute(windows, [])?,
        deltas: transaction.execute(deltas, [])?,
    };
    transaction.commit()?;
    Ok(pruned)
}

fn put_document(
    connection: &mut Connection,
    kind: &str,
    key: &str,
    bytes: &[u8],
) -> Result<(), Stop> {
    store::check_document(kind, key, bytes)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO documents (kind, key, bytes) VALUES (?1, ?2, ?3) \
         ON CONFLICT (kind, key) DO UPDATE SET bytes = excluded.bytes",
        params![kind, key, bytes],
    )?;
    commit_documents(transaction, kind)
}

fn claim_document(
    connection: &mut Connection,
    kind: &str,
    key: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, Stop> {
    store::check_document(kind, key, bytes)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(there) = get_document(&transaction, kind, key)? {
        return Ok(there);
    }
    transaction.execute(
        "INSERT INTO documents (kind, key, bytes) VALUES (?1, ?2, ?3)",
        params![kind, key, bytes],
    )?;
    commit_documents(transaction, kind)?;
    Ok(bytes.into())
}

/// Commits unless there are too many of the kind now.
fn commit_documents(transaction: Transaction<'_>, kind: &str) -> Result<(), Stop> {
    let count = "SELECT count(*) FROM documents WHERE kind = ?1";
    let count: i64 = transaction.query_row(count, [kind], |row| row.get(0))?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    bounds::check_count("one kind", "documents", count, bounds::DOCUMENTS_PER_KIND_MAX)?;
    Ok(transaction.commit()?)
}

fn get_document(connection: &Connection, kind: &str, key: &str) -> Result<Option<Vec<u8>>, Stop> {
    let sql = "SELECT bytes FROM documents WHERE kind = ?1 AND key = ?2";
    Ok(connection.query_row(sql, [kind, key], |row| row.get(0)).optional()?)
}

fn list_documents(connection: &Connection, kind: &str) -> Result<Vec<String>, Stop> {
    let sql = "SELECT key FROM documents WHERE kind = ?1 ORDER BY key";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_map([kind], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

#[cfg(test)]
impl SqliteStore {
    /// A store that is gone with its value.
    pub(crate) fn in_memory() -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut connection).unwrap();
        Self { connection, path: ":memory:".into() }
    }

    /// The connection, for tests that narrow its limits or look underneath.
    pub(crate) fn raw(&self) -> &Connection {
        &self.connection
    }
}

#[cfg(test)]
mod tests;
