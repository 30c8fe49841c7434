//! A dependency changes behind a tap, and the server's pages tell it: what would break, with which
//! version, since which minute, and a fix that applies.

use crate::daemon::Daemon;
use crate::listening::listening;
use crate::sandbox::{Run, run};
use crate::schema;
use plumb_engine::clock::{now_ms, parse_moment};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
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

/// How long a change takes at most until the home page tells it. A tap sends every five seconds and
/// the server looks every two, so that an idle machine needs seven at most.
const TOLD_MS_MAX: i64 = 10_000;

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

/// Complains unless what the tap saw at this moment is told by now.
#[track_caller]
fn is_told_in_time(seen: &Value) {
    let took_ms = now_ms() - parse_moment(seen.as_str().unwrap()).unwrap();
    assert!(took_ms <= TOLD_MS_MAX, "it took {took_ms} ms");
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
    awaited(&server, "/home.json", |home| home["exchanges"] != 0);
    let seams = awaited(&server, "/seams.json", |seams| seams["seams"] != json!([]));
    let operation = seams["data"]["seams"][0]["operation"].as_str().unwrap().replace(' ', "%20");
    let path = format!("/seam.json?writer=orders&reader=web&operation={operation}");
    let seam = awaited(&server, &path, |_| true);
    is_told_in_time(&seam["data"]["first_seen"]);
    let before = awaited(&server, "/home.json", |home| home["holds"] == 1);
    assert_eq!(before["data"]["findings"], 0, "{before}");

    is_upgraded.store(true, Ordering::SeqCst);
    tap.ask();
    let after = awaited(&server, "/home.json", |home| home["broken"] == 1);
    let seam = awaited(&server, &path, |_| true);
    let behaviours = seam["data"]["behaviours"].as_array().unwrap();
    let [old, new] = behaviours.as_slice() else { panic!("{seam}") };
    is_told_in_time(&new["first_seen"]);
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

    assert_eq!((&old["seen"], &new["seen"]), (&ENOUGH.into(), &1.into()), "{seam}");
    assert_eq!((&old["last_seen"], &new["first_seen"]), (&seen["last_good"], &seen["first"]));
    assert_eq!(new["last_seen"], new["first_seen"], "{seam}");
    let shares = old["share"].as_f64().unwrap() + new["share"].as_f64().unwrap();
    assert!((shares - 1.0).abs() < 1e-9, "{seam}");

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

#[test]
fn paths_on_pages_begin_at_the_projects_folder() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    fs::write(folder.join("transition-torn.toml"), "nonsense = 7\n").unwrap();
    let server = Daemon::start(folder, &[]);
    let key = folder.join(".plumb/key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let here = folder.to_str().unwrap();
    let doctor = awaited(&server, "/doctor.json", |_| true).to_string();
    assert!(doctor.contains("can use the key `.plumb/key`"), "{doctor}");
    assert!(doctor.contains("\"chmod 600 .plumb/key\""), "{doctor}");
    assert!(doctor.contains(".plumb opens"), "{doctor}");
    let plans = awaited(&server, "/plans.json", |_| true).to_string();
    assert!(plans.contains("in transition-torn.toml:1:1"), "{plans}");
    let pages = ["/doctor", "/plans"].map(|path| server.ask("GET", path, &[], "").body);
    let report = run(&Run { folder, args: &["report"], variables: &[], stdin: b"" });
    let report = String::from_utf8(report.stdout).unwrap();
    for told in [doctor, plans, report].into_iter().chain(pages) {
        assert!(!told.contains(here), "{told}");
    }
    // For the person who mends it, the command tells where it lies.
    let asked = run(&Run { folder, args: &["doctor"], variables: &[], stdin: b"" });
    assert!(String::from_utf8(asked.stdout).unwrap().contains(here));
}

/// A rollout whose judge is told of jobs.
const ROLLOUT: &str = r#"name = "shop"
control = "1"
canary = "2"

[driver]
kind = "command"
command = ["true"]

[judge]
events = ["jobs.ndjson"]

[[stage]]
share = "10%"
at_least = "1h"

[[stage]]
share = "100%"
"#;

#[test]
fn work_is_told_from_accepted_to_finished() {
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    let server = Daemon::start(folder, &[]);
    let nothing = awaited(&server, "/work.json", |_| true);
    assert_eq!(nothing["data"]["flows"], json!([]));
    let page = server.ask("GET", "/work", &[], "").body;
    assert!(page.contains("No judge of a rollout was told of jobs."), "{page}");
    let step = |flow: &str, job: i64, step: &str| {
        let at = now_ms() - 600_000 + job * 1_000;
        json!({ "at": at, "version": "1", "flow": flow, "job": format!("{flow}{job}"),
            "step": step })
        .to_string()
    };
    let mut lines = Vec::new();
    for (flow, accepted, finished) in [("invoices", 3, 3), ("mails", 10, 7)] {
        lines.extend((0..accepted).map(|job| step(flow, job, "accepted")));
        lines.extend((0..finished).map(|job| step(flow, job, "finished")));
    }
    fs::write(folder.join("jobs.ndjson"), lines.join("\n")).unwrap();
    fs::write(folder.join("rollout.toml"), ROLLOUT).unwrap();
    let path = ("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let args = &["rollout", "run", "--no-wait", "--format", "json"];
    let ran = run(&Run { folder, args, variables: &[path], stdin: b"" });
    assert_eq!(ran.code, 3, "{}", String::from_utf8_lossy(&ran.stderr));
    schema::check("rollout-v1", &String::from_utf8(ran.stdout).unwrap());
    let work = awaited(&server, "/work.json", |work| work["flows"] != json!([]));
    let flow = |flow: &str, accepted: u64, finished: u64| {
        json!({ "flow": flow, "rollout": "shop", "control": "1", "canary": "2",
            "phase": "walking", "accepted": accepted, "finished": finished,
            "unfinished": accepted - finished })
    };
    let flows = json!([flow("mails", 10, 7), flow("invoices", 3, 3)]);
    assert_eq!(work["data"]["flows"], flows, "{work}");
    schema::check("view-v1", &work.to_string());
    let page = server.ask("GET", "/work", &[], "").body;
    assert!(page.contains("Jobs by flow") && page.contains("invoices"), "{page}");
    assert!(page.contains("No broker was looked at."), "{page}");
    let args = &["rollout", "status"];
    let told = run(&Run { folder, args, variables: &[], stdin: b"" });
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("  work     `mails`: 7 of 10 jobs finished\n"), "{told}");
}
