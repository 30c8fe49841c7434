//! Looks for what the old version never had to read: values outside the domains that its schema
//! set, told as shapes and never as values.
//!
//! Refuses to know who wrote them.

use crate::column::{Column, Tables};
use crate::link::{Link, Refusal, number_at, text_at};
use crate::quote::{literal, name};
use std::collections::BTreeMap;

/// Rows of a table whose keys of JSON are looked at.
const KEY_ROWS_MAX: u32 = 100_000;

/// What the old version never had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What it is, as a fact in kebab-case.
    pub kind: &'static str,
    /// How many rows have it.
    pub rows: u64,
    /// One of them as a shape.
    pub exhibit: String,
}

/// Keys that JSON was seen to have, by table and column.
pub(crate) type Keys = BTreeMap<(String, String), Vec<String>>;

/// The keys that the JSON of each column has.
pub(crate) fn keys(link: &Link, tables: &Tables) -> Result<Keys, Refusal> {
    let mut found = Keys::new();
    for (table, told) in tables {
        let is_json = |column: &&Column| column.word.starts_with("json") && !column.is_array;
        for column in told.columns.iter().filter(is_json) {
            let sql = format!(
                "SELECT DISTINCT k FROM (SELECT {}::jsonb AS j FROM {} LIMIT {KEY_ROWS_MAX}) x, \
                 jsonb_object_keys(CASE WHEN jsonb_typeof(j) = 'object' THEN j END) k ORDER BY 1",
                name(&column.name),
                told.quoted
            );
            let lines = link.lines(&sql)?;
            let seen = lines.iter().map(|line| text_at(line, 0)).collect();
            found.insert((table.clone(), column.name.clone()), seen);
        }
    }
    Ok(found)
}

/// Looks at every column that is still there under its old name.
pub(crate) fn probe(
    link: &Link,
    (old, now): (&Tables, &Tables),
    keys: &Keys,
) -> Result<Vec<Found>, Refusal> {
    let mut found = Vec::new();
    for (table, told) in old.iter().filter(|(_, table)| !table.is_partition) {
        let Some(after) = now.get(table) else { continue };
        for column in &told.columns {
            if !after.columns.iter().any(|one| one.name == column.name) {
                continue;
            }
            for (kind, condition, exhibit) in questions(table, column, keys) {
                let sql = format!(
                    "SELECT count(*), max(({exhibit})::text) FROM {} WHERE {condition}",
                    told.quoted
                );
                // A condition that does not fit the new type says nothing.
                let Ok(lines) = link.lines(&sql) else { continue };
                let Some(line) = lines.first().filter(|line| number_at(line, 0) > 0) else {
                    continue;
                };
                found.push(Found {
                    table: table.clone(),
                    column: column.name.clone(),
                    kind,
                    rows: number_at(line, 0),
                    exhibit: text_at(line, 1),
                });
            }
        }
    }
    Ok(found)
}

/// For each domain of a column: what is outside it, as a fact, a condition, and a shape.
fn questions(table: &str, column: &Column, keys: &Keys) -> Vec<(&'static str, String, String)> {
    let quoted = name(&column.name);
    let mut asked = Vec::new();
    if column.is_required {
        asked.push(("null-in-required", format!("{quoted} IS NULL"), literal("null")));
    }
    if column.is_array {
        return asked;
    }
    if !column.labels.is_empty() {
        let labels: Vec<String> = column.labels.iter().map(|label| literal(label)).collect();
        let outside = format!("{quoted}::text NOT IN ({})", labels.join(", "));
        // A word of an enumeration is part of the schema.
        asked.push(("label-unknown", outside, format!("'label ' || {quoted}::text")));
    }
    if let Some(most) = column.length_max {
        let outside = format!("char_length({quoted}::text) > {most}");
        let shape = format!("'text of ' || char_length({quoted}::text) || ' letters'");
        asked.push(("text-too-long", outside, shape));
    }
    let range = match column.word.as_str() {
        "int2" => Some("-32768 AND 32767"),
        "int4" => Some("-2147483648 AND 2147483647"),
        "int8" => Some("-9223372036854775808 AND 9223372036854775807"),
        _ => None,
    };
    if let Some(range) = range {
        let outside = format!("{quoted}::text::numeric NOT BETWEEN {range}");
        let shape = format!(
            "'number of ' || char_length(trunc(abs({quoted}::text::numeric))::text) || ' digits'"
        );
        asked.push(("number-out-of-range", outside, shape));
    }
    if let Some((digits, behind)) = column.precision {
        let most = digits.saturating_sub(behind);
        let outside = format!(
            "abs({quoted}::text::numeric) >= 10::numeric ^ {most} OR {quoted}::text::numeric \
             <> round({quoted}::text::numeric, {behind})"
        );
        let shape = format!(
            "'number of ' || char_length(trunc(abs({quoted}::text::numeric))::text) \
             || ' digits and ' || scale({quoted}::text::numeric) || ' behind the point'"
        );
        asked.push(("number-too-fine", outside, shape));
    }
    if let Some(seen) = keys.get(&(table.to_owned(), column.name.clone())) {
        let seen: Vec<String> = seen.iter().map(|key| literal(key)).collect();
        let object = format!(
            "CASE WHEN jsonb_typeof({quoted}::jsonb) = 'object' \
                              THEN {quoted}::jsonb END"
        );
        let known = format!("ARRAY[{}]::text[]", seen.join(", "));
        let outside = format!("({object}) - {known} <> '{{}}'::jsonb");
        let shape = format!(
            "(SELECT 'object with ' || count(*) || ' unseen keys' \
             FROM jsonb_object_keys(({object}) - {known}))"
        );
        asked.push(("json-key-unseen", outside, shape));
    }
    asked
}
