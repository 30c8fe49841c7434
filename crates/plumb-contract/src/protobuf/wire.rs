//! Bytes of one version read by another: what keeps its meaning, by numbers and types alone.
//!
//! Names do not count, neither those of fields nor those of messages: what two messages hold
//! decides. Refuses to know JSON and generated code.

use crate::change::Grade;
use crate::protobuf::lone::{Readers, lone};
use crate::protobuf::model::{Field, Index, Kind, Label, Model};
use crate::protobuf::pair::{Fact, Found, Pair, fact};
use crate::protobuf::scalar::{Fate, Scalar, Value};
use crate::protobuf::shared::{choices, presence};
use crate::protobuf::witness::{Written, message, sample, smallest, with_bytes, with_value};

/// Every fact of a pair on the wire.
#[must_use]
pub fn on_wire(pair: &Pair<'_>) -> Found {
    let mut found = Found::default();
    for written in &pair.written.fields {
        let moved = pair.read.fields.iter().find(|other| {
            other.name == written.name
                && pair.written.numbered(other.number).is_none_or(|it| it.name != other.name)
        });
        if let Some(moved) = moved {
            found.changes.push(pair.change(
                (Some(written), Some(moved)),
                Fact {
                    witness: shown(pair, written),
                    ..fact(
                        Grade::Breaking,
                        "field-number-changed",
                        format!(
                            "`{}` is written as number {} and looked for as {}",
                            written.name, written.number, moved.number
                        ),
                    )
                },
            ));
        }
        if let Some(read) = pair.read.numbered(written.number) {
            both(pair, (written, read), &mut found);
        }
    }
    found.changes.extend(choices(pair, |one, other| shown_both(pair, one, other)));
    found.changes.extend(lone(pair, Readers::MustIgnore));
    found
}

fn both(pair: &Pair<'_>, (written, read): (&Field, &Field), found: &mut Found) {
    let mut tell = |fact: Fact| found.changes.push(pair.change((Some(written), Some(read)), fact));
    if written.name != read.name {
        tell(fact(
            Grade::Safe,
            "field-renamed",
            format!("`{}` is read as `{}`: names are not on the wire", written.name, read.name),
        ));
    }
    if let Some(changed) = kind_changed(pair, (written, read)) {
        tell(changed);
    }
    if let Some(changed) = label_changed(pair, (written, read)) {
        tell(changed);
    }
    presence(pair, (written, read), shown_without(pair, written)).into_iter().for_each(tell);
    match (written.kind, read.kind) {
        (Kind::Message(one), Kind::Message(other)) | (Kind::Group(one), Kind::Group(other)) => {
            found.within.push((one, other));
        }
        (Kind::Enum(one), Kind::Enum(other)) => {
            found.enums.push((one, other, written.number));
        }
        _ => {}
    }
}

fn kind_changed(pair: &Pair<'_>, (written, read): (&Field, &Field)) -> Option<Fact> {
    let asked = Asked { pair, written, read };
    match (written.kind, read.kind) {
        (Kind::Scalar(one), Kind::Scalar(other)) if one == other => None,
        (Kind::Scalar(one), Kind::Scalar(other)) => match one.fate_on_wire(other) {
            Fate::Misread(value) => {
                asked.misread("the bytes mean another value, or none", Some(&value))
            }
            Fate::Kept | Fate::Rounded(_) => {
                asked.told(Grade::Safe, "every value is read as it was written")
            }
        },
        (Kind::Message(_), Kind::Message(_)) | (Kind::Group(_), Kind::Group(_)) => {
            asked.renamed("what both hold decides, and is compared by itself")
        }
        (Kind::Enum(_), Kind::Enum(_)) => {
            asked.renamed("their numbers decide, and are compared by themselves")
        }
        (Kind::Message(_), Kind::Scalar(Scalar::Bytes)) => {
            asked.told(Grade::Risky, "the bytes are those of the message, for the reader to parse")
        }
        (Kind::Message(index), Kind::Scalar(Scalar::String)) => {
            let why = "the bytes of a message are seldom text";
            match no_text(pair, index) {
                Some(inner) => asked.shown_by(why, Some(with_bytes(written, &inner))),
                None => asked.told(Grade::Risky, why),
            }
        }
        // A byte that announces more and has none after it begins no field.
        (Kind::Scalar(Scalar::Bytes), Kind::Message(_)) => {
            asked.misread("not every value is a message", Some(&Value::Bytes(vec![0xff])))
        }
        (Kind::Scalar(Scalar::String), Kind::Message(_)) => {
            let value = Value::Text("\u{7f}".to_owned());
            asked.misread("not every value is a message", Some(&value))
        }
        (Kind::Enum(index), Kind::Scalar(other)) => asked.enum_as_scalar(index, other),
        (Kind::Scalar(one), Kind::Enum(index)) => asked.scalar_as_enum(one, index),
        _ => asked.misread("the two stand differently on the wire", None),
    }
}

/// A field whose two versions hold something else.
struct Asked<'a> {
    pair: &'a Pair<'a>,
    written: &'a Field,
    read: &'a Field,
}

