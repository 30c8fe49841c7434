//! Scalars in ProtoJSON: how a writer of one puts a value, and what a parser for another makes of
//! it. Refuses to know messages and enums.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value as Json};

use crate::protobuf::scalar::{Fate, Scalar, Value, single};

/// A value of a scalar as it stands in JSON. Numbers of 64 bits stand as text.
#[must_use]
pub fn to_json(scalar: Scalar, value: &Value) -> Json {
    let is_wide = matches!(
        scalar,
        Scalar::Int64 | Scalar::Uint64 | Scalar::Sint64 | Scalar::Fixed64 | Scalar::Sfixed64
    );
    match value {
        Value::Whole(number) if scalar == Scalar::Bool => Json::Bool(*number != 0),
        Value::Whole(number) if is_wide => Json::String(number.to_string()),
        Value::Whole(number) => match i64::try_from(*number) {
            Ok(number) => number.into(),
            Err(_) => Json::String(number.to_string()),
        },
        Value::Real(real) => Number::from_f64(*real).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
    }
}

/// What a parser for a scalar makes of a value; none when it refuses it.
#[must_use]
pub fn of_json(scalar: Scalar, json: &Json) -> Option<Value> {
    match (scalar, json) {
        (Scalar::Bool, Json::Bool(truth)) => Some(Value::Whole((*truth).into())),
        (Scalar::Bool, _) => None,
        (Scalar::String, Json::String(text)) => Some(Value::Text(text.clone())),
        (Scalar::Bytes, Json::String(text)) => STANDARD.decode(text).ok().map(Value::Bytes),
        (Scalar::String | Scalar::Bytes, _) => None,
        (Scalar::Float | Scalar::Double, json) => {
            let real = match json {
                Json::Number(number) => number.as_f64()?,
                Json::String(text) => text.parse().ok()?,
                _ => return None,
            };
            if scalar == Scalar::Double {
                return Some(Value::Real(real));
            }
            let rounded = f64::from(single(real));
            rounded.is_finite().then_some(Value::Real(rounded))
        }
        (_, json) => {
            let number: i128 = match json {
                Json::Number(number) => match number.as_i128() {
                    Some(number) => number,
                    None => number.as_f64().filter(|real| real.fract() == 0.0).and_then(whole)?,
                },
                Json::String(text) => text.parse().ok()?,
                _ => return None,
            };
            let (least, greatest) = scalar.range()?;
            (least..=greatest).contains(&number).then_some(Value::Whole(number))
        }
    }
}

/// How values of a scalar fare in JSON with a parser for another.
#[must_use]
pub fn fate_in_json(writer: Scalar, reader: Scalar) -> Fate {
    let mut rounded = None;
    for value in writer.edges() {
        let json = to_json(writer, &value);
        match (of_json(reader, &json), &value) {
            (Some(Value::Real(read)), Value::Whole(number)) => {
                if whole(read) != Some(*number) {
                    rounded = rounded.or(Some(value));
                }
            }
            (Some(Value::Real(read)), Value::Real(written)) => {
                if read.to_bits() != written.to_bits() {
                    rounded = rounded.or(Some(value));
                }
            }
            (Some(Value::Whole(read)), Value::Real(written)) if whole(*written) == Some(read) => {}
            // Digits in quotes are the same text, whatever is made of them.
            (Some(Value::Text(read)), Value::Whole(number)) if read == number.to_string() => {}
            (Some(read), written) if read == *written => {}
            _ => return Fate::Misread(value),
        }
    }
    rounded.map_or(Fate::Kept, Fate::Rounded)
}

/// A float as a whole number, if it is one that can be told.
fn whole(real: f64) -> Option<i128> {
    if real.fract() == 0.0 { format!("{real:.0}").parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsers_take_numbers_as_text_and_text_as_numbers() {
        let check = |writer, reader, expected: Fate| {
            assert_eq!(fate_in_json(writer, reader), expected, "{writer:?} {reader:?}");
        };
        let misread = |number| Fate::Misread(Value::Whole(number));
        check(Scalar::Int32, Scalar::Int64, Fate::Kept);
        check(Scalar::Int64, Scalar::Int32, misread(i64::MIN.into()));
        check(Scalar::Sint32, Scalar::Int32, Fate::Kept);
        check(Scalar::Int64, Scalar::String, Fate::Kept);
        check(Scalar::Int32, Scalar::String, misread(1));
        check(Scalar::Bool, Scalar::Int32, misread(1));
        check(Scalar::Int64, Scalar::Double, Fate::Rounded(Value::Whole(i64::MAX.into())));
        check(Scalar::Double, Scalar::Float, Fate::Misread(Value::Real(1e300)));
        check(Scalar::Float, Scalar::Double, Fate::Kept);
        check(Scalar::Double, Scalar::Int32, Fate::Misread(Value::Real(0.5)));
        check(Scalar::String, Scalar::Bytes, Fate::Misread(Value::Text("a".to_owned())));
        check(Scalar::Bytes, Scalar::String, Fate::Misread(Value::Bytes(vec![b'a'])));
    }
}
