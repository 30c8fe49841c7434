//! Writes an answer in the form that was asked for.
//!
//! Refuses to know what the answer is.

use crate::arguments::Format;
use crate::failure::{Failure, outside};
use crate::terminal::Terminal;
use plumb_engine::files;
use serde_json::Value;
use std::path::Path;

/// A document: indented as JSON, on one line as NDJSON. Answers whether it was written, so that
/// the caller goes on with text otherwise.
pub(crate) fn document(
    terminal: Terminal,
    format: Format,
    document: impl FnOnce() -> Value,
) -> Result<Written, Failure> {
    let mut text = match format {
        Format::Text => return Ok(Written::NotYet),
        Format::Json => format!("{:#}", document()),
        Format::Ndjson => document().to_string(),
    };
    text.push('\n');
    terminal.data(text.as_bytes())?;
    Ok(Written::Done)
}

/// The same into a file, if there is to be one: for commands whose standard output is another's.
/// Indented unless NDJSON was asked for.
pub(crate) fn document_in(
    file: Option<&Path>,
    format: Format,
    document: impl FnOnce() -> Value,
) -> Result<(), Failure> {
    let Some(path) = file else { return Ok(()) };
    let text = match format {
        Format::Ndjson => format!("{}\n", document()),
        Format::Text | Format::Json => format!("{:#}\n", document()),
    };
    files::write_whole(path, text.as_bytes())
        .map_err(|err| outside(format!("the answer is not written: {err}"), None))
}

/// Whether an answer was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It was.
    Done,
    /// Text was asked for.
    NotYet,
}

/// Suggests the next command.
pub(crate) fn next(terminal: Terminal, command: &str) {
    let look = terminal.err;
    terminal.note(&format!("\n{} {command}\n", look.strong("Next:")));
}
