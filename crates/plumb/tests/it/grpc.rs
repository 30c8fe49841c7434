//! The tap between a real caller and a real provider of gRPC: with a schema its messages are
//! documents, without one they pass all the same.

use crate::sandbox::{Run, root, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const SOURCE: &str = "
syntax = \"proto3\";
package shop;
service Orders {
  rpc Get(Key) returns (Order);
  rpc Watch(Key) returns (stream Order);
}
message Key { int64 id = 1; }
message Order { int64 id = 1; string note = 2; }
";

/// A process that is killed if a test ends before it does.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // What has ended already cannot be ended again.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn python(arguments: &[&str]) -> Command {
    let python = root().join("target/python/bin/python");
    assert!(python.exists(), "no {}; run `cargo xtask servers`", python.display());
    let mut command = Command::new(python);
    command.arg(root().join("crates/plumb/tests/it/orders.py")).args(arguments);
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the provider; gives its address.
fn provider() -> (Process, String) {
    let mut child = python(&["serve"]).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    (Process(child), format!("http://127.0.0.1:{}", port.trim()))
}

/// What came of the calls through a tap that was given these: its answer, what it said, and what
/// was observed.
fn tapped(options: &[&str]) -> (Value, String, String) {
    let folder: TempDir = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.proto"), SOURCE).unwrap();
    let (_provider, upstream) = provider();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
        .args(["observe", "proxy", &upstream, "--protocol", "http2", "--listen", "127.0.0.1:0"])
        .args(["--writer", "orders", "--format", "json"])
        .args(options)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stderr, mut stdout) =
        (BufReader::new(child.stderr.take().unwrap()), child.stdout.take().unwrap());
    let mut tap = Process(child);
    let mut said = String::new();
    let address: SocketAddr = loop {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        let line = said.lines().last().unwrap();
        if let Some(address) = line.strip_prefix("listening ") {
            break address.split(' ').next().unwrap().parse().unwrap();
        }
    };
    let called = python(&["call", &address.to_string()]).output().unwrap();
    assert!(called.status.success(), "{}", String::from_utf8_lossy(&called.stderr));
    let process = tap.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let mut told = String::new();
    stdout.read_to_string(&mut told).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(tap.0.wait().unwrap().code(), Some(0), "{said}");
    let args = &["evidence", "show"];
    let ran = run(&Run { folder: folder.path(), args, variables: &[], stdin: b"" });
    (serde_json::from_str(&told).unwrap(), said, String::from_utf8(ran.stdout).unwrap())
}

/// The calls of one method that is not described, and all documents of the others.
fn check(options: &[&str]) {
    let (told, said, shown) = tapped(options);
    assert_eq!(told["written"], 7, "{told} {said}");
    assert_eq!(told["calls_without_schema"], 1, "{told} {said}");
    for place in ["POST /shop.Orders/Get", "response $.note", "response $[].id", "request $.id"] {
        assert!(shown.contains(place), "{place}: {shown}");
    }
}

#[test]
fn a_schema_in_a_file_reads_calls() {
    check(&["--grpc-schema", "shop.proto"]);
}

#[test]
fn a_provider_is_asked_for_its_schema() {
    check(&["--grpc-reflection"]);
}

#[test]
fn without_a_schema_calls_are_counted() {
    let (told, _, shown) = tapped(&[]);
    assert_eq!((&told["written"], &told["calls_without_schema"]), (&7.into(), &7.into()), "{told}");
    assert!(!shown.contains("$.note"), "{shown}");
}
