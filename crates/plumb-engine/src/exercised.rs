//! Which behaviours the tests met when they were last looked at, kept beside the evidence.
//!
//! Refuses to run any test.

use crate::exercise::Exercise;
use crate::shelf::{self, Shelf, ShelfError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind and the key under which it is kept.
const EXERCISE: (&str, &str) = ("exercise", "newest");

/// Behaviours that are kept, the most frequent ones.
const BEHAVIOURS_MAX: usize = 20_000;

/// What the tests met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// When they ran, Unix milliseconds.
    pub at_ms: i64,
    behaviours: BTreeMap<String, bool>,
}

impl Met {
    /// What a run met.
    #[must_use]
    pub fn of(exercise: &Exercise, at_ms: i64) -> Self {
        let all = exercise.behaviours.iter().take(BEHAVIOURS_MAX);
        let named = all.map(|one| (name(&one.dependency, &one.operation, &one.id), one.is_met));
        let mut behaviours = BTreeMap::new();
        for (name, is_met) in named {
            *behaviours.entry(name).or_insert(false) |= is_met;
        }
        Self { at_ms, behaviours }
    }

    /// Whether a behaviour was met; none where it was not known when the tests ran.
    #[must_use]
    pub fn is_met(&self, dependency: &str, operation: &str, id: &str) -> Option<bool> {
        self.behaviours.get(&name(dependency, operation, id)).copied()
    }
}

/// A name for a behaviour. What separates its parts stands in none of them.
fn name(dependency: &str, operation: &str, id: &str) -> String {
    format!("{dependency}\u{1f}{operation}\u{1f}{id}")
}

/// What the tests met when they were last looked at. What an older program kept in another form is
/// as good as nothing.
///
/// # Errors
///
/// When the store cannot be read.
pub fn met(shelf: &Shelf) -> Result<Option<Met>, ShelfError> {
    shelf::kept(shelf, EXERCISE)
}

/// Keeps what the tests met.
///
/// # Errors
///
/// When the store cannot be written.
pub fn keep(shelf: &mut Shelf, met: &Met) -> Result<(), ShelfError> {
    shelf::keep(shelf, EXERCISE, met)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exercise::Exercised;
    use crate::location::Location;

    #[test]
    fn what_was_met_is_known_again() {
        let one = |id: &str, is_met| Exercised {
            dependency: "orders".to_owned(),
            operation: "GET /orders/{}".to_owned(),
            status: 200,
            id: id.to_owned(),
            body: String::new(),
            seen: 7,
            is_met,
        };
        let behaviours = vec![one("a", true), one("b", false)];
        let met_now = Met::of(&Exercise { behaviours, unseen: Vec::new() }, 5);
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = shelf::open(&Location::from(folder.path())).unwrap();
        assert_eq!(met(&shelf).unwrap(), None);
        keep(&mut shelf, &met_now).unwrap();
        let kept = met(&shelf).unwrap().unwrap();
        let is_met = |id| kept.is_met("orders", "GET /orders/{}", id);
        assert_eq!([is_met("a"), is_met("b"), is_met("c")], [Some(true), Some(false), None]);
    }
}
