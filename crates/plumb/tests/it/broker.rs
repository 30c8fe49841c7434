//! The tap of a broker as a process of its own, beside real brokers: what it takes is observed, how
//! far consumers are behind is kept, and no password is shown.

use crate::sandbox::{Ran, Run, run};
use crate::schema;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long to wait between two looks, and how often to look: a minute.
const LOOK: Duration = Duration::from_millis(10);
const LOOKS_MAX: usize = 6_000;

/// A broker that runs, and ends with the test.
pub(crate) struct Broker {
    child: Child,
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Broker {
    fn start(program: &str, arguments: impl FnOnce(&str, &Path) -> Vec<String>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(arguments(&port.to_string(), folder.path())).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("`cargo xtask servers` installs it");
        let broker = Self { child, port, _folder: folder };
        for _ in 0..LOOKS_MAX {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return broker;
            }
            std::thread::sleep(LOOK);
        }
        panic!("{program} does not listen");
    }

    fn nats() -> Self {
        Self::start("nats-server", |port, _| words(&["-a", "127.0.0.1", "-p", port]))
    }

    pub(crate) fn redis() -> Self {
        Self::start("redis-server", |port, folder| {
            let folder = folder.to_str().unwrap();
            words(&["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder])
        })
    }

    /// Says something to it, and waits for an answer that ends like this.
    fn say(&self, text: &[u8], end: &str) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.write_all(text).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(end.as_bytes()) {
            assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&answer));
            answer.push(byte[0]);
        }
    }

    /// Publishes on subjects of NATS.
    fn publish<'p>(&self, messages: impl IntoIterator<Item = (String, &'p [u8])>) {
        let mut text = b"CONNECT {\"verbose\":false}\r\n".to_vec();
        for (subject, payload) in messages {
            text.extend(format!("PUB {subject} {}\r\n", payload.len()).into_bytes());
            text.extend([payload, b"\r\n"].concat());
        }
        text.extend(b"PING\r\n");
        self.say(&text, "PONG\r\n");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A tap that runs.
struct Tap {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Tap {
    /// Starts one, and waits until it takes every message.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
            .args(["observe", "broker", "--format", "json"])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("tapping ") {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended before it tapped");
        }
        Self { child, stderr }
    }

    /// Waits until it ends; what it answered.
    fn ended(mut self) -> Value {
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        let text = String::from_utf8(output.stdout).unwrap();
        schema::check("broker-v1", &text);
        serde_json::from_str(&text).unwrap()
    }

    /// Tells it to end, and waits.
    fn end(self) -> Value {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        self.ended()
    }
}

fn plumb(folder: &Path, args: &[&str]) -> (Ran, String) {
    let ran = run(&Run { folder, args, variables: &[], stdin: b"" });
    let text = String::from_utf8([ran.stdout.as_slice(), &ran.stderr].concat()).unwrap();
    (ran, text)
}

#[test]
fn messages_are_observed() {
    let (broker, folder) = (Broker::nats(), tempfile::tempdir().unwrap());
    let url = format!("nats://127.0.0.1:{}/orders.>", broker.port);
    let tap = Tap::start(folder.path(), &[&url, "--count", "50", "--writer", "shop"]);
    let payload = br#"{"state":"open","total":null}"#.as_slice();
    broker.publish((1_000..1_050).map(|number| (format!("orders.{number}.created"), payload)));
    let told = tap.ended();
    assert_eq!((&told["written"], &told["dropped"]), (&50.into(), &0.into()), "{told}");
    let (_, shown) = plumb(folder.path(), &["evidence", "show"]);
    assert!(shown.contains("shop  MESSAGE /orders/{}/created"), "{shown}");
    assert!(shown.contains("message  50 exchanges"), "{shown}");
    assert!(shown.contains("response $.total"), "{shown}");
}

#[test]
fn backlogs_are_kept_beside_the_evidence() {
    let (broker, folder) = (Broker::redis(), tempfile::tempdir().unwrap());
    let mut orders = "XGROUP CREATE orders billing 0 MKSTREAM\r\n".to_owned();
    orders += &"XADD orders * payload {}\r\n".repeat(7);
    broker.say(format!("{orders}PING\r\n").as_bytes(), "PONG\r\n");
    let url = format!("redis://127.0.0.1:{}/0?stream=orders", broker.port);
    let arguments = [&*url, "--from", "start", "--for", "2s", "--env", "live"];
    let told = Tap::start(folder.path(), &arguments).ended();
    assert_eq!(told["written"], 7, "{told}");
    let (ran, _) = plumb(folder.path(), &["evidence", "ls", "--format", "json"]);
    let listed = String::from_utf8(ran.stdout).unwrap();
    schema::check("sources-v1", &listed);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let backlog = &listed["backlogs"][0];
    assert_eq!(
        (&backlog["consumer"], &backlog["lag"]),
        (&"billing".into(), &7.into()),
        "{backlog}"
    );
    assert_eq!(backlog["environment"], "live");
    let (_, shown) = plumb(folder.path(), &["evidence", "ls"]);
    assert!(shown.contains("DESTINATION") && shown.contains("billing"), "{shown}");
}

#[test]
fn payloads_are_read_with_their_schema() {
    let (broker, folder) = (Broker::nats(), tempfile::tempdir().unwrap());
    let avro = r#"{"type":"record","name":"A","fields":[{"name":"id","type":"long"}]}"#;
    fs::write(folder.path().join("a.avsc"), avro).unwrap();
    let url = format!("nats://127.0.0.1:{}/avro", broker.port);
    let tap = Tap::start(folder.path(), &[&url, "--schema", "a.avsc"]);
    let payloads: [&[u8]; 3] = [&[2], &[4], b"no such data"];
    broker.publish(payloads.map(|payload| ("avro".to_owned(), payload)));
    let told = tap.end();
    assert_eq!(told["written"], 3, "{told}");
    assert_eq!(told["withheld"][0]["messages"], 1, "{told}");
    let (_, shown) = plumb(folder.path(), &["evidence", "show"]);
    assert!(shown.contains("response $.id"), "{shown}");
}

#[test]
fn protobuf_is_read_with_its_source() {
    let (broker, folder) = (Broker::nats(), tempfile::tempdir().unwrap());
    let source = "syntax = \"proto3\"; package shop; message Order { string note = 1; }";
    fs::write(folder.path().join("order.proto"), source).unwrap();
    let url = format!("nats://127.0.0.1:{}/orders", broker.port);
    let arguments = [&*url, "--schema", "order.proto", "--message", "shop.Order", "--count", "1"];
    let tap = Tap::start(folder.path(), &arguments);
    broker.publish([("orders".to_owned(), [0x0a, 2, b'h', b'i'].as_slice())]);
    assert_eq!(tap.ended()["withheld"], Value::Array(Vec::new()));
    let (_, shown) = plumb(folder.path(), &["evidence", "show"]);
    assert!(shown.contains("response $.note"), "{shown}");
}

#[test]
fn passwords_come_from_a_file_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let url = "redis://me:hunter2@127.0.0.1:1/0?stream=a";
    fs::write(folder.path().join("url"), format!("{url}\n")).unwrap();
    for (arguments, code) in [(["observe", "broker", url, "-v"], 2), (FILE, 4)] {
        let (ran, told) = plumb(folder.path(), &arguments);
        assert_eq!(ran.code, code, "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

const FILE: [&str; 4] = ["observe", "broker", "--url-file", "url"];
