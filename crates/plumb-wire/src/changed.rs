//! What every account of a comparison of contracts is written from.
//!
//! Refuses to know how any of it was found or decided.

use plumb_contract::change::{Change, Grade};
use plumb_contract::compared::Unread;
use plumb_contract::weighed::Weighed;

/// Changes and what stands beside them.
#[derive(Clone, Copy, Debug)]
pub struct Changed<'a> {
    /// The old version as the person named it: `main:api`, `v1/openapi.yaml`.
    pub old: &'a str,
    /// The new version.
    pub new: &'a str,
    /// Contracts that were compared.
    pub contracts: usize,
    /// The changes, worst first.
    pub changes: &'a [Weighed],
    /// What could not be read.
    pub unread: &'a [Unread],
    /// `pass`, `refuse` or `cannot-tell`.
    pub answer: &'a str,
    /// Why, in one line.
    pub reason: &'a str,
}

impl<'a> Changed<'a> {
    /// The changes of one grade.
    pub(crate) fn of(&self, grade: Grade) -> impl Iterator<Item = &'a Weighed> {
        self.changes.iter().filter(move |one| one.change.grade == grade)
    }
}

/// Where a change is shown: in the new version where it has a place there.
pub(crate) fn shown_at(change: &Change) -> (&str, u32) {
    let spot = change.new.as_ref().or(change.old.as_ref());
    spot.map_or(("", 1), |spot| (spot.file.as_str(), spot.line))
}

/// What a change is about and why it matters, as one text.
pub(crate) fn told(change: &Change) -> String {
    let witness = change.witness.as_ref().map(|witness| format!("; for example {witness}"));
    let Change { subject, place, reason, .. } = change;
    format!("{subject}, {place}: {reason}{}", witness.unwrap_or_default())
}
