//! Bytes of one version read by another: what keeps its meaning, by numbers and types alone.
//!
//! Names do not count, neither those of fields nor those of messages: what two messages hold
//! decides. Refuses to know JSON and generated code.

use crate::change::Grade;
use crate::protobuf::lone::{Readers, lone};
use crate::protobuf::model::{Field, Kind, Label};
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
    let names = (pair.writer.kind_name(written.kind), pair.reader.kind_name(read.kind));
    let rule = "field-type-changed";
    let told =
        |grade, why: &str| fact(grade, rule, format!("{} is read as {}: {why}", names.0, names.1));
    let misread = |why: &str, part: Option<Written>| {
        let parts = part.map(|part| vec![part]);
        let witness =
            parts.and_then(|parts| message(pair.writer, pair.written, &parts, &[written.number]));
        Some(Fact { witness, ..told(Grade::Breaking, why) })
    };
    match (written.kind, read.kind) {
        (Kind::Scalar(one), Kind::Scalar(other)) if one == other => None,
        (Kind::Scalar(one), Kind::Scalar(other)) => match one.fate_on_wire(other) {
            Fate::Misread(value) => {
                misread("the bytes mean another value, or none", Some(with_value(written, &value)))
            }
            Fate::Kept | Fate::Rounded(_) => {
                Some(told(Grade::Safe, "every value is read as it was written"))
            }
        },
        (Kind::Message(_), Kind::Message(_)) | (Kind::Group(_), Kind::Group(_)) => {
            (names.0 != names.1).then(|| {
                told(
                    Grade::Safe,
                    "what both hold decides, and is \
                compared by itself",
                )
            })
        }
        (Kind::Enum(_), Kind::Enum(_)) => (names.0 != names.1)
            .then(|| told(Grade::Safe, "their numbers decide, and are compared by themselves")),
        (Kind::Message(_), Kind::Scalar(Scalar::Bytes)) => {
            Some(told(Grade::Risky, "the bytes are those of the message, for the reader to parse"))
        }
        (Kind::Message(index), Kind::Scalar(Scalar::String)) => match no_text(pair, index) {
            Some(inner) => {
                misread("the bytes of a message are seldom text", Some(with_bytes(written, &inner)))
            }
            None => Some(told(Grade::Risky, "the bytes of a message are seldom text")),
        },
        (Kind::Scalar(Scalar::Bytes | Scalar::String), Kind::Message(_)) => {
            // A byte that announces more and has none after it begins no field.
            let value = match written.kind {
                Kind::Scalar(Scalar::Bytes) => Value::Bytes(vec![0xff]),
                _ => Value::Text("\u{7f}".to_owned()),
            };
            misread("not every value is a message", Some(with_value(written, &value)))
        }
        (Kind::Enum(index), Kind::Scalar(other)) => {
            let values = pair.writer.enums.get(index).map(|it| it.values.as_slice());
            let mut numbers = values.unwrap_or_default().iter().map(|value| value.number);
            let is_misread = |number: &i32| {
                let value = Value::Whole((*number).into());
                other.of_wire(&Scalar::Int32.to_wire(&value)) != Some(value)
            };
            match numbers.find(is_misread) {
                Some(number) => misread(
                    "the number means another value, or none",
                    Some(with_value(written, &Value::Whole(number.into()))),
                ),
                None => Some(told(Grade::Safe, "the reader is given the number")),
            }
        }
        (Kind::Scalar(one), Kind::Enum(index)) => {
            let Some(named) = pair.reader.enums.get(index) else { return None };
            let values = one.edges().into_iter().filter(|value| {
                let read = Scalar::Int32.of_wire(&one.to_wire(value));
                read.as_ref() != Some(value) || named.is_closed && !is_known(named, value)
            });
            match values.into_iter().next() {
                Some(value) => misread(
                    "the reader keeps only numbers that it knows",
                    Some(with_value(written, &value)),
                ),
                None => Some(told(Grade::Risky, "numbers that the enum has no name for are read")),
            }
        }
        _ => misread("the two stand differently on the wire", sample(pair.writer, written)),
    }
}

fn is_known(named: &crate::protobuf::model::Enum, value: &Value) -> bool {
    named.values.iter().any(|it| *value == Value::Whole(it.number.into()))
}

/// A message whose bytes are no text, if one of its fields makes that easy.
fn no_text(pair: &Pair<'_>, index: crate::protobuf::model::Index) -> Option<Written> {
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
    let is_map =
        |model: &crate::protobuf::model::Model, field: &Field| model.entry(field.kind).is_some();
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
                    "values in one piece are none to a reader \
                    of a single one"
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
