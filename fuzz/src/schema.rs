//! Payloads that only their schema can read: what comes out is JSON, and no more than its bound.

use plumb_traffic::exchange::{Body, Exchange, Message};
use plumb_traffic::schema::avro::avro;
use plumb_traffic::schema::grpc;
use plumb_traffic::schema::protobuf::{ReadFile, from_source};
use plumb_traffic::schema::reflection::Conversation;
use plumb_traffic::schema::refusal::JSON_BYTES_MAX;
use serde_json::Value;

/// A schema that holds itself, and every type there is.
const AVRO: &str = r#"{"type":"record","name":"R","fields":[
    {"name":"n","type":["null","R"]},
    {"name":"l","type":{"type":"array","items":"long"}},
    {"name":"m","type":{"type":"map","values":["null","string","double"]}},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
    {"name":"x","type":{"type":"fixed","name":"X","size":2}},
    {"name":"z","type":{"type":"array","items":"null"}},
    {"name":"o","type":["bytes","int","float","boolean"]}
]}"#;

/// The same in Protobuf.
const PROTOBUF: &str = r#"
    syntax = "proto3";
    message R {
        R n = 1;
        repeated int64 l = 2;
        map<string, double> m = 3;
        E e = 4;
        bytes x = 5;
        repeated R r = 6;
        oneof o { string s = 7; float f = 8; sint32 z = 9; bool b = 10; fixed64 i = 11; }
    }
    enum E { A = 0; B = 1; }
"#;

/// A service with a method of each kind.
const SERVICE: &str = r#"
    syntax = "proto3";
    service S {
        rpc One(R) returns (R);
        rpc Many(stream R) returns (stream R);
    }
    message R { int64 i = 1; string s = 2; R r = 3; repeated int32 l = 4; }
"#;

/// How much larger than its bound a text may be: the value that went beyond it, in base64.
const BEYOND: usize = 2;

/// Reads the bytes as data of Avro; up to its first zero byte also as a schema.
///
/// # Panics
/// When what comes out is no JSON, or beyond its bound.
pub fn avro_data(bytes: &[u8]) {
    let schema = avro(AVRO).expect("a schema");
    check(schema.to_json(bytes), bytes.len());
    let (text, data) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(0));
    if let Ok(text) = std::str::from_utf8(text)
        && let Ok(schema) = avro(text)
    {
        check(schema.to_json(data), data.len());
    }
}

/// Reads the bytes as both bodies of a call of gRPC, one message and many, plain and compressed;
/// and as what a server answers that is asked for its services.
///
/// # Panics
/// When what comes out is no JSON, or beyond its bound.
pub fn grpc_call(bytes: &[u8]) {
    let read: ReadFile = Box::new(|_| Some(SERVICE.to_owned()));
    let services = grpc::from_source("s.proto", read).expect("a schema");
    for (path, encoding) in [("/S/One", "identity"), ("/S/Many", "gzip")] {
        let message = || Message {
            media_type: Some("application/grpc".into()),
            headers: vec![("grpc-encoding".into(), encoding.into())],
            body: Body::Bytes(bytes.into()),
            ..Message::default()
        };
        let (request, response) = (message(), message());
        let mut call = Exchange { path: path.into(), request, response, ..Exchange::default() };
        grpc::read(&mut call, Some(&services));
        for body in [call.request.body, call.response.body] {
            if let Body::Document(json) = body {
                check(Ok(json), JSON_BYTES_MAX);
            }
        }
    }
    let mut conversation = Conversation::default();
    if conversation.answered(bytes, "gzip").is_ok() {
        while conversation.question().is_some() {}
        conversation.services().ok();
    }
}

/// Reads the bytes as a message of Protobuf.
///
/// # Panics
/// When what comes out is no JSON, or beyond its bound.
pub fn protobuf_message(bytes: &[u8]) {
    let read: ReadFile = Box::new(|_| Some(PROTOBUF.to_owned()));
    let schema = from_source("r.proto", read, "R").expect("a schema");
    check(schema.to_json(bytes), bytes.len());
}

fn check(json: Result<Vec<u8>, &'static str>, length: usize) {
    let Ok(json) = json else { return };
    assert!(json.len() <= JSON_BYTES_MAX + BEYOND * length.max(JSON_BYTES_MAX));
    serde_json::from_slice::<Value>(&json).expect("JSON");
}
