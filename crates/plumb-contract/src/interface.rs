//! What two versions of an interface change, by variance: what a writer may write, its reader must
//! take, and which version writes follows from the direction of the seam.
//!
//! Schemas are left to the decision on sets of documents; all around them goes by the rules in
//! [`rule`]. Refuses to know formats, and how a change is shown.

pub mod asked;
mod beside;
mod content;
mod findings;
mod header;
mod keyword;
mod matching;
mod meeting;
pub mod model;
mod operation;
mod parameter;
mod response;
pub mod rule;
mod same;
mod schema;
mod security;
mod server;
pub(crate) mod step;
mod wire;

use crate::compared::Compared;
use crate::interface::asked::Asked;
use crate::interface::findings::Findings;
use crate::interface::matching::{Matched, matched};
use crate::interface::meeting::Meeting;
use crate::interface::model::Interface;

/// All that the new version changes, in the order of subjects and places.
///
/// Nothing is compared when one of the versions could not be read at all. Needs up to 8 MiB of
/// stack where schemas lie deep one in another.
#[must_use]
pub fn changes<'t>(old: &Interface<'t>, new: &Interface<'t>, asked: &Asked) -> Compared {
    let mut unread = [&old.unread[..], &new.unread[..]].concat();
    let mut compared = Compared::default();
    if old.is_read && new.is_read {
        let mut findings = Findings::new(old, new, asked);
        for found in matched(old, new) {
            match found {
                Matched::Both { old, new, way } => {
                    let meeting = Meeting::new(old, new);
                    operation::compare(&mut findings, &meeting, way);
                }
                Matched::Removed(old) => operation::removed(&mut findings, old),
                Matched::Added(new) => operation::added(&mut findings, new),
            }
        }
        compared = schema::decided(findings, old, new);
    }
    unread.append(&mut compared.unread);
    unread.sort_unstable();
    unread.dedup();
    compared.unread = unread;
    compared
}

#[cfg(test)]
mod tests;
