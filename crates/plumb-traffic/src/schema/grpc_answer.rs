//! Calls of gRPC from the side that answers them: what was asked as a document, and a document as
//! the messages of an answer. It refuses to know what is answered, and why.

use prost_reflect::MethodDescriptor;
use serde_json::Value;

use crate::schema::grpc::{Expected, Services};
use crate::schema::grpc_frame::framed;
use crate::schema::protobuf_write::bytes;

/// Why a document is no answer.
const NO_DOCUMENT: &str = "an answer that is no document, as it was seen without a schema";

/// A method that a schema describes.
#[derive(Debug, Clone)]
pub struct Method(MethodDescriptor);

impl Method {
    /// The method of a path such as `/shop.Orders/Get`, where one describes it.
    #[must_use]
    pub fn of(services: &Services, path: &str) -> Option<Self> {
        services.method(path).map(Self)
    }

    /// What was asked, as a document: an array where it may come many times. `encoding` is what
    /// `grpc-encoding` says.
    ///
    /// # Errors
    /// Why the payload is none, or the bound it is beyond.
    pub fn asked(&self, payload: &[u8], encoding: &str) -> Result<Vec<u8>, &'static str> {
        Expected::asked(&self.0).document(payload, encoding)
    }

    /// A document as the messages of an answer, not compressed: each element one message where it
    /// may come many times.
    ///
    /// # Errors
    /// Why there is no such answer.
    pub fn answered(&self, json: &str) -> Result<Vec<u8>, &'static str> {
        let expected = Expected::answered(&self.0);
        let document: Value = serde_json::from_str(json).map_err(|_| NO_DOCUMENT)?;
        let one = |json: &Value| bytes(&expected.message, json).map(|message| framed(&message));
        match document {
            Value::Array(items) if expected.is_stream => {
                Ok(items.iter().map(one).collect::<Result<Vec<_>, _>>()?.concat())
            }
            document => one(&document),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::grpc::from_source;

    const SOURCE: &str = r#"
        syntax = "proto3";
        package shop;
        service Orders {
            rpc Get(Key) returns (Order);
            rpc Watch(Key) returns (stream Order);
            rpc Put(stream Order) returns (Key);
        }
        message Key { int64 id = 1; }
        message Order { int64 id = 1; State state = 2; }
        enum State { OPEN = 0; PAID = 1; }
    "#;

    fn check(path: &str, json: &str, expected: Result<&[&[u8]], &str>) {
        let services = from_source("shop.proto", Box::new(|_| Some(SOURCE.to_owned()))).unwrap();
        let found = Method::of(&services, path).unwrap().answered(json);
        let expected = expected.map(|all| all.iter().flat_map(|one| framed(one)).collect());
        assert_eq!(found, expected, "{path} {json}");
    }

    #[test]
    fn a_document_is_a_message_and_a_stream_many() {
        check("/shop.Orders/Get", r#"{"id":7,"state":"PAID"}"#, Ok(&[&[8, 7, 16, 1]]));
        check("/shop.Orders/Get", "{}", Ok(&[&[]]));
        check("/shop.Orders/Watch", r#"[{"id":7},{}]"#, Ok(&[&[8, 7], &[]]));
        check("/shop.Orders/Watch", "[]", Ok(&[]));
        check("/shop.Orders/Get", "text", Err(NO_DOCUMENT));
    }

    #[test]
    fn what_was_asked_is_a_document() {
        let services = from_source("shop.proto", Box::new(|_| Some(SOURCE.to_owned()))).unwrap();
        let asked = |path, payload: &[u8]| {
            let read = Method::of(&services, path).unwrap().asked(payload, "");
            String::from_utf8(read.unwrap()).unwrap()
        };
        assert_eq!(asked("/shop.Orders/Get", &framed(&[8, 7])), r#"{"id":7}"#);
        assert_eq!(asked("/shop.Orders/Put", &framed(&[8, 7]).repeat(2)), r#"[{"id":7},{"id":7}]"#);
        assert!(Method::of(&services, "/shop.Orders/Drop").is_none());
        assert_eq!(services.words(), ["OPEN", "PAID"].map(str::to_owned).into());
    }
}
