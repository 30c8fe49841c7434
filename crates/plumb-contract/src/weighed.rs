//! Changes beside what evidence says of them: how often what a change is about was really seen.
//!
//! Refuses to know how evidence is kept.

use crate::change::{Change, Grade};

/// A change, and how often evidence holds what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The change. Its grade is what evidence leaves of it.
    pub change: Change,
    /// What the contracts alone make of it.
    pub declared: Grade,
    /// What evidence holds; `None` where it does not speak of the operation, or was not asked.
    pub usage: Option<Usage>,
}

/// How often something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Exchanges that carried it.
    pub seen: u64,
    /// Exchanges in which it could have been.
    pub of: u64,
}

impl Weighed {
    /// A change of which no evidence speaks.
    #[must_use]
    pub fn without_evidence(change: Change) -> Self {
        Self { declared: change.grade, change, usage: None }
    }
}

/// How many changes there are of each grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that break.
    pub breaking: usize,
    /// Those that may.
    pub risky: usize,
    /// Those that do not.
    pub safe: usize,
}

/// Counts changes by grade.
#[must_use]
pub fn counts(changes: &[Weighed]) -> Counts {
    let of = |grade| changes.iter().filter(|one| one.change.grade == grade).count();
    Counts { breaking: of(Grade::Breaking), risky: of(Grade::Risky), safe: of(Grade::Safe) }
}
