//! A dependency changes behind a tap, and the server's pages tell it: what would break, with which
//! version, since which minute, and a fix that applies.

use crate::daemon::Daemon;
use crate::listening::listening;
use crate::sandbox::{Run, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A stub that was true once.
const STUB: &str = r#"{
  "request": { "method": "GET", "urlPath": "/orders/17" },
  "response": {
    "status": 200,
    "headers": { "content-type": "application/json" },
    "jsonBody": { "id": 17, "price": 1250 }
  }
}
"#;

/// Exchanges after which what is said may hold.
const ENOUGH: usize = 40;

/// How often to look, and how many times at most: far longer than it takes.
const LOOK: Duration = Duration::from_millis(200);
const LOOKS_MAX: usize = 300;

/// A provider of one order, which is upgraded while it runs.
fn provider(is_upgraded: Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
                line.clear();
            }
            let (version, body) = match is_upgraded.load(Ordering::SeqCst) {
                false => ("3.1", r#"{"id":17,"price":1250}"#),
                true => ("3.2", r#"{"id":17,"price":"12.50"}"#),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-version: {version}\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            // Who has gone needs no answer.
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

/// A tap in front of it that sends to the server.
struct Tap {
    child: Child,
    address: SocketAddr,
}

impl Tap {
    fn start(folder: &Path, upstream: SocketAddr, server: &str) -> Self {
        let upstream = format!("http://{upstream}");
        let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
            .args(["observe", "proxy", &upstream, "--listen", "127.0.0.1:0"])
            .args(["--writer", "orders", "--reader", "web", "--version-header", "x-version"])
            .args(["--server", server])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (address, _) = listening(&mut stderr);
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self { child, address }
    }

    fn ask(&self) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = "GET /orders/17 HTTP/1.1\r\nhost: orders.test\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A view's data once it is as wanted.
fn awaited(server: &Daemon, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let mut last = String::new();
    for _ in 0..LOOKS_MAX {
        let answer = server.ask("GET", path, &[], "");
        last = answer.body;
        if answer.status == 200 {
            let document: Value = serde_json::from_str(&last).unwrap();
            if is_wanted(&document["data"]) {
                return document;
            }
        }
        thread::sleep(LOOK);
    }
    panic!("{path} stays {last}");
}

#[test]
fn a_dependency_changes_and_the_pages_tell_it() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    fs::create_dir(folder.join("mappings")).unwrap();
    fs::write(folder.join("mappings/order.json"), STUB).unwrap();
    fs::write(folder.join("plumb.toml"), "[[dependency]]\nname = \"orders\"\nowner = \"shop\"\n")
        .unwrap();
    let server = Daemon::start(folder, &[]);
    let is_upgraded = Arc::new(AtomicBool::new(false));
    let elsewhere = tempfile::tempdir().unwrap();
    let tap = Tap::start(elsewhere.path(), provider(Arc::clone(&is_upgraded)), &server.url());

    for _ in 0..ENOUGH {
        tap.ask();
    }
    let before = awaited(&server, "/home.json", |home| home["holds"] == 1);
    assert_eq!(before["data"]["findings"], 0, "{before}");

    is_upgraded.store(true, Ordering::SeqCst);
    tap.ask();
    let after = awaited(&server, "/home.json", |home| home["broken"] == 1);
    let worst = &after["data"]["worst"][0];
    assert_eq!((&worst["owner"], &worst["since_version"]), (&"shop".into(), &"3.2".into()));

    let key = worst["key"].as_str().unwrap();
    let query = key.replace(' ', "%20");
    let finding = awaited(&server, &format!("/finding.json?key={query}"), |_| true);
    let seen = &finding["data"]["finding"]["seen"];
    assert_eq!(seen["since_version"], "3.2", "{finding}");
    let [good, bad] = ["last_good", "first"].map(|name| seen[name].as_str().unwrap().to_owned());
    let (from, to) = (before["as_of"].as_str().unwrap(), after["as_of"].as_str().unwrap());
    assert!(good.as_str() <= from && from <= bad.as_str() && bad.as_str() <= to, "{finding}");
    let page = server.ask("GET", &format!("/finding?key={query}"), &[], "");
    assert!(page.body.contains("← here") && page.body.contains("3.2"), "{}", page.body);

    let mending = awaited(&server, &format!("/mending.json?key={query}"), |_| true);
    let diff = mending["data"]["diff"].as_str().unwrap();
    let fix = run(&Run { folder, args: &["fix", key], variables: &[], stdin: b"" });
    assert_eq!(String::from_utf8_lossy(&fix.stdout), diff, "the command says another fix");
    fs::write(folder.join("fix.diff"), diff).unwrap();
    let applied = Command::new("git").args(["apply", "fix.diff"]).current_dir(folder).output();
    let applied = applied.unwrap();
    assert!(applied.status.success(), "{}\n{diff}", String::from_utf8_lossy(&applied.stderr));
    let gap = run(&Run { folder, args: &["gap"], variables: &[], stdin: b"" });
    assert_eq!(gap.code, 0, "{}", String::from_utf8_lossy(&gap.stdout));

    for _ in 0..ENOUGH {
        tap.ask();
    }
    awaited(&server, "/home.json", |home| home["holds"] == 1);
    let report = run(&Run { folder, args: &["report"], variables: &[], stdin: b"" });
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(report.contains("The only assumption holds."), "{report}");
    assert!(!report.contains("<script"));
}
