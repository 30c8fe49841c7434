//! Where HAProxy takes commands.
//!
//! Refuses to know any command.

use std::path::PathBuf;

/// Where HAProxy listens for commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A socket in the file system.
    Socket(PathBuf),
    /// A port: `127.0.0.1:9999`.
    Port(String),
}
