//! The daemon's doors: who gets in, what is told inside, and what goes out by itself.

use crate::daemon::Daemon;
use crate::sandbox::{Ran, Run, root, run};
use hmac::{Hmac, KeyInit as _, Mac as _};
use plumb_engine::clock::{now_ms, since_epoch};
use plumb_engine::live::{Live, Watch};
use plumb_server::client::{Remote, RemoteKeeper, trusted};
use plumb_traffic::exchange::{Body, Exchange, Message};
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use serde_json::{Value, json};
use sha2::Sha256;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

fn plumb(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    run(&Run { folder, args, variables: &variables, stdin: b"" })
}

fn token(folder: &Path, args: &[&str]) -> String {
    let ran = plumb(folder, &[&["token", "new"], args].concat(), &[]);
    assert_eq!(ran.code, 0, "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// Sends so many orders, one of which may be of a kind of its own.
fn send_orders(daemon: &Daemon, folder: &Path, count: i64, body: &str) {
    fs::create_dir_all(folder).unwrap();
    let url = daemon.url();
    let remote = Remote { url, token: None, trusted: trusted(None).unwrap() };
    let keeper = Box::new(RemoteKeeper::new(remote, folder.into(), Box::new(|_| {})));
    let redaction: &'static Redaction = Box::leak(Box::default());
    let origin = Origin { writer: Some("orders".to_owned()), ..Origin::default() };
    let name_of = &|_: &str| None;
    let mut live =
        Live::new(Watch { keeper, name: "test".to_owned(), origin, redaction, name_of }).unwrap();
    let now_ms = now_ms();
    for number in 0..count {
        let media_type = Some("application/json".into());
        let body = Body::Bytes(body.as_bytes().into());
        live.observe(&Exchange {
            time_ms: Some(now_ms - number),
            host: "orders.test".into(),
            method: "GET".into(),
            path: "/orders/7".into(),
            status: 200,
            response: Message { media_type, body, ..Message::default() },
            ..Exchange::default()
        });
    }
    live.write(now_ms).unwrap();
}

#[test]
fn pages_from_elsewhere_and_nonsense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), &[]);
    let check = |method: &str, path: &str, lines: &[&str], body: &str, status: u16| {
        let answer = daemon.ask(method, path, lines, body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    };
    check("GET", "/health/live", &[], "", 200);
    check("GET", "/health/ready", &[], "", 200);
    check("GET", "/metrics", &[], "", 200);
    check("GET", "/metrics", &["origin: https://elsewhere.test"], "", 403);
    check("POST", "/api/v1/deltas", &["origin: null"], "", 403);
    check("POST", "/api/v1/deltas", &[], "nonsense", 422);
    check("POST", "/api/v1/deltas", &["content-encoding: gzip"], "nonsense", 400);
    check("POST", "/api/v1/deltas", &["content-encoding: br"], "nonsense", 415);
    check("GET", "/api/v1/evidence?project=../x", &[], "", 400);
    check("POST", "/api/v1/releases", &[], "{}", 422);
    check("POST", "/api/v1/github", &[], "{}", 404);
    check("GET", "/elsewhere", &[], "", 404);
    let metrics = daemon.ask("GET", "/metrics", &[], "").body;
    assert!(metrics.contains("plumb_turned_away_total 2\n"), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
}

#[test]
fn a_token_opens_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let ingest = token(folder.path(), &["tap", "--allow", "ingest"]);
    let read = token(folder.path(), &["ci", "--allow", "read,release", "--env", "staging"]);
    let other = token(folder.path(), &["far", "--allow", "read", "--project", "checkout"]);
    let daemon = Daemon::start(folder.path(), &["--tokens"]);
    let check = |method: &str, path: &str, token: &str, body: &str, status: u16| {
        let line = format!("authorization: Bearer {token}");
        let answer = daemon.ask(method, path, &[&line], body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        answer.body
    };
    check("GET", "/api/v1/evidence", "plumb_0", "", 401);
    check("GET", "/api/v1/evidence", &ingest, "", 403);
    check("GET", "/api/v1/evidence", &read, "", 200);
    check("GET", "/api/v1/evidence?environment=production", &read, "", 403);
    check("POST", "/api/v1/deltas", &read, "", 403);
    check("POST", "/api/v1/deltas", &ingest, "nonsense", 422);
    let release = |place: &str| {
        json!({ "component": "orders", "version": "7", "environment": place }).to_string()
    };
    check("POST", "/api/v1/releases", &read, &release("staging"), 200);
    check("POST", "/api/v1/releases", &read, &release("production"), 403);
    // The other project has a key of its own.
    let key_id = |body: String| {
        let header: Value = serde_json::from_str(body.lines().next().unwrap()).unwrap();
        header["key_id"].as_str().unwrap().to_owned()
    };
    let own = key_id(check("GET", "/api/v1/evidence", &read, "", 200));
    assert_ne!(own, key_id(check("GET", "/api/v1/evidence", &other, "", 200)));
    assert_eq!(plumb(folder.path(), &["token", "revoke", "ci"], &[]).code, 0);
    check("GET", "/api/v1/evidence", &read, "", 401);
    let audit = plumb(folder.path(), &["audit", "ls"], &[]);
    let audit = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.contains("ci") && audit.contains("orders 7 staging"), "{audit}");
    assert!(!audit.contains("production"), "{audit}");
}

