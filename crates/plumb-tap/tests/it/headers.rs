//! Headers pass as they were sent, but for those that concern one connection.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use plumb_tap::options::HostHeader;
use plumb_tap::upstream::Protocol;

use crate::client;
use crate::origin;
use crate::tapped::{started, tapped, to, usual, within};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

type Heads = Arc<Mutex<Vec<String>>>;

/// An origin that notes heads, and answers each with the same bytes.
async fn noting(answer: &'static str) -> (std::net::SocketAddr, Heads) {
    let heads = Heads::default();
    let noted = Arc::clone(&heads);
    let address = origin::scripted(move |stream: TcpStream| {
        let noted = Arc::clone(&noted);
        async move {
            let mut stream = BufReader::new(stream);
            loop {
                let head = origin::head(&mut stream).await;
                if head.is_empty() {
                    return;
                }
                noted.lock().unwrap().push(head);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (address, heads)
}

async fn check(sent: &str, received: &str) {
    let (origin, heads) = noting(OK).await;
    let tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, sent).await;
    assert_eq!(within(origin::head(&mut client)).await, OK);
    let head = heads.lock().unwrap().pop().unwrap();
    assert_eq!(sorted(&head), sorted(received));
}

/// The first line, and the others in an order of their own: theirs means nothing.
fn sorted(head: &str) -> (&str, Vec<&str>) {
    let (first, rest) = head.split_once("\r\n").unwrap();
    let mut lines: Vec<&str> = rest.lines().collect();
    lines.sort_unstable();
    (first, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_pass_as_sent() {
    let request = "GET /a%20b?c=%2F&d HTTP/1.1\r\nHost: Shop.example\r\n\
                   X-ODD: 1\r\nx-odd: 2\r\n\r\n";
    check(request, request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_the_connection_ends_at_the_tap() {
    let sent = "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\
                Keep-Alive: 5\r\nProxy-Connection: x\r\nTE: gzip\r\nUpgrade: a\r\n\
                X-Kept: 1\r\n\r\n";
    check(sent, "GET / HTTP/1.1\r\nHost: h\r\nX-Kept: 1\r\n\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn absolute_targets_name_the_host() {
    let sent = "GET http://other.example/a?b HTTP/1.1\r\nHost: h\r\n\r\n";
    check(sent, "GET /a?b HTTP/1.1\r\nHost: other.example\r\n\r\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_without_a_path() {
    let sent = "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n";
    check(sent, sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_clients_are_served() {
    let (origin, heads) = noting(OK).await;
    let mut tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, "GET / HTTP/1.0\r\n\r\n").await;
    let response = within(client::to_end(&mut client)).await;
    assert_eq!(response, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    let expected = format!("GET / HTTP/1.1\r\nhost: {origin}\r\n\r\n");
    assert_eq!(heads.lock().unwrap().as_slice(), [expected]);
    assert_eq!(tapped.captured().await.exchange().host, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_upstreams_are_understood() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        origin::head(&mut stream).await;
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello").await.unwrap();
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    for _ in 0..2 {
        client.ready().await.unwrap();
        let response = client.send_request(client::get("/")).await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_11);
        assert_eq!(client::payload(response).await, "hello");
        assert_eq!(tapped.captured().await.response().payload, b"hello".as_slice());
    }
}

/// Whoever reads a request by its length and whoever reads it by its chunks must not differ.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_framed_twice_is_framed_once_upstream() {
    let sent = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\
                Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let (origin, heads) = noting(OK).await;
    let tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, sent).await;
    within(origin::head(&mut client)).await;
    let heads = heads.lock().unwrap().join("").to_lowercase();
    let framed = [heads.contains("content-length"), heads.contains("transfer-encoding")];
    assert!(heads.is_empty() || framed == [false, true], "{heads}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_can_be_the_upstreams() {
    let (origin, heads) = noting(OK).await;
    let mut prepared = usual(to(origin, Protocol::Auto)).await;
    prepared.tap.options.host = HostHeader::Upstream;
    let tapped = started(prepared).await;
    let mut client = client::plain(tapped.address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    within(origin::head(&mut client)).await;
    let expected = format!("GET / HTTP/1.1\r\nHost: {origin}\r\n\r\n");
    assert_eq!(heads.lock().unwrap().as_slice(), [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_pass_as_sent() {
    const ODD: &str = "HTTP/1.1 299 Quite Fine\r\nX-ODD: 1\r\nSet-Cookie: a=1\r\n\
                       Set-Cookie: b=2\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
                       Keep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n";
    let (origin, _) = noting(ODD).await;
    let mut tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let expected = "HTTP/1.1 299 Quite Fine\r\nX-ODD: 1\r\nSet-Cookie: a=1\r\n\
                    Set-Cookie: b=2\r\nContent-Length: 0\r\n\r\n";
    let head = within(origin::head(&mut client)).await;
    assert_eq!(sorted(&head), sorted(expected));
    let captured = tapped.captured().await;
    // The copy is taken before anything is taken out.
    assert_eq!(captured.response().headers.get("x-hop"), Some(&b"1"[..]));
    assert_eq!(captured.response().headers.all("set-cookie").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_expects_to_go_on_is_told_to() {
    let origin = origin::serving(|request| async {
        hyper::Response::new(http_body_util::Full::new(origin::payload(request).await))
    })
    .await;
    let tapped = tapped(origin).await;
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    let mut client = client::plain(tapped.address, head).await;
    assert_eq!(within(origin::head(&mut client)).await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"hi").await.unwrap();
    let head = within(origin::head(&mut client)).await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_expects_to_go_on_hears_what_the_upstream_says() {
    const REFUSED: &str = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";
    let (origin, heads) = noting(REFUSED).await;
    let tapped = tapped(origin).await;
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    let mut client = client::plain(tapped.address, head).await;
    let answer = within(origin::head(&mut client)).await;
    assert!(answer.starts_with("HTTP/1.1 417 Expectation Failed\r\n"), "{answer}");
    assert_eq!(heads.lock().unwrap().as_slice(), [head]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_never_asks_gets_the_payload_anyway() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        origin::head(&mut stream).await;
        let mut payload = [0; 2];
        stream.read_exact(&mut payload).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    let tapped = tapped(origin).await;
    let sent = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi";
    let mut client = client::plain(tapped.address, sent).await;
    let mut answer = within(origin::head(&mut client)).await;
    if answer.starts_with("HTTP/1.1 100") {
        answer = within(origin::head(&mut client)).await;
    }
    assert_eq!(answer, OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_on_both_sides() {
    let (origin, heads) = noting(OK).await;
    let mut tapped = tapped(origin).await;
    let request = |number| format!("GET /{number} HTTP/1.1\r\nHost: h\r\n\r\n");
    let pipelined: String = (0..10).map(request).collect();
    let mut client = client::plain(tapped.address, &pipelined).await;
    for number in 0..10 {
        assert_eq!(within(origin::head(&mut client)).await, OK);
        assert_eq!(tapped.captured().await.path(), format!("/{number}"));
    }
    assert_eq!(heads.lock().unwrap().len(), 10);
}
