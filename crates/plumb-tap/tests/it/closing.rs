//! A tap that closes lets exchanges finish, up to a bound; one that is full lets clients wait.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::Frame;
use plumb_tap::record::Extent;
use plumb_tap::run::run;
use plumb_tap::upstream::Protocol;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::client;
use crate::origin::{self, Fed};
use crate::tapped::{started, tapped, to, unstarted, usual, within};

type Frames = mpsc::UnboundedSender<Frame<Bytes>>;

/// An origin whose one response is fed from outside.
async fn feeding() -> (SocketAddr, Frames) {
    let (frames, stream) = mpsc::unbounded_channel();
    let stream = Arc::new(Mutex::new(Some(stream)));
    let origin = origin::serving(move |_| {
        let stream = stream.lock().unwrap().take().unwrap();
        async { Response::new(Fed(stream)) }
    })
    .await;
    (origin, frames)
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_under_way_finish() {
    let (origin, frames) = feeding().await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/")).await.unwrap();
    tapped.shutdown.begin();
    // Nobody new is let in.
    while TcpStream::connect(tapped.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!tapped.closed.is_finished());
    frames.send(Frame::data(Bytes::from_static(b"late"))).unwrap();
    drop(frames);
    assert_eq!(client::payload(response).await, "late");
    assert_eq!(within(&mut tapped.closed).await.unwrap().cut, 0);
    tapped.captured().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_that_do_not_finish_are_cut() {
    let (origin, frames) = feeding().await;
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    prepared.tap.options.drain = Duration::from_millis(20);
    let mut tapped = started(prepared).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/")).await.unwrap();
    tapped.shutdown.begin();
    assert_eq!(within(&mut tapped.closed).await.unwrap().cut, 1);
    within(response.into_body().collect()).await.unwrap_err();
    within(frames.closed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_without_an_exchange_close_at_once() {
    let (origin, _frames) = feeding().await;
    let mut tapped = tapped(origin).await;
    let mut fresh = client::plain(tapped.address, "").await;
    let http2 = client::http2::<Full<Bytes>>(tapped.address).await;
    tapped.shutdown.begin();
    assert_eq!(within(client::to_end(&mut fresh)).await, "");
    drop(http2);
    assert_eq!(within(&mut tapped.closed).await.unwrap().cut, 0);
}

#[test]
fn a_tap_runs_on_threads_of_its_own() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (shutdown, closing) = plumb_tap::shutdown::shutdown();
    let tap = unstarted(to(address, Protocol::Auto)).0;
    let running = std::thread::spawn(move || run(listener, tap, closing));
    drop(std::net::TcpStream::connect(address).unwrap());
    shutdown.begin();
    assert_eq!(running.join().unwrap().unwrap().cut, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_are_closed() {
    let (origin, _frames) = feeding().await;
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    prepared.tap.options.idle = Duration::from_millis(20);
    let tapped = started(prepared).await;
    for beginning in ["", "PRI", "GET / HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = client::plain(tapped.address, beginning).await;
        let mut end = Vec::new();
        drop(within(tokio::io::AsyncReadExt::read_to_end(&mut client, &mut end)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_of_zero_still_carry() {
    let origin =
        origin::serving(|_| async { Response::new(Full::new(Bytes::from_static(b"hi"))) }).await;
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    let options = &mut prepared.tap.options;
    (options.head_bytes_max, options.connections_max, options.body_bytes_max) = (0, 0, 0);
    let mut tapped = started(prepared).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/")).await.unwrap();
    assert_eq!(client::payload(response).await, "hi");
    assert_eq!(tapped.captured().await.response().extent, Extent::Cut);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_beyond_the_bound_wait() {
    let origin =
        origin::serving(|_| async { Response::new(Full::new(Bytes::from_static(b"hi"))) }).await;
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    prepared.tap.options.connections_max = 1;
    let tapped = started(prepared).await;
    let mut first = client::http1(tapped.address).await;
    client::payload(first.send_request(client::get("/")).await.unwrap()).await;
    let mut second = client::http1(tapped.address).await;
    let waiting = second.send_request(client::get("/"));
    drop(first);
    assert_eq!(client::payload(within(waiting).await.unwrap()).await, "hi");
}
