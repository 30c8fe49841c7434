//! What a comparison found so far, and the questions about schemas that it leaves for the end.
//!
//! Refuses to know rules, and how questions are decided.

use crate::change::{Change, Direction};
use crate::interface::asked::Asked;
use crate::interface::meeting::Meeting;
use crate::interface::model::{Interface, Schema};
use crate::interface::rule::Rule;
use crate::interface::same::Sameness;
use crate::openapi::document::Spot;
use crate::openapi::schema::Side;
use std::collections::BTreeSet;

/// All that was found so far.
pub(crate) struct Findings<'i, 't> {
    pub(crate) asked: &'i Asked,
    pub(crate) changes: Vec<Change>,
    pub(crate) questions: Vec<Question<'t>>,
    pub(crate) sameness: Sameness<'i, 't>,
    /// Both versions, for what a comparison has to look up.
    pub(crate) old: &'i Interface<'t>,
    pub(crate) new: &'i Interface<'t>,
    /// Lists of servers that were compared already, since operations share them.
    pub(crate) servers_seen: BTreeSet<[*const plumb_tree::Node; 2]>,
}

/// A change that goes by a rule.
pub(crate) struct Told<'t> {
    pub(crate) rule: &'static Rule,
    pub(crate) side: Side,
    pub(crate) place: String,
    pub(crate) client: Option<Spot<'t>>,
    pub(crate) server: Option<Spot<'t>>,
    /// What is different, before the rule says why it matters.
    pub(crate) what: String,
}

/// A writer's schema that meets a reader's.
pub(crate) struct Question<'t> {
    pub(crate) subject: String,
    pub(crate) place: String,
    pub(crate) side: Side,
    pub(crate) direction: Direction,
    pub(crate) old: Option<Schema<'t>>,
    pub(crate) new: Option<Schema<'t>>,
    /// Where to point when the schemas say no more.
    pub(crate) spots: (Spot<'t>, Spot<'t>),
    pub(crate) writing: Writing,
    /// Pairs that are the same when all this is; `None` when it is known to differ.
    pub(crate) pairs: Option<Vec<usize>>,
}

/// How values of a schema are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Writing {
    /// As JSON, in which a number is no text.
    Json,
    /// As text, in which they are told apart by their reader alone.
    Text,
    /// As XML.
    Xml,
}

/// The schemas of both sides at one place.
pub(crate) struct Schemas<'s, 't> {
    pub(crate) client: Option<&'s Schema<'t>>,
    pub(crate) server: Option<&'s Schema<'t>>,
    /// Where the two sides speak of them.
    pub(crate) spots: (Spot<'t>, Spot<'t>),
    pub(crate) writing: Writing,
}

impl<'i, 't> Findings<'i, 't> {
    /// Nothing found yet.
    pub(crate) fn new(old: &'i Interface<'t>, new: &'i Interface<'t>, asked: &'i Asked) -> Self {
        Self {
            asked,
            changes: Vec::new(),
            questions: Vec::new(),
            sameness: Sameness::new(old, new),
            old,
            new,
            servers_seen: BTreeSet::new(),
        }
    }

    /// Notes a change that goes by a rule.
    pub(crate) fn tell(&mut self, meeting: &Meeting<'_, 't>, told: Told<'t>) {
        let (old, new) = meeting.places(told.client, told.server);
        self.changes.push(Change {
            grade: told.rule.grade,
            rule: told.rule.id,
            subject: meeting.subject.clone(),
            place: told.place,
            direction: meeting.direction(told.side),
            old,
            new,
            reason: format!("{}: {}", told.what, told.rule.why),
            witness: None,
        });
    }

    /// Leaves a question about two schemas for the end.
    pub(crate) fn ask(
        &mut self,
        meeting: &Meeting<'_, 't>,
        side: Side,
        place: String,
        schemas: &Schemas<'_, 't>,
    ) {
        let (old, new) = meeting.by_age(schemas.client, schemas.server);
        let pairs = self.sameness.note(old, new);
        if pairs.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        let (from, to) = schemas.spots;
        self.questions.push(Question {
            subject: meeting.subject.clone(),
            place,
            side,
            direction: meeting.direction(side),
            old: old.cloned(),
            new: new.cloned(),
            spots: meeting.by_age(from, to),
            writing: schemas.writing,
            pairs,
        });
    }
}
