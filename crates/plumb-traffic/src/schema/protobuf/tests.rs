//! Messages of Protobuf with every kind of field, and messages that break every bound.
//! Refuses to know how a schema is read.

use super::*;

const SOURCE: &str = r#"
    syntax = "proto3";
    package shop;
    import "money.proto";
    message Order {
        int64 id = 1;
        string note = 2;
        optional bool is_gift = 3;
        State state = 4;
        repeated int32 counts = 5;
        repeated Order parts = 6;
        map<string, int32> tags = 7;
        shop.Money total = 8;
        oneof paid_with { string card = 9; bytes token = 10; }
        sint32 balance = 11;
        float share = 12;
        fixed64 serial = 13;
    }
    enum State { OPEN = 0; PAID = 1; }
"#;

const MONEY: &str = r#"
    syntax = "proto3";
    package shop;
    message Money { double amount = 1; string currency_code = 2; }
"#;

fn order() -> Protobuf {
    let read: ReadFile = Box::new(|name| match name {
        "order.proto" => Some(SOURCE.to_owned()),
        "money.proto" => Some(MONEY.to_owned()),
        _ => None,
    });
    from_source("order.proto", read, "shop.Order").unwrap()
}

fn check(payload: &[u8], expected: Result<&str, &str>) {
    let found = order().to_json(payload).map(|json| String::from_utf8(json).unwrap());
    assert_eq!(found.as_deref().map_err(|why| *why), expected, "{payload:?}");
}

#[test]
fn only_what_is_on_the_wire_is_told() {
    check(&[], Ok("{}"));
    check(&[0x08, 0], Ok(r#"{"id":0}"#));
    check(&[0x18, 0], Ok(r#"{"isGift":false}"#));
    check(&[0x12, 0], Ok(r#"{"note":""}"#));
}

#[test]
fn every_kind_is_read() {
    let minus_one = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    check(&minus_one, Ok(r#"{"id":-1}"#));
    check(&[0x20, 1, 0x58, 3], Ok(r#"{"state":"PAID","balance":-2}"#));
    check(&[0x20, 9], Ok(r#"{"state":9}"#));
    check(&[0x2a, 2, 1, 2, 0x28, 3], Ok(r#"{"counts":[1,2,3]}"#));
    check(&[0x32, 2, 0x08, 1, 0x32, 0], Ok(r#"{"parts":[{"id":1},{}]}"#));
    check(&[0x3a, 5, 0x0a, 1, b'a', 0x10, 7], Ok(r#"{"tags":{"a":7}}"#));
    check(&[0x65, 0xcd, 0xcc, 0x8c, 0x3f], Ok(r#"{"share":1.1}"#));
    check(&[0x69, 1, 0, 0, 0, 0, 0, 0, 0x80], Ok(r#"{"serial":9223372036854775809}"#));
}

#[test]
fn a_message_in_pieces_is_one_and_the_last_choice_counts() {
    let amount = [0x42, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f];
    let code = [0x42, 3, 0x12, 1, b'E'];
    let whole = r#"{"total":{"amount":1.5,"currencyCode":"E"}}"#;
    check(&[amount.as_slice(), &code].concat(), Ok(whole));
    check(&[0x4a, 1, b'1', 0x52, 1, 0xff], Ok(r#"{"token":"/w=="}"#));
}

#[test]
fn fields_that_the_schema_does_not_know_stand_under_their_number() {
    check(&[0xf8, 0x01, 5], Ok(r#"{"31":5}"#));
    check(&[0x08, 1, 0xfa, 0x01, 1, b'a'], Ok(r#"{"id":1,"31":"YQ=="}"#));
}

#[test]
fn the_header_of_a_registry_is_passed_over() {
    check(&[0, 0, 0, 0, 9, 0, 0x08, 5], Ok(r#"{"id":5}"#));
    check(&[0, 0, 0, 0, 9, 4, 2, 0, 0x08, 5], Ok(r#"{"id":5}"#));
    check(&[0, 0, 0], Err(CUT));
}

#[test]
fn what_does_not_fit_is_withheld() {
    check(&[0x0a, 1, b'a'], Err(UNFIT));
    check(&[0x12, 1, 0xff], Err(NOT_UTF8));
    check(&[0x12, 9], Err(CUT));
    check(&[0x0b], Err("a payload with a group, which is not read"));
    check(&[0x0f], Err(UNFIT));
}

#[test]
fn depth_and_size_are_bounded() {
    let mut nested = Vec::new();
    for _ in 0..DEPTH_MAX + 2 {
        let mut length = Vec::new();
        let mut rest = nested.len();
        while rest >= 0x80 {
            length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        length.push(u8::try_from(rest).unwrap());
        nested = [[0x32].as_slice(), &length, &nested].concat();
    }
    check(&nested, Err(TOO_DEEP));
    check(&[0x32, 0].repeat(VALUES_MAX + 1), Err(TOO_MUCH));
}

/// A set of one file with a message of one number, in this syntax.
fn set_of(syntax: &str) -> Vec<u8> {
    let mut source =
        protox::file::File::from_source("a.proto", "message A { optional int32 id = 1; }")
            .unwrap()
            .file_descriptor_proto()
            .clone();
    source.syntax = Some(syntax.to_owned());
    FileDescriptorSet { file: vec![source] }.encode_to_vec()
}

#[test]
fn sets_of_editions_are_read_and_other_syntaxes_refused() {
    for syntax in ["", "proto2", "editions"] {
        let read = from_descriptors(&set_of(syntax), "A").unwrap();
        assert_eq!(read.to_json(&[0x08, 5]).unwrap(), br#"{"id":5}"#, "{syntax}");
    }
    let refused = from_descriptors(&set_of("proto4"), "A").unwrap_err().to_string();
    assert_eq!(refused, "the schema cannot be read: `proto4` is no syntax of Protobuf");
}

#[test]
fn what_is_no_schema_is_refused() {
    let refused = from_descriptors(b"?", "a").unwrap_err().to_string();
    assert!(refused.starts_with("the schema cannot be read"), "{refused}");
    let refused = from_source("a", Box::new(|_| None), "a").unwrap_err().to_string();
    assert!(refused.contains("'a'"), "{refused}");
    let read: ReadFile = Box::new(|_| Some(MONEY.to_owned()));
    let refused = from_source("money.proto", read, "shop.Order").unwrap_err().to_string();
    assert_eq!(refused, "the schema has no message `shop.Order`");
}

proptest::proptest! {
    /// Whatever the bytes are: what comes out is JSON.
    #[test]
    fn any_bytes_are_read_or_withheld(payload: Vec<u8>) {
        if let Ok(json) = order().to_json(&payload) {
            serde_json::from_slice::<Value>(&json).unwrap();
        }
    }

    /// Numbers of 64 bits keep every bit.
    #[test]
    fn wide_numbers_are_exact(number: i64) {
        let mut payload = vec![0x08];
        let mut rest = number.cast_unsigned();
        while rest >= 0x80 {
            payload.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        payload.push(u8::try_from(rest).unwrap());
        check(&payload, Ok(&format!("{{\"id\":{number}}}")));
    }
}
