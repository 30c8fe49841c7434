//! What a comparison of two schemas found so far.
//!
//! What no operation reaches is told as safe, whatever changed. Refuses to know how changes are
//! found.

use crate::change::{Change, Grade};
use crate::graphql::model::{Applied, Place, Schema};
use crate::graphql::rule;
use crate::graphql::sample::Ways;
use crate::rule::Rule;

/// All that was found so far.
pub(super) struct Findings<'s> {
    pub(super) old: &'s Schema,
    pub(super) new: &'s Schema,
    /// How clients of the old version come to its types.
    pub(super) ways: Ways,
    pub(super) changes: Vec<Change>,
}

/// Where a change is, before its rule is known.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) place: String,
    pub(super) old: Option<Place>,
    pub(super) new: Option<Place>,
    /// What worked and does not any more.
    pub(super) witness: Option<String>,
    /// Whether any operation comes there.
    pub(super) is_met: bool,
}

impl Findings<'_> {
    /// Notes a change that goes by a rule; `what` is different.
    pub(super) fn tell(&mut self, rule: &Rule, told: Told, what: &str) {
        let (grade, why) = if told.is_met {
            (rule.grade, rule.why)
        } else {
            (Grade::Safe, "no operation comes to it")
        };
        self.changes.push(Change {
            grade,
            rule: rule.id,
            subject: told.subject,
            place: told.place,
            direction: rule.direction,
            old: told.old.map(|place| self.old.spot(place)),
            new: told.new.map(|place| self.new.spot(place)),
            reason: format!("{what}: {why}"),
            witness: told.witness.filter(|_| grade == Grade::Breaking),
        });
    }

    /// Notes what changed in the directives of a definition.
    pub(super) fn applied(&mut self, told: &Told, old: &Applied, new: &Applied) {
        match (old.is_deprecated, new.is_deprecated) {
            (false, true) => self.tell(&rule::DEPRECATED, told.clone(), "it is deprecated now"),
            (true, false) => {
                self.tell(&rule::RESTORED, told.clone(), "it is no longer deprecated");
            }
            _ => {}
        }
        if old.others != new.others {
            self.tell(&rule::APPLIED, told.clone(), "other directives stand at it");
        }
    }
}

impl Told {
    /// With what worked and does not any more.
    pub(super) fn witness(self, text: String) -> Self {
        Self { witness: Some(text), ..self }
    }
}
