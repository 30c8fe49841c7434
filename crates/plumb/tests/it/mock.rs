//! The mock as a process of its own, asked over real connections.

use crate::daemon::Daemon;
use crate::sandbox::{Run, root, run};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A shop that has looked at its orders.
fn looked_at() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let traffic = root().join("examples/shop-python/traffic.ndjson");
    let args = ["observe", "file", traffic.to_str().unwrap(), "-q"];
    let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    folder
}

fn mock(folder: &Path, options: &[&str]) -> Daemon {
    Daemon::start_as("mock", folder, options)
}

#[test]
fn answers_come_in_the_proportions_seen_and_as_asked_for() {
    let folder = looked_at();
    let mock = mock(folder.path(), &[]);
    let asked = |lines: &[&str]| mock.ask("GET", "/orders/7", lines, "");
    let answers: Vec<_> = (0..48).map(|_| asked(&[])).collect();
    let count = |text: &str| answers.iter().filter(|answer| answer.body == text).count();
    assert_eq!(answers.iter().filter(|answer| answer.status == 404).count(), 4);
    assert_eq!(count("{\"customer\":{\"name\":null},\"id\":1,\"total\":\"1\"}"), 12);
    assert_eq!(count("{\"customer\":{\"name\":\"text\"},\"id\":1,\"total\":\"1\"}"), 32);
    let wanted = asked(&["x-plumb-answer: 404"]);
    assert_eq!((wanted.status, wanted.body.as_str()), (404, "{\"error\":{\"code\":\"text\"}}"));
    assert!(wanted.head.contains("content-type: application/json"), "{}", wanted.head);
    assert!(wanted.head.contains("x-plumb-seen: 4 of 48"), "{}", wanted.head);
}

#[test]
fn what_was_never_seen_is_told_and_not_invented() {
    let folder = looked_at();
    let mock = mock(folder.path(), &[]);
    let unseen = mock.ask("GET", "/refunds/7", &[], "");
    assert_eq!(unseen.status, 501);
    assert_eq!(unseen.body, "`orders.internal` was never seen with GET /refunds/{}\n");
    let teapot = mock.ask("GET", "/orders/7", &["x-plumb-answer: 418"], "");
    assert_eq!(teapot.status, 501);
}

#[test]
fn a_script_comes_first() {
    let folder = looked_at();
    fs::write(folder.path().join("script"), "GET /orders/{} 404\nGET /orders/{} 404\n").unwrap();
    let mock = mock(folder.path(), &["--script", "script"]);
    let status = |_| mock.ask("GET", "/orders/7", &[], "").status;
    assert_eq!((0..3).map(status).collect::<Vec<_>>(), [404, 404, 200]);
}

#[test]
fn answers_take_as_long_as_they_were_seen_to() {
    let folder = tempfile::tempdir().unwrap();
    let line = |status: u16, took: &str| {
        format!(
            "{{\"v\":1,\"host\":\"orders\",\"method\":\"GET\",\"path\":\"/orders/7\",\
             \"status\":{status},\"latency_ms\":{took}}}\n"
        )
    };
    let lines = [line(200, "0.25"), line(200, "0.25"), line(200, "2"), line(404, "4")].concat();
    fs::write(folder.path().join("seen.ndjson"), lines).unwrap();
    let args = ["observe", "file", "seen.ndjson", "-q"];
    let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    let paced = mock(folder.path(), &["--latency", "observed", "--only", "200"]);
    let took = |_| paced.ask("GET", "/orders/9", &[], "").head;
    let heads: Vec<String> = (0..9).map(took).collect();
    let count = |told: &str| heads.iter().filter(|head| head.contains(told)).count();
    assert_eq!((count("x-plumb-took: 0.240 ms"), count("x-plumb-took: 1.920 ms")), (6, 3));
    let other = paced.ask("GET", "/orders/9", &["x-plumb-answer: 404"], "").head;
    assert!(other.contains("x-plumb-took: 3.840 ms"), "{other}");
    let plain = mock(folder.path(), &[]);
    assert!(!plain.ask("GET", "/orders/9", &[], "").head.contains("x-plumb-took"));
}

/// The preface and an empty SETTINGS frame of HTTP/2 are answered with the server's own settings.
#[test]
fn http_2_is_spoken_in_the_clear() {
    use std::io::{Read as _, Write as _};
    let folder = looked_at();
    let mock = mock(folder.path(), &[]);
    let mut stream = std::net::TcpStream::connect(mock.address).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4, "{frame:?}");
}

#[test]
fn variables_tell_of_mocks_only() {
    let folder = looked_at();
    let told = |args: &[&str]| {
        let ran = run(&Run { folder: folder.path(), args, variables: &[], stdin: b"" });
        (ran.code, String::from_utf8(ran.stderr).unwrap())
    };
    let idle = ["run", "--at", "ORDERS=orders.internal", "--", "/bin/true"];
    let (code, said) = told(&idle);
    assert!(code == 2 && said.contains("nothing is mocked here"), "{code} {said}");
    let today = [&["run", "--against", "today"], &idle[1..]].concat();
    assert_eq!(told(&today).0, 0);
}

#[test]
fn a_file_of_mocks_answers_as_its_tool_would() {
    let folder = tempfile::tempdir().unwrap();
    let stubs = r#"{"mappings": [
      {"request": {"method": "GET", "urlPath": "/orders/7"},
       "response": {"status": 200, "headers": {"ETag": "\"7\""}, "jsonBody": {"id": 7, "n": 1.50}}},
      {"request": {"method": "GET", "urlPath": "/find", "headers": {"X-Shop": {"equalTo": "a 1"}}},
       "response": {"status": 200, "body": "found"}}]}"#;
    fs::write(folder.path().join("stubs.json"), stubs).unwrap();
    let mock = mock(folder.path(), &["orders", "--import", "stubs.json"]);
    let order = mock.ask("GET", "/orders/7", &[], "");
    assert_eq!((order.status, order.body.as_str()), (200, "{\"id\":7,\"n\":1.50}"));
    assert!(order.head.contains("etag: \"7\""), "{}", order.head);
    assert!(order.head.contains("x-plumb-said: stubs.json:2"), "{}", order.head);
    assert_eq!(mock.ask("GET", "/find", &["x-shop: a 1"], "").body, "found");
    let other = mock.ask("GET", "/find", &["x-shop: b 2"], "");
    assert_eq!(other.status, 501);
    let told = "nothing is said of what `orders` answers to GET /find like this\n";
    assert_eq!(other.body, told);
}
