//! The receiver of telemetry as a process of its own, before a real exporter.

use crate::sandbox::{Run, root, run};
use crate::schema;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// A receiver that runs; it is killed if a test ends before it does.
struct Receiver {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// Where it listens, in the order of its flags.
    addresses: Vec<SocketAddr>,
    folder: TempDir,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // What has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Receiver {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
            .args(["observe", "otlp", "--format", "json"])
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let addresses: Vec<_> = line.split([' ', ',']).filter_map(|it| it.parse().ok()).collect();
        assert!(!addresses.is_empty(), "{line}");
        Self { child, stderr, addresses, folder }
    }

    /// Lets the exporter send its spans to both addresses, under this scheme and host.
    fn export(&self, to: &str, variables: &[(&str, &str)]) {
        let python = root().join("target/python/bin/python");
        assert!(python.exists(), "no {}; run `cargo xtask servers`", python.display());
        let script = root().join("crates/plumb/tests/it/exporter.py");
        let [grpc, http] = [0, 1].map(|way| format!("{to}:{}", self.addresses[way].port()));
        let mut exporter = Command::new(python);
        // The machine's own proxies and authorities are none of its business.
        exporter.arg(script).args([grpc, http]).env_clear().envs(variables.iter().copied());
        let exported = exporter.output().unwrap();
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    }

    /// Tells it to end, and gives what it says then.
    fn end(&mut self) -> Value {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        let (mut told, mut said) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
        self.stderr.read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{said}");
        schema::check("receiver-v1", &told);
        serde_json::from_str(&told).unwrap()
    }

    /// What a command says in its folder.
    fn plumb(&self, args: &[&str]) -> String {
        let ran = run(&Run { folder: self.folder.path(), args, variables: &[], stdin: b"" });
        String::from_utf8(ran.stdout).unwrap()
    }
}

#[test]
fn a_real_exporter_is_understood_over_both_protocols() {
    let free = "127.0.0.1:0";
    let mut receiver = Receiver::start(&["--listen", free, "--listen-http", free]);
    receiver.export("http://127.0.0.1", &[]);
    let told = receiver.end();
    for (name, count) in
        [("spans", 200), ("exchanges", 120), ("written", 120), ("rejected", 0), ("refused", 0)]
    {
        assert_eq!(told[name], count, "{name}: {told}");
    }
    let shown = receiver.plumb(&["evidence", "show"]);
    for seam in [
        "orders  GET /orders/{}",
        "orders  MESSAGE /orders.paid",
        "db.test  SELECT /orders",
        "to billing",
        "to shop",
        "version 2.0",
        "40 exchanges",
    ] {
        assert!(shown.contains(seam), "{seam}: {shown}");
    }
    assert!(receiver.plumb(&["evidence", "ls"]).contains("otlp on 127.0.0.1:"));
    let stub = "{\"request\":{\"method\":\"GET\",\"url\":\"/orders/7\",\"headers\":{\"host\":\
                {\"equalTo\":\"orders.test:8080\"}}},\"response\":{\"status\":200}}";
    fs::create_dir(receiver.folder.path().join("mappings")).unwrap();
    fs::write(receiver.folder.path().join("mappings/order.json"), stub).unwrap();
    let gap = receiver.plumb(&["gap"]);
    assert!(gap.contains("GET /orders/{}"), "{gap}");
}

#[test]
fn a_guarded_receiver_is_open_to_who_has_the_token() {
    let tokens = tempfile::tempdir().unwrap();
    let token = tokens.path().join("token");
    fs::write(&token, "correct-horse-battery\n").unwrap();
    let pki = root().join("crates/plumb-tap/tests/it/pki");
    let [cert, key, authority] = ["certificate.pem", "key.pem", "authority.pem"]
        .map(|name| pki.join(name).to_str().unwrap().to_owned());
    let (any, token) = ("0.0.0.0:0", token.to_str().unwrap());
    let guards = ["--cert", &cert, "--key", &key, "--token-file", token];
    let mut receiver =
        Receiver::start(&[&["--listen", any, "--listen-http", any], &guards[..]].concat());
    let trust = ("OTEL_EXPORTER_OTLP_CERTIFICATE", authority.as_str());
    let header = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20correct-horse-battery");
    receiver.export("https://localhost", &[trust, header]);
    let told = receiver.end();
    assert_eq!((&told["spans"], &told["refused"]), (&200.into(), &0.into()), "{told}");
    assert!(!told.to_string().contains("correct-horse"), "{told}");
}

#[test]
fn without_an_address_the_receiver_listens_on_loopback() {
    // Another process may hold the usual ports; then the refusal names the address.
    let folder = tempfile::tempdir().unwrap();
    let _held = std::net::TcpListener::bind("127.0.0.1:4318");
    let args = &["observe", "otlp", "--listen-http"];
    let ran = run(&Run { folder: folder.path(), args, variables: &[], stdin: b"" });
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 4, "{said}");
    assert!(said.contains("cannot listen on 127.0.0.1:4318"), "{said}");
}

#[test]
fn each_listener_takes_what_is_broken_and_goes_on() {
    let mut receiver = Receiver::start(&["--listen-http", "127.0.0.1:0"]);
    for (body, status) in [("{", "400"), ("{\"resourceSpans\":[]}", "200")] {
        let mut stream = TcpStream::connect(receiver.addresses[0]).unwrap();
        write!(
            stream,
            "POST /v1/traces HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let told = receiver.end();
    assert_eq!((&told["requests"], &told["refused"]), (&1.into(), &1.into()), "{told}");
}

fn check_refused(args: &[&str], expected: [&str; 2]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("short"), "hunter2").unwrap();
    let args = [&["observe", "otlp"], args].concat();
    let ran = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.code, 2, "{said}");
    assert!(expected.iter().all(|text| said.contains(text)), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_is_not_guarded_does_not_start() {
    check_refused(&[], ["no file, and no address", "plumb observe otlp traces.jsonl"]);
    check_refused(&["--listen", "0.0.0.0:0"], ["0.0.0.0:0 can be reached", "--token-file"]);
    check_refused(
        &["--listen", "--listen-http", "[::]:0", "--token-file", "short"],
        ["[::]:0 can be reached", "--cert"],
    );
    let local = ["--listen", "127.0.0.1:0", "--token-file", "short"];
    check_refused(&local, ["at least 16 characters", "openssl rand"]);
    check_refused(&["a.jsonl", "--listen"], ["cannot be used with", "--listen"]);
}
