//! NATS and JetStream.

use crate::server::{LOOK, PATIENCE, Server, free_port, until};
use crate::tapping::{check_numbered, numbered, options, tapping, unready};
use async_nats::Client;
use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::stream::{self, Stream};
use async_nats::jetstream::{self, AckKind};
use futures_util::{StreamExt as _, TryStreamExt as _};
use plumb_broker::note::{BROKE, NO_BACKLOG, TAPPING};
use plumb_broker::options::{Options, Start};
use plumb_broker::taken::{Payload, Taken};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;

/// Messages of one test: several batches of the tap.
const COUNT: usize = 1_000;

struct Nats {
    server: Server,
    monitor: u16,
}

fn nats() -> Nats {
    let monitor = free_port();
    let server = Server::start(|port, folder| {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-m", &monitor.to_string()]);
        command.args(["-js", "-sd"]).arg(folder);
        command
    });
    Nats { server, monitor }
}

impl Nats {
    fn url(&self, rest: &str) -> String {
        format!("nats://127.0.0.1:{}/{rest}", self.server.port)
    }

    async fn client(&self) -> Client {
        async_nats::connect(self.url("")).await.unwrap()
    }

    /// What the broker says about its connections, with their subscriptions.
    fn connections(&self) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.monitor)).unwrap();
        write!(stream, "GET /connz?subs=1 HTTP/1.0\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Nothing of a tap is left.
    #[track_caller]
    fn check_clean(&self) {
        until("the tap's connection is gone", || !self.connections().contains("\"plumb\""));
    }
}

/// A stream that keeps `orders.>`, and a durable consumer of it.
async fn orders(client: &Client, retention: stream::RetentionPolicy) -> (Stream, PullConsumer) {
    let context = jetstream::new(client.clone());
    let config = stream::Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.>".to_owned()],
        retention,
        ..stream::Config::default()
    };
    let stream = context.create_stream(config).await.unwrap();
    let config = pull::Config { durable_name: Some("billing".to_owned()), ..Default::default() };
    let consumer = stream.create_consumer(config).await.unwrap();
    (stream, consumer)
}

async fn publish(client: &Client, numbers: std::ops::Range<usize>) {
    let context = jetstream::new(client.clone());
    for number in numbers {
        let subject = format!("orders.{}.created", 1_000 + number);
        context.publish(subject, numbered(number).into()).await.unwrap().await.unwrap();
    }
}

/// Takes so many messages as a real consumer does, and acknowledges each.
async fn consume(consumer: &PullConsumer, count: usize) -> Vec<String> {
    let mut messages = consumer.messages().await.unwrap().take(count);
    let mut consumed = Vec::new();
    while let Some(message) = messages.try_next().await.unwrap() {
        consumed.push(String::from_utf8(message.payload.to_vec()).unwrap());
        message.ack_with(AckKind::Ack).await.unwrap();
    }
    consumed
}

