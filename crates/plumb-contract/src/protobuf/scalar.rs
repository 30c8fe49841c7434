//! Scalars: what a writer of one puts on the wire or into JSON, and what a reader of another makes
//! of it.
//!
//! Two scalars are not compared by a table of names: values at all their edges are written as the
//! one and read as the other, so that whoever is told of a misread is shown it. Refuses to know
//! messages.

/// A scalar type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named as the language names it")]
pub enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

/// A value, whatever type it was written as.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number, or a truth as 0 and 1.
    Whole(i128),
    /// A number with a fraction.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A value on the wire, behind its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A number of variable length.
    Varint(u64),
    /// Four bytes.
    Four(u32),
    /// Eight bytes.
    Eight(u64),
    /// Bytes behind their number.
    Bytes(Vec<u8>),
}

/// How a value fares that is written as one type and read as another.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Every value is read as it was written.
    Kept,
    /// This one is rounded, and none fares worse.
    Rounded(Value),
    /// This one is read as another, or refused.
    Misread(Value),
}

impl Scalar {
    /// Its name in the language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Double => "double",
            Self::Float => "float",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Sint32 => "sint32",
            Self::Sint64 => "sint64",
            Self::Fixed32 => "fixed32",
            Self::Fixed64 => "fixed64",
            Self::Sfixed32 => "sfixed32",
            Self::Sfixed64 => "sfixed64",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Bytes => "bytes",
        }
    }

    /// The smallest and the greatest whole number, if it holds whole numbers.
    #[must_use]
    pub fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Int32 | Self::Sint32 | Self::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 | Self::Sint64 | Self::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
            Self::Uint32 | Self::Fixed32 => (0, u32::MAX.into()),
            Self::Uint64 | Self::Fixed64 => (0, u64::MAX.into()),
            Self::Bool => (0, 1),
            _ => return None,
        })
    }

    /// Values at all its edges, the plainest first.
    #[must_use]
    pub fn edges(self) -> Vec<Value> {
        /// The first whole numbers that a float and a double cannot hold.
        const BEYOND: [i128; 2] = [16_777_217, 9_007_199_254_740_993];
        match (self, self.range()) {
            (_, Some((least, greatest))) => {
                let all = [1, 2, -1, least, greatest].into_iter().chain(BEYOND);
                let fitting = all.filter(|number| (least..=greatest).contains(number));
                fitting.map(Value::Whole).collect()
            }
            (Self::Float, _) => vec![Value::Real(1.0), Value::Real(0.5)],
            (Self::Double, _) => {
                vec![Value::Real(1.0), Value::Real(0.5), Value::Real(0.1), Value::Real(1e300)]
            }
            (Self::Bytes, _) => vec![Value::Bytes(vec![b'a']), Value::Bytes(vec![0xff])],
            _ => vec![Value::Text("a".to_owned()), Value::Text("1".to_owned())],
        }
    }

    /// A value of its own on the wire.
    #[must_use]
    pub fn to_wire(self, value: &Value) -> Wire {
        match (self, value) {
            (Self::Float, Value::Real(real)) => Wire::Four(single(*real).to_bits()),
            (Self::Double, Value::Real(real)) => Wire::Eight(real.to_bits()),
            (Self::Sint32 | Self::Sint64, Value::Whole(number)) => {
                Wire::Varint(low(if *number < 0 { -2 * number - 1 } else { 2 * number }))
            }
            (Self::Fixed32 | Self::Sfixed32, Value::Whole(number)) => {
                Wire::Four(half(low(*number)))
            }
            (Self::Fixed64 | Self::Sfixed64, Value::Whole(number)) => Wire::Eight(low(*number)),
            (_, Value::Whole(number)) => Wire::Varint(low(*number)),
            (_, Value::Text(text)) => Wire::Bytes(text.clone().into_bytes()),
            (_, Value::Bytes(bytes)) => Wire::Bytes(bytes.clone()),
            (_, Value::Real(real)) => Wire::Eight(real.to_bits()),
        }
    }

    /// What its reader makes of what is on the wire; none when it is lost or refused.
    #[must_use]
    pub fn of_wire(self, wire: &Wire) -> Option<Value> {
        Some(match (self, wire) {
            (Self::Int32, Wire::Varint(raw)) => Value::Whole(half(*raw).cast_signed().into()),
            (Self::Int64, Wire::Varint(raw)) => Value::Whole(raw.cast_signed().into()),
            (Self::Uint32, Wire::Varint(raw)) => Value::Whole(half(*raw).into()),
            (Self::Uint64, Wire::Varint(raw)) => Value::Whole((*raw).into()),
            (Self::Bool, Wire::Varint(raw)) => Value::Whole((*raw != 0).into()),
            (Self::Sint32, Wire::Varint(raw)) => Value::Whole(folded(half(*raw).into())),
            (Self::Sint64, Wire::Varint(raw)) => Value::Whole(folded((*raw).into())),
            (Self::Fixed32, Wire::Four(raw)) => Value::Whole((*raw).into()),
            (Self::Sfixed32, Wire::Four(raw)) => Value::Whole(raw.cast_signed().into()),
            (Self::Float, Wire::Four(raw)) => Value::Real(f32::from_bits(*raw).into()),
            (Self::Fixed64, Wire::Eight(raw)) => Value::Whole((*raw).into()),
            (Self::Sfixed64, Wire::Eight(raw)) => Value::Whole(raw.cast_signed().into()),
            (Self::Double, Wire::Eight(raw)) => Value::Real(f64::from_bits(*raw)),
            (Self::Bytes, Wire::Bytes(bytes)) => Value::Bytes(bytes.clone()),
            (Self::String, Wire::Bytes(bytes)) => {
                Value::Text(String::from_utf8(bytes.clone()).ok()?)
            }
            _ => return None,
        })
    }

    /// How values of `self` fare on the wire with a reader of another scalar.
    #[must_use]
    pub fn fate_on_wire(self, reader: Self) -> Fate {
        let is_misread = |value: &Value| match reader.of_wire(&self.to_wire(value)) {
            Some(Value::Text(text)) => {
                *value != Value::Text(text.clone()) && *value != Value::Bytes(text.into_bytes())
            }
            Some(Value::Bytes(bytes)) => {
                *value != Value::Bytes(bytes.clone())
                    && *value != Value::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
            read => read.as_ref() != Some(value),
        };
        self.edges().into_iter().find(is_misread).map_or(Fate::Kept, Fate::Misread)
    }
}

