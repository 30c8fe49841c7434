//! Enums of a writer and a reader: numbers on the wire, names in JSON. Refuses to know messages
//! around them, save the one that shows a misread.

use serde_json::{Map, Value as Json};

use crate::change::{Change, Grade, Spot};
use crate::compared::Flow;
use crate::protobuf::model::{Enum, Field, Value};
use crate::protobuf::pair::{Fact, Pair, fact};
use crate::protobuf::scalar;
use crate::protobuf::witness::{message, with_value};

/// How values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As their numbers.
    Wire,
    /// As their names.
    Json,
}

/// Every fact of two enums that a field of the pair holds.
#[must_use]
pub fn enums(
    pair: &Pair<'_>,
    (written, read): (&Enum, &Enum),
    field: &Field,
    form: Form,
) -> Vec<Change> {
    let asking = Asking { pair, written, read, field, form };
    let mut changes = Vec::new();
    for value in &written.values {
        changes.extend(asking.value_written(value));
    }
    for value in &read.values {
        let is_known =
            written.numbered(value.number).is_some() || written.named(&value.name).is_some();
        if !is_known {
            changes.push(asking.value_read_alone(value));
        }
    }
    if written.is_closed != read.is_closed {
        let (grade, why) = if read.is_closed {
            (Grade::Risky, "the reader keeps no number that it does not know, and the writer does")
        } else {
            (Grade::Safe, "the reader keeps numbers that it does not know")
        };
        let rule = pair.edit("enum-closed", "enum-opened");
        let rule = if read.is_closed { rule } else { pair.edit("enum-opened", "enum-closed") };
        changes.push(asking.change((None, None), fact(grade, rule, why)));
    }
    let first = |it: &Enum| it.values.first().map(|value| value.number);
    if first(written) != first(read) && (written.is_closed || read.is_closed) {
        let why = "where nothing is written the two versions take different values for it";
        changes.push(asking.change((None, None), fact(Grade::Risky, "enum-zero-changed", why)));
    }
    changes
}

struct Asking<'a> {
    pair: &'a Pair<'a>,
    written: &'a Enum,
    read: &'a Enum,
    field: &'a Field,
    form: Form,
}

impl Asking<'_> {
    fn value_written(&self, value: &Value) -> Option<Change> {
        let same = self.read.named(&value.name);
        let numbered = self.read.numbered(value.number);
        let both = (Some(value), same.or(numbered));
        match (same, self.form) {
            (Some(same), _) if same.number == value.number => None,
            (Some(same), Form::Wire) => {
                let reason = format!(
                    "`{}` is written as {} and read as {}",
                    value.name, value.number, same.number
                );
                let fact = fact(Grade::Breaking, "enum-value-number-changed", reason);
                Some(self.change(both, Fact { witness: self.shown(value), ..fact }))
            }
            (Some(_), Form::Json) => {
                let fact =
                    fact(Grade::Safe, "enum-value-number-changed", "numbers are not in JSON");
                Some(self.change(both, fact))
            }
            (None, Form::Wire) if numbered.is_some() => {
                // A second name of a number that keeps its first is no other value.
                let has_kept = self.written.values.iter().any(|other| {
                    other.number == value.number && self.read.named(&other.name).is_some()
                });
                let fact = fact(Grade::Safe, "enum-value-renamed", "names are not on the wire");
                (!has_kept).then(|| self.change(both, fact))
            }
            (None, _) => Some(self.value_unknown(value, numbered)),
        }
    }

    fn value_unknown(&self, value: &Value, numbered: Option<&Value>) -> Change {
        let rule = match numbered {
            Some(_) => "enum-value-renamed",
            None => self.pair.edit("enum-value-removed", "enum-value-added"),
        };
        let (grade, why) = match self.form {
            Form::Json => (Grade::Breaking, "parsers that do not know the name refuse the message"),
            Form::Wire if self.read.is_closed => {
                (Grade::Breaking, "readers of a closed enum take the field for absent")
            }
            Form::Wire => (
                Grade::Risky,
                "readers keep the number and have no name for it: what tells all values apart \
                 meets one more",
            ),
        };
        let witness = (grade == Grade::Breaking).then(|| self.shown(value)).flatten();
        self.change((Some(value), numbered), Fact { witness, ..fact(grade, rule, why) })
    }

    fn value_read_alone(&self, value: &Value) -> Change {
        let rule = self.pair.edit("enum-value-added", "enum-value-removed");
        let new = if self.pair.way == Flow::NewWrites { self.written } else { self.read };
        let is_reserved =
            new.reserved_numbers.iter().any(|(from, to)| (*from..=*to).contains(&value.number));
        let (grade, why) = match self.pair.way {
            Flow::NewWrites if !is_reserved => (
                Grade::Risky,
                "its number is not reserved: a value that comes later may be read as this one",
            ),
            Flow::NewWrites => (Grade::Safe, "it is written no more"),
            _ => (Grade::Safe, "it is read and not written"),
        };
        self.change((None, Some(value)), fact(grade, rule, why))
    }

    fn shown(&self, value: &Value) -> Option<String> {
        match self.form {
            Form::Wire => {
                let number = scalar::Value::Whole(value.number.into());
                let part = with_value(self.field, &number);
                message(self.pair.writer, self.pair.written, &[part], &[self.field.number])
            }
            Form::Json => {
                let held = Json::from(value.name.clone());
                let held = if self.field.label.is_many() { Json::Array(vec![held]) } else { held };
                let object = Map::from_iter([(self.field.json_name.clone(), held)]);
                Some(Json::Object(object).to_string())
            }
        }
    }

    fn change(&self, values: (Option<&Value>, Option<&Value>), fact: Fact) -> Change {
        let fact = fact.explained();
        let (old, new) = self.pair.aged(values);
        let (old_enum, new_enum) = self.pair.aged((self.written, self.read));
        let spot = |value: Option<&Value>, named: &Enum| -> Option<Spot> {
            value.map_or_else(|| named.spot.clone(), |value| value.spot.clone())
        };
        Change {
            grade: fact.grade,
            rule: fact.rule,
            subject: format!("enum {}", old_enum.name),
            place: old
                .or(new)
                .map_or(String::new(), |it| format!("value {} {}", it.number, it.name)),
            direction: self.pair.way,
            old: spot(old, old_enum),
            new: spot(new, new_enum),
            reason: fact.reason,
            witness: fact.witness,
        }
    }
}
