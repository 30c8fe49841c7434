//! Rows made up for tables that have none: types and constraints are kept to, and a table that
//! cannot be filled is told.
//!
//! Refuses to look at the rows of anybody.

use crate::column::{Column, Table, Tables, tables};
use crate::link::{Link, Refusal, text_at};
use crate::quote::{literal, name};
use crate::script::pieces;
use crate::snapshot::shown;
use std::collections::{BTreeMap, BTreeSet};

/// Tables that migration tools keep for themselves.
const LEDGERS: [&str; 11] = [
    "_sqlx_migrations",
    "flyway_schema_history",
    "databasechangelog",
    "schema_migrations",
    "ar_internal_metadata",
    "django_migrations",
    "alembic_version",
    "_prisma_migrations",
    "__diesel_schema_migrations",
    "knex_migrations",
    "knex_migrations_lock",
];

/// A table that could not be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfilled {
    /// Its name.
    pub table: String,
    /// Why.
    pub why: String,
}

/// A foreign key: columns here, the table there, its columns.
#[derive(Clone, Debug)]
struct Key {
    columns: Vec<String>,
    there: String,
    keys: Vec<String>,
}

/// What rows must keep to.
struct Rules {
    keys: BTreeMap<String, Vec<Key>>,
    /// Texts and numbers that checks of one column name, by table and column.
    words: BTreeMap<(String, String), Vec<String>>,
    /// Tables whose turn has been.
    done: BTreeSet<String>,
}

/// How values are made; tried one after the other until the checks are content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Each row another.
    Counted,
    /// What the checks name.
    Named,
    /// Ones, and null where it may be.
    Plain,
}

/// Fills every empty table with so many rows; gives those that stay empty.
pub(crate) fn fill(link: &Link, rows: u64) -> Result<Vec<Unfilled>, Refusal> {
    let tables = tables(link)?;
    let mut rules = rules(link)?;
    link.run("SET session_replication_role = replica")?;
    let mut unfilled = Vec::new();
    for table in in_order(&tables, &rules) {
        let Some(told) = tables.get(&table) else { continue };
        let is_ledger = LEDGERS.iter().any(|ledger| table.ends_with(ledger));
        rules.done.insert(table.clone());
        if told.is_partition || is_ledger || rows == 0 || has_rows(link, told)? {
            continue;
        }
        if let Err(refused) = fill_one(link, (&table, told), &rules, rows) {
            unfilled.push(Unfilled { table, why: refused.to_string() });
        }
    }
    link.run("RESET session_replication_role")?;
    set_sequences(link)?;
    Ok(unfilled)
}

fn has_rows(link: &Link, table: &Table) -> Result<bool, Refusal> {
    Ok(link.one(&format!("SELECT 1 FROM {} LIMIT 1", table.quoted))?.is_some())
}

fn fill_one(
    link: &Link,
    (name, table): (&str, &Table),
    rules: &Rules,
    rows: u64,
) -> Result<(), Refusal> {
    let mut last = None;
    for way in [Way::Counted, Way::Named, Way::Plain] {
        match link.run(&insert((name, table), rules, rows, way)) {
            Ok(()) => return Ok(()),
            Err(refused) => last = last.or(Some(refused)),
        }
        restart_numbers(link, table)?;
    }
    last.map_or(Ok(()), Err)
}

/// Numbers that a failed try took are given again, so that keys are the same whatever was tried.
fn restart_numbers(link: &Link, table: &Table) -> Result<(), Refusal> {
    for column in table.columns.iter().filter(|column| column.has_default) {
        let (table, column) = (literal(&table.quoted), literal(&column.name));
        link.run(&format!(
            "SELECT setval(s::regclass, 1, false) \
             FROM pg_get_serial_sequence({table}, {column}) s WHERE s IS NOT NULL"
        ))?;
    }
    Ok(())
}

