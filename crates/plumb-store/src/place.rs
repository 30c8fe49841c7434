//! Where a store lies, as people are told it: never with a password.
//!
//! Refuses to know how to get there.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a store lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// In a file.
    File(PathBuf),
    /// In a database on a server: its address without the password.
    Server(String),
}

impl From<&Path> for StorePlace {
    fn from(path: &Path) -> Self {
        Self::File(path.into())
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Server(address) => out.write_str(address),
        }
    }
}
