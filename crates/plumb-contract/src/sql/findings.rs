//! What a comparison of two schemas found so far.
//!
//! Refuses to know how changes are found.

use crate::change::{Change, Grade, Spot};
use crate::compared::Flow;
use crate::rule::Rule;

/// What a comparison found so far.
pub(super) struct Findings {
    pub(super) changes: Vec<Change>,
    flow: Flow,
}

/// Where a change is, before its rule is known.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) place: String,
    pub(super) old: Option<Spot>,
    pub(super) new: Option<Spot>,
    /// A statement or a row that was taken.
    pub(super) witness: Option<String>,
}

impl Findings {
    /// Nothing found yet.
    pub(super) fn new(flow: Flow) -> Self {
        Self { changes: Vec::new(), flow }
    }

    /// Notes a change that goes by a rule; it is safe where nobody writes the rows it is about.
    pub(super) fn tell(&mut self, rule: &Rule, told: Told, what: &str) {
        let is_met =
            self.flow == Flow::Both || rule.direction == Flow::Both || rule.direction == self.flow;
        let (grade, why) = if is_met {
            (rule.grade, rule.why)
        } else {
            (Grade::Safe, "rows that are written this way are not touched by it")
        };
        self.changes.push(Change {
            grade,
            rule: rule.id,
            subject: told.subject,
            place: told.place,
            direction: if is_met { rule.direction } else { self.flow },
            old: told.old,
            new: told.new,
            reason: format!("{what}: {why}"),
            witness: told.witness.filter(|_| grade == Grade::Breaking),
        });
    }
}

impl Told {
    /// With a statement or a row that was taken.
    pub(super) fn witness(self, text: String) -> Self {
        Self { witness: Some(text), ..self }
    }

    /// At another place of the same subject.
    pub(super) fn at(&self, place: String, old: Option<&Spot>, new: Option<&Spot>) -> Self {
        let (old, new) = (old.cloned(), new.cloned());
        Self { place, old, new, ..self.clone() }
    }
}
