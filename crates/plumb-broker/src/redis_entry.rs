//! An entry of a Redis stream as a message: its fields are one object, unless one of them is named
//! as the payload. It refuses to know how entries are read.

use std::collections::BTreeMap;

use bytes::Bytes;
use redis::Value;
use redis::streams::StreamId;
use serde_json::value::RawValue;

use crate::hand::Hand;
use crate::taken::{HEADERS_NOT_TEXT, Payload, Taken};

/// Why an entry cannot be shown as one object.
pub(crate) const NOT_TEXT: &str = "a field that is not UTF-8; name the payload's with `field=`";

/// An entry as a message. Its id says when it was added.
pub(crate) fn taken(hand: &Hand, stream: &str, entry: StreamId, field: Option<&str>) -> Taken {
    let published_ms = milliseconds(&entry.id);
    let mut fields: BTreeMap<String, Vec<u8>> =
        entry.map.into_iter().map(|(name, value)| (name, bytes_of(value))).collect();
    let (payload, headers, headers_withheld) = match field {
        None => (object(&fields), Vec::new(), None),
        Some(field) => {
            let payload = fields.remove(field).unwrap_or_default();
            let count = fields.len();
            let texts = fields.into_iter();
            let texts =
                texts.filter_map(|(name, value)| Some((name, String::from_utf8(value).ok()?)));
            let headers: Vec<_> = texts.collect();
            let withheld = (headers.len() < count).then_some(HEADERS_NOT_TEXT);
            (Payload::kept(Bytes::from(payload)), headers, withheld)
        }
    };
    Taken {
        published_ms,
        taken_ms: hand.now_ms(),
        broker: hand.broker.clone(),
        destination: vec![stream.to_owned()],
        headers,
        headers_withheld,
        payload,
        ..Taken::default()
    }
}

/// When an entry was added, in milliseconds since 1970-01-01T00:00Z, if its id was left to the
/// broker.
pub(crate) fn milliseconds(id: &str) -> Option<i64> {
    id.split_once('-').and_then(|(milliseconds, _)| milliseconds.parse().ok())
}

/// An id as a number that grows with it.
pub(crate) fn sequence(id: &str) -> (u64, u64) {
    let (milliseconds, sequence) = id.split_once('-').unwrap_or((id, "0"));
    (milliseconds.parse().unwrap_or(0), sequence.parse().unwrap_or(0))
}

/// All fields in the order of their names, since the client keeps no other. Fields hold text only;
/// text that is an object or an array stands for what it holds.
fn object(fields: &BTreeMap<String, Vec<u8>>) -> Payload {
    let mut members = BTreeMap::new();
    for (name, value) in fields {
        let Ok(text) = std::str::from_utf8(value) else { return Payload::Withheld(NOT_TEXT) };
        let is_container = text.trim_ascii_start().starts_with(['{', '[']);
        let held = if is_container { serde_json::from_str(text).ok() } else { None };
        let member: Option<Box<RawValue>> =
            held.or_else(|| serde_json::value::to_raw_value(text).ok());
        members.insert(name, member);
    }
    serde_json::to_vec(&members)
        .map_or(Payload::Withheld(NOT_TEXT), |bytes| Payload::kept(bytes.into()))
}

fn bytes_of(value: Value) -> Vec<u8> {
    match value {
        Value::BulkString(bytes) => bytes,
        Value::SimpleString(text) => text.into_bytes(),
        Value::Int(number) => number.to_string().into_bytes(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&str, &[u8])], expected: Result<&str, &str>) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let found = match object(&fields.collect()) {
            Payload::Bytes(bytes) => Ok(String::from_utf8(bytes.to_vec()).unwrap()),
            Payload::Withheld(why) => Err(why),
            Payload::Absent => Ok(String::new()),
        };
        assert_eq!(found.as_deref().map_err(|why| *why), expected);
    }

    #[test]
    fn fields_are_one_object() {
        check(&[("type", b"paid"), ("id", b"7")], Ok(r#"{"id":"7","type":"paid"}"#));
        check(&[("data", br#" {"a":[1.50]}"#)], Ok(r#"{"data":{"a":[1.50]}}"#));
        check(&[("data", b"{no json")], Ok(r#"{"data":"{no json"}"#));
        check(&[("data", b"\xff")], Err(NOT_TEXT));
    }

    #[test]
    fn ids_tell_the_time_and_the_order() {
        assert_eq!(milliseconds("1700000000000-3"), Some(1_700_000_000_000));
        assert_eq!(milliseconds("x"), None);
        assert!(sequence("9-10") > sequence("9-9"));
        assert!(sequence("10-0") > sequence("9-9"));
    }
}
