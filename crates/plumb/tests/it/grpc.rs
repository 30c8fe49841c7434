//! The tap between a real caller and a real provider of gRPC: with a schema its messages are
//! documents, without one they pass all the same. And a mock made of what was seen, asked by that
//! caller.

use crate::daemon::Daemon;
use crate::listening::listening;
use crate::sandbox::{Run, root, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const SOURCE: &str = "
syntax = \"proto3\";
package shop;
service Orders {
  rpc Get(Key) returns (Order);
  rpc Watch(Key) returns (stream Order);
  rpc Find(Key) returns (Order);
  rpc Never(Key) returns (Order);
}
message Key { int64 id = 1; }
message Order { int64 id = 1; string note = 2; State state = 3; }
enum State { OPEN = 0; PAID = 1; SENT = 2; }
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

/// What came of calls through a tap that was given these: its answer, what it said, and where it
/// left what was observed.
fn tapped_into(calls: &str, options: &[&str]) -> (Value, String, TempDir) {
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
    let (address, mut said) = listening(&mut stderr);
    let called = python(&[calls, &address.to_string()]).output().unwrap();
    assert!(called.status.success(), "{}", String::from_utf8_lossy(&called.stderr));
    let process = tap.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let mut told = String::new();
    stdout.read_to_string(&mut told).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(tap.0.wait().unwrap().code(), Some(0), "{said}");
    (serde_json::from_str(&told).unwrap(), said, folder)
}

/// The same, with what was observed.
fn tapped(options: &[&str]) -> (Value, String, String) {
    let (told, said, folder) = tapped_into("call", options);
    (told, said, ran(&folder, &["evidence", "show"]))
}

fn ran(folder: &TempDir, args: &[&str]) -> String {
    let ran = run(&Run { folder: folder.path(), args, variables: &[], stdin: b"" });
    String::from_utf8(ran.stdout).unwrap()
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

/// What a caller is answered by a mock of what was seen, that is given these; a line for each word.
fn asked(options: &[&str], words: &[&str]) -> String {
    let (.., folder) = tapped_into("find", &["--grpc-schema", "shop.proto"]);
    let mock = Daemon::start_as("mock", folder.path(), options);
    let address = mock.address.to_string();
    let arguments = [&["ask", address.as_str()], words].concat();
    let came = python(&arguments).output().unwrap();
    assert!(came.status.success(), "{}", String::from_utf8_lossy(&came.stderr));
    String::from_utf8(came.stdout).unwrap()
}

const BY_SCHEMA: &[&str] = &["--grpc-schema", "shop.proto"];

#[test]
fn a_mock_answers_calls_as_they_were_seen() {
    let came = asked(BY_SCHEMA, &["Find", "Find=NOT_FOUND", "Find=14", "Find=OK", "Watch"]);
    let lines: Vec<&str> = came.lines().collect();
    // The document of the answer: the id, and the very word of the state that was seen.
    assert_eq!(lines[0], "Find 08011801");
    assert!(lines[1].starts_with("Find=NOT_FOUND ('NOT_FOUND', "), "{came}");
    assert!(lines[2].starts_with("Find=14 ('UNAVAILABLE', "), "{came}");
    assert_eq!(lines[3], "Find=OK 08011801");
    assert!(lines[4].starts_with("Watch ['0801"), "{came}");
}

#[test]
fn outcomes_of_calls_come_in_the_proportions_seen() {
    // Seen of like requests: an empty message met one outcome, others two.
    let came = asked(BY_SCHEMA, &["Find"; 12]);
    let count = |what: &str| came.lines().filter(|line| line.contains(what)).count();
    assert_eq!((count("08011801"), count("NOT_FOUND"), count("UNAVAILABLE")), (8, 4, 0), "{came}");
}

#[test]
fn what_was_never_seen_of_calls_is_unimplemented() {
    let came = asked(BY_SCHEMA, &["Never", "Find=ABORTED", "Drop"]);
    assert_eq!(came.matches("UNIMPLEMENTED").count(), 3, "{came}");
    assert!(came.contains("was never seen with POST /shop.Orders/Never"), "{came}");
    assert!(came.contains("the schema has no method `/shop.Orders/Drop`"), "{came}");
    let came = asked(&[], &["Find"]);
    assert!(came.contains("answered by its schema: `--grpc-schema FILE`"), "{came}");
}

/// The words of a command that takes its provider's address from `ORDERS`.
fn command(what: &str, words: &[&str]) -> Vec<String> {
    let command = python(&[&[what, "ORDERS"], words].concat());
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_str().unwrap().to_owned()).collect()
}

/// What tests of a caller meet today that are told of its provider, and what is told of them.
fn met(options: &[&str], words: &[&str]) -> (String, Value) {
    let (.., folder) = tapped_into("find", BY_SCHEMA);
    let tests = command("meet", words);
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    let today = ["run", "--against", "today", "--at", "ORDERS=orders", "--answer", "met.json"];
    let args = [&today, options, &["--"], &tests].concat();
    let met = ran(&folder, &args);
    let told = fs::read_to_string(folder.path().join("met.json")).unwrap();
    (met, serde_json::from_str(&told).unwrap())
}

#[test]
fn tests_meet_calls_as_they_are_today() {
    let (met, told) = met(BY_SCHEMA, &["Find=OK", "Find=NOT_FOUND", "Never"]);
    let lines: Vec<&str> = met.lines().collect();
    assert_eq!(lines[0], "Find=OK 08011801", "{met} {told}");
    assert!(lines[1].contains("NOT_FOUND") && lines[2].contains("UNIMPLEMENTED"), "{met}");
    let answered = told["answered"].as_array().unwrap();
    assert_eq!(answered.len(), 2, "{told}");
    assert!(answered.iter().all(|one| one["dependency"] == "orders"), "{told}");
    assert_eq!(told["unanswered"].as_array().unwrap().len(), 1, "{told}");
}

#[test]
fn tests_meet_the_outcome_that_is_asked_for() {
    let options = [BY_SCHEMA, &["--only", "NOT_FOUND"]].concat();
    assert!(met(&options, &["Find"]).0.contains("NOT_FOUND"));
}

#[test]
fn what_a_caller_does_not_take_is_learned() {
    let (.., folder) = tapped_into("find", BY_SCHEMA);
    let tests = command("test", &[]);
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    let probe = ["probe", "--at", "ORDERS=orders", "--format", "json"];
    let told = ran(&folder, &[&probe, BY_SCHEMA, &["--"], &tests].concat());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["left"], &told["flaky"]), (&0.into(), &Value::Array(Vec::new())), "{told}");
    let of = |which: &str| -> Vec<String> {
        let each = told[which].as_array().unwrap().iter();
        let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        each.map(|it| [word(it, "change"), word(it, "operation"), word(it, "place")].join(" "))
            .collect()
    };
    assert_eq!(
        of("not_taken"),
        [
            "missing POST /shop.Orders/Find response 200 $.state",
            "new-value POST /shop.Orders/Find response 200 $.state",
            "too-many-requests POST /shop.Orders/Find response 200 $",
            "truncated POST /shop.Orders/Find response 200 $",
        ]
    );
    let taken = of("taken");
    for place in ["missing POST /shop.Orders/Find response 200 $.id", "slow POST /shop.Orders/Find"]
    {
        assert!(taken.iter().any(|one| one.starts_with(place)), "{place}: {told}");
    }
    assert!(taken.iter().any(|one| one.contains("/shop.Orders/Watch")), "{told}");
}

#[test]
fn calls_are_answered_by_option_and_script() {
    let only = [BY_SCHEMA, &["--only", "UNAVAILABLE"]].concat();
    assert!(asked(&only, &["Find"]).contains("UNAVAILABLE"));
    let (.., folder) = tapped_into("find", BY_SCHEMA);
    let listed = ran(&folder, &["mock", "--list"]);
    assert!(listed.contains("NOT_FOUND") && listed.contains("UNAVAILABLE"), "{listed}");
    fs::write(folder.path().join("script"), "POST /shop.Orders/Find NOT_FOUND\n").unwrap();
    let options = [BY_SCHEMA, &["--script", "script"]].concat();
    let mock = Daemon::start_as("mock", folder.path(), &options);
    let came = python(&["ask", &mock.address.to_string(), "Find", "Find"]).output().unwrap();
    let came = String::from_utf8(came.stdout).unwrap();
    let (first, second) = came.split_once('\n').unwrap();
    assert!(first.contains("NOT_FOUND") && second.contains("08011801"), "{came}");
}
