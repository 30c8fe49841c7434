//! Data of Avro that people and registries write, and data that breaks every bound.
//! Refuses to know how a schema is read.

use super::*;

const ORDER: &str = r#"{
    "type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["open", "paid"]}},
        {"name": "note", "type": ["null", "string"], "default": null},
        {"name": "items", "type": {"type": "array", "items": {
            "type": "record", "name": "Item", "fields": [
                {"name": "price", "type": "double"}, {"name": "of", "type": ["null", "Order"]}
            ]
        }}},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "is_gift", "type": "boolean"}
    ]
}"#;

/// An order: 7, paid, "hi", one item of 1.5 without another order, one tag, a hash, a time, true.
const BYTES: &[u8] =
    &[14, 2, 2, 4, b'h', b'i', 2, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 2, 2, b'a', 3, 0, 1, 2, 6, 1];

const JSON: &str = concat!(
    r#"{"id":7,"state":"paid","note":"hi","items":[{"price":1.5,"of":null}],"#,
    r#""tags":{"a":-2},"hash":"AQI=","at":3,"is_gift":true}"#
);

fn check(schema: &str, payload: &[u8], expected: Result<&str, &str>) {
    let found = avro(schema).unwrap().to_json(payload);
    let found = found.map(|json| String::from_utf8(json).unwrap());
    assert_eq!(found.as_deref().map_err(|why| *why), expected, "{schema} {payload:?}");
}

#[test]
fn data_is_read_bare_and_behind_headers() {
    check(ORDER, BYTES, Ok(JSON));
    check(ORDER, &[&[0, 0, 0, 0, 9], BYTES].concat(), Ok(JSON));
    check(ORDER, &[&[0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8], BYTES].concat(), Ok(JSON));
    check(ORDER, b"Obj\x01rest", Err(CONTAINER));
}

#[test]
fn every_primitive_is_read() {
    check(r#""null""#, &[], Ok("null"));
    check(
        r#""long""#,
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        Ok("-9223372036854775808"),
    );
    check(r#""float""#, &1.1_f32.to_le_bytes(), Ok("1.1"));
    check(r#""double""#, &f64::NAN.to_le_bytes(), Ok(r#""NaN""#));
    check(r#""bytes""#, &[4, 0xff, 0xfe], Ok(r#""//4=""#));
    check(r#""string""#, &[2, b'"'], Ok(r#""\"""#));
    check(r#"{"type":"array","items":"int"}"#, &[3, 4, 2, 4, 2, 6, 0], Ok("[1,2,3]"));
    check(r#"{"type":"record","name":"a","fields":[]}"#, &[], Ok("{}"));
}

#[test]
fn what_does_not_fit_is_withheld() {
    check(r#""int""#, &[], Err(CUT));
    check(r#""int""#, &[0xff, 0xff, 0xff, 0xff, 0xff, 1], Err(UNFIT));
    check(r#""long""#, &[0xff; 11], Err(UNFIT));
    check(r#""boolean""#, &[2], Err(UNFIT));
    check(r#""string""#, &[2, 0xff], Err(NOT_UTF8));
    check(r#""string""#, &[9, b'a'], Err(UNFIT));
    check(r#"["null"]"#, &[2], Err(UNFIT));
    check(r#""null""#, &[1], Err(LEFT_OVER));
}

#[test]
fn depth_and_size_are_bounded() {
    let list = r#"{"type":"record","name":"L","fields":[{"name":"n","type":["null","L"]}]}"#;
    check(list, &[2; 1_000], Err(TOO_DEEP));
    let nulls = r#"{"type":"array","items":"null"}"#;
    check(nulls, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Err(TOO_MUCH));
}

fn check_schema(schema: &str, expected: &str) {
    let refused = avro(schema).unwrap_err().to_string();
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn what_is_no_schema_is_refused() {
    check_schema("{", "cannot be read");
    check_schema("7", "`7` is no type");
    check_schema(r#""Order""#, "the type `Order` is not defined");
    check_schema(r#"{"type":"array"}"#, "a type without `items`");
    check_schema(r#"{"type":"record","name":"a","fields":[{}]}"#, "a field without `name`");
}

proptest::proptest! {
    /// Whatever the bytes are: what comes out is JSON.
    #[test]
    fn any_bytes_are_read_or_withheld(payload: Vec<u8>) {
        let (union, map) = (r#"["null","string","double"]"#, r#"{"type":"map","values":"bytes"}"#);
        for schema in [ORDER, union, map] {
            if let Ok(json) = avro(schema).unwrap().to_json(&payload) {
                serde_json::from_slice::<serde_json::Value>(&json).unwrap();
            }
        }
    }
}
