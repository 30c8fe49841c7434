//! Messages of Protobuf as JSON. Only what is on the wire is in the text, so that a field that was
//! left out and one that was sent as its default stay apart; a field that the schema does not know
//! stands under its number. It refuses to know brokers, and to read any file by itself.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::FileDescriptorSet;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use serde_json::{Map, Number, Value};

use crate::schema::protobuf_wire::{Wire, fixed, next, varint};
use crate::schema::refusal::{
    CUT, DEPTH_MAX, NOT_UTF8, SchemaError, TOO_DEEP, TOO_MUCH, UNFIT, VALUES_MAX,
};

/// How a message begins that names its schema by a number of four bytes. No message itself does.
const REGISTRY_MAGIC: u8 = 0;
const REGISTRY_BYTES: usize = 5;

/// A message of Protobuf.
#[derive(Debug, Clone)]
pub struct Protobuf {
    message: MessageDescriptor,
}

/// The text of a file by the name it is imported under; none if there is no such file.
pub type ReadFile = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Reads a message's schema out of a set of descriptors, as compilers write it.
///
/// # Errors
/// [`SchemaError`] if it is no such set, or has no such message.
pub fn from_descriptors(bytes: &[u8], message: &str) -> Result<Protobuf, SchemaError> {
    of_pool(&pool_of_descriptors(bytes)?, message)
}

/// Reads a message's schema out of the source `name` and what it imports.
///
/// # Errors
/// [`SchemaError`] if a source cannot be read, or there is no such message.
pub fn from_source(name: &str, read: ReadFile, message: &str) -> Result<Protobuf, SchemaError> {
    of_pool(&pool_of_source(name, read)?, message)
}

/// Everything in a set of descriptors. Where editions differ from the syntaxes before them, in what
/// may be left out and how lists are packed, payloads are read in either way, so they are taken
/// for the oldest.
pub(crate) fn pool_of_descriptors(bytes: &[u8]) -> Result<DescriptorPool, SchemaError> {
    let mut set = FileDescriptorSet::decode(bytes).map_err(unreadable)?;
    for file in &mut set.file {
        match file.syntax() {
            "proto2" | "proto3" => {}
            "" | "editions" => file.syntax = None,
            other => return Err(unreadable(format!("`{other}` is no syntax of Protobuf"))),
        }
    }
    DescriptorPool::from_file_descriptor_set(set).map_err(unreadable)
}

/// Everything in a source and what it imports.
pub(crate) fn pool_of_source(name: &str, read: ReadFile) -> Result<DescriptorPool, SchemaError> {
    let mut files = ChainFileResolver::new();
    files.add(GoogleFileResolver::new());
    files.add(Sources(read));
    let mut compiler = Compiler::with_file_resolver(files);
    compiler.open_file(name).map_err(unreadable)?;
    Ok(compiler.descriptor_pool())
}

/// One message as JSON.
pub(crate) fn document(message: &MessageDescriptor, bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let object = Reading { values: 0 }.message(message, bytes, 0)?;
    serde_json::to_vec(&object).map_err(|_| UNFIT)
}

/// Messages as an array in JSON. All together have as many values as one may.
pub(crate) fn array(
    message: &MessageDescriptor,
    items: &[Cow<'_, [u8]>],
) -> Result<Vec<u8>, &'static str> {
    let mut reading = Reading { values: 0 };
    let mut objects = Vec::new();
    for item in items {
        reading.count()?;
        objects.push(reading.message(message, item, 1)?);
    }
    serde_json::to_vec(&objects).map_err(|_| UNFIT)
}

impl Protobuf {
    /// A message as JSON, under the names that Protobuf itself uses there.
    ///
    /// # Errors
    /// Why the bytes are no such message.
    pub fn to_json(&self, payload: &[u8]) -> Result<Vec<u8>, &'static str> {
        let bytes = match payload.first() {
            Some(&REGISTRY_MAGIC) => after_header(payload)?,
            _ => payload,
        };
        document(&self.message, bytes)
    }
}

struct Sources(ReadFile);

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let text = (self.0)(name).ok_or_else(|| protox::Error::file_not_found(name))?;
        File::from_source(name, &text)
    }
}