impl Asked<'_> {
    fn names(&self) -> (&str, &str) {
        let Self { pair, written, read } = self;
        (pair.writer.kind_name(written.kind), pair.reader.kind_name(read.kind))
    }

    fn told(&self, grade: Grade, why: &str) -> Option<Fact> {
        let (written, read) = self.names();
        Some(fact(grade, "field-type-changed", format!("{written} is read as {read}: {why}")))
    }

    /// Another name of what may well be the same.
    fn renamed(&self, why: &str) -> Option<Fact> {
        let (written, read) = self.names();
        if written == read { None } else { self.told(Grade::Safe, why) }
    }

    /// A break that this value shows, or any that the field may have.
    fn misread(&self, why: &str, value: Option<&Value>) -> Option<Fact> {
        let part = match value {
            Some(value) => Some(with_value(self.written, value)),
            None => sample(self.pair.writer, self.written),
        };
        self.shown_by(why, part)
    }

    fn shown_by(&self, why: &str, part: Option<Written>) -> Option<Fact> {
        let Pair { writer, written, .. } = self.pair;
        let witness =
            part.and_then(|part| message(writer, written, &[part], &[self.written.number]));
        Some(Fact { witness, ..self.told(Grade::Breaking, why)? })
    }

    fn enum_as_scalar(&self, index: Index, reader: Scalar) -> Option<Fact> {
        let named = self.pair.writer.enums.get(index)?;
        let mut values = named.values.iter().map(|value| Value::Whole(value.number.into()));
        let is_misread =
            |value: &Value| reader.of_wire(&Scalar::Int32.to_wire(value)).as_ref() != Some(value);
        match values.find(is_misread) {
            Some(value) => self.misread("the number means another value, or none", Some(&value)),
            None => self.told(Grade::Safe, "the reader is given the number"),
        }
    }

    fn scalar_as_enum(&self, writer: Scalar, index: Index) -> Option<Fact> {
        let named = self.pair.reader.enums.get(index)?;
        let is_known =
            |value: &Value| named.values.iter().any(|it| *value == Value::Whole(it.number.into()));
        let is_misread = |value: &Value| {
            let read = Scalar::Int32.of_wire(&writer.to_wire(value));
            read.as_ref() != Some(value) || named.is_closed && !is_known(value)
        };
        match writer.edges().into_iter().find(is_misread) {
            Some(value) => {
                self.misread("the reader keeps only numbers that it knows", Some(&value))
            }
            None => self.told(Grade::Risky, "numbers that the enum has no name for are read"),
        }
    }
}

/// A message whose bytes are no text, if one of its fields makes that easy.
fn no_text(pair: &Pair<'_>, index: Index) -> Option<Written> {
    let message = pair.writer.message(index)?;
    let number = Value::Whole(300);
    let long = Value::Text("a".repeat(200));
    let part = message.fields.iter().find_map(|field| match field.kind {
        Kind::Scalar(scalar) if scalar.range().is_some_and(|(_, most)| most >= 300) => {
            Some(with_value(field, &number))
        }
        Kind::Scalar(Scalar::String) => Some(with_value(field, &long)),
        _ => None,
    })?;
    let rest = smallest(pair.writer, index)?;
    let bytes = [rest.bytes, part.bytes].concat();
    str::from_utf8(&bytes).is_err().then_some(Written { text: part.text, bytes })
}

fn label_changed(pair: &Pair<'_>, (written, read): (&Field, &Field)) -> Option<Fact> {
    let is_map = |model: &Model, field: &Field| model.entry(field.kind).is_some();
    let maps = (is_map(pair.writer, written), is_map(pair.reader, read));
    match (written.label.is_many(), read.label.is_many()) {
        (true, true) if maps == (false, true) => {
            let one = sample(pair.writer, written)?;
            let witness = message(pair.writer, pair.written, &[one.clone(), one], &[]);
            Some(Fact {
                witness,
                ..fact(
                    Grade::Breaking,
                    "field-became-map",
                    "of entries with the same key a map keeps the last",
                )
            })
        }
        (true, true) if maps == (true, false) => Some(fact(
            Grade::Safe,
            "map-became-repeated",
            "the entries of a map are read one by one",
        )),
        (true, true) if written.label != read.label => Some(fact(
            Grade::Safe,
            "field-packing-changed",
            "readers take repeated scalars in one piece and one by one",
        )),
        (true, false) => {
            let one = sample(pair.writer, written)?;
            let parts = [one.clone(), one];
            let witness = message(pair.writer, pair.written, &parts, &[written.number]);
            let why = match written.kind {
                _ if written.label == Label::Packed => {
                    "values in one piece are none to a reader of a single one"
                }
                Kind::Message(_) | Kind::Group(_) => "several messages are merged into one",
                _ => "of several values the last one is read",
            };
            Some(Fact {
                witness,
                ..fact(
                    Grade::Breaking,
                    pair.edit("repeated-became-singular", "singular-became-repeated"),
                    why,
                )
            })
        }
        (false, true) => Some(fact(
            Grade::Safe,
            pair.edit("singular-became-repeated", "repeated-became-singular"),
            "a single value is read as a list of one, a zero that is not written as an empty one",
        )),
        _ => None,
    }
}

fn shown(pair: &Pair<'_>, field: &Field) -> Option<String> {
    message(pair.writer, pair.written, &[sample(pair.writer, field)?], &[field.number])
}

fn shown_both(pair: &Pair<'_>, one: &Field, other: &Field) -> Option<String> {
    let parts = [sample(pair.writer, one)?, sample(pair.writer, other)?];
    message(pair.writer, pair.written, &parts, &[one.number, other.number])
}

fn shown_without(pair: &Pair<'_>, field: &Field) -> Option<String> {
    message(pair.writer, pair.written, &[], &[field.number])
}