impl Value {
    /// As the text format of Protobuf writes it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Real(real) => real.to_string(),
            Self::Text(text) => format!("{text:?}"),
            Self::Bytes(bytes) => {
                let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                format!("\"{escaped}\"")
            }
        }
    }
}

/// The lowest 64 bits.
fn low(number: i128) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = number.to_le_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The lowest 32 bits.
fn half(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// A number whose lowest bit is its sign.
fn folded(raw: i128) -> i128 {
    if raw % 2 == 0 { raw / 2 } else { -(raw / 2) - 1 }
}

/// The nearest float.
#[expect(clippy::cast_possible_truncation, reason = "to round is what it is for")]
pub(crate) fn single(real: f64) -> f32 {
    real as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misread_is_shown_by_a_value() {
        let check = |writer: Scalar, reader: Scalar, expected: Fate| {
            assert_eq!(writer.fate_on_wire(reader), expected, "{writer:?} {reader:?}");
        };
        let misread = |number| Fate::Misread(Value::Whole(number));
        check(Scalar::Int32, Scalar::Int64, Fate::Kept);
        check(Scalar::Int64, Scalar::Int32, misread(i64::MIN.into()));
        check(Scalar::Int32, Scalar::Uint32, misread(-1));
        check(Scalar::Uint32, Scalar::Int64, Fate::Kept);
        check(Scalar::Uint32, Scalar::Int32, misread(u32::MAX.into()));
        check(Scalar::Bool, Scalar::Uint64, Fate::Kept);
        check(Scalar::Int32, Scalar::Bool, misread(2));
        check(Scalar::Sint32, Scalar::Sint64, Fate::Kept);
        check(Scalar::Sint32, Scalar::Int32, misread(1));
        check(Scalar::Fixed32, Scalar::Sfixed32, misread(u32::MAX.into()));
        check(Scalar::Fixed32, Scalar::Float, misread(1));
        check(Scalar::Fixed32, Scalar::Fixed64, misread(1));
        check(Scalar::String, Scalar::Bytes, Fate::Kept);
        check(Scalar::Bytes, Scalar::String, Fate::Misread(Value::Bytes(vec![0xff])));
        check(Scalar::Float, Scalar::Double, Fate::Misread(Value::Real(1.0)));
    }
}
