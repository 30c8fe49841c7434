//! What a comparison found so far, and the questions about schemas that it leaves for the end.
//!
//! Refuses to know how changes are found, and how questions are decided.

use crate::asyncapi::model::{Channel, Payload};
use crate::asyncapi::rule::{Part, Rule};
use crate::change::Change;
use crate::compared::{Flow, Unread};
use crate::json_schema::value;
use crate::openapi::document::Spot;

/// All that was found so far.
pub(super) struct Findings<'t> {
    pub(super) changes: Vec<Change>,
    pub(super) questions: Vec<Question<'t>>,
    pub(super) unread: Vec<Unread>,
    /// Who writes where no operation says.
    pub(super) flow: Flow,
}

/// Two descriptions of one part of a message, which schemas decide.
pub(super) struct Question<'t> {
    pub(super) subject: String,
    /// What comes before the place in it: `payload`.
    pub(super) place: String,
    pub(super) part: Part,
    pub(super) direction: Flow,
    pub(super) old: Payload<'t>,
    pub(super) new: Payload<'t>,
}

/// Where a change is, before its rule is known.
pub(super) struct Told<'t> {
    subject: String,
    place: String,
    direction: Flow,
    old: Option<Spot<'t>>,
    new: Option<Spot<'t>>,
    witness: Option<String>,
}

impl<'t> Told<'t> {
    /// Somewhere in a subject, told of neither version yet.
    pub(super) fn new(subject: String, place: String, direction: Flow) -> Self {
        Self { subject, place, direction, old: None, new: None, witness: None }
    }

    /// With the place in the old version.
    pub(super) fn was(mut self, at: Spot<'t>) -> Self {
        self.old = Some(at);
        self
    }

    /// With the place in the new version.
    pub(super) fn is(mut self, at: Spot<'t>) -> Self {
        self.new = Some(at);
        self
    }

    /// With what worked before.
    pub(super) fn witness(mut self, text: String) -> Self {
        self.witness = Some(text);
        self
    }
}

impl<'t> Findings<'t> {
    /// Notes a change that goes by a rule; `what` is different.
    pub(super) fn tell(&mut self, rule: &Rule, told: Told<'t>, what: &str) {
        self.changes.push(Change {
            grade: rule.grade,
            rule: rule.id,
            subject: told.subject,
            place: told.place,
            direction: told.direction,
            old: told.old.map(Spot::place),
            new: told.new.map(Spot::place),
            reason: format!("{what}: {}", rule.why),
            witness: told.witness,
        });
    }

    /// Notes by a rule that what stands in two places is not the same.
    pub(super) fn same(&mut self, both: [Option<Spot<'t>>; 2], rule: &Rule, told: Told<'t>) {
        let [old, new] = both.map(|spot| spot.map(|spot| value(spot.node)));
        if old != new {
            let [old, new] = both;
            let told = Told { old: old.or(told.old), new: new.or(told.new), ..told };
            self.tell(rule, told, "it is not what it was");
        }
    }

    /// Who writes on a channel as a whole.
    pub(super) fn flow_of(&self, channel: &Channel<'_>) -> Flow {
        let mut flows = channel.uses.keys().map(|action| action.flow(self.flow));
        let first = flows.next().unwrap_or(Flow::Both);
        if flows.all(|flow| flow == first) { first } else { Flow::Both }
    }
}
