//! One fact at a pair of types, and how it is told: whose it is, where, and what shows it. Refuses
//! to know which facts there are.

use crate::avro::call::{Sides, spot};
use crate::avro::meeting::{Meeting, Meetings, Step};
use crate::avro::schema::{Kind, Place};
use crate::change::{Change, Grade};
use crate::compared::Flow;

/// What may be said at a pair, before it is known who is old.
pub(super) struct Fact {
    pub(super) grade: Grade,
    pub(super) rule: &'static str,
    /// What follows the place of the pair.
    pub(super) place: String,
    /// Where the writer and the reader say so.
    pub(super) places: (Option<Place>, Option<Place>),
    pub(super) reason: String,
    pub(super) witness: Option<Result<serde_json::Value, &'static str>>,
    /// Whether the pair itself is the subject, and not what holds it.
    pub(super) is_own: bool,
}

/// All pairs of one way, about to be judged.
pub(super) struct Judging<'a> {
    pub(super) met: &'a Meetings<'a>,
    pub(super) way: Flow,
}

impl Judging<'_> {
    /// The rule of a fact of the writer's side alone, by what the edit was.
    pub(super) fn edit(&self, removed: &'static str, added: &'static str) -> &'static str {
        if self.way == Flow::NewWrites { added } else { removed }
    }

    pub(super) fn change(&self, sides: &Sides<'_>, at: usize, fact: Fact) -> Change {
        let (subject, mut place) = self.whereabouts(at, fact.is_own);
        if !fact.place.is_empty() && !place.is_empty() && !fact.place.starts_with(' ') {
            place.push(' ');
        }
        place.push_str(&fact.place);
        let (old, new) = match self.way {
            Flow::NewWrites => (fact.places.1, fact.places.0),
            _ => fact.places,
        };
        let mut reason = fact.reason;
        let witness = match fact.witness {
            None => None,
            Some(Ok(datum)) => Some(datum.to_string()),
            Some(Err(why)) => {
                reason.push_str(": ");
                reason.push_str(why);
                None
            }
        };
        Change {
            grade: fact.grade,
            rule: fact.rule,
            subject,
            place: place.trim_start().to_owned(),
            direction: self.way,
            old: old.map(|place| spot(sides.old, place)),
            new: new.map(|place| spot(sides.new, place)),
            reason,
            witness,
        }
    }

    /// The named type that a pair stands in, by its old name, and the way from there.
    fn whereabouts(&self, at: usize, is_own: bool) -> (String, String) {
        let mut way: Vec<String> = Vec::new();
        let mut here = self.met.all.get(at).copied();
        let mut is_first = true;
        while let Some(meeting) = here {
            let (types, index) = match self.way {
                Flow::NewWrites => (self.met.reader, meeting.reader),
                _ => (self.met.writer, meeting.writer),
            };
            if (!is_first || is_own) && types.get(index).name().is_some() {
                way.reverse();
                return (types.described(index), way.concat());
            }
            is_first = false;
            let Some((parent, step)) = meeting.from else { break };
            here = self.met.all.get(parent).copied();
            way.extend(here.and_then(|parent| self.step_text(parent, step)));
        }
        way.reverse();
        ("schema".to_owned(), way.concat())
    }

    fn step_text(&self, parent: Meeting, step: Step) -> Option<String> {
        let (writer, reader) = self.met.pair(parent);
        match step {
            Step::Item => Some("[]".to_owned()),
            Step::Value => Some("{}".to_owned()),
            Step::Field(position) => {
                writer.fields().get(position).map(|field| format!("field {}", field.name))
            }
            Step::Branch(position) => match (&writer.kind, &reader.kind) {
                (Kind::Union(members), Kind::Union(_)) => {
                    let member = members.get(position)?;
                    Some(format!(" as {}", self.met.writer.branch_name(*member)))
                }
                _ => None,
            },
            Step::Taken => None,
        }
    }
}

/// A fact of a pair itself that nothing has to show.
pub(super) fn own(
    grade: Grade,
    rule: &'static str,
    place: String,
    (written, read): (Place, Place),
    reason: String,
) -> Fact {
    let places = (Some(written), Some(read));
    Fact { grade, rule, place, places, reason, witness: None, is_own: true }
}
