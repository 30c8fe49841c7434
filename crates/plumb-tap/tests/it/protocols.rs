//! HTTP/1.1 and HTTP/2, with and without TLS, in every pairing that occurs.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Frame;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use plumb_tap::record::Ending;
use plumb_tap::tls;
use plumb_tap::upstream::{Protocol, upstream};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::client;
use crate::origin::{self, Fed, fed};
use crate::tapped::{self, CERTIFICATE, KEY, Tapped, started, to, trust, usual, within};

/// Says what the request looked like, and returns its payload.
async fn reflect(request: Request<hyper::body::Incoming>) -> Response<Full<Bytes>> {
    let said = format!("{:?} {}", request.version(), request.uri());
    let host = request.headers().get("host").cloned();
    let mut response = Response::new(Full::new(origin::payload(request).await));
    response.headers_mut().insert("x-said", said.parse().unwrap());
    response.headers_mut().extend(host.map(|host| (HeaderName::from_static("x-host"), host)));
    response
}

async fn before_plain(protocol: Protocol) -> Tapped {
    let origin = origin::serving(reflect).await;
    started(usual(to(origin, protocol)).await).await
}

fn post(uri: &str) -> Request<Full<Bytes>> {
    Request::post(uri).body(Full::from("payload")).unwrap()
}

