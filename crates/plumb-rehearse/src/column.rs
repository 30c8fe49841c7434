//! The columns of a database's tables, with what rows must keep to.
//!
//! Refuses to know what is made of them.

use crate::link::{Line, Link, Refusal, flag_at, number_at, text_at};
use crate::snapshot::shown;
use std::collections::BTreeMap;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type as SQL writes it, with its limits: `character varying(20)`.
    pub(crate) kind: String,
    /// The name of its type alone, that of the elements for an array and of the one beneath for a
    /// domain: `int4`.
    pub(crate) word: String,
    /// Whether it is an array.
    pub(crate) is_array: bool,
    /// Whether null is refused.
    pub(crate) is_required: bool,
    /// Whether the server gives a value where none is given.
    pub(crate) has_default: bool,
    /// Whether the server alone gives its values.
    pub(crate) is_generated: bool,
    /// Whether it is in a key that must be unique.
    pub(crate) is_unique: bool,
    /// Letters at most, for texts that have a limit.
    pub(crate) length_max: Option<u64>,
    /// Digits at most and behind the point, for numbers that have a limit.
    pub(crate) precision: Option<(u64, u64)>,
    /// The words of an enumeration, in order.
    pub(crate) labels: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// As SQL writes it.
    pub(crate) quoted: String,
    /// Whether it holds rows itself: a partitioned one is written to and holds none.
    pub(crate) is_partitioned: bool,
    /// Whether it is a partition.
    pub(crate) is_partition: bool,
    /// Its columns in order.
    pub(crate) columns: Vec<Column>,
}

/// Tables by the name that a person writes.
pub(crate) type Tables = BTreeMap<String, Table>;

const COLUMNS: &str = "\
SELECT n.nspname, c.relname, c.relkind, c.relispartition, a.attname, \
  format_type(a.atttypid, a.atttypmod), \
  coalesce(e.typname, b.typname, t.typname), t.typcategory = 'A', \
  a.attnotnull OR coalesce(t.typnotnull, false), a.atthasdef OR a.attidentity <> '', \
  a.attgenerated <> '' OR a.attidentity = 'a', \
  EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique \
          AND a.attnum = ANY (i.indkey)), \
  CASE WHEN t.typname IN ('varchar','bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END, \
  CASE WHEN t.typname = 'numeric' AND a.atttypmod > 4 THEN (a.atttypmod - 4) >> 16 END, \
  CASE WHEN t.typname = 'numeric' AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 2047 END, \
  (SELECT string_agg(l.enumlabel, E'\\n' ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l \
   WHERE l.enumtypid = coalesce(e.oid, b.oid, t.oid)) \
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' \
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd' \
WHERE c.oid >= 16384 AND c.relkind IN ('r','p') AND n.nspname NOT LIKE 'pg\\_%' \
  AND n.nspname <> 'information_schema' AND c.relpersistence <> 't' \
ORDER BY n.nspname, c.relname, a.attnum";

/// Reads all tables of the database.
pub(crate) fn tables(link: &Link) -> Result<Tables, Refusal> {
    let mut found = Tables::new();
    for line in &link.lines(COLUMNS)? {
        let (schema, name) = (text_at(line, 0), text_at(line, 1));
        let table = found.entry(shown(&schema, &name)).or_default();
        table.quoted = crate::quote::qualified(&schema, &name);
        table.is_partitioned = text_at(line, 2) == "p";
        table.is_partition = flag_at(line, 3);
        table.columns.push(column(line));
    }
    Ok(found)
}

fn column(line: &Line) -> Column {
    let number = |at: usize| Some(number_at(line, at)).filter(|number| *number > 0);
    Column {
        name: text_at(line, 4),
        kind: text_at(line, 5),
        word: text_at(line, 6),
        is_array: flag_at(line, 7),
        is_required: flag_at(line, 8),
        has_default: flag_at(line, 9),
        is_generated: flag_at(line, 10),
        is_unique: flag_at(line, 11),
        length_max: number(12),
        precision: number(13).map(|digits| (digits, number_at(line, 14))),
        labels: text_at(line, 15).lines().map(str::to_owned).collect(),
    }
}
