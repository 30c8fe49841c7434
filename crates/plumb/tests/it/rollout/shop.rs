//! Two versions of a shop behind a real router, clients that never stop asking, and a folder with
//! a rollout.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tempfile::TempDir;

/// How long to wait between two looks, and how often to look: two minutes.
pub(crate) const LOOK: Duration = Duration::from_millis(20);
pub(crate) const LOOKS_MAX: usize = 6_000;

/// A version that answers every request with its name.
pub(crate) fn version(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, name));
        }
    });
    address
}

fn answer(mut stream: TcpStream, name: &str) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
        }
        let length = name.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{name}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A router that runs, and ends with the test.
pub(crate) struct Router {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Router {
    fn drop(&mut self) {
        // Told to end, so that it ends its workers.
        let process = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &process]).status());
        drop(self.child.wait());
    }
}

/// A port that was free a moment ago.
pub(crate) fn free() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Router {
    pub(crate) fn haproxy(folder: &Path) -> Self {
        let port = free();
        let (old, new) = (version("old"), version("new"));
        let config = format!(
            "global\n  stats socket {0}/haproxy.sock level admin\n  maxconn 200\n\
             defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  \
             timeout server 30s\n\
             frontend in\n  bind 127.0.0.1:{port}\n  default_backend shop\n\
             backend shop\n  balance roundrobin\n  server old {old} weight 100\n  \
             server new {new} weight 0\n\
             backend fixed\n  balance static-rr\n  server old {old} weight 100\n  \
             server new {new} weight 0\n",
            folder.display()
        );
        fs::write(folder.join("haproxy.cfg"), config).unwrap();
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
        Self::start(command, port)
    }

    pub(crate) fn nginx(folder: &Path) -> Self {
        let port = free();
        let (old, new) = (version("old"), version("new"));
        let shown = folder.display();
        let config = format!(
            "daemon off;\npid {shown}/nginx.pid;\nerror_log {shown}/error.log;\n\
             worker_processes 2;\nevents {{ worker_connections 200; }}\n\
             http {{\n  access_log off;\n  client_body_temp_path {shown}/body;\n  \
             proxy_temp_path {shown}/proxy;\n  fastcgi_temp_path {shown}/fastcgi;\n  \
             uwsgi_temp_path {shown}/uwsgi;\n  scgi_temp_path {shown}/scgi;\n  \
             upstream old {{ server {old}; }}\n  upstream new {{ server {new}; }}\n  \
             include {shown}/plumb.conf;\n  server {{\n    listen 127.0.0.1:{port};\n    \
             location = /plumb {{ return 200 $plumb_told; }}\n    \
             location / {{ proxy_pass http://$plumb_upstream; }}\n  }}\n}}\n"
        );
        fs::write(folder.join("nginx.conf"), config).unwrap();
        let first = "split_clients $request_id $plumb_upstream { * old; }\n\
                     map \"\" $plumb_told { default none; }\n";
        fs::write(folder.join("plumb.conf"), first).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-e").arg(folder.join("error.log")).arg("-c").arg(folder.join("nginx.conf"));
        Self::start(command, port)
    }

    /// A tap of this program's own, with these further words.
    pub(crate) fn tap(folder: &Path, words: &[&str]) -> Self {
        let port = free();
        let (old, new) = (version("old"), version("new"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_plumb"));
        command
            .args(["observe", "proxy", &format!("http://{old}"), "--release", "1"])
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--canary", &format!("http://{new}"), "--canary-release", "2"])
            .args(["--steering", "tap.sock"])
            .args(words)
            .current_dir(folder);
        Self::start(command, port)
    }

    pub(crate) fn start(mut command: Command, port: u16) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("`cargo xtask servers` installs it");
        let router = Self { child, address: (Ipv4Addr::LOCALHOST, port).into() };
        for _ in 0..LOOKS_MAX {
            if TcpStream::connect(router.address).is_ok() {
                return router;
            }
            thread::sleep(LOOK);
        }
        panic!("the router does not listen");
    }
}

/// How long a client rests after a request. Each one takes a connection of its own, and the system
/// keeps the port of each for a minute: without a rest there would soon be none left.
const REST: Duration = Duration::from_millis(10);

/// Clients that never stop asking, each request on a connection of its own.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    counts: Arc<[AtomicU64; 3]>,
    threads: Vec<JoinHandle<()>>,
}

