//! A receiver that runs, and requests for it.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use plumb_tap::otlp::options::Options;
use plumb_tap::otlp::queue::{self, Bounds, Next, Queue, Taking};
use plumb_tap::otlp::receiver::{self, Receiver};
use plumb_tap::proxy::Closed;
use plumb_tap::shutdown::{self, Shutdown};
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::reading::{Limits, Reading};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::client;
use crate::tapped::within;

/// The path of gRPC.
pub(crate) const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// A receiver that runs.
pub(crate) struct Received {
    pub(crate) address: SocketAddr,
    pub(crate) queue: Queue,
    pub(crate) taking: Taking,
    pub(crate) shutdown: Shutdown,
    pub(crate) closed: JoinHandle<Closed>,
}

/// A receiver with these bounds, and everything else as usual.
pub(crate) fn bounded(bounds: Bounds) -> (Receiver, Taking) {
    let (queue, taking) = queue::bounded(bounds);
    (Receiver { tls: None, token: None, options: Options::default(), queue }, taking)
}

/// A receiver with everything as usual.
pub(crate) async fn usual() -> Received {
    let (receiver, taking) = bounded(Bounds::default());
    started(receiver, taking).await
}

/// Runs a receiver.
pub(crate) async fn started(receiver: Receiver, taking: Taking) -> Received {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let queue = receiver.queue.clone();
    let (shutdown, closing) = shutdown::shutdown();
    let closed = tokio::spawn(receiver::serve(vec![listener], receiver, closing));
    Received { address, queue, taking, shutdown, closed }
}

impl Received {
    /// The paths of all calls in the requests that were taken.
    pub(crate) fn paths(&mut self) -> Vec<String> {
        let mut paths = Vec::new();
        let (mut calls, mut reading) = (Calls::new(&Limits::default()), Reading::default());
        let mut sink = |exchange: plumb_traffic::exchange::Exchange<'_>| {
            paths.push(exchange.path.into_owned());
        };
        while let Next::Export(export) = self.taking.next_within(Duration::ZERO) {
            export.read(&mut calls, &mut sink, &mut reading);
        }
        calls.finish(&mut sink, &mut reading);
        paths
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) trailers: http::HeaderMap,
    pub(crate) payload: Bytes,
}

impl Came {
    /// A header, or a trailer.
    pub(crate) fn word(&self, name: &str) -> &str {
        let value = self.trailers.get(name).or(self.headers.get(name));
        value.map_or("", |value| value.to_str().unwrap())
    }
}

async fn came(response: hyper::Response<Incoming>) -> Came {
    use http_body_util::BodyExt as _;
    let (parts, body) = response.into_parts();
    let collected = within(body.collect()).await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let (status, headers) = (parts.status.as_u16(), parts.headers);
    Came { status, headers, trailers, payload: collected.to_bytes() }
}

/// A request of OTLP over HTTP.
pub(crate) fn post(media_type: &str, payload: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request =
        Request::post("/v1/traces").header("host", "h").header("content-type", media_type);
    request.body(Full::from(payload.into())).unwrap()
}

/// A call of OTLP over gRPC.
pub(crate) fn call(message: &[u8], flag: u8) -> Request<Full<Bytes>> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let payload = [&[flag][..], &length, message].concat();
    Request::post(format!("http://h{EXPORT}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::from(payload))
        .unwrap()
}

/// Sends over HTTP/1.1, each request on a connection of its own.
pub(crate) async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Came {
    let mut sender: http1::SendRequest<_> = client::http1(address).await;
    came(within(sender.send_request(request)).await.unwrap()).await
}

/// Sends over HTTP/2.
pub(crate) async fn send_http2(address: SocketAddr, request: Request<Full<Bytes>>) -> Came {
    let mut sender: http2::SendRequest<_> = client::http2(address).await;
    came(within(sender.send_request(request)).await.unwrap()).await
}

/// Sends over HTTP/2 with TLS.
pub(crate) async fn send_tls(address: SocketAddr, request: Request<Full<Bytes>>) -> Came {
    let stream = client::tls(address, &["h2"]).await;
    let (mut sender, driver) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    came(within(sender.send_request(request)).await.unwrap()).await
}

/// A request in binary form with so many calls of `/<name>/<number>`.
pub(crate) fn spans(name: &str, count: usize) -> Vec<u8> {
    let spans: Vec<u8> =
        (0..count).flat_map(|number| field(2, &span(&format!("/{name}/{number}")))).collect();
    let scope = field(2, &spans);
    field(1, &scope)
}

fn span(path: &str) -> Vec<u8> {
    let attribute = |name: &str, value: &str| {
        let any = field(1, value.as_bytes());
        field(9, &[field(1, name.as_bytes()), field(2, &any)].concat())
    };
    let words = [attribute("http.request.method", "GET"), attribute("url.path", path)];
    [&[6 << 3, 2], &*words.concat()].concat()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        field.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    field.push(u8::try_from(length).unwrap());
    field.extend(bytes);
    field
}

/// The same call in JSON.
pub(crate) fn json(path: &str) -> String {
    let attribute = |name: &str, value: &str| {
        format!("{{\"key\":\"{name}\",\"value\":{{\"stringValue\":\"{value}\"}}}}")
    };
    let words = [attribute("http.request.method", "GET"), attribute("url.path", path)].join(",");
    format!(
        "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[\
         {{\"kind\":2,\"attributes\":[{words}]}}]}}]}}]}}"
    )
}

/// Compressed bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
