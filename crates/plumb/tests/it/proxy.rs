//! The tap as a process of its own, between real sockets: whatever happens to the evidence, every
//! exchange gets its answer.

use crate::daemon::Daemon;
use crate::listening::listening;
use crate::provider::provider;
use crate::sandbox::{Run, run};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// A tap that runs.
struct Tap {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: SocketAddr,
    folder: TempDir,
}

impl Tap {
    /// Starts one in a folder that was made ready.
    fn start(ready: impl FnOnce(&Path), arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        ready(folder.path());
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_plumb")), folder, arguments)
    }

    /// Starts one by a command that ends up being it.
    fn start_as(mut command: Command, folder: TempDir, arguments: &[&str]) -> Self {
        let upstream = format!("http://{}", provider());
        let mut child = command
            .args(["observe", "proxy", &upstream, "--listen", "127.0.0.1:0"])
            .args(["--writer", "orders", "--format", "json"])
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let (address, _) = listening(&mut stderr);
        Self { child, stderr, address, folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Asks for so many orders on one connection, and expects every answer.
    fn ask(&self, count: usize) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // Far beyond any delay that the tap may cause.
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        for number in 0..count {
            let path = format!("/orders/{}", 1_000 + number);
            let request = format!("GET {path} HTTP/1.1\r\nhost: orders.test\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            assert_eq!(answer(&mut reader), format!("{{\"path\":\"{path}\",\"state\":\"open\"}}"));
        }
    }

    /// Tells it to end.
    fn end(mut self) -> Ended {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let told = serde_json::from_slice(&output.stdout).unwrap();
        Ended { told, said, code: output.status.code(), folder: self.folder }
    }
}

/// What a tap left behind.
struct Ended {
    told: Value,
    said: String,
    code: Option<i32>,
    folder: TempDir,
}

impl Ended {
    #[track_caller]
    fn check(&self, code: i32, counts: &[(&str, u64)]) {
        for (name, count) in counts {
            assert_eq!(self.told[name], *count, "{name}: {} {}", self.told, self.said);
        }
        assert_eq!(self.code, Some(code), "{}", self.said);
    }

    /// What lies on the shelf, as a person is shown it.
    fn observed(&self) -> String {
        let (folder, args) = (self.folder.path(), &["evidence", "show"]);
        let ran = run(&Run { folder, args, variables: &[], stdin: b"" });
        String::from_utf8(ran.stdout).unwrap()
    }
}

fn answer(reader: &mut BufReader<TcpStream>) -> String {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the connection ended");
        if line == "\r\n" {
            break;
        }
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.trim_end().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

#[test]
fn what_passes_is_observed() {
    let tap = Tap::start(|_| {}, &["--release", "7"]);
    tap.ask(40);
    tap.ask(20);
    let ended = tap.end();
    ended.check(0, &[("written", 60), ("dropped", 0), ("lost", 0), ("not_written", 0)]);
    let shown = ended.observed();
    assert!(shown.contains("orders  GET /orders/{}"), "{shown}");
    assert!(shown.contains("60 exchanges") && shown.contains('7'), "{shown}");
}

#[test]
fn a_store_that_cannot_be_opened_stops_no_traffic() {
    let tap = Tap::start(|folder| fs::write(folder.join(".plumb"), "in the way").unwrap(), &[]);
    tap.ask(50);
    let ended = tap.end();
    ended.check(4, &[("written", 0), ("lost", 50)]);
    assert!(ended.said.contains("evidence waits, traffic goes on"), "{}", ended.said);
}

#[test]
fn a_store_that_is_removed_stops_no_traffic() {
    let tap = Tap::start(|_| {}, &[]);
    tap.ask(30);
    fs::remove_dir_all(tap.path(".plumb")).unwrap();
    fs::write(tap.path(".plumb"), "in the way").unwrap();
    tap.ask(30);
    let ended = tap.end();
    ended.check(4, &[("written", 0), ("not_written", 60)]);
}

#[test]
fn a_tap_that_is_switched_off_copies_nothing() {
    let tap = Tap::start(|folder| fs::write(folder.join("off"), "").unwrap(), &["--off", "off"]);
    tap.ask(30);
    let ended = tap.end();
    ended.check(0, &[("written", 0), ("dropped", 0), ("lost", 0)]);
}

#[test]
fn two_taps_share_a_store() {
    let store = tempfile::tempdir().unwrap();
    let store_name = store.path().to_str().unwrap();
    let taps = [0, 1].map(|_| Tap::start(|_| {}, &["--store", store_name]));
    thread::scope(|scope| taps.iter().for_each(|tap| drop(scope.spawn(|| tap.ask(100)))));
    let [one, other] = taps.map(Tap::end);
    one.check(0, &[("written", 100)]);
    other.check(0, &[("written", 100)]);
    let (folder, args) = (store.path(), &["evidence", "show", "--store", "."]);
    let ran = run(&Run { folder, args, variables: &[], stdin: b"" });
    let shown = String::from_utf8(ran.stdout).unwrap();
    assert!(shown.contains("200 exchanges"), "{shown}");
}

/// Makes the folder of the store a disk of its own, which fills up once the file `fill` is there.
const ON_A_SMALL_DISK: &str = "
mount -t tmpfs -o size=1m tmpfs .plumb
(until [ -e fill ]; do sleep 0.02; done; cat /dev/zero > .plumb/zero; touch full) 2>/dev/null &
exec \"$0\" \"$@\"";

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fills_up_stops_no_traffic() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".plumb")).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK]);
    command.arg(env!("CARGO_BIN_EXE_plumb"));
    let tap = Tap::start_as(command, folder, &[]);
    tap.ask(30);
    fs::write(tap.path("fill"), "").unwrap();
    while !tap.path("full").exists() {
        tap.ask(1);
    }
    tap.ask(30);
    let ended = tap.end();
    ended.check(4, &[("dropped", 0), ("lost", 0)]);
    assert!(ended.told["not_written"].as_u64() >= Some(30), "{}", ended.told);
    assert!(ended.said.contains("no room is left for the store"), "{}", ended.said);
}

