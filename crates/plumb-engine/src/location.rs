//! Where a project keeps its evidence: in a folder of its own, or in a database that many share.
//!
//! Refuses to open either.

use plumb_store::address::Address;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where evidence lies. Printing it shows no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a folder, with the key under which literals are hashed.
    Folder(PathBuf),
    /// In a database, which never sees that key.
    Server {
        /// The database.
        address: Box<Address>,
        /// The file with the key; everyone who shares the database has the same.
        key: PathBuf,
    },
}

impl Location {
    /// The folder here: that of the store, or of the key where the store is a database.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            Self::Server { key, .. } => key.parent().unwrap_or(key),
        }
    }
}

impl From<&Path> for Location {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::Server { address, .. } => write!(out, "{address}"),
        }
    }
}
