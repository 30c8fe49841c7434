//! Why events cannot be analysed.
//!
//! Refuses to know exit codes.

use thiserror::Error;

/// Why events cannot be analysed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AnalysisError {
    /// The file cannot be read.
    #[error("`{name}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// The file holds no events.
    #[error("`{name}` holds no events: {reason}")]
    NoEvents {
        /// The file.
        name: String,
        /// What is there instead.
        reason: String,
    },
    /// Nobody said which versions are compared, and the events do not show it.
    #[error("which two versions are compared is not clear: {found}")]
    Versions {
        /// What the events name.
        found: String,
    },
}

impl AnalysisError {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name a file that can be read",
            Self::NoEvents { .. } => {
                "each line is a JSON object, or a row of CSV under a line of names, with at least \
                 a time and a version"
            }
            Self::Versions { .. } => "name them with `--control` and `--canary`",
        }
    }
}
