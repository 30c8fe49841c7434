//! Runs a migration statement by statement on a copy, and measures what each one did: locks,
//! rewrites, scans, time.
//!
//! Locks are read in the transaction itself, before it ends; rewrites are told by the numbers of
//! files; scans by the tuples that the session read, since validation and rewrites count there as
//! queries do. Refuses to know what old statements make of it.

use crate::clock::started;
use crate::link::{Lines, Link, Refusal};
use crate::migration::{Placed, Unit};
use crate::script::{masked, words};
use crate::snapshot::{Locks, Relation, Snapshot, add, locks, snapshot};
use crate::step::{Held, Step, Verdict};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Characters of a statement that are kept.
pub(crate) const TEXT_CHARS_MAX: usize = 400;

/// First words of statements that define and hold no row's values.
const DEFINING: [&str; 11] = [
    "ALTER", "ANALYZE", "CLUSTER", "COMMENT", "CREATE", "DROP", "GRANT", "REINDEX", "REVOKE",
    "TRUNCATE", "VACUUM",
];

/// What the server says of a statement that cannot be in a transaction.
const NOT_IN_TRANSACTION: &str = "25001";

/// How long between two looks at the locks of a statement outside a transaction.
const WATCH_PAUSE: Duration = Duration::from_millis(1);

/// A database in which to measure, and how.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// Connections.
    pub(crate) lines: &'a Lines,
    /// The database.
    pub(crate) database: &'a str,
    /// Statements that every session begins with.
    pub(crate) settings: &'a str,
    /// Rows that the source has, by table, where somebody knows.
    pub(crate) true_rows: &'a BTreeMap<String, u64>,
}

/// What is known before the first statement.
struct Before {
    relations: Snapshot,
}

/// Runs the units until one fails; what comes behind it is told as not run.
pub(crate) fn measure(place: &Place<'_>, units: &[Unit]) -> Result<Vec<Step>, Refusal> {
    let link = place.lines.connect(place.database)?;
    link.run(place.settings)?;
    // The counts of parallel workers are not this session's.
    link.run("SET max_parallel_maintenance_workers = 0; SET max_parallel_workers_per_gather = 0")?;
    let before = Before { relations: snapshot(&link)? };
    let mut steps: Vec<Step> = Vec::new();
    for unit in units {
        if steps.iter().any(|step| step.failed.is_some()) {
            steps.extend(unit.statements.iter().map(not_run));
        } else if unit.is_transaction {
            in_transaction(place, &link, (&before, unit), &mut steps)?;
        } else {
            for placed in &unit.statements {
                steps.push(outside(place, &link, &before, placed)?);
            }
        }
    }
    Ok(steps)
}

fn in_transaction(
    place: &Place<'_>,
    link: &Link,
    (before, unit): (&Before, &Unit),
    steps: &mut Vec<Step>,
) -> Result<(), Refusal> {
    link.run("BEGIN")?;
    let mut held = Locks::new();
    let mut has_failed = false;
    for placed in &unit.statements {
        if has_failed {
            steps.push(not_run(placed));
            continue;
        }
        let first = snapshot(link)?;
        let begun = started();
        let ran = link.run(&placed.statement.text);
        let took_us = begun.micros();
        match ran {
            Err(refused)
                if refused.sqlstate == NOT_IN_TRANSACTION && unit.statements.len() == 1 =>
            {
                link.run("ROLLBACK")?;
                steps.push(outside(place, link, before, placed)?);
                return Ok(());
            }
            Err(refused) => {
                has_failed = true;
                steps.push(Step { took_us, ..failed(placed, refused) });
            }
            Ok(()) => {
                let now = locks(link, None)?;
                let last = snapshot(link)?;
                let seen = Seen { first, last, locks: now.clone(), held: &held, took_us };
                steps.push(step(placed, before, &seen, place.true_rows));
                held = now;
            }
        }
    }
    let ended = link.run(if has_failed { "ROLLBACK" } else { "COMMIT" });
    if let (Err(refused), Some(last)) = (ended, steps.last_mut()) {
        last.failed = Some(refused);
        last.judge();
    }
    Ok(())
}

fn outside(
    place: &Place<'_>,
    link: &Link,
    before: &Before,
    placed: &Placed,
) -> Result<Step, Refusal> {
    let process = link.one("SELECT pg_backend_pid()")?.and_then(|text| text.parse().ok());
    let watch = place.lines.connect(place.database)?;
    let first = snapshot(link)?;
    let has_ended = AtomicBool::new(false);
    let (ran, took_us, seen) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watched(&watch, process, &has_ended));
        let begun = started();
        let ran = link.run(&placed.statement.text);
        let took_us = begun.micros();
        has_ended.store(true, Ordering::Release);
        (ran, took_us, watching.join().unwrap_or_default())
    });
    let mut step = match ran {
        Err(refused) => Step { took_us, ..failed(placed, refused) },
        Ok(()) => {
            let last = snapshot(link)?;
            let seen = Seen { first, last, locks: seen, held: &Locks::new(), took_us };
            step(placed, before, &seen, place.true_rows)
        }
    };
    step.is_outside = true;
    Ok(step)
}

fn watched(watch: &Link, process: Option<u64>, has_ended: &AtomicBool) -> Locks {
    let mut seen = Locks::new();
    while !has_ended.load(Ordering::Acquire) {
        for (relation, lock) in locks(watch, process).unwrap_or_default() {
            add(&mut seen, relation, lock);
        }
        std::thread::sleep(WATCH_PAUSE);
    }
    seen
}

