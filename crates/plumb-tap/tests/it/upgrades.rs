//! Connections that leave HTTP.

use plumb_tap::record::Ending;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::client;
use crate::origin;
use crate::tapped::{tapped, within};

const OFFER: &str = "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n\
                     Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n";
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                      Upgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_connection_is_spliced() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        let head = origin::head(&mut stream).await.to_lowercase();
        assert!(head.contains("connection: upgrade\r\n"), "{head}");
        assert!(head.contains("upgrade: websocket\r\n"), "{head}");
        // The first word comes with the agreement.
        stream.write_all(format!("{AGREED}hello").as_bytes()).await.unwrap();
        let mut bytes = [0; 4];
        while stream.read_exact(&mut bytes).await.is_ok() {
            bytes.reverse();
            stream.write_all(&bytes).await.unwrap();
        }
        stream.write_all(b"bye").await.unwrap();
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, OFFER).await;
    let head = within(origin::head(&mut client)).await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 switching protocols\r\n"), "{head}");
    assert!(head.contains("connection: upgrade\r\n"), "{head}");
    assert!(head.contains("upgrade: websocket\r\n"), "{head}");
    let captured = within(tapped.captured()).await;
    assert_eq!((captured.status(), captured.ending()), (101, Ending::Complete));
    let mut hello = [0; 5];
    within(client.read_exact(&mut hello)).await.unwrap();
    assert_eq!(&hello, b"hello");
    for word in [b"abcd", b"efgh"] {
        client.write_all(word).await.unwrap();
        let mut echo = [0; 4];
        within(client.read_exact(&mut echo)).await.unwrap();
        echo.reverse();
        assert_eq!(&echo, word);
    }
    client.shutdown().await.unwrap();
    assert_eq!(within(client::to_end(&mut client)).await, "bye");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_is_refused_is_an_exchange_like_any() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        for _ in 0..2 {
            origin::head(&mut stream).await;
            stream
                .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
                .await
                .unwrap();
        }
    })
    .await;
    let mut tapped = tapped(origin).await;
    let mut client = client::plain(tapped.address, &OFFER.repeat(2)).await;
    for _ in 0..2 {
        let head = within(origin::head(&mut client)).await;
        assert_eq!(head, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n");
        let mut no = [0; 2];
        within(client.read_exact(&mut no)).await.unwrap();
        assert_eq!(tapped.captured().await.status(), 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_http2_is_passed_over() {
    let origin = origin::scripted(|stream: TcpStream| async move {
        let mut stream = BufReader::new(stream);
        let head = origin::head(&mut stream).await;
        assert_eq!(head, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    })
    .await;
    let tapped = tapped(origin).await;
    let offer = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                 Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    let mut client = client::plain(tapped.address, offer).await;
    let head = within(origin::head(&mut client)).await;
    assert_eq!(head, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}
