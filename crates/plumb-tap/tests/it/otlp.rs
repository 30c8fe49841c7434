//! Telemetry over HTTP and gRPC: what is taken, and how it is answered.

use http::HeaderValue;
use plumb_tap::otlp::token::token;
use plumb_tap::tls;

use crate::received::{
    Came, EXPORT, bounded, call, gzip, json, post, send, send_http2, send_tls, spans, started,
    usual,
};
use crate::tapped::{CERTIFICATE, KEY};

const PROTO: &str = "application/x-protobuf";
const JSON: &str = "application/json";

#[tokio::test(flavor = "multi_thread")]
async fn http_is_taken_in_both_forms_and_answered_in_the_same() {
    let mut received = usual().await;
    let came = send(received.address, post(PROTO, spans("a", 2))).await;
    assert_eq!((came.status, came.word("content-type"), &*came.payload), (200, PROTO, &b""[..]));
    let kind = "Application/JSON; charset=utf-8";
    let came = send(received.address, post(kind, json("/b"))).await;
    assert_eq!((came.status, came.word("content-type"), &*came.payload), (200, JSON, &b"{}"[..]));
    for encoding in ["gzip", "GZIP"] {
        let mut request = post(PROTO, gzip(&spans("c", 1)));
        request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        assert_eq!(send_http2(received.address, over_http2(request)).await.status, 200);
    }
    assert_eq!(received.paths(), ["/a/0", "/a/1", "/b", "/c/0", "/c/0"]);
    let counts = received.queue.counts();
    assert_eq!((counts.requests, counts.spans, counts.rejected, counts.refused), (4, 5, 0, 0));
}

fn over_http2<B>(mut request: http::Request<B>) -> http::Request<B> {
    *request.uri_mut() = "http://h/v1/traces".parse().unwrap();
    request.headers_mut().remove("host");
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_is_taken_with_and_without_compression() {
    let mut received = usual().await;
    let came = send_http2(received.address, call(&spans("a", 1), 0)).await;
    let said =
        (came.status, came.word("content-type"), came.trailers["grpc-status"].to_str().unwrap());
    assert_eq!(said, (200, "application/grpc", "0"));
    assert_eq!(&*came.payload, [0, 0, 0, 0, 0]);
    let mut request = call(&gzip(&spans("b", 1)), 1);
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(send_http2(received.address, request).await.word("grpc-status"), "0");
    // A call may name a compression and not use it.
    let mut request = call(&spans("c", 1), 0);
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(send_http2(received.address, request).await.word("grpc-status"), "0");
    assert_eq!(received.paths(), ["/a/0", "/b/0", "/c/0"]);
}

#[track_caller]
fn check_refused(came: &Came, status: u16, code: u8, said: &str) {
    assert_eq!(came.status, status, "{came:?}");
    let text = String::from_utf8_lossy(&came.payload).into_owned();
    assert!(text.contains(said), "{text}");
    if came.word("content-type") == JSON {
        assert!(text.starts_with(&format!("{{\"code\":{code},\"message\":\"")), "{text}");
    } else {
        assert_eq!(came.payload[..2], [8, code], "{came:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_for_good() {
    let mut received = usual().await;
    let address = received.address;
    check_refused(&send(address, post(PROTO, "\x0a\x05x")).await, 400, 3, "at byte 3");
    check_refused(&send(address, post(JSON, "{\"a\":")).await, 400, 3, "the JSON ends early");
    check_refused(&send(address, post("text/plain", "")).await, 415, 3, "content type");
    let mut request = post(PROTO, "x");
    request.headers_mut().insert("content-encoding", HeaderValue::from_static("br"));
    check_refused(&send(address, request).await, 415, 12, "compressed in a way");
    let mut request = post(JSON, "x");
    request.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    check_refused(&send(address, request).await, 400, 3, "compressed bytes are broken");
    for (path, said) in [("/v1/logs", "send logs"), ("/v1/metrics", "send metrics"), ("/", "here")]
    {
        let mut request = post(PROTO, "");
        *request.uri_mut() = path.parse().unwrap();
        check_refused(&send(address, request).await, 404, 12, said);
    }
    let mut request = post(JSON, "");
    *request.method_mut() = http::Method::GET;
    check_refused(&send(address, request).await, 405, 12, "POST");
    assert_eq!(received.paths(), [""; 0]);
    assert_eq!(received.queue.counts().refused, 9);
}

async fn check_call(
    received: &crate::received::Received,
    request: http::Request<http_body_util::Full<bytes::Bytes>>,
    code: &str,
    said: &str,
) {
    let came = send_http2(received.address, request).await;
    assert_eq!((came.status, came.word("grpc-status")), (200, code), "{came:?}");
    assert!(came.word("grpc-message").contains(said), "{came:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_cannot_be_taken_are_refused_for_good() {
    let mut received = usual().await;
    check_call(&received, call(b"\x0a\x05x", 0), "3", "at byte 3").await;
    check_call(&received, call(&spans("a", 1), 1), "3", "not just one message").await;
    check_call(&received, call(&spans("a", 1), 7), "3", "not just one message").await;
    let mut request = call(b"", 1);
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("snappy"));
    check_call(&received, request, "12", "gzip or none").await;
    let other = EXPORT.replace("trace", "metrics").replace("Trace", "Metrics");
    for (path, said) in [(&*other, "send metrics"), ("/a.B/C", "nothing here")] {
        let mut request = call(b"", 0);
        *request.uri_mut() = format!("http://h{path}").parse().unwrap();
        check_call(&received, request, "12", said).await;
    }
    let mut request = call(b"", 0);
    *request.uri_mut() = EXPORT.parse().unwrap();
    assert_eq!(send(received.address, request).await.word("grpc-status"), "12");
    assert_eq!(received.paths(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_before_anything_is_read() {
    let (mut receiver, taking) = bounded(plumb_tap::otlp::queue::Bounds::default());
    receiver.tls = Some(tls::server(CERTIFICATE, KEY).unwrap());
    receiver.token = Some(token(b"correct-horse-battery").unwrap());
    let mut received = started(receiver, taking).await;
    let address = received.address;
    let came = send_tls(address, call(&spans("a", 1), 0)).await;
    assert_eq!((came.word("grpc-status"), came.word("www-authenticate")), ("16", "Bearer"));
    let came = send_tls(address, over_http2(post(PROTO, spans("a", 1)))).await;
    assert_eq!((came.status, came.word("www-authenticate")), (401, "Bearer"));
    for (shown, status) in
        [("Bearer correct-horse-batterx", "16"), ("Bearer correct-horse-battery", "0")]
    {
        let mut request = call(&spans("b", 1), 0);
        request.headers_mut().insert("authorization", shown.parse().unwrap());
        assert_eq!(send_tls(address, request).await.word("grpc-status"), status);
    }
    assert_eq!(received.paths(), ["/b/0"]);
}
