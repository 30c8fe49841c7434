//! Orders of people to a rollout, each with its reason, as lines that are only ever added.
//!
//! Refuses to carry them out.

use crate::files::{self, FileError};
use plumb_rollout::walk::Order;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Bytes of a reason that are kept.
const REASON_CHARS_MAX: usize = 1_000;

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// `abort` or `promote`.
    pub order: Word,
    /// Why.
    pub reason: String,
    /// Who, as the system names them.
    pub by: String,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// The stage that the rollout was in, by its number; null before the first. An order to go on
    /// from one stage is none to go on from a later one.
    pub stage: Option<usize>,
    /// When the rollout began that it is for, in Unix milliseconds.
    pub began_ms: i64,
}

/// The word of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Roll back.
    Abort,
    /// Go on.
    Promote,
}

impl Word {
    /// The order as the walk knows it.
    #[must_use]
    pub const fn order(self) -> Order {
        match self {
            Self::Abort => Order::Abort,
            Self::Promote => Order::Promote,
        }
    }
}

/// Adds an order to a file.
///
/// # Errors
/// When it cannot be written.
pub fn give(path: &Path, ordered: &Ordered) -> Result<(), FileError> {
    let reason = ordered.reason.chars().take(REASON_CHARS_MAX).collect();
    let kept = Ordered { reason, ..ordered.clone() };
    let failed = |err: serde_json::Error| FileError {
        doing: "write",
        path: path.to_owned(),
        source: err.into(),
    };
    let mut line = serde_json::to_string(&kept).map_err(failed)?;
    line.push('\n');
    files::append(path, line.as_bytes())
}

/// All orders in a file, in order. A line that is no order counts, so that numbers stay; one that
/// has no end yet is being written.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn all(path: &Path) -> Result<Vec<Option<Ordered>>, FileError> {
    let failed = |source| FileError { doing: "read", path: path.to_owned(), source };
    let text = files::read_text(path).map_err(failed)?.unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    Ok(whole.lines().map(|line| serde_json::from_str(line).ok()).collect())
}
