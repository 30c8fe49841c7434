//! Telemetry that is too much, too slow, or comes while the receiver closes.

use std::net::SocketAddr;
use std::time::Duration;

use http::HeaderValue;
use plumb_tap::otlp::queue::Bounds;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::client;
use crate::received::{
    Came, bounded, call, gzip, json, post, send, send_http2, spans, started, usual,
};
use crate::tapped::within;

const PROTO: &str = "application/x-protobuf";

#[track_caller]
fn check_partial(came: &Came, spans: u8) {
    assert_eq!(came.status, 200);
    let frame = if came.word("grpc-status") == "0" { 5 } else { 0 };
    assert_eq!(came.payload[frame..][2..4], [8, spans], "{came:?}");
    let text = String::from_utf8_lossy(&came.payload);
    assert!(text.contains("spans come faster than they are read"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_spans_are_rejected_and_told() {
    let (receiver, taking) = bounded(Bounds { count_max: 1, ..Bounds::default() });
    let mut received = started(receiver, taking).await;
    let address = received.address;
    assert_eq!(send(address, post(PROTO, spans("a", 1))).await.payload, "");
    check_partial(&send(address, post(PROTO, spans("b", 3))).await, 3);
    check_partial(&send_http2(address, call(&spans("b", 4), 0)).await, 4);
    let came = send(address, post("application/json", json("/b"))).await;
    let text = String::from_utf8_lossy(&came.payload).into_owned();
    assert!(text.starts_with("{\"partialSuccess\":{\"rejectedSpans\":\"1\","), "{text}");
    assert!(text.ends_with("do not send them again\"}}"), "{text}");
    let counts = received.queue.counts();
    assert_eq!((counts.requests, counts.spans, counts.rejected), (1, 1, 8));
    assert_eq!(received.paths(), ["/a/0"]);
    assert_eq!(send(address, post(PROTO, spans("c", 1))).await.payload, "");
    assert_eq!(received.paths(), ["/c/0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_in_the_queue_are_bounded() {
    let payload = spans("a", 10);
    let (receiver, taking) = bounded(Bounds { bytes_max: payload.len() + 10, ..Bounds::default() });
    let mut received = started(receiver, taking).await;
    assert_eq!(send(received.address, post(PROTO, payload.clone())).await.payload, "");
    check_partial(&send(received.address, post(PROTO, payload.clone())).await, 10);
    assert_eq!(received.paths().len(), 10);
    assert_eq!(send(received.address, post(PROTO, payload)).await.payload, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_bounded_after_decompression() {
    let (mut receiver, taking) = bounded(Bounds::default());
    receiver.options.request_bytes_max = 10_000;
    let mut received = started(receiver, taking).await;
    let address = received.address;
    let zeros = vec![0; 10_001];
    assert_eq!(send(address, post(PROTO, zeros.clone())).await.status, 413);
    let mut request = post(PROTO, gzip(&zeros));
    request.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(send(address, request).await.status, 413);
    assert_eq!(send_http2(address, call(&zeros, 0)).await.word("grpc-status"), "8");
    let mut request = call(&gzip(&zeros), 1);
    request.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(send_http2(address, request).await.word("grpc-status"), "8");
    assert_eq!(received.paths(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_at_once_is_bounded() {
    let (mut receiver, taking) = bounded(Bounds::default());
    receiver.options.arriving_bytes_max = 1_000;
    let received = started(receiver, taking).await;
    assert_eq!(send(received.address, post(PROTO, vec![0; 10_000])).await.status, 503);
    let came = send_http2(received.address, call(&[0; 10_000], 0)).await;
    assert_eq!(came.word("grpc-status"), "14");
    assert_eq!(send(received.address, post(PROTO, spans("a", 1))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_do_not_arrive_are_given_up() {
    let (mut receiver, taking) = bounded(Bounds::default());
    receiver.options.arrival = Duration::from_millis(20);
    let received = started(receiver, taking).await;
    let head = "POST /v1/traces HTTP/1.1\r\nhost: h\r\ncontent-type: application/x-protobuf\r\n\
                content-length: 100\r\n\r\nx";
    let mut stream = client::plain(received.address, head).await;
    let said = within(client::to_end(&mut stream)).await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
}

/// A request whose payload has been asked for, so that it is under way, and has not come.
async fn under_way(address: SocketAddr, length: usize) -> TcpStream {
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: h\r\ncontent-length: {length}\r\n\
         content-type: {PROTO}\r\nexpect: 100-continue\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    within(stream.read_exact(&mut asked)).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_finish_when_the_receiver_closes() {
    let mut received = usual().await;
    let payload = spans("a", 1);
    let mut stream = under_way(received.address, payload.len()).await;
    received.shutdown.begin();
    while TcpStream::connect(received.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(&payload).await.unwrap();
    let said = within(client::to_end(&mut BufReader::new(stream))).await;
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    assert_eq!(within(&mut received.closed).await.unwrap().cut, 0);
    assert_eq!(received.paths(), ["/a/0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_do_not_finish_are_cut() {
    let (mut receiver, taking) = bounded(Bounds::default());
    receiver.options.drain = Duration::from_millis(20);
    let mut received = started(receiver, taking).await;
    let _stream = under_way(received.address, 9).await;
    received.shutdown.begin();
    assert_eq!(within(&mut received.closed).await.unwrap().cut, 1);
}
