//! The document of `plumb compat`, version 1: every change between two versions of contracts.

use crate::changed::Changed;
use crate::harmless::{harmless, harmless_short};
use plumb_contract::change::Spot;
use plumb_contract::compared::Unread;
use plumb_contract::weighed::{Weighed, counts};
use serde_json::{Value, json};

/// Characters of a witness or reason; a witness is bounded where it is made, below this.
const TEXT_MAX: usize = 1 << 17;

/// The whole document.
#[must_use]
pub fn compat_document(changed: &Changed<'_>) -> Value {
    let mut document = compat_answer(changed);
    document["changes"] = changed.changes.iter().map(change_entry).collect();
    document
}

/// The document without its changes, which stand on lines of their own before it.
#[must_use]
pub fn compat_answer(changed: &Changed<'_>) -> Value {
    let counts = counts(changed.changes);
    json!({
        "version": 1,
        "old": harmless(changed.old),
        "new": harmless(changed.new),
        "answer": changed.answer,
        "reason": harmless(changed.reason),
        "summary": {
            "contracts": changed.contracts,
            "breaking": counts.breaking,
            "risky": counts.risky,
            "safe": counts.safe,
            "unread": changed.unread.len(),
        },
        "changes": [],
        "unread": changed.unread.iter().map(unread_entry).collect::<Vec<_>>(),
    })
}

/// One change, as it stands in the document and on a line of NDJSON.
#[must_use]
pub fn change_entry(weighed: &Weighed) -> Value {
    let change = &weighed.change;
    json!({
        "key": harmless(&change.key()),
        "grade": change.grade.name(),
        "declared": weighed.declared.name(),
        "rule": change.rule,
        "subject": harmless(&change.subject),
        "place": harmless(&change.place),
        "direction": change.direction.name(),
        "old": change.old.as_ref().map(spot_entry),
        "new": change.new.as_ref().map(spot_entry),
        "reason": harmless_short(&change.reason, TEXT_MAX),
        "witness": change.witness.as_ref().map(|witness| harmless_short(witness, TEXT_MAX)),
        "usage": weighed.usage.map(|usage| json!({ "seen": usage.seen, "of": usage.of })),
    })
}

fn spot_entry(spot: &Spot) -> Value {
    json!({ "file": harmless(&spot.file), "line": spot.line, "column": spot.column })
}

fn unread_entry(unread: &Unread) -> Value {
    json!({
        "file": harmless(&unread.file),
        "line": unread.line,
        "column": unread.column,
        "reason": harmless_short(&unread.reason, TEXT_MAX),
    })
}
