//! What a reader of claims takes and gives: a file in, claims and what could not be read out.
//!
//! Knows the face that every dialect shares; refuses to know any dialect, and the disk: another
//! file is asked of the caller, who refuses paths that leave the scanned root.

use plumb_shape::claim::Claim;

/// A file to read claims from.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its path relative to the folder that was scanned, with `/` between parts.
    pub path: &'a str,
    /// All of its bytes.
    pub bytes: &'a [u8],
}

/// What a file says, and what it says that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The claims, in the order in which the file makes them; at most [`CLAIMS_MAX`].
    pub claims: Vec<Claim>,
    /// What is there and was not read, or not all of it, in the order of lines.
    pub unread: Vec<Unread>,
}

/// Something that a file says and that was not read: nothing unread is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file, relative to the folder that was scanned.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// What was not read and why: lower case, no full stop.
    pub reason: String,
    /// What to do about it: lower case, no full stop.
    pub remedy: String,
}

/// Gives the bytes of another file by its path relative to the scanned root: `/` between parts,
/// already normalised. `None` when there is no such file or the path leaves the root.
pub type Beside<'a> = &'a (dyn Fn(&str) -> Option<Vec<u8>> + Sync);

/// The most claims read from one file. Large recorded suites hold tens of thousands of
/// interactions in all; a single file beyond this is traffic, and belongs to `observe`.
pub const CLAIMS_MAX: usize = 200_000;

/// `path` as seen from the file `from`; `None` when it leaves the root.
pub(crate) fn normalised(from: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(from.to_owned());
    }
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
