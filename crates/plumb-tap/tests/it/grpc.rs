//! Calls of gRPC through a tap, in frames made by hand, and an upstream that tells its services.

use std::io::Write as _;
use std::net::SocketAddr;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use plumb_tap::reflect::ReflectError;
use plumb_tap::run;
use plumb_tap::upstream::Protocol;
use plumb_traffic::exchange::Body;
use plumb_traffic::schema::grpc::{Outcome, Services, from_source, read};
use plumb_traffic::schema::grpc_frame::framed;

use crate::client;
use crate::origin::{self, Fed, fed};
use crate::tapped::{started, to, usual, within};

const SOURCE: &str = r#"
    syntax = "proto3";
    package shop;
    service Orders { rpc Watch(Key) returns (stream Key); }
    message Key { int64 id = 1; }
"#;

/// The same as its compiler describes it, in the fields of an answer: one file, given as it is.
const FILE: &[u8] = b"\x0a\x0ashop.proto\x12\x04shop\x22\x11\x0a\x03Key\x12\x0a\x0a\x02id\x18\x01\
                      \x20\x01\x28\x03\x32\x29\x0a\x06Orders\x12\x1f\x0a\x05Watch\x12\x09.shop.Key\
                      \x1a\x09.shop.Key\x30\x01\x62\x06proto3";

/// The names of the services: the one above, and the one that tells them.
const NAMES: &[u8] = b"\x32\x0f\x0a\x0d\x0a\x0bshop.Orders";

fn trailers(status: &'static str) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static(status))])
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
}

fn zipped(message: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(message).unwrap();
    let mut bytes = framed(&zip.finish().unwrap());
    bytes[0] = 1;
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_stream_are_read_behind_the_queue() {
    let origin = origin::serving(|request: Request<hyper::body::Incoming>| async move {
        assert_eq!(request.uri().path(), "/shop.Orders/Watch");
        drop(request.into_body().collect().await);
        // The second message comes in two pieces.
        let (first, second) = (zipped(&[8, 1]), framed(&[8, 2]));
        let pieces = [first, second[..3].to_vec(), second[3..].to_vec()];
        let mut response = Response::new(fed(pieces.map(Bytes::from).into(), Some(trailers("0"))));
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
        response.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
        response
    })
    .await;
    let mut tapped = started(usual(to(origin, Protocol::Http2)).await).await;
    let mut client = client::http2(tapped.address).await;
    let request = Request::post("http://shop.test/shop.Orders/Watch")
        .header("content-type", "application/grpc")
        .body(Full::<Bytes>::from(framed(&[8, 7])))
        .unwrap();
    let response = within(client.send_request(request)).await.unwrap();
    drop(response.into_body().collect().await.unwrap());
    let captured = tapped.captured().await;
    let mut exchange = captured.exchange();
    let services = from_source("shop.proto", Box::new(|_| Some(SOURCE.to_owned()))).unwrap();
    assert_eq!(read(&mut exchange, Some(&services)), Outcome::Read);
    assert_eq!(exchange.request.body, Body::Document(br#"{"id":7}"#.into()));
    assert_eq!(exchange.response.body, Body::Document(br#"[{"id":1},{"id":2}]"#.into()));
}

/// Asks an upstream that answers like this.
async fn asked(
    answer: fn(&str, &[u8]) -> (Vec<u8>, &'static str),
) -> Result<Services, ReflectError> {
    let origin: SocketAddr =
        origin::serving(move |request: Request<hyper::body::Incoming>| async move {
            let path = request.uri().path().to_owned();
            let question = request.into_body().collect().await.unwrap().to_bytes();
            let (body, status) = answer(&path, &question);
            Response::<Fed>::new(fed(vec![body.into()], Some(trailers(status))))
        })
        .await;
    let upstream = to(origin, Protocol::Auto);
    within(tokio::task::spawn_blocking(move || run::reflect(&upstream))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_tells_its_services_in_either_version() {
    let services = asked(|path, question| match (path.contains("v1alpha"), question[5]) {
        (false, _) => (Vec::new(), "12"),
        (true, 0x3a) => (framed(NAMES), "0"),
        (true, _) => (framed(&field(4, &field(1, FILE))), "0"),
    })
    .await;
    assert_eq!(services.unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_does_not_tell_is_said() {
    let unsupported = asked(|_, _| (Vec::new(), "12")).await;
    assert!(matches!(unsupported, Err(ReflectError::Unsupported)), "{unsupported:?}");
    let refused = asked(|_, _| (Vec::new(), "16")).await.unwrap_err();
    let said = "the upstream does not tell its services: `grpc-status: 16`";
    assert_eq!(refused.to_string(), said);
    let broken = asked(|_, _| (vec![0, 0], "0")).await;
    assert!(matches!(broken, Err(ReflectError::Broken(_))), "{broken:?}");
}
