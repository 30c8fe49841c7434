//! What is lost on the way from evidence to a document, told instead of hidden.
//!
//! Refuses to know why.

use std::collections::BTreeSet;

/// What is lost on the way.
#[derive(Debug, Default)]
pub(crate) struct Lost(BTreeSet<String>);

impl Lost {
    /// Tells of something, once.
    pub(crate) fn tell(&mut self, what: String) {
        self.0.insert(what);
    }

    /// All of it, what is always lost first.
    pub(crate) fn into_lines(self) -> Vec<String> {
        let always = ["which answer goes with which request", "values: they are not kept"];
        always.into_iter().map(str::to_owned).chain(self.0).collect()
    }
}
