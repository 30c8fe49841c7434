//! Messages of Protobuf made of JSON as they are read into it: fields under the names that Protobuf
//! itself uses there, numbers of 64 bits as numbers, bytes as base64. It refuses to know where the
//! JSON comes from, and to put a value where the schema has none of its kind.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::prost::Message as _;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor,
    Value as Field,
};
use serde_json::{Map, Number, Value};

use crate::schema::refusal::{DEPTH_MAX, TOO_DEEP};

/// A word that no schema has. Where a schema has words, it is written as a number that none of them
/// has, as a writer with a newer schema would.
pub const NEW_WORD: &str = "unheardof";

/// Why a document is no message.
const UNFIT: &str = "a document that does not fit its schema";

/// The bytes of a message. What stands under a number is no field of the schema, and left out.
pub(crate) fn bytes(message: &MessageDescriptor, json: &Value) -> Result<Vec<u8>, &'static str> {
    Ok(written(message, json, 0)?.encode_to_vec())
}

fn written(
    descriptor: &MessageDescriptor,
    json: &Value,
    depth: usize,
) -> Result<DynamicMessage, &'static str> {
    if depth > DEPTH_MAX {
        return Err(TOO_DEEP);
    }
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, value) in json.as_object().ok_or(UNFIT)? {
        let Some(field) = descriptor.get_field_by_json_name(name) else {
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            return Err(UNFIT);
        };
        let value = match value {
            Value::Object(entries) if field.is_map() => map(&field, entries, depth)?,
            Value::Array(items) if field.is_list() => {
                let item = |item| scalar(&field.kind(), item, depth);
                Field::List(items.iter().map(item).collect::<Result<_, _>>()?)
            }
            _ if field.is_map() || field.is_list() => return Err(UNFIT),
            value => scalar(&field.kind(), value, depth)?,
        };
        message.try_set_field(&field, value).map_err(|_| UNFIT)?;
    }
    Ok(message)
}

fn map(
    field: &FieldDescriptor,
    entries: &Map<String, Value>,
    depth: usize,
) -> Result<Field, &'static str> {
    let Kind::Message(entry) = field.kind() else { return Err(UNFIT) };
    let (key_kind, value_kind) =
        (entry.map_entry_key_field().kind(), entry.map_entry_value_field());
    let mut map = HashMap::new();
    for (name, value) in entries {
        let value = match value {
            // An entry without a value has the default one.
            Value::Null => Field::default_value(&value_kind.kind()),
            value => scalar(&value_kind.kind(), value, depth + 1)?,
        };
        map.insert(key(&key_kind, name)?, value);
    }
    Ok(Field::Map(map))
}

fn key(kind: &Kind, name: &str) -> Result<MapKey, &'static str> {
    let key = match kind {
        Kind::String => Some(MapKey::String(name.to_owned())),
        Kind::Bool => name.parse().ok().map(MapKey::Bool),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => name.parse().ok().map(MapKey::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => name.parse().ok().map(MapKey::I64),
        Kind::Uint32 | Kind::Fixed32 => name.parse().ok().map(MapKey::U32),
        Kind::Uint64 | Kind::Fixed64 => name.parse().ok().map(MapKey::U64),
        _ => None,
    };
    key.ok_or(UNFIT)
}

fn scalar(kind: &Kind, json: &Value, depth: usize) -> Result<Field, &'static str> {
    let value = match (kind, json) {
        (Kind::Message(message), json) => Some(Field::Message(written(message, json, depth + 1)?)),
        (Kind::String, Value::String(text)) => Some(Field::String(text.clone())),
        (Kind::Bytes, Value::String(text)) => Some(Field::Bytes(decoded(text).into())),
        (Kind::Bool, Value::Bool(is_so)) => Some(Field::Bool(*is_so)),
        (Kind::Enum(words), json) => word(words, json).map(Field::EnumNumber),
        (Kind::Float, json) => float(json).and_then(|text| text.parse().ok()).map(Field::F32),
        (Kind::Double, json) => float(json).and_then(|text| text.parse().ok()).map(Field::F64),
        (kind, Value::Number(number)) => integer(kind, number),
        _ => None,
    };
    value.ok_or(UNFIT)
}

fn integer(kind: &Kind, number: &Number) -> Option<Field> {
    let narrow = |number: &Number| number.as_i64().and_then(|wide| i32::try_from(wide).ok());
    match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => narrow(number).map(Field::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => number.as_i64().map(Field::I64),
        Kind::Uint32 | Kind::Fixed32 => {
            number.as_u64().and_then(|wide| u32::try_from(wide).ok()).map(Field::U32)
        }
        Kind::Uint64 | Kind::Fixed64 => {
            // Beyond 64 bits is how a number is told that takes all of them.
            let most = (number.as_f64()? > 0.0).then_some(u64::MAX);
            number.as_u64().or(most).map(Field::U64)
        }
        _ => None,
    }
}

