//! Data of Avro as JSON. The header that a registry's clients write is passed over; object
//! container files, which carry their own schema, are not read. It refuses to ask any registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::schema::avro_type::{Index, Type, Types, types};
use crate::schema::refusal::{
    CUT, DEPTH_MAX, JSON_BYTES_MAX, LEFT_OVER, NOT_UTF8, SchemaError, TOO_DEEP, TOO_MUCH, UNFIT,
};

/// Why a container is not read.
pub const CONTAINER: &str = "an object container of Avro, which is a file and not a message";

/// How a container begins.
const CONTAINER_MAGIC: &[u8] = b"Obj\x01";

/// How data begins that names its schema by a fingerprint of eight bytes.
const SINGLE_OBJECT_MAGIC: &[u8] = &[0xc3, 0x01];
const SINGLE_OBJECT_BYTES: usize = 10;

/// How data begins that names its schema by a number of four bytes.
const REGISTRY_MAGIC: &[u8] = &[0];
const REGISTRY_BYTES: usize = 5;

/// Bytes of the longest number: 64 bits, seven to a byte.
const VARINT_BYTES_MAX: usize = 10;

/// A schema of Avro.
#[derive(Debug, Clone)]
pub struct Avro {
    types: Types,
    root: Index,
}

/// Reads a schema out of its JSON text (`.avsc`).
///
/// # Errors
/// [`SchemaError`] for anything else.
pub fn avro(text: &str) -> Result<Avro, SchemaError> {
    let (types, root) = types(text)?;
    Ok(Avro { types, root })
}

impl Avro {
    /// Data as JSON. A member of a union stands for itself, without its name.
    ///
    /// # Errors
    /// Why the data does not fit the schema.
    pub fn to_json(&self, payload: &[u8]) -> Result<Vec<u8>, &'static str> {
        if payload.starts_with(CONTAINER_MAGIC) {
            return Err(CONTAINER);
        }
        let after = |magic: &[u8], bytes: usize| {
            payload.get(bytes..).filter(|_| payload.starts_with(magic))
        };
        let headed = after(SINGLE_OBJECT_MAGIC, SINGLE_OBJECT_BYTES)
            .or_else(|| after(REGISTRY_MAGIC, REGISTRY_BYTES));
        // Bare data may begin like a header, so that only all of it fitting settles what it is.
        match headed.map(|data| self.decode(data)) {
            Some(Ok(json)) => Ok(json),
            Some(Err(why)) => self.decode(payload).map_err(|_| why),
            None => self.decode(payload),
        }
    }

    fn decode(&self, data: &[u8]) -> Result<Vec<u8>, &'static str> {
        let mut reading = Reading { types: &self.types, rest: data, json: Vec::new() };
        reading.value(self.root, 0)?;
        if reading.rest.is_empty() { Ok(reading.json) } else { Err(LEFT_OVER) }
    }
}

/// Data that is being read, and the JSON made of it so far.
struct Reading<'a> {
    types: &'a Types,
    rest: &'a [u8],
    json: Vec<u8>,
}

