//! What goes into a comparison of two contracts and what comes out of one, whatever the format.
//!
//! Refuses to know any format, and disk: files come as a name and their bytes.

use crate::change::Change;

/// A file of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path relative to where it was read from, with `/` between parts.
    pub name: String,
    /// What it holds, as it stands on disk.
    pub bytes: Vec<u8>,
}

/// What two versions of a contract change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The changes, by subject, place and rule.
    pub changes: Vec<Change>,
    /// What could not be read or judged; where something stands here, no change is no promise.
    pub unread: Vec<Unread>,
}

/// A place that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The file, under the name it was given.
    pub file: String,
    /// The line, counted from 1; 1 where the format has no lines.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// Why, in lower case without full stop.
    pub reason: String,
}
