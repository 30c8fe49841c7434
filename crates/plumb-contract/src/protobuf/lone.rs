//! Fields that one version alone knows: what a reader does with them, and whether their numbers and
//! names may come back as something else. Refuses to know fields that both have.

use crate::change::{Change, Grade};
use crate::compared::Flow;
use crate::protobuf::model::{Field, Label};
use crate::protobuf::pair::{Fact, Pair, fact};
use crate::protobuf::witness::{json_sample, message};

/// What readers do with a field that they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// They pass over it: every reader of the wire.
    MustIgnore,
    /// They refuse the message, unless they were told to ignore it: every parser of ProtoJSON.
    Refuse,
}

/// Facts of fields that only the writer or only the reader has. Those that were moved to another
/// number, or another name in JSON, are left out.
#[must_use]
pub fn lone(pair: &Pair<'_>, readers: Readers) -> Vec<Change> {
    let is_known = |field: &Field, others: &[Field]| match readers {
        Readers::MustIgnore => {
            others.iter().any(|other| other.number == field.number || other.name == field.name)
        }
        Readers::Refuse => others.iter().any(|other| {
            other.number == field.number
                || other.name == field.name
                || other.json_name == field.json_name
        }),
    };
    let mut changes = Vec::new();
    for field in pair.written.fields.iter().filter(|it| !is_known(it, &pair.read.fields)) {
        changes.push(pair.change((Some(field), None), written_alone(pair, field, readers)));
    }
    for field in pair.read.fields.iter().filter(|it| !is_known(it, &pair.written.fields)) {
        changes.push(pair.change((None, Some(field)), read_alone(pair, field, readers)));
    }
    changes
}

fn written_alone(pair: &Pair<'_>, field: &Field, readers: Readers) -> Fact {
    let rule = pair.edit("field-removed", "field-added");
    if readers == Readers::Refuse {
        let object = serde_json::Map::from_iter([(
            field.json_name.clone(),
            json_sample(pair.writer, field),
        )]);
        let witness = Some(serde_json::Value::Object(object).to_string());
        return Fact {
            witness,
            ..fact(
                Grade::Breaking,
                rule,
                format!(
                    "parsers that do not know `{}` refuse the message, unless told to ignore it",
                    field.json_name
                ),
            )
        };
    }
    let has_known_choice = field.choice.is_some()
        && pair.read.fields.iter().any(|other| {
            other.choice.is_some()
                && pair.written.numbered(other.number).is_some_and(|it| it.choice == field.choice)
        });
    if has_known_choice {
        let rule = pair.edit("oneof-member-removed", "oneof-member-added");
        return fact(Grade::Risky, rule, "a reader that does not know it sees none of the choice");
    }
    match pair.way {
        Flow::NewWrites => added(pair, field, "readers that do not know it pass over it"),
        _ => removed(pair, field, "what old writers put there is passed over"),
    }
}

fn read_alone(pair: &Pair<'_>, field: &Field, readers: Readers) -> Fact {
    let rule = pair.edit("field-added", "field-removed");
    if field.label == Label::Required {
        let witness = match readers {
            Readers::MustIgnore => message(pair.writer, pair.written, &[], &[]),
            Readers::Refuse => Some("{}".to_owned()),
        };
        return Fact {
            witness,
            ..fact(
                Grade::Breaking,
                rule,
                "the reader refuses messages without it, and the writer does not know it",
            )
        };
    }
    match pair.way {
        Flow::NewWrites => removed(pair, field, "old readers find it no more"),
        _ => added(pair, field, "where it is not written it reads as absent"),
    }
}

/// A field that only the new version has.
fn added(pair: &Pair<'_>, field: &Field, why: &str) -> Fact {
    if pair.old_message().reserves(field.number, &field.name) == (false, false) {
        return fact(Grade::Safe, "field-added", why);
    }
    fact(
        Grade::Risky,
        "reserved-field-used",
        "its number or name was reserved: some older version wrote something else there",
    )
}

/// A field that only the old version has.
fn removed(pair: &Pair<'_>, field: &Field, why: &str) -> Fact {
    let (number, name) = pair.new_message().reserves(field.number, &field.name);
    if number {
        return fact(Grade::Safe, "field-removed", why);
    }
    let what = if name { "its number is" } else { "its number and name are" };
    fact(
        Grade::Risky,
        "field-removed",
        format!("{why}, and {what} not reserved: a field that comes later may be read as this one"),
    )
}