/// What was seen around one statement.
struct Seen<'a> {
    first: Snapshot,
    last: Snapshot,
    locks: Locks,
    held: &'a Locks,
    took_us: u64,
}

fn step(
    placed: &Placed,
    before: &Before,
    seen: &Seen<'_>,
    true_rows: &BTreeMap<String, u64>,
) -> Step {
    let mut step = blank(placed);
    step.took_us = seen.took_us;
    let is_old = |oid: &u64| before.relations.contains_key(oid);
    for (oid, lock) in &seen.locks {
        if let Some(relation) = seen.first.get(oid).filter(|_| is_old(oid)) {
            let is_from_before = seen.held.get(oid) == Some(lock);
            step.locks.push(Held {
                relation: full_name(relation, &seen.first),
                lock: *lock,
                is_from_before,
            });
        }
    }
    step.locks.sort_by(|one, other| one.relation.cmp(&other.relation));
    for (oid, relation) in seen.first.iter().filter(|(oid, _)| is_old(oid)) {
        let Some(after) = seen.last.get(oid) else { continue };
        if after.file != relation.file && relation.file != 0 && after.file != 0 {
            let name = full_name(relation, &seen.first);
            let is_index = relation.table.is_some();
            // An index is never without a page of its own: its table tells.
            let tells = relation.table.and_then(|table| seen.last.get(&table)).unwrap_or(after);
            let was = relation.table.and_then(|table| seen.first.get(&table)).unwrap_or(relation);
            let is_emptied = was.is_filled && !tells.is_filled;
            match (is_emptied, is_index) {
                (true, _) => step.emptied.push(name),
                (false, _) => step.rewritten.push(name),
            }
        }
        step.rows_changed += after.changed.saturating_sub(relation.changed);
    }
    step.scanned = scanned(before, seen, &step.rewritten);
    step.unseen = unseen(before, seen);
    step.scaled_us = scaled(&step, before, true_rows);
    step.judge();
    step
}

/// Tables of before that were read from end to end, by themselves or through an index.
fn scanned(before: &Before, seen: &Seen<'_>, rewritten: &[String]) -> Vec<String> {
    let mut read: BTreeMap<u64, u64> = BTreeMap::new();
    for (oid, relation) in &seen.first {
        let after = seen.last.get(oid).map_or(relation.read, |after| after.read);
        let count = after.saturating_sub(relation.read);
        let table = relation.table.unwrap_or(*oid);
        let most = read.entry(table).or_default();
        *most = (*most).max(count);
    }
    let mut found = Vec::new();
    for (oid, count) in read {
        let Some(relation) = before.relations.get(&oid) else { continue };
        let is_whole = count > 0 && count.saturating_mul(2) >= relation.rows;
        if relation.has_rows && (is_whole || rewritten.contains(&relation.name)) {
            found.push(relation.name.clone());
        }
    }
    found
}

/// Tables of before under a lock that keeps others out, and without a row to read.
fn unseen(before: &Before, seen: &Seen<'_>) -> Vec<String> {
    let locked = seen.locks.iter().filter(|(_, lock)| lock.is_blocking());
    let tables = locked.filter_map(|(oid, _)| before.relations.get(oid));
    tables.filter(|one| one.has_rows && !one.is_filled).map(|one| one.name.clone()).collect()
}

/// The time with as many rows as the source has: in proportion to the table that it grew with.
fn scaled(step: &Step, before: &Before, true_rows: &BTreeMap<String, u64>) -> Option<u64> {
    if !step.is_size_dependent() {
        return None;
    }
    let worked = step.scanned.iter().chain(&step.rewritten);
    let growth = worked.filter_map(|name| {
        let here = before.relations.values().find(|one| one.name == *name)?.rows;
        let there = *true_rows.get(name)?;
        // In thousandths, so that no fraction is lost.
        (here > 0).then(|| there.saturating_mul(1_000) / here)
    });
    let growth = growth.max()?;
    Some(step.took_us.saturating_mul(growth) / 1_000)
}

/// A relation's name, that of an index behind its table's.
fn full_name(relation: &Relation, all: &Snapshot) -> String {
    match relation.table.and_then(|table| all.get(&table)) {
        Some(table) => format!("{}:{}", table.name, relation.name),
        None => relation.name.clone(),
    }
}

fn failed(placed: &Placed, refused: Refusal) -> Step {
    Step { failed: Some(refused), verdict: Verdict::Failed, ..blank(placed) }
}

fn not_run(placed: &Placed) -> Step {
    Step { verdict: Verdict::NotRun, ..blank(placed) }
}

fn blank(placed: &Placed) -> Step {
    Step {
        number: placed.number,
        file: placed.file.clone(),
        line: placed.statement.line,
        text: shown(&placed.statement.text),
        locks: Vec::new(),
        rewritten: Vec::new(),
        scanned: Vec::new(),
        emptied: Vec::new(),
        rows_changed: 0,
        took_us: 0,
        scaled_us: None,
        failed: None,
        is_outside: false,
        unseen: Vec::new(),
        verdict: Verdict::Harmless,
    }
}

/// A statement as it may be shown: what works on rows is shown without its constants.
fn shown(text: &str) -> String {
    let first = words(text, 1);
    let is_plain = first.first().is_some_and(|word| DEFINING.contains(&word.as_str()));
    if is_plain { short(text) } else { short(&masked(text)) }
}

/// A statement on one line, shortened.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TEXT_CHARS_MAX {
        return line;
    }
    let kept: String = line.chars().take(TEXT_CHARS_MAX - 1).collect();
    kept + "…"
}
