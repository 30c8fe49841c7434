//! A statement on trial: how it prepares, which parameters it runs with, and the four levels.
//!
//! Refuses to know what changed between two tries.

use crate::asked::{Asked, Untried};
use crate::column::{Column, Tables};
use crate::link::{Line, Link, Refusal};
use crate::parameter::{Behind, behind};
use crate::quote::{literal, name, nullable};
use crate::script::{masked, pieces, words};

/// What an ambiguous or misplaced placeholder is told with.
const NOT_PREPARED: [&str; 4] = ["42601", "42725", "42883", "42P18"];

/// What the standard calls it when there is no row.
const NO_DATA: &str = "02000";

/// Statements that can be prepared.
const PREPARABLE: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE"];

/// Sets of parameters that a statement is tried with.
const SETS_KEPT_MAX: usize = 3;

/// Rows that parameters are taken from.
const SAMPLES: usize = 3;

/// How far a try goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is prepared.
    Prepared = 1,
    /// It is planned without its parameters.
    Planned = 2,
    /// It runs, and is rolled back.
    Run = 3,
    /// It was prepared before on a connection that stayed open, and runs there.
    Held = 4,
}

/// A statement that works on the old schema.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// What was asked.
    pub(crate) asked: Asked,
    /// Its text as it prepares: placeholders may have got a type.
    pub(crate) text: String,
    /// The name it is prepared under.
    pub(crate) name: String,
    /// Whether it can be prepared at all.
    pub(crate) is_preparable: bool,
    /// How many parameters it takes.
    pub(crate) parameters: usize,
    /// The parameters that it ran with on the old schema.
    pub(crate) sets: Vec<Vec<Option<String>>>,
    /// How many rows it gave or changed with each of them; empty when rows are others by now.
    pub(crate) answered: Vec<u64>,
}

impl Trial {
    /// The statement as it may be shown.
    pub(crate) fn shown(&self) -> String {
        crate::measure::short(&masked(&self.asked.text))
    }