/// Lines that a stream tells at most until it ends: far more than it takes.
const STREAM_LINES_MAX: usize = 60;

#[test]
fn an_open_stream_ends_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let eyes = token(folder.path(), &["eyes", "--allow", "read"]);
    let daemon = Daemon::start(folder.path(), &["--tokens"]);
    let mut stream = TcpStream::connect(daemon.address).unwrap();
    // Longer than any silence of a stream that goes on.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let host = daemon.address;
    write!(stream, "GET /live HTTP/1.0\r\nhost: {host}\r\nauthorization: Bearer {eyes}\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.by_ref().take(STREAM_LINES_MAX).any(|line| line == "event: judged"));
    // It was asked whether it may go on, and it may.
    assert!(lines.by_ref().take(STREAM_LINES_MAX).any(|line| line == ": still here"));
    assert_eq!(plumb(folder.path(), &["token", "revoke", "eyes"], &[]).code, 0);
    assert!(lines.take(STREAM_LINES_MAX).count() < STREAM_LINES_MAX, "the stream goes on");
}

#[test]
fn a_gate_reaches_its_server_through_tls() {
    let folder = tempfile::tempdir().unwrap();
    let pki = root().join("crates/plumb-tap/tests/it/pki");
    let file = |name: &str| pki.join(name).to_str().unwrap().to_owned();
    let read = token(folder.path(), &["ci", "--allow", "read"]);
    let daemon = Daemon::start(
        folder.path(),
        &["--tokens", "--cert", &file("certificate.pem"), "--key", &file("key.pem")],
    );
    let url = format!("https://localhost:{}", daemon.address.port());
    let export = |ca: &[&str], token: &str| {
        let args = [&["evidence", "export", "-", "--server", &url], ca].concat();
        plumb(folder.path(), &args, &[("PLUMB_TOKEN", token)])
    };
    let authority = file("authority.pem");
    let with_ca = ["--server-ca", &authority];
    assert_eq!(export(&with_ca, &read).code, 0);
    assert_eq!(export(&with_ca, "plumb_wrong").code, 4);
    let stranger = export(&[], &read);
    let said = String::from_utf8(stranger.stderr).unwrap();
    assert!(stranger.code == 4 && said.contains("certificate"), "{said}");
    assert!(!said.contains(&read));
}

#[test]
fn a_server_that_is_silent_leaves_the_gate_without_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let args = ["check", "--server", &url, "--timeout", "1s"];
    let ran = plumb(folder.path(), &args, &[]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.code == 4 && said.contains("it took too long"), "{said}");
}

