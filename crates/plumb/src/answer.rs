//! Writes an answer in the form that was asked for.
//!
//! Refuses to know what the answer is.

use crate::arguments::Format;
use crate::failure::Failure;
use crate::terminal::Terminal;
use serde_json::Value;

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
