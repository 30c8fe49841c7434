//! Lines of traffic and documents as projects keep them. Refuses to know whose they are.

use plumb_engine::location::Location;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};
use std::path::Path;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Where a project in this folder keeps its evidence.
pub(crate) fn location(folder: &Path) -> Location {
    Location::from(folder.join(".plumb").as_path())
}

/// A moment as commands take it.
pub(crate) fn moment(at_ms: i64) -> String {
    rfc3339(at_ms).unwrap()
}

/// A day as commands take it.
pub(crate) fn day(at_ms: i64) -> String {
    moment(at_ms)[..10].to_owned()
}

/// An exchange in NDJSON, with an answer in JSON. What is told of it comes on top of the rest.
pub(crate) fn exchange(at_ms: i64, told: &Value, body: Value) -> String {
    let mut line = json!({
        "v": 1, "time": at_ms, "method": "GET", "environment": "production", "latency_ms": 12.5,
        "response": { "headers": { "content-type": "application/json" }, "body": body },
    });
    let members = line.as_object_mut().unwrap();
    members.extend(told.as_object().unwrap().clone());
    line.to_string()
}

/// A rehearsal of two steps, which breaks what the old version says where it is refused.
pub(crate) fn rehearsal(at_ms: i64, answer: &str) -> Value {
    let is_bad = answer == "refuse";
    let breaks = if is_bad { json!([broken()]) } else { json!([]) };
    let back = json!({ "is_restored": !is_bad, "failed": null,
        "differences": if is_bad { json!(["column orders.note"]) } else { json!([]) },
        "reordered": [], "rows_changed": [] });
    json!({
        "version": 1, "at": rfc3339(at_ms), "answer": answer,
        "reason": if is_bad { "1 statement of the old version breaks" } else { "nothing breaks" },
        "stage": "finished", "is_finished": true, "server": "17.2", "timezone": "UTC",
        "timezone_from": "source", "role": null,
        "tables": [{ "table": "orders", "rows": 1_000, "rows_in_source": 48_211 }],
        "unfilled": [], "freeze": null, "new_statements": null, "ledger": null, "start": null,
        "steps": [step(1, "ALTER TABLE orders ADD COLUMN customer jsonb", "harmless"),
            step(2, "ALTER TABLE orders ALTER COLUMN total TYPE text",
                if is_bad { "dangerous" } else { "brief-lock" })],
        "old_statements": { "tried": 12, "executed": 12, "breaks": breaks, "failing_before": [],
            "untried": [] },
        "new_rows": { "ran": 3, "failed": [], "unseen_before": [], "breaks": breaks },
        "way_back": { "is_given": true, "empty": back, "old_rows": back, "new_rows": back },
        "no_return": if is_bad { json!({ "step": 2, "exhibit": "a total that is no number" }) }
            else { Value::Null },
        "uncovered": ["triggers of other schemas"], "notes": [],
    })
}

fn step(number: u64, text: &str, verdict: &str) -> Value {
    json!({
        "number": number, "file": "migrate.sql", "line": number, "text": text, "verdict": verdict,
        "locks": [{ "relation": "orders", "lock": "AccessExclusive", "is_from_before": true }],
        "rewritten": if verdict == "harmless" { json!([]) } else { json!(["orders"]) },
        "scanned": [], "emptied": [], "not_seen": [], "rows_changed": 0, "took_us": 4_200,
        "scaled_us": 202_000, "is_outside_transaction": false, "failed": null,
        "is_way_back_open": verdict != "dangerous", "exhibit": null,
    })
}

fn broken() -> Value {
    json!({
        "component": "orders", "version": "3.2", "statement": "SELECT sum(total) FROM orders",
        "line": 4, "calls": 120, "level": 2, "sqlstate": "42883",
        "message": "function sum(text) does not exist", "after_step": 2, "until_step": null,
        "is_for_new_connections": false,
    })
}
