//! Calls of every kind of method, whole and broken. Refuses to know how a schema is read.

use super::*;
use crate::body::EVICTED;
use crate::schema::grpc_frame::framed;
use crate::schema::refusal::CUT;

const SOURCE: &str = r#"
    syntax = "proto3";
    package shop;
    service Orders {
        rpc Get(Key) returns (Order);
        rpc Watch(Key) returns (stream Order);
        rpc Put(stream Order) returns (Key);
    }
    message Key { int64 id = 1; }
    message Order { int64 id = 1; string note = 2; }
"#;

/// `{"id":7}` under both types, and `{"id":7,"note":"a"}` under one.
const KEY: &[u8] = &[8, 7];
const ORDER: &[u8] = &[8, 7, 18, 1, b'a'];

fn services() -> Services {
    from_source("shop.proto", Box::new(|_| Some(SOURCE.to_owned()))).unwrap()
}

fn message(body: &[u8]) -> Message<'_> {
    let body = if body.is_empty() { Body::Absent } else { Body::Bytes(body.into()) };
    let headers = vec![("grpc-status".into(), "0".into())];
    Message { media_type: Some("application/grpc".into()), headers, body, ..Message::default() }
}

fn call<'a>(path: &'a str, request: &'a [u8], response: &'a [u8]) -> Exchange<'a> {
    let (request, response) = (message(request), message(response));
    Exchange { path: path.into(), request, response, ..Exchange::default() }
}

fn shown(body: &Body<'_>) -> String {
    match body {
        Body::Absent => "nothing".to_owned(),
        Body::Withheld(why) => format!("withheld: {why}"),
        Body::Bytes(_) => "bytes".to_owned(),
        Body::Document(json) => String::from_utf8(json.clone()).unwrap(),
    }
}

fn check(mut call: Exchange<'_>, expected: (Outcome, &str, &str)) {
    let outcome = read(&mut call, Some(&services()));
    let (request, response) = (shown(&call.request.body), shown(&call.response.body));
    assert_eq!((outcome, &*request, &*response), expected, "{}", call.path);
}

#[test]
fn each_kind_of_method_is_read() {
    let (key, order) = (framed(KEY), framed(ORDER));
    let (id, whole) = (r#"{"id":7}"#, r#"{"id":7,"note":"a"}"#);
    check(call("/shop.Orders/Get", &key, &order), (Outcome::Read, id, whole));
    check(call("/shop.Orders/Get", &framed(b""), &framed(b"")), (Outcome::Read, "{}", "{}"));
    let two = [order, key.clone()].concat();
    let both = r#"[{"id":7,"note":"a"},{"id":7}]"#;
    check(call("/shop.Orders/Watch", &key, &two), (Outcome::Read, id, both));
    check(call("/shop.Orders/Put", &two, &key), (Outcome::Read, both, id));
    check(call("/shop.Orders/Watch", &key, b""), (Outcome::Read, id, "[]"));
    check(call("/shop.Orders/Put", b"", &key), (Outcome::Read, "[]", id));
}

#[test]
fn a_call_that_failed_has_nothing_to_say() {
    let key = framed(KEY);
    let mut failed = call("/shop.Orders/Watch", &key, b"");
    failed.response.headers = vec![("grpc-status".into(), "5".into())];
    check(failed, (Outcome::Read, r#"{"id":7}"#, "nothing"));
}

#[test]
fn what_no_schema_describes_is_left_alone() {
    let key = framed(KEY);
    for path in ["/shop.Orders/Delete", "/shop.Other/Get", "/Get", "/", ""] {
        check(call(path, &key, &key), (Outcome::Unknown, "bytes", "bytes"));
    }
    let mut without = call("/shop.Orders/Get", &key, &key);
    assert_eq!(read(&mut without, None), Outcome::Unknown);
    for other in [None, Some("application/json"), Some("application/grpc-web"), Some("")] {
        let mut call = call("/shop.Orders/Get", &key, &key);
        call.request.media_type = other.map(Into::into);
        check(call, (Outcome::Other, "bytes", "bytes"));
    }
}

#[test]
fn what_does_not_fit_is_withheld() {
    let (key, id) = (framed(KEY), r#"{"id":7}"#);
    let unfit = format!("withheld: {UNFIT}");
    check(
        call("/shop.Orders/Get", &key, &key[..6]),
        (Outcome::Unfit, id, &format!("withheld: {CUT}")),
    );
    check(call("/shop.Orders/Get", &key.repeat(2), &key), (Outcome::Unfit, &unfit, id));
    check(call("/shop.Orders/Get", &key, &framed(&[10, 0])), (Outcome::Unfit, id, &unfit));
}

#[test]
fn what_was_cut_stays_withheld() {
    let key = framed(KEY);
    let mut cut = call("/shop.Orders/Watch", &key, &key);
    cut.response.body = Body::Withheld(EVICTED);
    check(cut, (Outcome::Read, r#"{"id":7}"#, &format!("withheld: {EVICTED}")));
}
