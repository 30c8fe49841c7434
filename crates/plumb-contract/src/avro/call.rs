//! Both versions as files, and the calls of a protocol that came, went or changed their manner.
//! Refuses to know what is sent.

use crate::avro::read::Contents;
use crate::avro::schema::Place;
use crate::change::{Change, Grade, Spot};
use crate::compared::Flow;

/// Both versions.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The old one.
    pub old: &'a Contents,
    /// The new one.
    pub new: &'a Contents,
}

/// Facts of what a file holds: calls of a protocol that came or went.
#[must_use]
pub fn called(sides: &Sides<'_>, flow: Flow) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |grade, rule, subject: String, places: (Option<Place>, Option<Place>), why| {
        changes.push(Change {
            grade,
            rule,
            witness: (grade == Grade::Breaking).then(|| subject.clone()),
            subject,
            place: String::new(),
            direction: flow,
            old: places.0.map(|place| spot(sides.old, place)),
            new: places.1.map(|place| spot(sides.new, place)),
            reason: String::from(why),
        });
    };
    let grade = |is_broken| if is_broken { Grade::Breaking } else { Grade::Safe };
    for call in &sides.old.calls {
        let subject = format!("message {}", call.name);
        match sides.new.calls.iter().find(|other| other.name == call.name) {
            None => tell(
                grade(flow != Flow::NewWrites),
                "message-removed",
                subject,
                (Some(call.place), None),
                "who calls it finds nothing that answers",
            ),
            Some(other) if other.is_one_way != call.is_one_way => {
                tell(
                    Grade::Breaking,
                    "message-one-way-changed",
                    subject,
                    (Some(call.place), Some(other.place)),
                    "one side waits for an answer that the other does not send",
                );
            }
            Some(_) => {}
        }
    }
    for call in &sides.new.calls {
        if !sides.old.calls.iter().any(|other| other.name == call.name) {
            tell(
                grade(flow != Flow::OldWrites),
                "message-added",
                format!("message {}", call.name),
                (None, Some(call.place)),
                "only callers of the new version know it",
            );
        }
    }
    let lone = |contents: &Contents| contents.entries.iter().any(|it| it.label.is_empty());
    if lone(sides.old) != lone(sides.new) {
        tell(
            Grade::Breaking,
            "schema-replaced",
            "file".to_owned(),
            (Some((1, 1)), Some((1, 1))),
            "one version is a schema and the other a protocol",
        );
    }
    changes
}

/// A place in one version's file.
#[must_use]
pub fn spot(contents: &Contents, (line, column): Place) -> Spot {
    Spot { file: contents.file.clone(), line, column }
}