#[test]
fn a_daemon_that_is_killed_stops_no_traffic_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), &[]);
    let tap = Tap::start(|_| {}, &["--server", &daemon.url()]);
    tap.ask(30);
    daemon.kill();
    tap.ask(30);
    daemon.start_again();
    let ended = tap.end();
    ended.check(0, &[("written", 60), ("not_written", 0), ("lost", 0)]);
    let metrics = daemon.ask("GET", "/metrics", &[], "").body;
    assert!(metrics.contains("plumb_exchanges_total{project=\"\"} 60\n"), "{metrics}");
}

#[test]
fn a_daemon_that_is_gone_stops_no_traffic() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), &[]);
    let tap = Tap::start(|_| {}, &["--server", &daemon.url()]);
    daemon.kill();
    tap.ask(60);
    tap.end().check(4, &[("written", 0), ("not_written", 60), ("lost", 0)]);
}

#[test]
fn two_taps_share_a_database() {
    let (database, key) = (crate::server::shared().database(), "5e".repeat(32));
    let ready = |folder: &Path| {
        fs::create_dir(folder.join(".plumb")).unwrap();
        fs::write(folder.join(".plumb/key"), &key).unwrap();
    };
    let taps = [0, 1].map(|_| Tap::start(ready, &["--store", &database]));
    thread::scope(|scope| taps.iter().for_each(|tap| drop(scope.spawn(|| tap.ask(100)))));
    let [one, other] = taps.map(Tap::end);
    one.check(0, &[("written", 100)]);
    other.check(0, &[("written", 100)]);
    let (folder, args) = (one.folder.path(), &["evidence", "show", "--store", &database]);
    let ran = run(&Run { folder, args, variables: &[], stdin: b"" });
    let shown = String::from_utf8(ran.stdout).unwrap();
    assert!(shown.contains("200 exchanges"), "{shown}");
}