fn insert((table_name, table): (&str, &Table), rules: &Rules, rows: u64, way: Way) -> String {
    let none = Vec::new();
    let keys = rules.keys.get(table_name).unwrap_or(&none);
    let mut joins = String::new();
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    let mut given: BTreeMap<&str, String> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        // What has no rows yet, the table itself and those in a circle with it, will have keys that
        // are made in the same way.
        let is_known = key.there != table_name && rules.done.contains(&key.there);
        if is_known {
            for (column, there) in key.columns.iter().zip(&key.keys) {
                given.entry(column).or_insert_with(|| format!("f{at}.{}", name(there)));
            }
            let listed: Vec<String> = key.keys.iter().map(|key| name(key)).collect();
            joins.push_str(&format!(
                " LEFT JOIN (SELECT (row_number() OVER ()) - 1 AS k, count(*) OVER () AS m, {} \
                 FROM {}) f{at} ON f{at}.k = n % f{at}.m",
                listed.join(", "),
                quoted_table(&key.there),
            ));
        }
    }
    for column in table.columns.iter().filter(|column| !column.is_generated) {
        let words = rules.words.get(&(table_name.to_owned(), column.name.clone()));
        let value = match given.get(column.name.as_str()) {
            Some(given) => given.clone(),
            None if column.has_default => continue,
            None => value(column, words, way),
        };
        columns.push(name(&column.name));
        values.push(value);
    }
    if columns.is_empty() {
        return format!(
            "DO $plumb$ BEGIN FOR i IN 1..{rows} LOOP INSERT INTO {} DEFAULT VALUES; END LOOP; END \
             $plumb$",
            table.quoted
        );
    }
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {rows}) n{joins}",
        table.quoted,
        columns.join(", "),
        values.join(", "),
    )
}

fn value(column: &Column, words: Option<&Vec<String>>, way: Way) -> String {
    if way == Way::Plain && !column.is_required {
        return "NULL".to_owned();
    }
    if column.is_array {
        return format!("'{{}}'::{}", column.kind);
    }
    let listed = match (way, words) {
        (Way::Named, Some(words)) => words.as_slice(),
        _ => column.labels.as_slice(),
    };
    if !listed.is_empty() {
        let texts: Vec<String> = listed.iter().map(|word| literal(word)).collect();
        let count = texts.len();
        return format!("((ARRAY[{}])[1 + (n % {count})])::{}", texts.join(", "), column.kind);
    }
    let number = if way == Way::Plain && !column.is_unique { "1" } else { "n" };
    let made = made(column, number);
    match made {
        Some(made) => format!("({made})::{}", column.kind),
        None => "NULL".to_owned(),
    }
}

/// A value of the type from a number; none where the type is not known.
fn made(column: &Column, n: &str) -> Option<String> {
    let counted =
        |step: &str| format!("timestamptz '2024-01-01 00:00:00+00' + {n} * interval '{step}'");
    Some(match column.word.as_str() {
        "int2" => format!("{n} % 32000"),
        "int4" | "int8" | "float4" | "float8" | "money" => n.to_owned(),
        "oid" => format!("{n}::int8"),
        "numeric" => {
            let digits =
                column.precision.map_or(15, |(digits, behind)| digits - behind.min(digits));
            format!("{n} % (10::numeric ^ {})", digits.min(15))
        }
        "bool" => format!("{n} % 2 = 0"),
        "text" | "varchar" | "bpchar" | "citext" | "name" => match column.length_max {
            Some(most) if most < 24 => format!("right('{}' || {n}, {most})", "0".repeat(8)),
            _ => format!("{} || {n}", literal(&format!("{} ", short_word(&column.name)))),
        },
        "uuid" => format!("md5({} || {n})", literal(&column.name)),
        "date" => counted("1 day"),
        "timestamp" | "timestamptz" => counted("1 minute"),
        "time" | "timetz" => format!("time '00:00' + ({n} % 86400) * interval '1 second'"),
        "interval" => format!("{n} * interval '1 second'"),
        "json" | "jsonb" => format!("jsonb_build_object('n', {n})"),
        "bytea" => format!("decode(md5({n}::text), 'hex')"),
        "inet" | "cidr" => format!("inet '10.0.0.0' + {n}"),
        "macaddr" => format!("lpad(to_hex({n}), 12, '0')"),
        "tsvector" => format!("to_tsvector('simple', 'w' || {n})"),
        "int4range" => format!("int4range({n}, {n} + 1)"),
        "int8range" => format!("int8range({n}, {n} + 1)"),
        "tstzrange" => {
            format!(
                "tstzrange({}, {} + interval '1 second')",
                counted("1 minute"),
                counted("1 minute")
            )
        }
        "point" => format!("point({n}, {n})"),
        _ => return None,
    })
}

fn short_word(name: &str) -> String {
    name.chars().take(12).collect()
}

fn quoted_table(shown: &str) -> String {
    match shown.split_once('.') {
        Some((schema, table)) => crate::quote::qualified(schema, table),
        None => crate::quote::qualified("public", shown),
    }
}

