//! What stands in a database at one moment: relations, their files, and what this session read.
//!
//! Refuses to know why it is asked.

use crate::link::{Line, Link, Refusal, flag_at, number_at, text_at};
use crate::lock::Lock;
use std::collections::BTreeMap;

/// A relation at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    /// As a person writes it: without the schema where that is `public`.
    pub(crate) name: String,
    /// As SQL writes it.
    pub(crate) quoted: String,
    /// The table that an index belongs to.
    pub(crate) table: Option<u64>,
    /// Whether it holds rows itself.
    pub(crate) has_rows: bool,
    /// The number of its file.
    pub(crate) file: u64,
    /// Whether its file holds anything.
    pub(crate) is_filled: bool,
    /// Tuples that this session has read of it, so far.
    pub(crate) read: u64,
    /// Rows that this session has inserted, changed and removed in it, so far.
    pub(crate) changed: u64,
    /// Its rows, as far as statistics know.
    pub(crate) rows: u64,
}

/// Relations by their identity.
pub(crate) type Snapshot = BTreeMap<u64, Relation>;

/// Locks by relation, the strongest of each.
pub(crate) type Locks = BTreeMap<u64, Lock>;

/// Relations of people, with their files. It opens each for a moment and keeps no lock.
const RELATIONS: &str = "\
SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(i.indrelid, 0), \
       coalesce(pg_relation_filenode(c.oid), 0), \
       CASE WHEN c.relkind IN ('r','m','i','t') THEN pg_relation_size(c.oid) > 0 END, \
       coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0), \
       coalesce(pg_stat_get_xact_tuples_inserted(c.oid), 0) \
         + coalesce(pg_stat_get_xact_tuples_updated(c.oid), 0) \
         + coalesce(pg_stat_get_xact_tuples_deleted(c.oid), 0), \
       greatest(c.reltuples, 0)::bigint \
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
WHERE c.oid >= 16384 AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
  AND c.relkind IN ('r','p','m','i','I','v') AND c.relpersistence <> 't'";

/// Takes a snapshot on this connection.
pub(crate) fn snapshot(link: &Link) -> Result<Snapshot, Refusal> {
    let lines = link.lines(RELATIONS)?;
    Ok(lines.iter().map(|line| (number_at(line, 0), relation(line))).collect())
}

fn relation(line: &Line) -> Relation {
    let (schema, name, kind) = (text_at(line, 1), text_at(line, 2), text_at(line, 3));
    let table = Some(number_at(line, 4)).filter(|table| *table > 0);
    Relation {
        quoted: crate::quote::qualified(&schema, &name),
        name: shown(&schema, &name),
        table,
        has_rows: kind == "r" || kind == "m",
        file: number_at(line, 5),
        is_filled: flag_at(line, 6),
        read: number_at(line, 7),
        changed: number_at(line, 8),
        rows: number_at(line, 9),
    }
}

/// A relation's name as a person writes it.
pub(crate) fn shown(schema: &str, relation: &str) -> String {
    if schema == "public" { relation.to_owned() } else { format!("{schema}.{relation}") }
}

/// The locks that a process of the server holds; of this connection where none is named.
pub(crate) fn locks(link: &Link, process: Option<u64>) -> Result<Locks, Refusal> {
    let process = process.map_or_else(|| "pg_backend_pid()".to_owned(), |one| one.to_string());
    let lines = link.lines(&format!(
        "SELECT l.relation, l.mode FROM pg_catalog.pg_locks l WHERE l.pid = {process} \
         AND l.locktype = 'relation' AND l.granted AND l.relation >= 16384 AND l.database = \
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
    ))?;
    let mut found = Locks::new();
    for line in &lines {
        if let Some(lock) = Lock::parse(&text_at(line, 1)) {
            add(&mut found, number_at(line, 0), lock);
        }
    }
    Ok(found)
}

/// Adds a lock; the strongest stays.
pub(crate) fn add(locks: &mut Locks, relation: u64, lock: Lock) {
    let held = locks.entry(relation).or_insert(lock);
    *held = (*held).max(lock);
}
