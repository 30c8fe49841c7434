//! JSON text of the documents here.
//!
//! Refuses to know which document it writes.

use serde::Serialize;

/// Indented, with a line break at the end.
pub(crate) fn pretty(document: &impl Serialize) -> String {
    // INVARIANT: the documents of this crate hold strings, numbers, lists and records only, which
    // never fail to be written.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    text + "\n"
}

/// On one line, with a line break at the end.
pub(crate) fn line(document: &impl Serialize) -> String {
    // INVARIANT: as above.
    serde_json::to_string(document).unwrap_or_default() + "\n"
}
