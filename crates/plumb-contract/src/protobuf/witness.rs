//! Messages that show a misread: in the text format beside their bytes on the wire, or in JSON.
//! Refuses to know what is misread.

use std::fmt::Write;

use serde_json::{Map, Value as Json};

use crate::protobuf::json_value::to_json;
use crate::protobuf::model::{Field, Index, Kind, Label, Message, Model};
use crate::protobuf::scalar::{Value, Wire};

/// Messages within messages at most. A message that must hold another of itself has no data.
const DEPTH_MAX: usize = 8;

/// Bytes of a witness at most: required fields of required fields grow with the power of depth.
const BYTES_MAX: usize = 4_096;

/// A field of a message as text and as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// In the text format.
    pub text: String,
    /// On the wire, with its tag.
    pub bytes: Vec<u8>,
}

/// A field with a small value that is not its zero value, where it has one.
#[must_use]
pub fn sample(model: &Model, field: &Field) -> Option<Written> {
    written(model, field, None, DEPTH_MAX)
}

/// A field with this very value.
#[must_use]
pub fn with_value(field: &Field, value: &Value) -> Written {
    let wire = match field.kind {
        Kind::Scalar(scalar) => scalar.to_wire(value),
        _ => of_number(value),
    };
    let bytes = tagged(field, &wire);
    Written { text: format!("{}: {}", field.name, value.to_text()), bytes }
}

/// Bytes in a field that holds messages, whatever they are.
#[must_use]
pub fn with_bytes(field: &Field, inner: &Written) -> Written {
    let bytes = match field.kind {
        Kind::Group(_) => {
            let (start, end) = (tag(field.number, 3), tag(field.number, 4));
            [start, inner.bytes.clone(), end].concat()
        }
        _ => tagged(field, &Wire::Bytes(inner.bytes.clone())),
    };
    Written { text: format!("{} {{ {} }}", field.name, inner.text), bytes }
}

/// A whole message of these fields and all that it must hold besides.
#[must_use]
pub fn message(
    model: &Model,
    message: &Message,
    parts: &[Written],
    held: &[u32],
) -> Option<String> {
    let mut whole = required(model, message, held, DEPTH_MAX)?;
    whole.extend(parts.iter().cloned());
    let texts: Vec<&str> = whole.iter().map(|part| part.text.as_str()).collect();
    let mut shown = if texts.is_empty() { "no field".to_owned() } else { texts.join(" ") };
    shown.push_str(" (hex ");
    for byte in whole.iter().flat_map(|part| &part.bytes) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "{byte:02x}");
    }
    shown.push(')');
    Some(shown)
}

/// A small message that is all right, and holds something where it can.
#[must_use]
pub fn smallest(model: &Model, index: Index) -> Option<Written> {
    within(model, index, DEPTH_MAX)
}

/// A field with a small value in JSON.
#[must_use]
pub fn json_sample(model: &Model, field: &Field) -> Json {
    if let Some((key, value)) = model.entry(field.kind) {
        let name = match json_of_kind(model, key) {
            Json::String(text) => text,
            other => other.to_string(),
        };
        return Map::from_iter([(name, json_of_kind(model, value))]).into();
    }
    let value = json_of_kind(model, field);
    if field.label.is_many() { Json::Array(vec![value]) } else { value }
}

fn json_of_kind(model: &Model, field: &Field) -> Json {
    match field.kind {
        Kind::Scalar(scalar) => {
            scalar.edges().first().map_or(Json::Null, |value| to_json(scalar, value))
        }
        Kind::Enum(index) => {
            let value = model.enums.get(index).and_then(|it| it.values.last());
            value.map_or(Json::Null, |value| value.name.clone().into())
        }
        Kind::Message(_) | Kind::Group(_) => Map::new().into(),
    }
}

fn within(model: &Model, index: Index, depth: usize) -> Option<Written> {
    let message = model.message(index)?;
    let mut parts = required(model, message, &[], depth.checked_sub(1)?)?;
    if parts.is_empty() {
        // An empty message reads as none where presence is not asked for.
        let scalar = message.fields.iter().find(|field| matches!(field.kind, Kind::Scalar(_)));
        parts.extend(scalar.and_then(|field| written(model, field, None, depth - 1)));
    }
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    (bytes.len() <= BYTES_MAX).then(|| Written { text: texts.join(" "), bytes })
}

/// What a message must hold, without the fields that are there already.
fn required(model: &Model, message: &Message, held: &[u32], depth: usize) -> Option<Vec<Written>> {
    let is_missing =
        |field: &&Field| field.label == Label::Required && !held.contains(&field.number);
    let missing = message.fields.iter().filter(is_missing);
    missing.map(|field| written(model, field, None, depth)).collect()
}

fn written(model: &Model, field: &Field, value: Option<&Value>, depth: usize) -> Option<Written> {
    match field.kind {
        Kind::Scalar(scalar) => {
            let value = value.cloned().or_else(|| scalar.edges().into_iter().next())?;
            Some(with_value(field, &value))
        }
        Kind::Enum(index) => {
            let values = &model.enums.get(index)?.values;
            let value = values.iter().find(|value| value.number != 0).or(values.first())?;
            let bytes = with_value(field, &Value::Whole(value.number.into())).bytes;
            Some(Written { text: format!("{}: {}", field.name, value.name), bytes })
        }
        Kind::Message(index) | Kind::Group(index) => {
            Some(with_bytes(field, &within(model, index, depth)?))
        }
    }
}

fn of_number(value: &Value) -> Wire {
    crate::protobuf::scalar::Scalar::Int64.to_wire(value)
}

fn tagged(field: &Field, wire: &Wire) -> Vec<u8> {
    let value = match wire {
        Wire::Varint(number) => varint(*number),
        Wire::Four(raw) => raw.to_le_bytes().to_vec(),
        Wire::Eight(raw) => raw.to_le_bytes().to_vec(),
        Wire::Bytes(bytes) => sized(bytes),
    };
    let kind = match wire {
        _ if field.label == Label::Packed => 2,
        Wire::Varint(_) => 0,
        Wire::Eight(_) => 1,
        Wire::Bytes(_) => 2,
        Wire::Four(_) => 5,
    };
    let value = if field.label == Label::Packed { sized(&value) } else { value };
    [tag(field.number, kind), value].concat()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    [varint(length), bytes.to_vec()].concat()
}

fn tag(number: u32, kind: u64) -> Vec<u8> {
    varint(u64::from(number) << 3 | kind)
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
