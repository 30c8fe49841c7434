//! Whatever happens to copies and their reader, exchanges go on.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use plumb_tap::queue::{self, Bounds};
use plumb_tap::record::Extent;
use plumb_tap::upstream::Protocol;

use crate::client;
use crate::origin;
use crate::tapped::{Tapped, started, tapped, to, usual};

async fn greeting() -> SocketAddr {
    origin::serving(|_| async { Response::new(Full::new(Bytes::from_static(b"hi"))) }).await
}

/// Makes calls over new and kept connections, all of which have to succeed.
async fn call(tapped: &Tapped, count: usize) {
    for _ in 0..count / 5 {
        let mut client = client::http1(tapped.address).await;
        for _ in 0..5 {
            client.ready().await.unwrap();
            let response = client.send_request(client::get("/")).await.unwrap();
            assert_eq!(client::payload(response).await, "hi");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_drops_and_counts() {
    let mut prepared = usual(to(greeting().await, Protocol::Auto)).await;
    let (queue, taking) = queue::bounded(Bounds { bytes_max: 3_000 });
    prepared.tap.queue = queue;
    // Held by nobody who reads.
    prepared.taking = None;
    let mut tapped = started(prepared).await;
    call(&tapped, 20).await;
    tapped.shutdown.begin();
    (&mut tapped.closed).await.unwrap();
    let counts = tapped.queue.counts();
    assert_eq!((counts.offered, counts.taken), (20, 0));
    assert_eq!(counts.dropped + counts.waiting, 20);
    assert!((1..20).contains(&counts.waiting), "{counts:?}");
    drop(taking);
    assert_eq!(tapped.queue.counts().dropped, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_panics_is_not_felt() {
    let mut prepared = usual(to(greeting().await, Protocol::Auto)).await;
    let mut taking = prepared.taking.take().unwrap();
    let mut tapped = started(prepared).await;
    let reader = std::thread::spawn(move || {
        taking.next();
        panic!("a reader that dies");
    });
    call(&tapped, 10).await;
    assert!(reader.join().is_err());
    call(&tapped, 10).await;
    tapped.shutdown.begin();
    (&mut tapped.closed).await.unwrap();
    let counts = tapped.queue.counts();
    assert_eq!((counts.offered, counts.taken, counts.dropped, counts.waiting), (20, 1, 19, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_panics_is_not_felt() {
    fn broken() -> Duration {
        panic!("a clock that breaks")
    }
    let mut prepared = usual(to(greeting().await, Protocol::Auto)).await;
    prepared.tap.clock = broken;
    let tapped = started(prepared).await;
    call(&tapped, 5).await;
    assert_eq!(tapped.queue.counts().offered, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kill_switch_ends_copying_and_nothing_else() {
    let mut tapped = tapped(greeting().await).await;
    call(&tapped, 5).await;
    for _ in 0..5 {
        tapped.captured().await;
    }
    tapped.off.store(true, Ordering::Relaxed);
    call(&tapped, 10).await;
    assert_eq!(tapped.queue.counts().offered, 5);
    tapped.off.store(false, Ordering::Relaxed);
    call(&tapped, 5).await;
    tapped.captured().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_under_way_hold_a_bounded_number_of_bytes() {
    let mut prepared = usual(to(greeting().await, Protocol::Auto)).await;
    prepared.tap.options.held_bytes_max = 1;
    let mut tapped = started(prepared).await;
    call(&tapped, 10).await;
    for _ in 0..10 {
        let captured = tapped.captured().await;
        assert_eq!((captured.status(), captured.response().extent), (200, Extent::Cut));
    }
}