fn rules(link: &Link) -> Result<Rules, Refusal> {
    let lines = link.lines(
        "SELECT n.nspname, c.relname, o.contype, fn.nspname, fc.relname, \
         (SELECT string_agg(a.attname, E'\\n' ORDER BY k.o) \
          FROM unnest(o.conkey) WITH ORDINALITY k(n, o) \
          JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.n), \
         (SELECT string_agg(a.attname, E'\\n' ORDER BY k.o) \
          FROM unnest(o.confkey) WITH ORDINALITY k(n, o) \
          JOIN pg_catalog.pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.n), \
         CASE WHEN o.contype = 'c' THEN pg_get_constraintdef(o.oid) END \
         FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_catalog.pg_class fc ON fc.oid = o.confrelid \
         LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace \
         WHERE o.contype IN ('f', 'c') AND o.oid >= 16384 ORDER BY o.oid",
    )?;
    let (keys, words) = (BTreeMap::new(), BTreeMap::new());
    let mut rules = Rules { keys, words, done: BTreeSet::new() };
    for line in &lines {
        let table = shown(&text_at(line, 0), &text_at(line, 1));
        let columns: Vec<String> = text_at(line, 5).lines().map(str::to_owned).collect();
        if text_at(line, 2) == "f" {
            let there = shown(&text_at(line, 3), &text_at(line, 4));
            let keys = text_at(line, 6).lines().map(str::to_owned).collect();
            rules.keys.entry(table).or_default().push(Key { columns, there, keys });
        } else if let [column] = columns.as_slice() {
            let words = named(&text_at(line, 7));
            if !words.is_empty() {
                rules.words.insert((table, column.clone()), words);
            }
        }
    }
    Ok(rules)
}

/// The texts that a check names, else its numbers.
fn named(check: &str) -> Vec<String> {
    let pieces = pieces(check);
    let texts: Vec<String> = pieces
        .iter()
        .filter_map(|piece| piece.strip_prefix('\'')?.strip_suffix('\''))
        .map(|text| text.replace("''", "'"))
        .collect();
    if !texts.is_empty() {
        return texts;
    }
    let is_number = |piece: &&&str| piece.starts_with(|letter: char| letter.is_ascii_digit());
    let numbers = pieces.iter().filter(is_number).filter_map(|piece| piece.parse::<i64>().ok());
    numbers.map(|number| (number + 1).to_string()).take(1).collect()
}

/// Tables, each behind those that it refers to; what goes in a circle comes as it stands.
fn in_order(tables: &Tables, rules: &Rules) -> Vec<String> {
    let mut done: BTreeSet<&String> = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < tables.len() {
        let is_ready = |table: &&String| {
            let keys = rules.keys.get(*table).into_iter().flatten();
            keys.into_iter().all(|key| {
                done.contains(&key.there)
                    || key.there == **table
                    || !tables.contains_key(&key.there)
            })
        };
        let waiting: Vec<&String> = tables.keys().filter(|table| !done.contains(table)).collect();
        let ready: Vec<&String> = waiting.iter().copied().filter(is_ready).collect();
        let next = if ready.is_empty() { waiting.into_iter().take(1).collect() } else { ready };
        for table in next {
            done.insert(table);
            order.push(table.clone());
        }
    }
    order
}

/// Brings sequences behind what was filled in, so that the next number is a free one.
fn set_sequences(link: &Link) -> Result<(), Refusal> {
    let lines = link.lines(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(s.relname), \
         quote_ident(tn.nspname) || '.' || quote_ident(t.relname), quote_ident(a.attname) \
         FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace \
         JOIN pg_catalog.pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') \
           AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass \
         JOIN pg_catalog.pg_class t ON t.oid = d.refobjid \
         JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
         WHERE s.relkind = 'S'",
    )?;
    for line in &lines {
        let (sequence, table, column) = (text_at(line, 0), text_at(line, 1), text_at(line, 2));
        link.run(&format!(
            "SELECT setval({}, m) FROM (SELECT max({column})::bigint AS m FROM {table}) x \
             WHERE m IS NOT NULL",
            literal(&sequence)
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_check_names_is_found() {
        assert_eq!(named("CHECK ((s = ANY (ARRAY['a'::text, 'it''s'::text])))"), ["a", "it's"]);
        assert_eq!(named("CHECK ((n > 10))"), ["11"]);
        assert!(named("CHECK ((a IS NOT NULL))").is_empty());
    }
}
