//! What can be said of a reader that meets a writer, and under which reading it is asked.

use serde_json::Value;

/// Whether a reader can take whatever a writer may write.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Every document that the writer may write is one that the reader takes.
    Yes,
    /// The writer may write this document, and the reader refuses it.
    No(Value),
    /// It cannot be told; why, in lower case without full stop.
    CannotTell(String),
}

/// What a schema is taken to say of keys that it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// Just what the schema says: an object open for other keys may hold any of them.
    Strict,
    /// Keys that a schema does not name are no part of the contract: a writer does not write them,
    /// and readers ignore them unless they close their objects explicitly.
    MustIgnore,
}
