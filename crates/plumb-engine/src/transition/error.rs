//! Why a transition cannot be read.

use crate::config::error::ConfigError;
use crate::contracts::ContractsError;
use plumb_plan::transition::Flaw;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a transition cannot be read.
#[derive(Debug, Error)]
pub enum TransitionError {
    /// The file says something that cannot be read.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// A file that it names, or the file itself, cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A contract that it names cannot be read.
    #[error(transparent)]
    Contracts(#[from] ContractsError),
    /// A file of samples or a schema that it names is not what it should be.
    #[error("`{path}` {what}")]
    Document {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It does not fit together.
    #[error(transparent)]
    Flaw(#[from] Flaw),
}
