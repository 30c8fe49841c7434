//! Payloads pass byte by byte as they are, and as they come.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use hyper::{Request, Response};
use plumb_tap::options::BODY_BYTES_MAX;
use plumb_tap::record::{Ending, Extent};
use plumb_traffic::exchange::Body as Seen;
use tokio::sync::mpsc;

use crate::client;
use crate::origin::{self, Fed, fed};
use crate::tapped::{tapped, within};

const MIB: usize = 1024 * 1024;

fn noise(length: usize) -> Bytes {
    let mut state = 88_172_645_463_325_252_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Sends the payload through an origin that returns it, and looks at both copies.
async fn check<B>(sent: B, expected: &Bytes)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let origin = origin::serving(|request| async {
        let length = request.headers().get(CONTENT_LENGTH).cloned();
        let chunks = vec![origin::payload(request).await];
        let mut response = Response::new(fed(chunks, None));
        response.headers_mut().extend(length.map(|length| (CONTENT_LENGTH, length)));
        response
    })
    .await;
    let mut tapped = tapped(origin).await;
    let request = Request::post("/echo").header("host", "h").body(sent).unwrap();
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(request).await.unwrap();
    assert!(client::payload(response).await == expected);
    let captured = tapped.captured().await;
    assert_eq!(captured.ending(), Ending::Complete);
    let (extent, kept) = match expected.len() {
        0..=BODY_BYTES_MAX => (Extent::Whole, &expected[..]),
        _ => (Extent::Cut, &[][..]),
    };
    for side in [captured.request(), captured.response()] {
        assert_eq!(side.extent, extent);
        assert!(side.payload == kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_of_known_length() {
    for length in [0, 1, 1_000, BODY_BYTES_MAX, BODY_BYTES_MAX + 1, MIB] {
        let payload = noise(length);
        check(Full::new(payload.clone()), &payload).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_in_chunks() {
    for (length, chunk) in [(0, 1), (1, 1), (1_000, 7), (MIB, 10_000)] {
        let payload = noise(length);
        let chunks = payload.chunks(chunk).map(Bytes::copy_from_slice).collect();
        check(fed(chunks, None), &payload).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_encoding_is_undone_behind_the_queue_only() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(br#"{"id":1}"#).unwrap();
    let zipped = Bytes::from(encoder.finish().unwrap());
    let answer = zipped.clone();
    let origin = origin::serving(move |_| {
        let response = Response::builder()
            .header("content-encoding", "gzip")
            .header("content-type", "application/json");
        let response = response.body(Full::new(answer.clone())).unwrap();
        async { response }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/a?b=c+d&e")).await.unwrap();
    assert_eq!(client::payload(response).await, zipped);
    let captured = tapped.captured().await;
    let exchange = captured.exchange();
    assert_eq!(exchange.response.body, Seen::Bytes(br#"{"id":1}"#.into()));
    assert_eq!(exchange.response.media_type.as_deref(), Some("application/json"));
    assert_eq!(exchange.request.body, Seen::Absent);
    assert_eq!((&*exchange.scheme, &*exchange.host), ("http", "shop.example"));
    assert_eq!((&*exchange.method, &*exchange.path, exchange.status), ("GET", "/a", 200));
    assert_eq!(exchange.query, [("b".into(), "c d".into()), ("e".into(), "".into())]);
    assert!(exchange.time_ms.is_some_and(|time_ms| time_ms >= 1_795_220_766_000));
    assert!(exchange.latency_ms.is_some_and(|latency_ms| latency_ms >= 1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_before_the_response_ends() {
    let (events, stream) = mpsc::unbounded_channel();
    let stream = std::sync::Arc::new(std::sync::Mutex::new(Some(stream)));
    let origin = origin::serving(move |_| {
        let stream = stream.lock().unwrap().take().unwrap();
        let response = Response::builder().header("content-type", "text/event-stream");
        async { response.body(Fed(stream)).unwrap() }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    let mut response = client.send_request(client::get("/events")).await.unwrap();
    for number in 0..3 {
        let event = Bytes::from(format!("data: {number}\n\n"));
        events.send(Frame::data(event.clone())).unwrap();
        let frame = within(response.body_mut().frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), event);
    }
    drop(events);
    assert!(within(response.body_mut().frame()).await.is_none());
    let captured = tapped.captured().await;
    assert_eq!(captured.response().payload.len(), 3 * "data: 0\n\n".len());
    assert!(captured.exchange().latency_ms.is_some_and(|latency| latency < 1_000.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_pass_to_clients_that_take_them() {
    let trailers: HeaderMap =
        [("x-sum".parse().unwrap(), "7".parse().unwrap())].into_iter().collect();
    let origin = origin::serving(move |request: Request<_>| {
        assert_eq!(request.headers()["te"], "trailers");
        let response = Response::builder().header("trailer", "x-sum");
        let body = fed(vec![Bytes::from_static(b"a")], Some(trailers.clone()));
        async { response.body(body).unwrap() }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut request = client::get("/");
    request.headers_mut().insert("te", "trailers".parse().unwrap());
    request.headers_mut().insert("connection", "te".parse().unwrap());
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(request).await.unwrap();
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-sum"], "7");
    let captured = tapped.captured().await;
    assert_eq!(captured.response().trailers.unwrap().get("x-sum"), Some(&b"7"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_without_payload() {
    let origin = origin::serving(|request: Request<_>| async move {
        let status: u16 = request.uri().path()[1..].parse().unwrap();
        let response = Response::builder().status(status).header("etag", "\"1\"");
        let response =
            if status == 204 { response } else { response.header("content-length", "5") };
        response.body(Full::new(Bytes::new())).unwrap()
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let mut request = client::get(&format!("/{status}"));
        *request.method_mut() = method.parse().unwrap();
        client.ready().await.unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["etag"]),
            (status, &"\"1\"".parse().unwrap())
        );
        let length = response.headers().get(CONTENT_LENGTH);
        assert_eq!(length.is_some_and(|length| length == "5"), method == "HEAD");
        assert!(client::payload(response).await.is_empty());
        let captured = tapped.captured().await;
        assert_eq!((captured.status(), captured.ending()), (status, Ending::Complete));
        assert_eq!(captured.exchange().response.body, Seen::Absent);
    }
}