fn of_pool(pool: &DescriptorPool, message: &str) -> Result<Protobuf, SchemaError> {
    let found = pool.get_message_by_name(message);
    let message = found.ok_or_else(|| SchemaError::NoMessage(message.to_owned()))?;
    Ok(Protobuf { message })
}

fn unreadable(err: impl std::fmt::Display) -> SchemaError {
    SchemaError::Unreadable(err.to_string())
}

/// What follows the number of the schema and the place of the message in it. The place is passed
/// over: the message is the one that was named.
fn after_header(payload: &[u8]) -> Result<&[u8], &'static str> {
    let mut rest = payload.get(REGISTRY_BYTES..).ok_or(CUT)?;
    // Steps are counted in numbers whose lowest bit is the sign.
    let steps = varint(&mut rest)? >> 1;
    for _ in 0..steps {
        varint(&mut rest)?;
    }
    Ok(rest)
}

/// How much was read so far.
struct Reading {
    values: usize,
}

impl Reading {
    fn message(
        &mut self,
        message: &MessageDescriptor,
        bytes: &[u8],
        depth: usize,
    ) -> Result<Map<String, Value>, &'static str> {
        if depth > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        let mut object = Map::new();
        let mut rest = bytes;
        while let Some((number, wire)) = next(&mut rest)? {
            self.count()?;
            match message.get_field(number) {
                Some(field) if field.is_map() => self.entry(&mut object, &field, wire, depth)?,
                Some(field) if field.is_list() => self.items(&mut object, &field, wire, depth)?,
                Some(field) => self.single(&mut object, &field, wire, depth)?,
                None => drop(object.insert(number.to_string(), unknown(wire))),
            }
        }
        Ok(object)
    }

    fn single(
        &mut self,
        object: &mut Map<String, Value>,
        field: &FieldDescriptor,
        wire: Wire<'_>,
        depth: usize,
    ) -> Result<(), &'static str> {
        let value = self.value(&field.kind(), wire, depth)?;
        // Of several members of one choice the last one counts.
        for other in field.containing_oneof().iter().flat_map(|choice| choice.fields()) {
            if other.number() != field.number() {
                object.shift_remove(other.json_name());
            }
        }
        match (object.get_mut(field.json_name()), value) {
            // A message in several pieces is one message.
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more),
            (_, value) => drop(object.insert(field.json_name().to_owned(), value)),
        }
        Ok(())
    }

    fn items(
        &mut self,
        object: &mut Map<String, Value>,
        field: &FieldDescriptor,
        wire: Wire<'_>,
        depth: usize,
    ) -> Result<(), &'static str> {
        let kind = field.kind();
        let mut items = Vec::new();
        match wire {
            Wire::Bytes(mut packed) if is_packable(&kind) => {
                while !packed.is_empty() {
                    self.count()?;
                    let wire = unpacked(&kind, &mut packed)?;
                    items.push(self.value(&kind, wire, depth)?);
                }
            }
            wire => items.push(self.value(&kind, wire, depth)?),
        }
        let there = object.entry(field.json_name()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(there) = there {
            there.append(&mut items);
        }
        Ok(())
    }

    fn entry(
        &mut self,
        object: &mut Map<String, Value>,
        field: &FieldDescriptor,
        wire: Wire<'_>,
        depth: usize,
    ) -> Result<(), &'static str> {
        let (Kind::Message(entry), Wire::Bytes(mut rest)) = (field.kind(), wire) else {
            return Err(UNFIT);
        };
        // An entry without a key or a value has the default one, which is nowhere on the wire.
        let (mut key, mut value) = (String::new(), Value::Null);
        while let Some((number, wire)) = next(&mut rest)? {
            self.count()?;
            let Some(part) = entry.get_field(number) else { continue };
            let read = self.value(&part.kind(), wire, depth + 1)?;
            match (number, read) {
                (1, Value::String(text)) => key = text,
                (1, other) => key = other.to_string(),
                (_, other) => value = other,
            }
        }
        let there = object.entry(field.json_name()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(there) = there {
            there.insert(key, value);
        }
        Ok(())
    }

    fn value(&mut self, kind: &Kind, wire: Wire<'_>, depth: usize) -> Result<Value, &'static str> {
        Ok(match (kind, wire) {
            (Kind::Message(message), Wire::Bytes(bytes)) => {
                Value::Object(self.message(message, bytes, depth + 1)?)
            }
            (Kind::String, Wire::Bytes(bytes)) => {
                Value::from(std::str::from_utf8(bytes).map_err(|_| NOT_UTF8)?)
            }
            (Kind::Bytes, Wire::Bytes(bytes)) => Value::from(STANDARD.encode(bytes)),
            (Kind::Bool, Wire::Varint(number)) => Value::from(number != 0),
            (Kind::Int32, Wire::Varint(number)) => Value::from(low(number)),
            (Kind::Int64, Wire::Varint(number)) => Value::from(number.cast_signed()),
            (Kind::Uint32, Wire::Varint(number)) => Value::from(low(number).cast_unsigned()),
            (Kind::Uint64, Wire::Varint(number)) => Value::from(number),
            (Kind::Sint32, Wire::Varint(number)) => {
                Value::from(low(zigzag(number).cast_unsigned()))
            }
            (Kind::Sint64, Wire::Varint(number)) => Value::from(zigzag(number)),
            (Kind::Enum(words), Wire::Varint(number)) => {
                let number = low(number);
                let word = words.get_value(number);
                word.map_or_else(|| Value::from(number), |word| Value::from(word.name()))
            }
            (Kind::Fixed32, Wire::Fixed32(bytes)) => Value::from(u32::from_le_bytes(bytes)),
            (Kind::Sfixed32, Wire::Fixed32(bytes)) => Value::from(i32::from_le_bytes(bytes)),
            (Kind::Float, Wire::Fixed32(bytes)) => float(f32::from_le_bytes(bytes)),
            (Kind::Fixed64, Wire::Fixed64(bytes)) => Value::from(u64::from_le_bytes(bytes)),
            (Kind::Sfixed64, Wire::Fixed64(bytes)) => Value::from(i64::from_le_bytes(bytes)),
            (Kind::Double, Wire::Fixed64(bytes)) => number(f64::from_le_bytes(bytes)),
            _ => return Err(UNFIT),
        })
    }

    fn count(&mut self) -> Result<(), &'static str> {
        self.values += 1;
        if self.values > VALUES_MAX { Err(TOO_MUCH) } else { Ok(()) }
    }
}

