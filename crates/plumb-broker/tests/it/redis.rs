//! Redis streams.

use crate::server::{Server, until};
use crate::tapping::{check_numbered, numbered, options, tapping};
use plumb_broker::note::{BROKE, TAPPING};
use plumb_broker::options::{Options, Start};
use plumb_broker::taken::{Payload, Taken};
use redis::streams::{StreamInfoGroupsReply, StreamReadReply};
use redis::{Commands as _, Connection, FromRedisValue as _, cmd};
use std::process::Command;

/// Entries of one test: several answers to the tap.
const COUNT: usize = 1_000;

fn redis() -> Server {
    Server::start(|port, folder| {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--appendonly", "yes"]);
        command.args(["--appendfsync", "always", "--save", "", "--dir"]).arg(folder);
        command
    })
}

fn url(server: &Server, rest: &str) -> String {
    format!("redis://127.0.0.1:{}/0{rest}", server.port)
}

/// A connection that is answered; a broker that just started may still be reading its files.
fn connection(server: &Server) -> Connection {
    let client = redis::Client::open(url(server, "")).unwrap();
    let mut connected = None;
    until("it answers", || {
        connected = client.get_connection().ok();
        connected.as_mut().is_some_and(|it| cmd("PING").exec(it).is_ok())
    });
    connected.unwrap()
}

fn publish(connection: &mut Connection, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let fields = [("payload", numbered(number)), ("type", "created".to_owned())];
        let _: String = connection.xadd("orders", "*", &fields).unwrap();
    }
}

fn make_group(connection: &mut Connection) {
    let mut made = cmd("XGROUP");
    made.arg(&["CREATE", "orders", "billing", "0", "MKSTREAM"]);
    made.exec(connection).unwrap();
}

/// Takes so many entries as a real consumer does, and acknowledges each.
fn consume(connection: &mut Connection, count: usize) -> Vec<String> {
    let mut consumed = Vec::new();
    while consumed.len() < count {
        let mut read = cmd("XREADGROUP");
        read.arg(&["GROUP", "billing", "one", "COUNT", "10", "BLOCK", "100"]);
        read.arg(&["STREAMS", "orders", ">"]);
        let read: Option<StreamReadReply> = read.query(connection).unwrap();
        for entry in read.into_iter().flat_map(|read| read.keys).flat_map(|key| key.ids) {
            consumed.push(String::from_redis_value(entry.map["payload"].clone()).unwrap());
            let _: u64 = connection.xack("orders", "billing", &[entry.id]).unwrap();
        }
    }
    consumed
}

/// The stream is as its producer and its consumer left it, and no connection is a tap's.
#[track_caller]
fn check_clean(connection: &mut Connection, length: usize) {
    let groups: StreamInfoGroupsReply = connection.xinfo_groups("orders").unwrap();
    let groups: Vec<_> =
        groups.groups.iter().map(|it| (it.name.as_str(), it.consumers, it.pending)).collect();
    assert_eq!(groups, [("billing", 1, 0)]);
    assert_eq!(connection.xlen::<_, usize>("orders").unwrap(), length);
    assert_eq!(cmd("DBSIZE").query::<usize>(connection).unwrap(), 1);
    until("the tap's connections are gone", || {
        let clients: String = cmd("CLIENT").arg("LIST").query(connection).unwrap();
        !clients.lines().any(|client| client.contains("cmd=xread ") || client.contains("cmd=xinfo"))
    });
}

/// The payloads of entries, without the objects around them.
fn payloads(taken: &[Taken]) -> Vec<Taken> {
    let inner = |taken: &Taken| match &taken.payload {
        Payload::Bytes(bytes) => {
            let entry: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            assert_eq!(entry["type"], "created");
            let payload = serde_json::to_vec(&entry["payload"]).unwrap();
            Taken { payload: Payload::Bytes(payload.into()), ..taken.clone() }
        }
        other => panic!("{other:?}"),
    };
    taken.iter().map(inner).collect()
}

#[test]
fn a_stream_is_read_beside_its_group() {
    let server = redis();
    let mut producer = connection(&server);
    make_group(&mut producer);
    let tapping = tapping(&url(&server, "?stream=orders"), options());
    let mut consumer = connection(&server);
    let consumed = std::thread::scope(|scope| {
        scope.spawn(|| publish(&mut producer, 0..COUNT));
        consume(&mut consumer, COUNT)
    });
    tapping.until_taken(COUNT);
    let ended = tapping.end();
    check_numbered(&payloads(&ended.seen.taken), 0..COUNT);
    assert_eq!(consumed, (0..COUNT).map(numbered).collect::<Vec<_>>());
    assert!(ended.seen.taken.iter().all(|taken| taken.published_ms.is_some()));
    check_clean(&mut producer, COUNT);
}

#[test]
fn a_named_field_is_the_payload() {
    let server = redis();
    let mut producer = connection(&server);
    publish(&mut producer, 0..20);
    let options = Options { start: Start::Oldest, count_max: Some(20), ..options() };
    let ended = tapping(&url(&server, "?stream=orders&field=payload"), options).ended().unwrap();
    check_numbered(&ended.seen.taken, 0..20);
    let header = ("type".to_owned(), "created".to_owned());
    assert_eq!(ended.seen.taken[0].headers, [header]);
}

#[test]
fn a_stream_that_is_not_there_is_not_made() {
    let server = redis();
    let mut producer = connection(&server);
    let tapping = tapping(&url(&server, "?stream=orders"), options());
    assert_eq!(cmd("DBSIZE").query::<usize>(&mut producer).unwrap(), 0);
    publish(&mut producer, 0..5);
    tapping.until_taken(5);
    check_numbered(&payloads(&tapping.end().seen.taken), 0..5);
}

#[test]
fn backlogs_of_groups_are_told() {
    let server = redis();
    let mut producer = connection(&server);
    make_group(&mut producer);
    publish(&mut producer, 0..100);
    consume(&mut connection(&server), 40);
    let tapping = tapping(&url(&server, "?stream=orders"), options());
    tapping.until("a backlog", |seen| !seen.backlogs.is_empty());
    let ended = tapping.end();
    let backlog = &ended.seen.backlogs[0];
    assert_eq!((&*backlog.destination, &*backlog.consumer), ("orders", "billing"));
    assert_eq!((backlog.lag, backlog.unacknowledged), (Some(60), Some(0)));
    assert!(backlog.oldest_age_ms.unwrap() < 60_000, "{backlog:?}");
}

#[test]
fn a_broker_that_was_killed_is_tapped_again_and_nothing_is_missed() {
    let mut server = redis();
    let mut producer = connection(&server);
    let tapping = tapping(&url(&server, "?stream=orders"), options());
    publish(&mut producer, 0..10);
    tapping.until_taken(10);
    server.kill();
    tapping.until("the break", |seen| seen.notes.contains(&BROKE));
    server.restart();
    // What is published before the tap is back is read from where it was.
    publish(&mut connection(&server), 10..20);
    tapping.until_taken(20);
    let ended = tapping.end();
    check_numbered(&payloads(&ended.seen.taken), 0..20);
    assert_eq!(ended.seen.notes.iter().filter(|note| **note == TAPPING).count(), 2);
}
