//! Descriptions in AsyncAPI 2.x and 3.x: what two versions of an application break for those that
//! exchange messages with it.
//!
//! The description belongs to one application. What it receives, its partners write and the new
//! version reads; what it sends, the new version writes and its partners read. Refuses to know
//! protocols: bindings are told when they change, and no more.

pub mod asked;
mod channel;
mod findings;
mod judge;
mod message;
mod model;
mod payload;
mod read;
mod rule;
mod schema;
mod server;
mod traits;

use crate::compared::{Compared, gathered};
use crate::json_schema::Rooted;
use crate::openapi::document::{Links, gather};
use asked::Asked;

/// What `new` breaks of what `old` promised.
///
/// Needs up to 8 MiB of stack for schemas that lie deep one in another.
#[must_use]
pub fn changes(old: Rooted<'_>, new: Rooted<'_>, asked: Asked) -> Compared {
    let (old, new) = (gather(old.root, old.files), gather(new.root, new.files));
    let (old_links, new_links) = (Links::new(&old), Links::new(&new));
    let (old, new) = (read::read(&old_links), read::read(&new_links));
    let mut compared = Compared::default();
    compared.unread.extend(old.unread.iter().chain(&new.unread).cloned());
    if old.is_read && new.is_read {
        let mut findings = judge::judged(&old, &new, asked);
        compared.unread.append(&mut findings.unread);
        schema::decide(&mut findings, [&old_links, &new_links], asked.reading);
        compared.unread.append(&mut findings.unread);
        compared.changes = gathered(findings.changes);
    }
    compared.unread.sort();
    compared.unread.dedup();
    compared
}

#[cfg(test)]
mod tests;
