//! ProtoJSON of one version parsed by another: names and the way values are put decide, and numbers
//! do not count. Refuses to know the wire and generated code.

use serde_json::{Map, Value as Json};

use crate::change::Grade;
use crate::protobuf::json_value::{fate_in_json, to_json};
use crate::protobuf::lone::{Readers, lone};
use crate::protobuf::model::{Field, Index, Kind, Model};
use crate::protobuf::pair::{Fact, Found, Pair, fact};
use crate::protobuf::scalar::{Fate, Scalar};
use crate::protobuf::shared::{choices, presence};
use crate::protobuf::witness::json_sample;

/// Every fact of a pair in JSON.
#[must_use]
pub fn in_json(pair: &Pair<'_>) -> Found {
    let mut found = Found::default();
    if is_special(pair.written) || is_special(pair.read) {
        return found;
    }
    for written in &pair.written.fields {
        let taken = pair
            .read
            .fields
            .iter()
            .find(|read| read.json_name == written.json_name || read.name == written.json_name);
        match taken {
            Some(read) => both(pair, (written, read), &mut found),
            None => found.changes.extend(renamed(pair, written)),
        }
    }
    found.changes.extend(choices(pair, |one, other| {
        let both = [one, other].map(|it| (it.json_name.clone(), json_sample(pair.writer, it)));
        Some(Json::Object(Map::from_iter(both)).to_string())
    }));
    found.changes.extend(lone(pair, Readers::Refuse));
    found
}

/// A field whose number is known under another name.
fn renamed(pair: &Pair<'_>, written: &Field) -> Option<crate::change::Change> {
    let read = pair
        .read
        .fields
        .iter()
        .find(|read| read.number == written.number || read.name == written.name)?;
    let rule = if read.name == written.name { "json-name-changed" } else { "field-renamed" };
    let reason = format!(
        "written as `{}`, which parsers that look for `{}` refuse",
        written.json_name, read.json_name
    );
    let witness = Some(object(written, json_sample(pair.writer, written)));
    Some(pair.change(
        (Some(written), Some(read)),
        Fact { witness, ..fact(Grade::Breaking, rule, reason) },
    ))
}

fn both(pair: &Pair<'_>, (written, read): (&Field, &Field), found: &mut Found) {
    let mut tell = |fact: Fact| found.changes.push(pair.change((Some(written), Some(read)), fact));
    if written.number != read.number {
        tell(fact(Grade::Safe, "field-number-changed", "numbers are not in JSON"));
    }
    if written.json_name != read.json_name {
        tell(fact(Grade::Safe, "json-name-changed", "parsers take the name of the source as well"));
    }
    let entries = (pair.writer.entry(written.kind), pair.reader.entry(read.kind));
    match entries {
        (Some((key, value)), Some((other_key, other_value))) => {
            if let Some(changed) = kind_changed(pair, (key, other_key)) {
                tell(changed);
            }
            if let Some(changed) = kind_changed(pair, (value, other_value)) {
                tell(changed);
            }
            within((value, other_value), written.number, found);
        }
        (None, None) if written.label.is_many() == read.label.is_many() => {
            if let Some(changed) = kind_changed(pair, (written, read)) {
                tell(changed);
            }
            presence(pair, (written, read), Some("{}".to_owned())).into_iter().for_each(tell);
            within((written, read), written.number, found);
        }
        (one, other) => {
            let rule = match (one.is_some(), other.is_some()) {
                (false, true) => "field-became-map",
                (true, false) => "map-became-repeated",
                _ if written.label.is_many() => {
                    pair.edit("repeated-became-singular", "singular-became-repeated")
                }
                _ => pair.edit("singular-became-repeated", "repeated-became-singular"),
            };
            let witness = Some(object(written, json_sample(pair.writer, written)));
            tell(Fact {
                witness,
                ..fact(Grade::Breaking, rule, "a list, an object and a single value are told apart")
            });
        }
    }
}

fn within((written, read): (&Field, &Field), number: u32, found: &mut Found) {
    match (written.kind, read.kind) {
        (Kind::Message(one) | Kind::Group(one), Kind::Message(other) | Kind::Group(other)) => {
            found.within.push((one, other));
        }
        (Kind::Enum(one), Kind::Enum(other)) => found.enums.push((one, other, number)),
        _ => {}
    }
}

