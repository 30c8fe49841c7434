//! What breaks on one side breaks on the other, and nothing is made up in between.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::Frame;
use plumb_tap::options::Options;
use plumb_tap::record::{Ending, Extent};
use plumb_tap::upstream::Protocol;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::client;
use crate::origin::{self, Fed};
use crate::tapped::{started, tapped, to, usual, within};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_dies_within_a_response() {
    for head in ["Content-Length: 9\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"] {
        let origin = origin::scripted(move |stream: TcpStream| async move {
            let mut stream = BufReader::new(stream);
            origin::head(&mut stream).await;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await.unwrap();
        })
        .await;
        let mut tapped = tapped(origin).await;
        let mut client = client::http1(tapped.address).await;
        let response = client.send_request(client::get("/")).await.unwrap();
        within(response.into_body().collect()).await.unwrap_err();
        let captured = tapped.captured().await;
        assert_eq!((captured.status(), captured.ending()), (200, Ending::UpstreamFailed));
        assert_eq!(captured.response().extent, Extent::Broken);
    }
}

async fn check_own_answer(origin: std::net::SocketAddr, options: Options, expected: (&str, &str)) {
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    prepared.tap.options = options;
    let mut tapped = started(prepared).await;
    let mut client =
        client::plain(tapped.address, &GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
            .await;
    let answer = within(client::to_end(&mut client)).await;
    assert!(answer.starts_with(expected.0), "{answer}");
    assert!(answer.ends_with(expected.1), "{answer}");
    assert_eq!(tapped.captured().await.status(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_not_there() {
    let expected =
        ("HTTP/1.1 502 Bad Gateway\r\n", "\r\n\r\nplumb tap: the upstream cannot be reached\n");
    check_own_answer(origin::nobody().await, Options::default(), expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_hangs_up() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        origin::head(&mut BufReader::new(stream)).await;
    })
    .await;
    let expected = ("HTTP/1.1 502 Bad Gateway\r\n", "\r\n\r\nplumb tap: the upstream broke off\n");
    check_own_answer(origin, Options::default(), expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_never_answers() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        origin::head(&mut stream).await;
        origin::head(&mut stream).await;
    })
    .await;
    let options = Options { answer: Duration::from_millis(50), ..Options::default() };
    let expected = (
        "HTTP/1.1 504 Gateway Timeout\r\n",
        "\r\n\r\nplumb tap: the upstream took too long to answer\n",
    );
    check_own_answer(origin, options, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_within_a_response() {
    let (frames, stream) = mpsc::unbounded_channel();
    let stream = Arc::new(Mutex::new(Some(stream)));
    let origin = origin::serving(move |_| {
        let stream = stream.lock().unwrap().take().unwrap();
        async { Response::new(Fed(stream)) }
    })
    .await;
    let mut tapped = tapped(origin).await;
    frames.send(Frame::data(Bytes::from_static(b"abc"))).unwrap();
    let mut client = client::plain(tapped.address, GET).await;
    within(origin::head(&mut client)).await;
    drop(client);
    // The upstream is let go too.
    within(frames.closed()).await;
    let captured = tapped.captured().await;
    assert_eq!((captured.status(), captured.ending()), (200, Ending::ClientGone));
    assert_eq!(captured.response().extent, Extent::Broken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_before_the_response() {
    let (told, mut tells) = mpsc::unbounded_channel();
    let origin = origin::scripted(move |stream: TcpStream| {
        let told = told.clone();
        async move {
            let mut stream = BufReader::new(stream);
            told.send(origin::head(&mut stream).await).unwrap();
            told.send(origin::head(&mut stream).await).unwrap();
        }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let client = client::plain(tapped.address, GET).await;
    assert!(!within(tells.recv()).await.unwrap().is_empty());
    drop(client);
    // The upstream sees its connection end.
    assert_eq!(within(tells.recv()).await.unwrap(), "");
    let captured = tapped.captured().await;
    assert_eq!((captured.status(), captured.ending()), (0, Ending::ClientGone));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_within_its_request() {
    let (told, mut tells) = mpsc::unbounded_channel();
    let origin = origin::serving(move |request| {
        let told = told.clone();
        async move {
            told.send(request.into_body().collect().await.is_ok()).unwrap();
            Response::new(Full::new(Bytes::new()))
        }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";
    drop(client::plain(tapped.address, head).await);
    let captured = tapped.captured().await;
    assert_eq!((captured.status(), captured.ending()), (0, Ending::ClientGone));
    assert_eq!(captured.request().extent, Extent::Broken);
    // If the request reached the upstream at all, then not as a whole one.
    if let Ok(whole) = tells.try_recv() {
        assert!(!whole);
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_closed_while_idle_fails_nothing() {
    let (told, mut tells) = mpsc::unbounded_channel();
    let origin = origin::scripted(move |stream: TcpStream| {
        let told = told.clone();
        async move {
            let mut stream = BufReader::new(stream);
            origin::head(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // The tap has noticed when it closes its side.
            told.send(origin::head(&mut stream).await).unwrap();
        }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    for _ in 0..20 {
        client.ready().await.unwrap();
        let response = client.send_request(client::get("/")).await.unwrap();
        assert_eq!(response.status(), 200);
        client::payload(response).await;
        assert_eq!(within(tells.recv()).await.unwrap(), "");
        assert_eq!(tapped.captured().await.ending(), Ending::Complete);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_connection_that_breaks_off_is_broken_off_for_the_client() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let origin = origin::scripted(move |stream: TcpStream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            let mut stream = BufReader::new(stream);
            origin::head(&mut stream).await;
            stream.write_all(OK.as_bytes()).await.unwrap();
            origin::head(&mut stream).await;
        }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, &GET.repeat(2)).await;
    assert_eq!(within(client::to_end(&mut client)).await, OK);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(tapped.captured().await.ending(), Ending::Complete);
    let captured = tapped.captured().await;
    assert_eq!((captured.status(), captured.ending()), (0, Ending::UpstreamFailed));
}
