//! The document of `plumb plan draft`, version 1: the file that was drafted, and what was not read.

use crate::harmless::harmless;
use serde_json::{Value, json};

/// A draft.
#[derive(Clone, Copy, Debug)]
pub struct Drafted<'a> {
    /// The file of the transition.
    pub text: &'a str,
    /// Where it was written; `None` where the document alone holds it.
    pub written: Option<&'a str>,
    /// Components in it.
    pub components: usize,
    /// Those with more than one version.
    pub moving: usize,
    /// Seams in it.
    pub seams: usize,
    /// What was not read.
    pub unread: &'a [Passed<'a>],
}

/// A place that was not read.
#[derive(Clone, Copy, Debug)]
pub struct Passed<'a> {
    /// The file.
    pub file: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// Why.
    pub reason: &'a str,
}

/// The whole document. The text stays as it is, since it is to be saved.
#[must_use]
pub fn draft_document(drafted: &Drafted<'_>) -> Value {
    let Drafted { text, written, components, moving, seams, unread } = drafted;
    let unread = unread.iter().map(|one| {
        json!({ "file": harmless(one.file), "line": one.line, "reason": harmless(one.reason) })
    });
    json!({
        "version": 1,
        "text": text,
        "written": written.map(harmless),
        "components": components,
        "moving": moving,
        "seams": seams,
        "unread": unread.collect::<Vec<_>>(),
    })
}
