//! Tables of SQL: what the next version of a schema breaks for code and rows of the version before.
//!
//! Both versions of code meet the same tables while one is rolled out, and rows outlive whoever
//! wrote them. Refuses to know databases that run, locks, and how rows are moved.

mod alter;
mod apply;
mod define;
mod findings;
mod fit;
mod judge;
mod model;
mod order;
mod read;
mod rule;
mod spot;
mod stored;
mod tables;

use crate::compared::{Compared, File, Flow, gathered};

/// What `new` breaks of what `old` promised, when rows are written as `flow` says. The files of
/// each are applied in the order of the numbers that their names begin with.
#[must_use]
pub fn changes(old: &[&File], new: &[&File], flow: Flow) -> Compared {
    let (old, new) = (read::read(old), read::read(new));
    let mut compared = Compared::default();
    compared.unread.extend(old.unread.iter().chain(&new.unread).cloned());
    compared.changes = gathered(judge::judged(&old, &new, flow));
    compared.unread.sort();
    compared.unread.dedup();
    compared
}

/// Whether a text speaks of tables or types.
pub(crate) fn is_schema(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    ["TABLE", "CREATE TYPE", "ALTER TYPE"].iter().any(|word| upper.contains(word))
}

#[cfg(test)]
mod tests;