impl<'a> Reading<'a> {
    fn value(&mut self, index: Index, depth: usize) -> Result<(), &'static str> {
        if depth > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        // Values without a byte on the wire still take some in the text.
        if self.json.len() > JSON_BYTES_MAX {
            return Err(TOO_MUCH);
        }
        let types = self.types;
        match types.get(index) {
            Type::Null => self.json.extend_from_slice(b"null"),
            Type::Boolean => match self.take(1)? {
                [0] => self.json.extend_from_slice(b"false"),
                [1] => self.json.extend_from_slice(b"true"),
                _ => return Err(UNFIT),
            },
            Type::Int => {
                let number = i32::try_from(self.long()?).map_err(|_| UNFIT)?;
                self.write(&number)?;
            }
            Type::Long => {
                let number = self.long()?;
                self.write(&number)?;
            }
            Type::Float => {
                let number = f32::from_le_bytes(self.array()?);
                if number.is_finite() { self.write(&number)? } else { self.odd(number.into())? }
            }
            Type::Double => {
                let number = f64::from_le_bytes(self.array()?);
                if number.is_finite() { self.write(&number)? } else { self.odd(number)? }
            }
            Type::Bytes => {
                let bytes = self.sized()?;
                self.write(&STANDARD.encode(bytes))?;
            }
            Type::Fixed(size) => {
                let bytes = self.take(*size)?;
                self.write(&STANDARD.encode(bytes))?;
            }
            Type::String => {
                let text = self.text()?;
                self.write(text)?;
            }
            Type::Enum(symbols) => {
                let symbol = symbols.get(self.position()?).ok_or(UNFIT)?;
                self.write(symbol)?;
            }
            Type::Union(members) => {
                let member = *members.get(self.position()?).ok_or(UNFIT)?;
                self.value(member, depth + 1)?;
            }
            Type::Array(items) => self.array_of(*items, depth)?,
            Type::Map(values) => self.map_of(*values, depth)?,
            Type::Record(fields) => self.record(fields, depth)?,
        }
        Ok(())
    }

    fn record(&mut self, fields: &[(Vec<u8>, Index)], depth: usize) -> Result<(), &'static str> {
        for (at, (name, index)) in fields.iter().enumerate() {
            self.json.push(if at == 0 { b'{' } else { b',' });
            self.json.extend_from_slice(name);
            self.json.push(b':');
            self.value(*index, depth + 1)?;
        }
        let end: &[u8] = if fields.is_empty() { b"{}" } else { b"}" };
        self.json.extend_from_slice(end);
        Ok(())
    }

    fn array_of(&mut self, items: Index, depth: usize) -> Result<(), &'static str> {
        self.json.push(b'[');
        let mut is_first = true;
        while let Some(count) = self.block()? {
            for _ in 0..count {
                if !std::mem::take(&mut is_first) {
                    self.json.push(b',');
                }
                self.value(items, depth + 1)?;
            }
        }
        self.json.push(b']');
        Ok(())
    }

    fn map_of(&mut self, values: Index, depth: usize) -> Result<(), &'static str> {
        self.json.push(b'{');
        let mut is_first = true;
        while let Some(count) = self.block()? {
            for _ in 0..count {
                if !std::mem::take(&mut is_first) {
                    self.json.push(b',');
                }
                let key = self.text()?;
                self.write(key)?;
                self.json.push(b':');
                self.value(values, depth + 1)?;
            }
        }
        self.json.push(b'}');
        Ok(())
    }

    /// The number of items in the next block; none after the last one.
    fn block(&mut self) -> Result<Option<u64>, &'static str> {
        let count = self.long()?;
        if count < 0 {
            // Its bytes, for readers that pass over it.
            self.long()?;
        }
        Ok(Some(count.unsigned_abs()).filter(|count| *count > 0))
    }

    fn write(&mut self, value: &(impl serde::Serialize + ?Sized)) -> Result<(), &'static str> {
        serde_json::to_writer(&mut self.json, value).map_err(|_| UNFIT)
    }

    /// A number that JSON has none for.
    fn odd(&mut self, number: f64) -> Result<(), &'static str> {
        self.write(&number.to_string())
    }

    fn text(&mut self) -> Result<&'a str, &'static str> {
        std::str::from_utf8(self.sized()?).map_err(|_| NOT_UTF8)
    }

    fn sized(&mut self) -> Result<&'a [u8], &'static str> {
        let count = self.position()?;
        self.take(count)
    }

    fn position(&mut self) -> Result<usize, &'static str> {
        usize::try_from(self.long()?).map_err(|_| UNFIT)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (bytes, rest) = self.rest.split_first_chunk::<N>().ok_or(CUT)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn long(&mut self) -> Result<i64, &'static str> {
        let mut value = 0_u64;
        for (at, byte) in self.rest.iter().take(VARINT_BYTES_MAX).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
            if *byte < 0x80 {
                self.rest = &self.rest[at + 1..];
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        Err(if self.rest.len() < VARINT_BYTES_MAX { CUT } else { UNFIT })
    }
}

#[cfg(test)]
mod tests;
