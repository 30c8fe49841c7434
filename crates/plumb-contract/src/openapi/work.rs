//! What reading one description needs at hand, and what it could not read.
//!
//! Refuses to know what is read.

use crate::compared::Unread;
use crate::interface::model::Dialect;
use crate::openapi::document::{Links, Spot};
use plumb_tree::Value;
use std::collections::BTreeSet;

/// Places told at most: more than a person mends.
const UNREAD_MAX: usize = 1_000;

/// A description while it is read.
#[derive(Debug)]
pub(crate) struct Work<'w, 't> {
    /// The description's own file.
    pub(crate) root: Spot<'t>,
    /// How it is written.
    pub(crate) dialect: Dialect,
    links: &'w Links<'t>,
    unread: BTreeSet<Unread>,
}

impl<'w, 't> Work<'w, 't> {
    /// Nothing read yet.
    pub(crate) fn new(links: &'w Links<'t>, root: Spot<'t>) -> Self {
        Self { root, dialect: Dialect::ThirtyOne, links, unread: BTreeSet::new() }
    }

    /// Notes that something is not read.
    pub(crate) fn tell(&mut self, at: Spot<'_>, reason: String) {
        self.note(at.unread(reason));
    }

    fn note(&mut self, unread: Unread) {
        if self.unread.len() < UNREAD_MAX {
            self.unread.insert(unread);
        }
    }

    /// Where `spot` leads; what is missing is noted.
    pub(crate) fn resolve(&mut self, spot: Spot<'t>) -> Option<Spot<'t>> {
        match self.links.resolve(spot) {
            Ok(found) => Some(found),
            Err(unread) => {
                self.note(unread);
                None
            }
        }
    }

    /// The members of an object; anything else is noted under the name of what it should hold.
    pub(crate) fn members(&mut self, spot: Spot<'t>, name: &str) -> Vec<(&'t str, Spot<'t>)> {
        if !matches!(spot.node.value, Value::Object(_)) {
            self.tell(spot, format!("{name} is {}, not an object", spot.node.kind_name()));
        }
        spot.entries().collect()
    }

    /// All that was noted.
    pub(crate) fn into_unread(self) -> Vec<Unread> {
        self.unread.into_iter().collect()
    }
}