#[test]
fn tools_that_deploy_tell_releases() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "between us\n").unwrap();
    let daemon = Daemon::start(folder.path(), &["--github-secret-file", "secret"]);
    let asked = daemon.ask("OPTIONS", "/api/v1/events", &["webhook-request-origin: cd.test"], "");
    assert!(asked.head.contains("webhook-allowed-origin: cd.test"), "{asked:?}");
    let deployed = json!({
        "context": { "type": "dev.cdevents.service.deployed.0.3.0",
            "timestamp": "2026-11-20T10:00:00Z" },
        "subject": { "id": "orders", "content": { "environment": { "id": "production" },
            "artifactId": "pkg:oci/orders@sha256%3Aab?tag=1.2" } }
    });
    let told = daemon.ask("POST", "/api/v1/events", &[], &deployed.to_string());
    assert_eq!(told.status, 200, "{told:?}");
    let status = json!({
        "deployment_status": { "state": "success", "created_at": "2026-11-20T11:00:00Z" },
        "deployment": { "ref": "v1.3.0", "sha": "9f31c2", "environment": "production" },
        "repository": { "name": "payments" }
    })
    .to_string();
    let hmac = Hmac::<Sha256>::new_from_slice(b"between us").unwrap();
    let signature = hmac.chain_update(&status).finalize().into_bytes();
    let signature = plumb_engine::shelf::hex(&signature);
    let right = format!("x-hub-signature-256: sha256={signature}");
    let wrong = format!("x-hub-signature-256: sha256={}", "0".repeat(64));
    assert_eq!(daemon.ask("POST", "/api/v1/github", &[&wrong], &status).status, 401);
    assert_eq!(daemon.ask("POST", "/api/v1/github", &[&right], &status).status, 200);
    let listed = plumb(folder.path(), &["release", "ls"], &[]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("1.2") && listed.contains("v1.3.0"), "{listed}");
}

/// Evidence is looked for every 5 s.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(60);

/// Takes one request and answers it.
fn taken(listener: &TcpListener) -> (String, String) {
    listener.set_nonblocking(true).unwrap();
    let deadline = since_epoch() + ANNOUNCED_WITHIN;
    let mut stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(_) if since_epoch() < deadline => thread::yield_now(),
            Err(err) => panic!("nothing was announced: {err}"),
        }
    };
    stream.set_nonblocking(false).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        if let Some(text) = line.to_lowercase().strip_prefix("content-length: ") {
            length = text.trim_end().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// The first announcement of this verdict.
fn told_of(listener: &TcpListener, verdict: &str) -> (String, String) {
    loop {
        let (head, body) = taken(listener);
        if body.contains(&format!("\"to\":\"{verdict}\"")) {
            return (head, body);
        }
    }
}

const STUB: &str = r#"{
  "request": { "method": "GET", "urlPathTemplate": "/orders/{id}" },
  "response": { "status": 200, "jsonBody": { "id": 7, "state": "open" } }
}"#;

#[test]
fn a_verdict_that_changes_is_announced_and_the_gate_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    fs::create_dir_all(path("mappings")).unwrap();
    fs::write(path("mappings/order.json"), STUB).unwrap();
    fs::write(path("plumb.toml"), "[gate.\"*\"]\nfail_on = \"drifted\"\n").unwrap();
    fs::write(path("hook"), &hook).unwrap();
    fs::write(path("secret"), "between us").unwrap();
    let args = ["--hook-url-file", "hook", "--hook-secret-file", "secret"];
    let daemon = Daemon::start(folder.path(), &args);
    // Until it was judged once there is nothing to differ from.
    while daemon.ask("GET", "/api/v1/gap", &[], "").status == 404 {
        thread::yield_now();
    }
    send_orders(&daemon, &path("collector"), 40, r#"{"id":7,"state":"open"}"#);
    let (head, body) = told_of(&listener, "holds");
    let hmac = Hmac::<Sha256>::new_from_slice(b"between us").unwrap();
    let signature = hmac.chain_update(&body).finalize().into_bytes();
    let signature = plumb_engine::shelf::hex(&signature);
    let line = format!("x-plumb-signature-256: sha256={signature}");
    assert!(head.to_lowercase().contains(&line), "{head}");
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["type"], "dev.plumb.verdict.changed.v1", "{body}");
    let judged = |args: &[&str]| {
        let url = daemon.url();
        let ran = plumb(folder.path(), &[args, &["--server", &url]].concat(), &[]);
        (ran.code, String::from_utf8(ran.stdout).unwrap())
    };
    let (code, told) = judged(&["check"]);
    assert_eq!(code, 0, "{told}");
    send_orders(&daemon, &path("collector"), 40, r#"{"id":"7"}"#);
    told_of(&listener, "drifted");
    let (code, told) = judged(&["check"]);
    assert_eq!(code, 1, "{told}");
    let gap = daemon.ask("GET", "/api/v1/gap", &[], "").body;
    crate::schema::check("gap-v1", &gap);
    let metrics = daemon.ask("GET", "/metrics", &[], "").body;
    assert!(metrics.contains("plumb_claims{verdict=\"drifted\"} 1\n"), "{metrics}");
}