/// What clients met: answers of the old version, of the new one, and failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) old: u64,
    pub(crate) new: u64,
    pub(crate) failed: u64,
}

impl Load {
    pub(crate) fn start(address: SocketAddr) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let counts: Arc<[AtomicU64; 3]> = Arc::default();
        let threads = (0..3)
            .map(|_| {
                let (stop, counts) = (Arc::clone(&stop), Arc::clone(&counts));
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let at = match ask(address, "").as_deref() {
                            Some("old") => 0,
                            Some("new") => 1,
                            _ => 2,
                        };
                        counts[at].fetch_add(1, Ordering::Relaxed);
                        thread::sleep(REST);
                    }
                })
            })
            .collect();
        Self { stop, counts, threads }
    }

    pub(crate) fn met(&self) -> Met {
        let [old, new, failed] = [0, 1, 2].map(|at: usize| self.counts[at].load(Ordering::Relaxed));
        Met { old, new, failed }
    }

    /// Waits until so many more were answered.
    pub(crate) fn wait_for(&self, more: u64) -> Met {
        let all = |met: Met| met.old + met.new + met.failed;
        let before = self.met();
        for _ in 0..LOOKS_MAX {
            let now = self.met();
            if all(now) >= all(before) + more {
                let Met { old, new, failed } = before;
                return Met { old: now.old - old, new: now.new - new, failed: now.failed - failed };
            }
            thread::sleep(LOOK);
        }
        panic!("nobody is answered");
    }

    pub(crate) fn end(mut self) -> Met {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        self.met()
    }
}

/// The body of one answer with status 200, or nothing.
pub(crate) fn ask(address: SocketAddr, line: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let request = format!("GET / HTTP/1.1\r\nhost: shop.test\r\n{line}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.split(' ').nth(1).filter(|status| *status == "200").map(|_| body.to_owned())
}

/// A folder with a rollout, and whoever runs it.
pub(crate) struct Rollout {
    folder: TempDir,
}

/// A controller as a process of its own.
pub(crate) struct Controller {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Rollout {
    /// A folder without its file yet.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the file: a driver, stages, and a judge who says what the file `verdict` says.
    pub(crate) fn write(&self, driver: &str, stages: &[&str]) {
        let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
        let text = format!(
            "name = \"shop\"\ncontrol = \"1\"\ncanary = \"2\"\nevery = \"1s\"\n\
             [driver]\n{driver}\n[judge]\ncommand = [\"cat\", \"verdict\"]\n{stages}"
        );
        fs::write(self.path("rollout.toml"), text).unwrap();
        self.judge("cannot-tell");
    }

    /// What the judge says from now on.
    pub(crate) fn judge(&self, verdict: &str) {
        let draft = self.path("verdict.draft");
        fs::write(&draft, format!("{{\"verdict\":\"{verdict}\",\"sentence\":\"so\"}}\n")).unwrap();
        fs::rename(draft, self.path("verdict")).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plumb"));
        command.arg("rollout").args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; gives its code and both of its outputs.
    pub(crate) fn plumb(&self, words: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// What another command says, which has to succeed.
    pub(crate) fn other(&self, words: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plumb"));
        let output = command.args(words).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts whoever runs it.
    pub(crate) fn run(&self, words: &[&str]) -> Controller {
        let words = [&["run", "--format", "ndjson"], words].concat();
        let mut child =
            self.command(&words).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Controller { child, lines }
    }
}

impl Controller {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The next thing that happens: the word for it, and the sentence. Nothing at the end.
    pub(crate) fn next(&mut self) -> Option<(String, String)> {
        let mut line = String::new();
        if self.lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let is_event = line.get("event").is_some();
        is_event.then(|| crate::schema::check("rollout-event-v1", &line.to_string()));
        Some((if is_event { text("event") } else { "status".to_owned() }, text("sentence")))
    }

    /// Everything up to something of this kind, which is given.
    pub(crate) fn until(&mut self, event: &str) -> String {
        loop {
            let (word, sentence) = self.next().unwrap_or_else(|| panic!("it ended before {event}"));
            if word == event {
                return sentence;
            }
        }
    }

    /// Kills it without warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; gives its code.
    pub(crate) fn end(mut self) -> Option<i32> {
        while self.next().is_some() {}
        self.child.wait().unwrap().code()
    }
}