fn kind_changed(pair: &Pair<'_>, (written, read): (&Field, &Field)) -> Option<Fact> {
    let names = (pair.writer.kind_name(written.kind), pair.reader.kind_name(read.kind));
    let told = |grade, why: &str| {
        fact(grade, "field-type-changed", format!("{} is read as {}: {why}", names.0, names.1))
    };
    let misread = |why: &str, value: Json| {
        Some(Fact { witness: Some(object(written, value)), ..told(Grade::Breaking, why) })
    };
    let kinds = (bare(pair.writer, written.kind), bare(pair.reader, read.kind));
    match kinds {
        (Kind::Scalar(one), Kind::Scalar(other)) if one == other => {
            (names.0 != names.1).then(|| told(Grade::Safe, "a wrapper stands as what it wraps"))
        }
        (Kind::Scalar(one), Kind::Scalar(other)) => match fate_in_json(one, other) {
            Fate::Kept => Some(told(Grade::Safe, "every value is read as it was written")),
            Fate::Rounded(value) => Some(Fact {
                witness: Some(object(written, to_json(one, &value))),
                ..told(Grade::Risky, "some numbers are rounded")
            }),
            Fate::Misread(value) => {
                misread("parsers refuse it, or read another value", to_json(one, &value))
            }
        },
        (Kind::Enum(_), Kind::Enum(_)) => (names.0 != names.1)
            .then(|| told(Grade::Safe, "their names decide, and are compared by themselves")),
        (Kind::Enum(_), Kind::Scalar(Scalar::String)) => Some(told(
            Grade::Risky,
            "the reader is given the name, and a number where the writer has none",
        )),
        (Kind::Scalar(one), Kind::Enum(_)) if one.range().is_some() && one != Scalar::Bool => {
            Some(told(Grade::Risky, "parsers take numbers for enums, also those without a name"))
        }
        (Kind::Message(one) | Kind::Group(one), Kind::Message(other) | Kind::Group(other)) => {
            messages(pair, (one, other), written)
        }
        (Kind::Message(index), Kind::Scalar(Scalar::String)) if is_text(pair.writer, index) => {
            Some(told(Grade::Risky, "the reader is given the text that it stands as"))
        }
        _ => misread("parsers refuse it", json_sample(pair.writer, written)),
    }
}

/// Two messages, one of which may stand in JSON as something of its own.
fn messages(pair: &Pair<'_>, (one, other): (Index, Index), written: &Field) -> Option<Fact> {
    let (one, other) = (pair.writer.message(one)?, pair.reader.message(other)?);
    if one.name == other.name {
        return None;
    }
    let names = format!("{} is read as {}", one.name, other.name);
    let specials = (is_special(one), is_special(other));
    Some(match (specials, other.name.as_str()) {
        ((false, false), _) => fact(
            Grade::Safe,
            "field-type-changed",
            format!("{names}: what both hold decides, and is compared by itself"),
        ),
        (_, "google.protobuf.Value") | ((false, true), "google.protobuf.Struct") => {
            fact(Grade::Risky, "field-type-changed", format!("{names}: any JSON is taken there"))
        }
        _ => Fact {
            witness: Some(object(written, json_sample(pair.writer, written))),
            ..fact(
                Grade::Breaking,
                "field-type-changed",
                format!("{names}: the two stand differently in JSON"),
            )
        },
    })
}

/// What a wrapper wraps, and anything else itself.
fn bare(model: &Model, kind: Kind) -> Kind {
    let Kind::Message(index) = kind else { return kind };
    let name = model.message(index).map_or("", |message| &message.name);
    Kind::Scalar(match name {
        "google.protobuf.DoubleValue" => Scalar::Double,
        "google.protobuf.FloatValue" => Scalar::Float,
        "google.protobuf.Int64Value" => Scalar::Int64,
        "google.protobuf.UInt64Value" => Scalar::Uint64,
        "google.protobuf.Int32Value" => Scalar::Int32,
        "google.protobuf.UInt32Value" => Scalar::Uint32,
        "google.protobuf.BoolValue" => Scalar::Bool,
        "google.protobuf.StringValue" => Scalar::String,
        "google.protobuf.BytesValue" => Scalar::Bytes,
        _ => return kind,
    })
}

/// Whether a message stands in JSON as something of its own.
fn is_special(message: &crate::protobuf::model::Message) -> bool {
    !message.is_given && message.name.starts_with("google.protobuf.")
}

fn is_text(model: &Model, index: Index) -> bool {
    let texts = ["Timestamp", "Duration", "FieldMask"];
    let name = model.message(index).and_then(|it| it.name.strip_prefix("google.protobuf."));
    name.is_some_and(|name| texts.contains(&name))
}

fn object(field: &Field, value: Json) -> String {
    let is_list = field.label.is_many() && !value.is_array() && !value.is_object();
    let value = if is_list { Json::Array(vec![value]) } else { value };
    Json::Object(Map::from_iter([(field.json_name.clone(), value)])).to_string()
}
