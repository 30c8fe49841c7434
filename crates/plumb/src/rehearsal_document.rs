//! The document of `plumb rehearse`, version 1: what a migration did to a copy, who breaks, and
//! whether there is a way back.

use plumb_rehearse::asked::Untried;
use plumb_rehearse::back::Back;
use plumb_rehearse::fill::Unfilled;
use plumb_rehearse::freeze::Freeze;
use plumb_rehearse::ledger::Ledger;
use plumb_rehearse::link::Refusal;
use plumb_rehearse::probe::Found;
use plumb_rehearse::report::{Answer, Boot, Open, Report, Stage, TableRows, Tried, Written};
use plumb_rehearse::step::{Held, Step};
use plumb_rehearse::walk::Break;
use plumb_wire::harmless::harmless;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};

/// The whole document, as of a moment in Unix milliseconds: a rehearsal is evidence, and ages.
pub(crate) fn rehearsal_document(report: &Report, at_ms: i64) -> Value {
    let (answer, reason) = report.answer();
    let backs = &report.way_back;
    json!({
        "version": 1,
        "at": rfc3339(at_ms),
        "answer": answer_word(answer),
        "reason": harmless(&reason),
        "stage": stage_word(report.stage),
        "is_finished": report.stage == Stage::Finished,
        "server": harmless(&report.server),
        "timezone": harmless(&report.timezone),
        "timezone_from": report.timezone_from,
        "role": report.role.as_deref().map(harmless),
        "tables": report.tables.iter().map(table).collect::<Vec<_>>(),
        "unfilled": report.unfilled.iter().map(unfilled).collect::<Vec<_>>(),
        "steps": report.steps.iter().map(|one| step(one, &report.open)).collect::<Vec<_>>(),
        "freeze": report.freeze.as_ref().map(freeze),
        "old_statements": report.tried.as_ref().map(tried),
        "new_statements": report.code_first.as_ref().map(tried),
        "new_rows": report.written.as_ref().map(written),
        "way_back": {
            "is_given": backs.is_given,
            "empty": backs.empty.as_ref().map(back),
            "old_rows": backs.old_rows.as_ref().map(back),
            "new_rows": backs.new_rows.as_ref().map(back),
        },
        "ledger": report.ledger.as_ref().map(ledger),
        "start": report.boot.as_ref().map(start),
        "no_return": report.no_return().map(|one| json!({
            "step": one.step,
            "exhibit": one.why.as_deref().map(harmless),
        })),
        "uncovered": report.uncovered(),
        "notes": report.notes.iter().map(|note| harmless(note)).collect::<Vec<_>>(),
    })
}

/// An answer in one word.
pub(crate) const fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "pass",
        Answer::Refuse => "refuse",
        Answer::CannotTell => "cannot-tell",
    }
}

/// How far a rehearsal came, in one word.
pub(crate) const fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Begun => "begun",
        Stage::Copied => "copied",
        Stage::Measured => "measured",
        Stage::Frozen => "frozen",
        Stage::Tried => "tried",
        Stage::CodeFirst => "code-first",
        Stage::Written => "written",
        Stage::Back => "back",
        Stage::Started => "started",
        Stage::Finished => "finished",
    }
}

fn table(one: &TableRows) -> Value {
    json!({ "table": harmless(&one.table), "rows": one.rows, "rows_in_source": one.true_rows })
}

fn unfilled(one: &Unfilled) -> Value {
    json!({ "table": harmless(&one.table), "reason": harmless(&one.why) })
}

fn names(names: &[String]) -> Vec<Value> {
    names.iter().map(|name| harmless(name).into()).collect()
}

fn refusal(refusal: &Refusal) -> Value {
    json!({ "sqlstate": harmless(&refusal.sqlstate), "message": harmless(&refusal.message) })
}

