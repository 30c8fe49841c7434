//! Schemas of GraphQL: what the next version of a server breaks for clients that stay as they are.
//!
//! Clients write operations and variables, which the new server reads; it writes answers, which
//! they read. Refuses to know resolvers, and operations that clients really send.

mod directive;
mod findings;
mod held;
mod input;
mod judge;
mod model;
mod pair;
mod read;
mod rule;
mod sample;
mod told;

use crate::compared::{Compared, File, gathered};
use plumb_graphql::split::split;

/// What `new` breaks for clients of `old`.
#[must_use]
pub fn changes(old: &File, new: &File) -> Compared {
    let mut compared = Compared::default();
    let (old, new) = (read::read(old), read::read(new));
    compared.unread.extend(old.unread.iter().chain(&new.unread).cloned());
    if old.is_read && new.is_read {
        compared.changes = gathered(judge::judged(&old, &new));
    }
    compared.unread.sort();
    compared.unread.dedup();
    compared
}

/// Whether a text defines types of a schema, and is no document of operations alone.
pub(crate) fn is_schema(text: &str) -> bool {
    split(text).chunks.iter().any(|chunk| chunk.is_of_schema)
}

#[cfg(test)]
mod tests;