/// A field that the schema does not know, as far as the wire tells what it is.
fn unknown(wire: Wire<'_>) -> Value {
    match wire {
        Wire::Varint(number) => Value::from(number),
        Wire::Fixed64(bytes) => Value::from(u64::from_le_bytes(bytes)),
        Wire::Fixed32(bytes) => Value::from(u32::from_le_bytes(bytes)),
        Wire::Bytes(bytes) => Value::from(STANDARD.encode(bytes)),
    }
}

fn merge(there: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (there.get_mut(&name), value) {
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more),
            (Some(Value::Array(there)), Value::Array(mut more)) => there.append(&mut more),
            (_, value) => drop(there.insert(name, value)),
        }
    }
}

fn is_packable(kind: &Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_))
}

/// The next of many numbers in a row.
fn unpacked<'a>(kind: &Kind, packed: &mut &'a [u8]) -> Result<Wire<'a>, &'static str> {
    Ok(match kind {
        Kind::Fixed32 | Kind::Sfixed32 | Kind::Float => Wire::Fixed32(fixed(packed)?),
        Kind::Fixed64 | Kind::Sfixed64 | Kind::Double => Wire::Fixed64(fixed(packed)?),
        _ => Wire::Varint(varint(packed)?),
    })
}

/// The lower half of a number, as readers of narrow fields take it.
fn low(number: u64) -> i32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// The shortest text that means the same narrow number, so that 1.1 stays 1.1.
fn float(narrow: f32) -> Value {
    narrow.to_string().parse().map_or_else(|_| number(narrow.into()), number)
}

fn number(wide: f64) -> Value {
    Number::from_f64(wide).map_or_else(|| Value::from(wide.to_string()), Value::Number)
}

#[cfg(test)]
mod tests;