    /// The statement before anything is known of it.
    pub(crate) fn bare(asked: &Asked) -> Self {
        let (asked, text) = (asked.clone(), asked.text.clone());
        let name = String::new();
        Self {
            asked,
            text,
            name,
            is_preparable: true,
            parameters: 0,
            sets: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// What cannot be tried, and why.
    pub(crate) fn untried(asked: &Asked, why: String) -> Untried {
        let statement = crate::measure::short(&masked(&asked.text));
        Untried { line: asked.line, statement, why }
    }
}

/// Brings a statement to where it runs on the old schema; what does not is told.
///
/// # Errors
/// What the old schema says of it, at the level that it fails at.
pub(crate) fn trial(
    link: &Link,
    tables: &Tables,
    asked: &Asked,
    number: usize,
) -> Result<Trial, (Level, Refusal)> {
    let first = words(&asked.text, 1).into_iter().next().unwrap_or_default();
    let is_preparable = PREPARABLE.contains(&first.as_str());
    let mut trial = Trial {
        asked: asked.clone(),
        text: asked.text.clone(),
        name: format!("plumb_{number}"),
        is_preparable,
        parameters: 0,
        sets: Vec::new(),
        answered: Vec::new(),
    };
    if !is_preparable {
        trial.sets.push(Vec::new());
        trial.answered = answers(link, &trial).map_err(|refused| (Level::Run, refused))?;
        return Ok(trial);
    }
    let kinds = prepare_somehow(link, &mut trial).map_err(|refused| (Level::Prepared, refused))?;
    trial.parameters = kinds.len();
    planned(link, &trial).map_err(|refused| (Level::Planned, refused))?;
    let candidates = if asked.sets.is_empty() {
        candidates(link, tables, &trial, &kinds)
    } else {
        asked.sets.clone()
    };
    let mut last = None;
    for set in candidates {
        if trial.sets.len() >= SETS_KEPT_MAX || set.len() != trial.parameters {
            continue;
        }
        let one = Trial { sets: vec![set.clone()], ..trial.clone() };
        match answers(link, &one) {
            Ok(answered) => {
                trial.sets.push(set);
                trial.answered.extend(answered);
            }
            Err(refused) => last = Some(refused),
        }
    }
    match last.filter(|_| trial.sets.is_empty()) {
        Some(refused) => Err((Level::Run, refused)),
        None => Ok(trial),
    }
}

/// Prepares the text as it is, or with the types that normalising took away.
fn prepare_somehow(link: &Link, trial: &mut Trial) -> Result<Vec<String>, Refusal> {
    let mut first = None;
    for text in recast(&trial.asked.text) {
        match link.parameters(&text) {
            Ok(kinds) => {
                trial.text = text;
                return Ok(kinds);
            }
            Err(refused) => {
                let is_final = !NOT_PREPARED.contains(&refused.sqlstate.as_str());
                first = first.or(Some(refused));
                if is_final {
                    break;
                }
            }
        }
    }
    first.map_or_else(|| Ok(Vec::new()), Err)
}

/// The text, and what it may have been before its constants were taken out: `interval $1` was
/// `$1::interval`, and what is added to a date was an interval or a number of days.
pub(crate) fn recast(text: &str) -> Vec<String> {
    let typed = join(&retyped(&pieces(text)));
    let mut found = vec![text.to_owned()];
    for kind in ["", "interval", "integer", "text"] {
        let mut out: Vec<String> = Vec::new();
        let pieces = pieces(&typed);
        for (at, piece) in pieces.iter().copied().enumerate() {
            let is_added = out.last().is_some_and(|last| last == "+" || last == "-");
            let is_typed = pieces.get(at + 1) == Some(&":");
            let is_placeholder = crate::parameter::placeholder(piece).is_some() && !is_typed;
            let is_open = is_placeholder && (is_added || kind == "text") && !kind.is_empty();
            out.push(if is_open { format!("{piece}::{kind}") } else { piece.to_owned() });
        }
        let text = join(&out);
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn retyped(pieces: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for piece in pieces {
        let kinds = ["interval", "date", "timestamp", "timestamptz", "time"];
        let is_kind =
            out.last().is_some_and(|last| kinds.iter().any(|kind| last.eq_ignore_ascii_case(kind)));
        if is_kind && crate::parameter::placeholder(piece).is_some() {
            let kind = out.pop().unwrap_or_default();
            out.push(format!("{piece}::{kind}"));
        } else {
            out.push((*piece).to_owned());
        }
    }
    out
}

/// Pieces as a text; blanks stand where two words would run together.
fn join(pieces: &[impl AsRef<str>]) -> String {
    let mut out = String::new();
    for piece in pieces {
        let piece = piece.as_ref();
        let is_word = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || "_$'\"".contains(letter))
        };
        if is_word(out.chars().next_back()) && is_word(piece.chars().next()) {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out
}

/// The first level: it is prepared anew.
pub(crate) fn prepared(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    if !trial.is_preparable {
        return Ok(());
    }
    link.run(&format!("PREPARE {} AS {}", trial.name, trial.text))?;
    link.run(&format!("DEALLOCATE {}", trial.name))
}

/// The second level: it is planned for whatever parameters.
pub(crate) fn planned(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    if !trial.is_preparable {
        return Ok(());
    }
    let nulls = call(&trial.name, &vec![None; trial.parameters]);
    undone(
        link,
        &format!(
            "PREPARE {} AS {}; SET LOCAL plan_cache_mode = force_generic_plan; EXPLAIN {nulls}; \
         DEALLOCATE {}",
            trial.name, trial.text, trial.name
        ),
        &trial.name,
    )
    .map(drop)
}

/// The third level: it runs with each set of parameters, and is rolled back. What met rows before
/// has to meet some now.
pub(crate) fn run(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    let now = answers(link, trial)?;
    let mut both = trial.answered.iter().zip(now);
    match both.find(|(before, now)| **before > 0 && *now == 0) {
        None => Ok(()),
        Some((before, _)) => Err(Refusal {
            sqlstate: NO_DATA.to_owned(),
            message: format!("it meets no row, where it met {before} before"),
        }),
    }
}

/// How many rows it gives or changes with each set of parameters; it is rolled back.
fn answers(link: &Link, trial: &Trial) -> Result<Vec<u64>, Refusal> {
    let mut counts = Vec::new();
    for set in &trial.sets {
        let sql = if trial.is_preparable {
            format!("PREPARE {} AS {}; {}", trial.name, trial.text, call(&trial.name, set))
        } else {
            trial.text.clone()
        };
        let sql = format!("{sql}; SET CONSTRAINTS ALL IMMEDIATE");
        counts.push(undone(link, &sql, &trial.name)?);
    }
    Ok(counts)
}

/// Prepares it on a connection that is to be held open, and runs it once there.
pub(crate) fn hold(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    if !trial.is_preparable {
        return Ok(());
    }
    link.run(&format!("PREPARE {} AS {}", trial.name, trial.text))?;
    held(link, trial)
}

/// The fourth level: what was prepared before runs on the connection that was held open.
pub(crate) fn held(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    if !trial.is_preparable {
        return Ok(());
    }
    for set in &trial.sets {
        let sql = format!("BEGIN; {}; SET CONSTRAINTS ALL IMMEDIATE", call(&trial.name, set));
        let ran = link.run(&sql);
        link.run("ROLLBACK")?;
        ran?;
    }
    Ok(())
}

/// Runs it for good, with the first set of parameters.
pub(crate) fn keep(link: &Link, trial: &Trial) -> Result<(), Refusal> {
    if !trial.is_preparable {
        return link.run(&trial.text);
    }
    let Some(set) = trial.sets.first() else { return Ok(()) };
    let ran =
        link.run(&format!("PREPARE {} AS {}; {}", trial.name, trial.text, call(&trial.name, set)));
    drop(link.run(&format!("DEALLOCATE {}", trial.name)));
    ran
}

/// Runs in a transaction that is taken back, and forgets what it prepared; gives its rows.
fn undone(link: &Link, sql: &str, name: &str) -> Result<u64, Refusal> {
    let ran = link.count(&format!("BEGIN; {sql}"));
    link.run("ROLLBACK")?;
    // A statement that was prepared outlives its transaction; one that was not is not there.
    drop(link.run(&format!("DEALLOCATE {name}")));
    ran
}

fn call(name: &str, set: &[Option<String>]) -> String {
    if set.is_empty() {
        return format!("EXECUTE {name}");
    }
    let values: Vec<String> = set.iter().map(|value| nullable(value.as_deref())).collect();
    format!("EXECUTE {name}({})", values.join(", "))
}

/// Sets of parameters to try: rows as they are there, keys that are new where rows are inserted.
fn candidates(
    link: &Link,
    tables: &Tables,
    trial: &Trial,
    kinds: &[String],
) -> Vec<Vec<Option<String>>> {
    let behind = behind(&trial.text, tables);
    let mut sets = Vec::new();
    for (row, is_fresh) in (0..SAMPLES).flat_map(|row| [(row, true), (row, false)]) {
        let mut set = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            let none = Behind::default();
            let behind = behind.get(&(at + 1)).unwrap_or(&none);
            set.push(candidate(link, tables, (behind, kind), (row, is_fresh)));
        }
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    sets
}

fn candidate(
    link: &Link,
    tables: &Tables,
    (behind, kind): (&Behind, &str),
    (row, is_fresh): (usize, bool),
) -> Option<String> {
    if behind.is_count {
        return Some("10".to_owned());
    }
    let found = behind.column.as_ref().and_then(|(table, column)| {
        let table = tables.get(table)?;
        let column = table.columns.iter().find(|one| one.name == *column)?;
        Some((table.quoted.as_str(), column))
    });
    let Some((table, column)) = found else { return plain_value(kind) };
    if behind.is_inserted
        && column.is_unique
        && is_fresh
        && let Some(fresh) = fresh(link, table, column, row)
    {
        return Some(fresh);
    }
    let sql = format!(
        "SELECT {}::text FROM {table} ORDER BY ctid OFFSET {row} LIMIT 1",
        name(&column.name)
    );
    let sampled = link.lines(&sql).unwrap_or_default();
    let value = match sampled.into_iter().next().and_then(|line: Line| line.into_iter().next()) {
        Some(value) => value,
        None => column.labels.first().cloned().or_else(|| plain_value(kind)),
    };
    // A list of one stands for any list of the column's values.
    let is_list = kind.starts_with('_') && !column.is_array;
    match value {
        Some(value) if is_list => {
            Some(format!("{{\"{}\"}}", value.replace('\\', "\\\\").replace('"', "\\\"")))
        }
        other => other,
    }
}

/// A value that no row has yet.
fn fresh(link: &Link, table: &str, column: &Column, row: usize) -> Option<String> {
    let quoted = name(&column.name);
    let sql = match column.word.as_str() {
        "int2" | "int4" | "int8" | "numeric" | "float8" => {
            format!("SELECT (coalesce(max({quoted}), 0) + 1 + {row})::text FROM {table}")
        }
        "uuid" => format!("SELECT md5(random()::text || {row})::uuid::text"),
        "text" | "varchar" | "bpchar" | "citext" => {
            let most = column.length_max.unwrap_or(20).min(20);
            format!("SELECT left('~' || md5(random()::text), {most})")
        }
        "date" | "timestamp" | "timestamptz" => {
            format!("SELECT (max({quoted}) + ({row} + 1) * interval '1 day')::text FROM {table}")
        }
        _ => return None,
    };
    link.one(&sql).ok().flatten()
}

/// A value of a type that nothing else is known of.
fn plain_value(kind: &str) -> Option<String> {
    let value = match kind {
        "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" | "oid" | "money" => "1",
        "bool" => "true",
        "date" => "2024-01-01",
        "timestamp" | "timestamptz" => "2024-01-01 00:00:00",
        "time" | "timetz" => "12:00",
        "interval" => "1 day",
        "uuid" => "00000000-0000-0000-0000-000000000001",
        "json" | "jsonb" => "{}",
        "inet" | "cidr" => "10.0.0.1",
        "text" | "varchar" | "bpchar" | "unknown" => "a",
        _ if kind.starts_with('_') => "{}",
        _ => return None,
    };
    Some(value.to_owned())
}

/// Statements that every session of trials begins with.
pub(crate) fn settings(role: Option<&str>, others: &str) -> String {
    let role = role.map(|role| format!("SET ROLE {};", name(role))).unwrap_or_default();
    format!(
        "{others}; SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
         SET application_name = {}; {role}",
        literal("plumb rehearse")
    )
}

/// The levels in order with what each does.
pub(crate) type Try = fn(&Link, &Trial) -> Result<(), Refusal>;

/// The levels that a new connection goes through.
pub(crate) const FRESH: [(Level, Try); 3] =
    [(Level::Prepared, prepared), (Level::Planned, planned), (Level::Run, run)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_normalising_took_away_comes_back() {
        let found = recast("SELECT now() - interval $1, d + $2 FROM t WHERE a = $3");
        assert!(found.contains(&"SELECT now()-$1::interval,d+$2 FROM t WHERE a=$3".to_owned()));
        let days = "SELECT now()-$1::interval,d+$2::integer FROM t WHERE a=$3";
        assert!(found.contains(&days.to_owned()), "{found:#?}");
    }
}