async fn check(response: Response<hyper::body::Incoming>, said: &str, host: Option<&str>) {
    assert_eq!(response.headers()["x-said"], said);
    assert_eq!(response.headers().get("x-host").map(|host| host.to_str().unwrap()), host);
    assert_eq!(client::payload(response).await, "payload");
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_to_http1() {
    let mut tapped = before_plain(Protocol::Auto).await;
    let mut client = client::http2(tapped.address).await;
    let response = client.send_request(post("http://shop.example/a?b")).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    check(response, "HTTP/1.1 /a?b", Some("shop.example")).await;
    let captured = tapped.captured().await;
    assert_eq!((captured.version(), captured.ending()), (Version::HTTP_2, Ending::Complete));
    let exchange = captured.exchange();
    assert_eq!((&*exchange.host, &*exchange.path), ("shop.example", "/a"));
}

#[tokio::test(flavor = "multi_thread")]
async fn http1_to_http2() {
    let mut tapped = before_plain(Protocol::Http2).await;
    let mut client = client::http1(tapped.address).await;
    for _ in 0..3 {
        client.ready().await.unwrap();
        let mut request = post("/a?b");
        request.headers_mut().insert("host", "shop.example".parse().unwrap());
        let response = client.send_request(request).await.unwrap();
        check(response, "HTTP/2.0 http://shop.example/a?b", None).await;
        assert_eq!(tapped.captured().await.ending(), Ending::Complete);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_to_http2_many_at_once() {
    let mut tapped = before_plain(Protocol::Http2).await;
    let client = client::http2(tapped.address).await;
    let sent = (0..100).map(|number| {
        let mut client = client.clone();
        tokio::spawn(async move {
            let uri = format!("http://shop.example/{number}");
            let response = client.send_request(post(&uri)).await.unwrap();
            check(response, &format!("HTTP/2.0 {uri}"), None).await;
        })
    });
    for sent in sent.collect::<Vec<_>>() {
        within(sent).await.unwrap();
    }
    for _ in 0..100 {
        assert_eq!(tapped.captured().await.ending(), Ending::Complete);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_to_http1_many_at_once() {
    let tapped = before_plain(Protocol::Auto).await;
    let client = client::http2(tapped.address).await;
    for _ in 0..3 {
        let sent = (0..50).map(|number| {
            let mut client = client.clone();
            tokio::spawn(async move {
                let uri = format!("http://shop.example/{number}");
                let response = client.send_request(post(&uri)).await.unwrap();
                check(response, &format!("HTTP/1.1 /{number}"), Some("shop.example")).await;
            })
        });
        for sent in sent.collect::<Vec<_>>() {
            within(sent).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_as_grpc_makes_them() {
    let origin = origin::serving(|request: Request<hyper::body::Incoming>| async {
        assert_eq!(request.headers()["te"], "trailers");
        // Answers before the request has ended, message by message.
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                drop(sender.send(Frame::data(frame.into_data().unwrap_or_default())));
            }
            let status = [("grpc-status".parse().unwrap(), "5".parse().unwrap())];
            drop(sender.send(Frame::trailers(status.into_iter().collect())));
        });
        let response = Response::builder().header("content-type", "application/grpc");
        response.body(Fed(receiver)).unwrap()
    })
    .await;
    let mut tapped = started(usual(to(origin, Protocol::Http2)).await).await;
    let (messages, stream) = mpsc::unbounded_channel();
    let request = Request::post("http://shop.example/shop.Orders/Get").header("te", "trailers");
    let mut client = client::http2(tapped.address).await;
    let response = within(client.send_request(request.body(Fed(stream)).unwrap())).await.unwrap();
    let mut body = response.into_body();
    for message in ["one", "two", "three"] {
        messages.send(Frame::data(message.into())).unwrap();
        let frame = within(body.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), message);
    }
    drop(messages);
    let frame = within(body.frame()).await.unwrap().unwrap();
    assert_eq!(frame.into_trailers().unwrap()["grpc-status"], "5");
    assert!(within(body.frame()).await.is_none());
    let captured = tapped.captured().await;
    assert_eq!((captured.status(), captured.ending()), (200, Ending::Complete));
    let exchange = captured.exchange();
    let status = plumb_traffic::exchange::header(&exchange.response.headers, "grpc-status");
    assert_eq!(status, Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http2_upstream_that_breaks_off_is_seen_to() {
    let (frames, stream) = mpsc::unbounded_channel();
    let stream = std::sync::Mutex::new(Some(stream));
    let stream = Arc::new(stream);
    let origin = origin::serving(move |_| {
        let stream = stream.lock().unwrap().take().unwrap();
        async { Response::builder().header("content-length", "9").body(Fed(stream)).unwrap() }
    })
    .await;
    let mut tapped = started(usual(to(origin, Protocol::Http2)).await).await;
    frames.send(Frame::data(Bytes::from_static(b"abc"))).unwrap();
    drop(frames);
    let mut client = client::http2(tapped.address).await;
    let request = Request::get("http://h/").body(Full::<Bytes>::default()).unwrap();
    // The break may overtake the response's head.
    if let Ok(response) = within(client.send_request(request)).await {
        within(response.into_body().collect()).await.unwrap_err();
    }
    assert_eq!(tapped.captured().await.ending(), Ending::UpstreamFailed);
}

/// An origin with TLS that offers these protocols.
async fn secure_origin(protocols: &[&str]) -> SocketAddr {
    origin::serving_tls(secure_config(protocols), reflect).await
}

fn secure_config(protocols: &[&str]) -> ServerConfig {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<_, _>>().unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).unwrap())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

/// A tap with TLS on both sides.
async fn secured(origin: SocketAddr, protocol: Protocol) -> Tapped {
    let address = format!("https://localhost:{}", origin.port());
    let mut prepared = usual(upstream(&address, protocol, Some(&trust())).unwrap()).await;
    prepared.tap.tls = Some(tls::server(CERTIFICATE, KEY).unwrap());
    started(prepared).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_on_both_sides_with_http2() {
    let mut tapped = secured(secure_origin(&["h2", "http/1.1"]).await, Protocol::Auto).await;
    let stream = client::tls(tapped.address, &["h2", "http/1.1"]).await;
    let (mut client, driver) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(driver);
    let response = client.send_request(post("https://shop.example/a")).await.unwrap();
    check(response, "HTTP/2.0 https://shop.example/a", None).await;
    let captured = tapped.captured().await;
    let exchange = captured.exchange();
    assert_eq!((&*exchange.scheme, &*exchange.host), ("https", "shop.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_on_both_sides_with_http1() {
    for (offered, protocol, said) in [
        (&["http/1.1"][..], Protocol::Auto, "HTTP/1.1 /a"),
        (&[], Protocol::Auto, "HTTP/1.1 /a"),
        (&["h2", "http/1.1"], Protocol::Http1, "HTTP/1.1 /a"),
        (&["h2", "http/1.1"], Protocol::Auto, "HTTP/2.0 https://shop.example/a"),
    ] {
        let tapped = secured(secure_origin(offered).await, protocol).await;
        let stream = client::tls(tapped.address, &["http/1.1"]).await;
        let (mut client, driver) = http1::handshake(stream).await.unwrap();
        tokio::spawn(driver);
        for _ in 0..2 {
            client.ready().await.unwrap();
            let mut request = post("/a");
            request.headers_mut().insert("host", "shop.example".parse().unwrap());
            let response = client.send_request(request).await.unwrap();
            let host = said.starts_with("HTTP/1.1").then_some("shop.example");
            check(response, said, host).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_over_tls_is_made_in_http1() {
    let config = secure_config(&["h2", "http/1.1"]);
    let origin =
        origin::serving_tls(config, |mut request: Request<hyper::body::Incoming>| async move {
            assert_eq!(request.version(), Version::HTTP_11);
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let (mut from, mut to) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
                drop(tokio::io::copy(&mut from, &mut to).await);
            });
            let response = Response::builder().status(101).header("connection", "upgrade");
            response.header("upgrade", "echo").body(Full::<Bytes>::default()).unwrap()
        })
        .await;
    let tapped = secured(origin, Protocol::Auto).await;
    let stream = client::tls(tapped.address, &["http/1.1"]).await;
    let (mut client, driver) = http1::handshake(stream).await.unwrap();
    tokio::spawn(driver.with_upgrades());
    let mut request = client::get("/echo");
    request.headers_mut().insert("connection", "upgrade".parse().unwrap());
    request.headers_mut().insert("upgrade", "echo".parse().unwrap());
    let response = client.send_request(request).await.unwrap();
    assert_eq!(response.status(), 101);
    let mut stream = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    stream.write_all(b"hello").await.unwrap();
    let mut echo = [0; 5];
    within(stream.read_exact(&mut echo)).await.unwrap();
    assert_eq!(&echo, b"hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_nobody_vouches_for_is_not_reached() {
    let origin = secure_origin(&["h2"]).await;
    // The certificate names `localhost` and this address, and nothing else.
    let address = format!("https://127.0.0.2:{}", origin.port());
    let mut tapped =
        started(usual(upstream(&address, Protocol::Auto, Some(&trust())).unwrap()).await).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/")).await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(tapped.captured().await.ending(), Ending::UpstreamFailed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_with_a_payload_of_open_length_keeps_it() {
    let tapped = before_plain(Protocol::Auto).await;
    let mut client = client::http2(tapped.address).await;
    let body = fed(vec![Bytes::from_static(b"pay"), Bytes::from_static(b"load")], None);
    let request = Request::get("http://shop.example/a").body(body).unwrap();
    let response = client.send_request(request).await.unwrap();
    check(response, "HTTP/1.1 /a", Some("shop.example")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trailers_are_promised_that_nobody_takes() {
    let trailers: HeaderMap =
        [("x-sum".parse().unwrap(), "7".parse().unwrap())].into_iter().collect();
    let origin = origin::serving(move |_| {
        let body = fed(vec![Bytes::from_static(b"a")], Some(trailers.clone()));
        async { Response::builder().header("trailer", "x-sum").body(body).unwrap() }
    })
    .await;
    let tapped = tapped::tapped(origin).await;
    let mut client = client::http1(tapped.address).await;
    let response = client.send_request(client::get("/")).await.unwrap();
    assert_eq!(client::payload(response).await, "a");
}