async fn consumers(stream: &Stream) -> Vec<String> {
    stream.consumer_names().try_collect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_takes_nothing_from_the_consumer() {
    let nats = nats();
    let client = nats.client().await;
    let (mut stream, consumer) = orders(&client, stream::RetentionPolicy::WorkQueue).await;
    let tapping = tapping(&nats.url("orders.>"), options());
    let (_, consumed) = tokio::join!(publish(&client, 0..COUNT), consume(&consumer, COUNT));
    tapping.until_taken(COUNT);
    let ended = tapping.end();
    check_numbered(&ended.seen.taken, 0..COUNT);
    assert_eq!(consumed, (0..COUNT).map(numbered).collect::<Vec<_>>());
    assert_eq!(ended.counts.dropped, 0);
    let first = ended.seen.taken[0].exchange(None);
    assert_eq!((&*first.method, &*first.path), ("MESSAGE", "/orders/1000/created"));
    assert_eq!(consumers(&stream).await, ["billing"]);
    assert_eq!(stream.info().await.unwrap().state.messages, 0);
    nats.check_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_from_its_start_without_a_trace() {
    let nats = nats();
    let client = nats.client().await;
    let (mut stream, consumer) = orders(&client, stream::RetentionPolicy::Limits).await;
    publish(&client, 0..COUNT).await;
    let options = Options { start: Start::Oldest, ..options() };
    let tapping = tapping(&nats.url("orders.*.created"), options);
    let ((), consumed) =
        tokio::join!(publish(&client, COUNT..COUNT + 100), consume(&consumer, COUNT + 100));
    tapping.until_taken(COUNT + 100);
    let ended = tapping.end();
    check_numbered(&ended.seen.taken, 0..COUNT + 100);
    assert_eq!(consumed, (0..COUNT + 100).map(numbered).collect::<Vec<_>>());
    assert!(ended.seen.taken.iter().all(|taken| taken.published_ms.is_some()));
    assert_eq!(consumers(&stream).await, ["billing"]);
    assert_eq!(stream.info().await.unwrap().state.messages, COUNT as u64 + 100);
    nats.check_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_queue_is_not_read_from_its_start() {
    let nats = nats();
    let client = nats.client().await;
    let (stream, _) = orders(&client, stream::RetentionPolicy::WorkQueue).await;
    let options = Options { start: Start::Oldest, ..options() };
    let refused = unready(&nats.url("orders.>"), options).ended().err().unwrap().to_string();
    assert!(refused.contains("would touch it"), "{refused}");
    assert_eq!(consumers(&stream).await, ["billing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn backlogs_of_durable_consumers_are_told() {
    let nats = nats();
    let client = nats.client().await;
    let (_, consumer) = orders(&client, stream::RetentionPolicy::Limits).await;
    publish(&client, 0..100).await;
    consume(&consumer, 40).await;
    let tapping = tapping(&nats.url("orders.>"), options());
    tapping.until("a backlog", |seen| !seen.backlogs.is_empty());
    let ended = tapping.end();
    let backlog = &ended.seen.backlogs[0];
    assert_eq!((&*backlog.destination, &*backlog.consumer), ("ORDERS", "billing"));
    let behind = backlog.lag.unwrap() + backlog.unacknowledged.unwrap();
    assert_eq!(behind, 60, "{backlog:?}");
    assert!(backlog.oldest_age_ms.unwrap() < 60_000, "{backlog:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_killed_is_tapped_again() {
    let mut nats = nats();
    let client = nats.client().await;
    orders(&client, stream::RetentionPolicy::Limits).await;
    let tapping = tapping(&nats.url("orders.>"), options());
    publish(&client, 0..10).await;
    tapping.until_taken(10);
    nats.server.kill();
    tapping.until("the break", |seen| seen.notes.contains(&BROKE));
    nats.server.restart();
    tapping.until("it taps again", |seen| {
        seen.notes.iter().filter(|note| **note == TAPPING).count() == 2
    });
    publish(&nats.client().await, 10..20).await;
    tapping.until_taken(20);
    check_numbered(&tapping.end().seen.taken, 0..20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_broker_was_killed_is_read_on_from_where_it_was() {
    let mut nats = nats();
    let client = nats.client().await;
    let (stream, _) = orders(&client, stream::RetentionPolicy::Limits).await;
    publish(&client, 0..500).await;
    let options = Options { start: Start::Oldest, ..options() };
    let tapping = tapping(&nats.url("orders.>"), options);
    tapping.until_taken(1);
    nats.server.kill();
    tapping.until("the break", |seen| seen.notes.contains(&BROKE));
    nats.server.restart();
    publish(&nats.client().await, 500..600).await;
    tapping.until_taken(600);
    check_numbered(&tapping.end().seen.taken, 0..600);
    let client = nats.client().await;
    let stream = jetstream::new(client).get_stream(&stream.cached_info().config.name).await;
    assert_eq!(consumers(&stream.unwrap()).await, ["billing"]);
}

fn is_last(taken: &Taken) -> bool {
    matches!(&taken.payload, Payload::Bytes(bytes) if bytes.as_ref() == b"last")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_counted_to_the_last_message() {
    const FLOOD: usize = 50_000;
    let nats = nats();
    let client = nats.client().await;
    let tapping = tapping(&nats.url("plain"), options());
    for _ in 0..FLOOD {
        client.publish("plain", "{}".into()).await.unwrap();
    }
    // Once one of these was taken, all that was published before it has come.
    let mut last = 0;
    while !tapping.has(|seen| seen.taken.iter().any(is_last)) {
        last += 1;
        assert!(LOOK * last < PATIENCE, "the end of the flood never came");
        client.publish("plain", "last".into()).await.unwrap();
        client.flush().await.unwrap();
        tokio::time::sleep(LOOK).await;
    }
    let ended = tapping.end();
    let (least, most) = (FLOOD as u64 + 1, FLOOD as u64 + u64::from(last));
    assert!((least..=most).contains(&ended.counts.offered), "{:?} {most}", ended.counts);
    assert_eq!(ended.seen.taken.len() as u64, ended.counts.offered - ended.counts.dropped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_ends_after_so_many_messages() {
    let nats = nats();
    let client = nats.client().await;
    let options = Options { count_max: Some(3), ..options() };
    let tapping = tapping(&nats.url("plain"), options);
    tapping.until("it is said", |seen| seen.notes.contains(&NO_BACKLOG));
    for number in 0..10 {
        client.publish("plain", numbered(number).into()).await.unwrap();
    }
    client.flush().await.unwrap();
    check_numbered(&tapping.ended().unwrap().seen.taken, 0..3);
    nats.check_clean();
}

#[test]
fn a_broker_that_is_not_there_is_said() {
    let url = format!("nats://me:hunter2@127.0.0.1:{}/a", free_port());
    let refused = unready(&url, options()).ended().err().unwrap().to_string();
    assert!(refused.starts_with("cannot reach the broker at `127.0.0.1:"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}
