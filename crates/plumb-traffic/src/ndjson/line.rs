//! The keys of one line, borrowed from its text. Strict: an unknown or repeated key, or a value of
//! the wrong kind, is an error. It refuses to know what the keys mean together.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::exchange::Pair;

/// Headers kept per message; a line with more is refused.
const HEADERS_MAX: usize = 1_024;

/// One line.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Line<'a> {
    pub(crate) v: u64,
    #[serde(borrow, default)]
    pub(crate) time: Option<When<'a>>,
    #[serde(borrow)]
    pub(crate) method: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) host: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) path: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) query: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) status: Option<u16>,
    #[serde(borrow, default, deserialize_with = "object")]
    pub(crate) request: Option<Side<'a>>,
    #[serde(borrow, default, deserialize_with = "object")]
    pub(crate) response: Option<Side<'a>>,
    #[serde(default)]
    pub(crate) latency_ms: Option<f64>,
    #[serde(borrow, default)]
    pub(crate) caller: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) writer: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) reader: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) version: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) environment: Option<Text<'a>>,
}

/// `request` or `response`.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Side<'a> {
    #[serde(borrow, default)]
    pub(crate) headers: Option<Headers<'a>>,
    /// Null is a JSON body like any other; only a missing key is no body.
    #[serde(borrow, default, deserialize_with = "present")]
    pub(crate) body: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) body_text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) body_base64: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) body_withheld: Option<bool>,
}

/// Text, borrowed where it has no escapes.
#[derive(Debug, PartialEq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// A time as written.
#[derive(Debug, PartialEq)]
pub(crate) enum When<'a> {
    /// Milliseconds since 1970-01-01T00:00Z.
    Ms(i64),
    Text(Cow<'a, str>),
}

/// A header's value is a string, or a list of strings for a repeated header.
#[derive(Debug, PartialEq)]
pub(crate) struct Headers<'a>(pub(crate) Vec<Pair<'a>>);

/// Reads a line.
///
/// # Errors
/// What does not fit.
pub(crate) fn line(text: &str) -> Result<Line<'_>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let line: Option<Line<'_>> = object(&mut json)?;
    json.end()?;
    line.ok_or_else(|| Error::custom("null"))
}

/// The version a line claims, whatever else it says.
pub(crate) fn version(text: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u64,
    }
    serde_json::from_str(text).ok().map(|Version { v }| v)
}

/// An error in words, without any value of the line: only keys of the format may be quoted.
pub(crate) fn complaint(error: &serde_json::Error) -> String {
    let place = format!("at column {}", error.column());
    if !error.is_data() {
        return format!("not a JSON object, {place}");
    }
    let message = error.to_string();
    let named = ["missing field ", "duplicate field "].into_iter().find(|m| message.starts_with(m));
    match named {
        Some(kind) => {
            let end = message.rfind(" at line").unwrap_or(message.len());
            format!("{}key {}", &kind[..kind.len() - "field ".len()], &message[kind.len()..end])
        }
        None if message.starts_with("unknown field") => {
            format!("unknown key before column {}", error.column())
        }
        None => format!("a value of the wrong kind, {place}"),
    }
}

fn present<'de, D: Deserializer<'de>>(body: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(body).map(Some)
}

/// An object or null. Derived structs alone would also take a list of values.
fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    object: D,
) -> Result<Option<T>, D::Error> {
    object.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Option<T>, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

impl<'a, 'de: 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'a, 'de: 'a> Deserialize<'de> for When<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WhenVisitor)
    }
}

struct WhenVisitor;

impl<'de> Visitor<'de> for WhenVisitor {
    type Value = When<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a time: RFC 3339 or milliseconds")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<When<'de>, E> {
        Ok(When::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<When<'de>, E> {
        Ok(When::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, ms: i64) -> Result<When<'de>, E> {
        Ok(When::Ms(ms))
    }

    fn visit_u64<E: Error>(self, ms: u64) -> Result<When<'de>, E> {
        i64::try_from(ms).map(When::Ms).map_err(|_| E::custom("too late"))
    }

    fn visit_f64<E: Error>(self, ms: f64) -> Result<When<'de>, E> {
        const MS_MAX: f64 = 9e15;
        if ms.abs() > MS_MAX {
            return Err(E::custom("too far away"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within 53 bits, and rounding is meant"
        )]
        Ok(When::Ms(ms.round() as i64))
    }
}

impl<'a, 'de: 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of header values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Headers<'de>, M::Error> {
        let mut headers = Vec::new();
        while let Some((Text(name), Values(values))) = map.next_entry()? {
            let pseudo = name.starts_with(':');
            for Text(value) in values {
                if headers.len() == HEADERS_MAX {
                    return Err(M::Error::custom("too many headers"));
                }
                if !pseudo {
                    headers.push((name.clone(), value));
                }
            }
        }
        Ok(Headers(headers))
    }
}

struct Values<'a>(Vec<Text<'a>>);

impl<'a, 'de: 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or a list of strings")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Values<'de>, E> {
        Ok(Values(vec![Text(Cow::Borrowed(text))]))
    }

    fn visit_str<E>(self, text: &str) -> Result<Values<'de>, E> {
        Ok(Values(vec![Text(Cow::Owned(text.to_owned()))]))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Values<'de>, S::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            if values.len() == HEADERS_MAX {
                return Err(S::Error::custom("too many headers"));
            }
            values.push(value);
        }
        Ok(Values(values))
    }
}
