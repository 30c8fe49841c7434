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
    /// The file is damaged, or written in a way that is not read.
    #[error("`{name}` cannot be read: {reason}")]
    Damaged {
        /// The file.
        name: String,
        /// Where, and what is wrong there.
        reason: String,
    },
    /// Metrics beside events: what both tell would count twice.
    #[error("`{name}` and what stands beside it are metrics and events")]
    Mixed {
        /// The file.
        name: String,
    },
    /// The evidence holds nothing to compare.
    #[error("the evidence holds no two versions of `{component}` side by side: {found}")]
    NotSeen {
        /// The component.
        component: String,
        /// What it holds instead.
        found: String,
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
                "each line is a JSON object, or a row of CSV under a line of names, or the file is \
                 a table in Parquet, with at least a time and a version"
            }
            Self::Damaged { .. } => {
                "write it again with pages of version 1.0, packed with snappy, zstd or gzip, or as \
                 CSV"
            }
            Self::Mixed { .. } => "judge the metrics, or the events, by themselves",
            Self::NotSeen { .. } => {
                "look at `plumb evidence show`, and observe both versions while both answer"
            }
            Self::Versions { .. } => "name them with `--control` and `--canary`",
        }
    }
}