fn step(one: &Step, open: &[Open]) -> Value {
    let lock = |held: &Held| {
        json!({
            "relation": harmless(&held.relation),
            "lock": held.lock.name(),
            "is_from_before": held.is_from_before,
        })
    };
    let open = open.iter().find(|open| open.step == one.number);
    json!({
        "number": one.number,
        "file": harmless(&one.file),
        "line": one.line,
        "text": harmless(&one.text),
        "verdict": one.verdict.name(),
        "locks": one.locks.iter().map(lock).collect::<Vec<_>>(),
        "rewritten": names(&one.rewritten),
        "scanned": names(&one.scanned),
        "emptied": names(&one.emptied),
        "not_seen": names(&one.unseen),
        "rows_changed": one.rows_changed,
        "took_us": one.took_us,
        "scaled_us": one.scaled_us,
        "is_outside_transaction": one.is_outside,
        "failed": one.failed.as_ref().map(refusal),
        "is_way_back_open": open.map(|open| open.is_open),
        "exhibit": open.and_then(|open| open.why.as_deref()).map(harmless),
    })
}

fn freeze(one: &Freeze) -> Value {
    json!({
        "step": one.step,
        "table": harmless(&one.table),
        "idle_us": one.idle_us,
        "read_us": one.read_us,
        "frozen_us": one.frozen_us,
        "lock_timeout_us": one.lock_timeout_us,
        "frozen_with_lock_timeout_us": one.frozen_with_timeout_us,
        "is_given_up": one.is_given_up,
    })
}

fn tried(one: &Tried) -> Value {
    json!({
        "tried": one.tried,
        "executed": one.executed,
        "breaks": one.breaks.iter().map(broken).collect::<Vec<_>>(),
        "failing_before": one.failing_before.iter().map(broken).collect::<Vec<_>>(),
        "untried": one.untried.iter().map(untried).collect::<Vec<_>>(),
    })
}

fn broken(one: &Break) -> Value {
    json!({
        "component": harmless(&one.component),
        "version": harmless(&one.version),
        "statement": harmless(&one.statement),
        "line": one.line,
        "calls": one.calls,
        "level": one.level as u8,
        "sqlstate": harmless(&one.refusal.sqlstate),
        "message": harmless(&one.refusal.message),
        "after_step": one.after,
        "until_step": one.until,
        "is_for_new_connections": one.is_for_all,
    })
}

fn untried(one: &Untried) -> Value {
    json!({
        "line": one.line,
        "statement": harmless(&one.statement),
        "reason": harmless(&one.why),
    })
}

fn written(one: &Written) -> Value {
    let found = |found: &Found| {
        json!({
            "table": harmless(&found.table),
            "column": harmless(&found.column),
            "kind": found.kind,
            "rows": found.rows,
            "exhibit": harmless(&found.exhibit),
        })
    };
    json!({
        "ran": one.ran,
        "failed": one.failed.iter().map(untried).collect::<Vec<_>>(),
        "unseen_before": one.found.iter().map(found).collect::<Vec<_>>(),
        "breaks": one.breaks.iter().map(broken).collect::<Vec<_>>(),
    })
}

fn back(one: &Back) -> Value {
    let failed = one.failed.as_ref().map(|(file, line, why)| {
        json!({
            "file": harmless(file),
            "line": line,
            "sqlstate": harmless(&why.sqlstate),
            "message": harmless(&why.message),
        })
    });
    json!({
        "is_restored": one.is_restored(),
        "failed": failed,
        "differences": names(&one.differences.objects),
        "reordered": names(&one.differences.reordered),
        "rows_changed": names(&one.changed),
    })
}

fn ledger(one: &Ledger) -> Value {
    json!({
        "tool": one.tool.name(),
        "unknown": names(&one.unknown),
        "starts": one.starts,
        "rule": one.why,
    })
}

fn start(one: &Boot) -> Value {
    json!({ "starts": one.starts, "code": one.code, "watched_us": one.watched_us })
}
