//! Why a rollout cannot be gone on with.
//!
//! Refuses to know what a router said: that is no end of a rollout.

use crate::config::error::ConfigError;
use crate::files::FileError;
use crate::rollout::lease::Owner;
use plumb_drive::trouble::Trouble;
use std::path::PathBuf;
use thiserror::Error;

/// Why a rollout cannot be gone on with.
#[derive(Debug, Error)]
pub enum RolloutError {
    /// Its file says what cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its file cannot be read at all.
    #[error("cannot read `{path}`: {source}")]
    Path {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of its folder cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A router cannot be driven as its file says.
    #[error(transparent)]
    Driver(#[from] Trouble),
    /// Another controller has it.
    #[error("the rollout `{name}` is run by {owner}")]
    Taken {
        /// Its name.
        name: String,
        /// Who has it.
        owner: Owner,
    },
    /// What is kept of it is of another file, and it is under way.
    #[error("the rollout `{name}` is under way and began with other stages, versions or drivers")]
    Changed {
        /// Its name.
        name: String,
    },
    /// What is kept of it is damaged or of another time.
    #[error("`{path}` {what}")]
    Kept {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Nothing of it was begun.
    #[error("the rollout `{name}` was never begun here")]
    NotBegun {
        /// Its name.
        name: String,
    },
    /// It has ended, and takes no orders.
    #[error("the rollout `{name}` has ended: {how}")]
    Ended {
        /// Its name.
        name: String,
        /// How, as `rolled back`.
        how: &'static str,
    },
}

impl RolloutError {
    /// What to do about it; `None` where it says that itself.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Config(err) => err.help(),
            Self::Path { .. } => "name the file of a rollout; the book shows one".to_owned(),
            Self::File(_) => "check the path and who may use it".to_owned(),
            Self::Driver(trouble) => trouble.help().to_owned(),
            Self::Taken { .. } => {
                "one controller runs a rollout; `plumb rollout wait` waits for its end".to_owned()
            }
            Self::Changed { .. } => {
                "bring the file back as it was, or end it with `plumb rollout abort`".to_owned()
            }
            Self::Kept { .. } => "bring it back from a copy, or remove the rollout's folder once \
                                  you have seen what routers do"
                .to_owned(),
            Self::NotBegun { .. } => "begin it with `plumb rollout run`".to_owned(),
            Self::Ended { .. } => "begin it anew with `plumb rollout run --again`".to_owned(),
        }
    }
}