/// A number as text, which narrows without a cast; no number has a text of its own.
fn float(json: &Value) -> Option<String> {
    match json {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.parse::<f64>().is_ok() => Some(text.clone()),
        Value::String(_) => Some("NaN".to_owned()),
        _ => None,
    }
}

/// Base64 where the text is that, else the text itself.
fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}

/// The number of a word. A word that is none of the schema's stands for any but the default one,
/// which writers seldom send.
fn word(words: &EnumDescriptor, json: &Value) -> Option<i32> {
    match json {
        Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
        Value::String(name) if name == NEW_WORD => {
            let most = words.values().map(|word| word.number()).max();
            // The greatest number there is may be taken; then the least is not.
            most.map(|most| most.checked_add(1).unwrap_or(i32::MIN))
        }
        Value::String(name) => {
            let said = words.get_value_by_name(name).map(|word| word.number());
            let other = || words.values().map(|word| word.number()).find(|number| *number != 0);
            said.or_else(other).or(Some(0))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::protobuf::{ReadFile, document, pool_of_source};
    use proptest::prelude::*;

    const SOURCE: &str = r#"
        syntax = "proto3";
        package shop;
        message Order {
            optional int64 id = 1;
            optional string note = 2;
            optional bool is_gift = 3;
            optional State state = 4;
            repeated int32 counts = 5;
            repeated Order parts = 6;
            map<string, int32> tags = 7;
            map<int64, Order> by_id = 8;
            oneof paid_with { string card = 9; bytes token = 10; }
            optional sint32 balance = 11;
            optional double share = 12;
            optional fixed64 serial = 13;
            optional float rate = 14;
        }
        enum State { OPEN = 0; PAID = 1; }
    "#;

    fn order() -> MessageDescriptor {
        let read: ReadFile = Box::new(|_| Some(SOURCE.to_owned()));
        let pool = pool_of_source("order.proto", read).unwrap();
        pool.get_message_by_name("shop.Order").unwrap()
    }

    fn check(json: &str, expected: &str) {
        let json: Value = serde_json::from_str(json).unwrap();
        let found = bytes(&order(), &json).map(|bytes| document(&order(), &bytes).unwrap());
        let found = found.map(|json| String::from_utf8(json).unwrap());
        assert_eq!(found.unwrap_or_else(str::to_owned), expected, "{json}");
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        for json in [
            r#"{"id":-1,"note":"a","isGift":false}"#,
            r#"{"id":9007199254740993,"state":"PAID"}"#,
            r#"{"state":9,"counts":[1,-2],"parts":[{"id":1},{}]}"#,
            r#"{"token":"/w==","balance":-2}"#,
            r#"{"share":1.5,"serial":18446744073709551615,"rate":1.1}"#,
            r#"{"byId":{"1042":{"note":"text"}}}"#,
        ] {
            check(json, json);
        }
    }

    #[test]
    fn synthetic_values_become_values_of_the_schema() {
        check(r#"{"serial":18446744073709551616}"#, r#"{"serial":18446744073709551615}"#);
        check(r#"{"state":"text"}"#, r#"{"state":"PAID"}"#);
        check(r#"{"state":"unheardof","note":"unheardof"}"#, r#"{"note":"unheardof","state":2}"#);
        check(r#"{"token":"1"}"#, r#"{"token":"MQ=="}"#);
        check(r#"{"share":"text"}"#, r#"{"share":"NaN"}"#);
        check(r#"{"1042":1,"id":1}"#, r#"{"id":1}"#);
        check(r#"{"tags":{"a":null}}"#, r#"{"tags":{"a":null}}"#);
    }

    #[test]
    fn what_the_schema_has_no_room_for_is_refused() {
        for json in [
            r#"{"id":"text"}"#,
            r#"{"counts":1}"#,
            r#"{"parts":[1]}"#,
            r#"{"nothing":1}"#,
            r#"{"byId":{"a":{}}}"#,
            r#"{"balance":3000000000}"#,
            "[]",
        ] {
            check(json, UNFIT);
        }
        let nest = |inner, _| serde_json::json!({ "parts": [inner] });
        let deep = (0..DEPTH_MAX + 2).fold(serde_json::json!({}), nest);
        assert_eq!(bytes(&order(), &deep), Err(TOO_DEEP));
    }

    fn order_json() -> impl Strategy<Value = Value> {
        let leaf = (any::<i64>(), "[a-zé]{0,4}", any::<bool>(), any::<i32>()).prop_map(
            |(id, note, is_gift, balance)| {
                serde_json::json!({
                    "id": id, "note": note, "isGift": is_gift, "state": "OPEN",
                    "balance": balance,
                })
            },
        );
        leaf.prop_recursive(3, 12, 3, |inner| {
            (prop::collection::vec(inner, 1..3), any::<u64>()).prop_map(|(parts, serial)| {
                serde_json::json!({ "parts": parts, "serial": serial, "counts": [1] })
            })
        })
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(json in order_json()) {
            let read = document(&order(), &bytes(&order(), &json).unwrap()).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Value>(&read).unwrap(), json);
        }
    }
}
