//! A real PostgreSQL for tests and measurements: its own folder, a port that is free, and gone
//! with the process that started it, however that ends.
//!
//! Other crates' tests take this file by its path. Refuses to know what is kept in it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "only tests and measurements use this, and each of them a part"
)]

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

const PROGRAMS: &str = "/usr/lib/postgresql";

/// The user of the tests' databases.
const USER: &str = "plumb";

/// The one user who has to give a password, if there is such a user.
pub(crate) const CAREFUL_USER: &str = "careful";

/// Ports tried before a server is given up: each is free when it is chosen.
const PORTS_MAX: u32 = 8;

/// Runs a command in the background until the standard input ends, which it does when the process
/// at its other end does, and then ends it at once. The folder `$0` goes as well, unless the input
/// said `keep`: nothing that lives as long as a process is dropped.
const WATCH: &str = r#""$@" & server=$!; read -r word; kill -QUIT $server; wait $server
                       [ "$word" = keep ] || rm -rf "$0""#;

/// A server. Dropped, it ends and its folder goes.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    folder: TempDir,
    watching: Option<(Child, ChildStdin)>,
}

/// The server of this process.
pub(crate) fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    /// Makes a server and starts it.
    pub(crate) fn start() -> Self {
        let mut server = Self::made();
        server.begin(&[]);
        server
    }

    /// Makes a server that also speaks TLS, with the certificate and the key in this folder.
    pub(crate) fn start_with_tls(pki: &Path) -> Self {
        let mut server = Self::made();
        for name in ["certificate.pem", "key.pem"] {
            let own = server.folder().join("data").join(name);
            fs::copy(pki.join(name), &own).unwrap();
            run(Command::new("chmod").arg("600").arg(&own));
            if is_root() {
                run(Command::new("chown").arg("postgres:").arg(&own));
            }
        }
        server.begin(&["ssl=on", "ssl_cert_file=certificate.pem", "ssl_key_file=key.pem"]);
        server
    }

    fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(folder.path()));
        }
        let mut initdb = as_server(&program("initdb"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.args(["--username", USER, "--pgdata"]).arg(folder.path().join("data"));
        run(&mut initdb);
        let access = folder.path().join("data/pg_hba.conf");
        let trusting = fs::read_to_string(&access).unwrap();
        let asking = format!("host all {CAREFUL_USER} all scram-sha-256\n{trusting}");
        fs::write(access, asking).unwrap();
        Self { port: 0, folder, watching: None }
    }

    fn begin(&mut self, settings: &[&str]) {
        for _ in 0..PORTS_MAX {
            self.port = free_port();
            if self.run(settings) {
                return;
            }
        }
        panic!("no server started: {}", fs::read_to_string(self.log()).unwrap_or_default());
    }

    /// Starts it again where it was, after [`Self::kill`].
    pub(crate) fn restart(&mut self) {
        assert!(self.run(&[]), "{}", fs::read_to_string(self.log()).unwrap_or_default());
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let pid = fs::read_to_string(self.folder().join("data/postmaster.pid")).unwrap();
        run(Command::new("kill").args(["-QUIT", pid.lines().next().unwrap()]));
        self.end();
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://{USER}@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }

    /// What the server answers in a database, named by its address or its name.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let name = database.split('?').next().unwrap().rsplit('/').next().unwrap();
        let mut psql = self.psql(name);
        let output = psql.args(["-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(program("psql"));
        psql.args(["-XAtq", "-h", "127.0.0.1", "-U", USER, "-p"]).arg(self.port.to_string());
        psql.args(["-v", "ON_ERROR_STOP=1", "-d", database]);
        psql
    }

    fn log(&self) -> PathBuf {
        self.folder().join("log")
    }

    /// Starts the server and waits for it; false when it ended instead.
    fn run(&mut self, settings: &[&str]) -> bool {
        let log = fs::File::create(self.log()).unwrap();
        let server = as_server(&program("postgres"));
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH]).arg(self.folder());
        watch.arg(server.get_program()).args(server.get_args());
        watch.arg("-D").arg(self.folder().join("data")).arg("-k").arg(self.folder());
        watch.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-c", "max_connections=120"]);
        for setting in settings {
            watch.args(["-c", setting]);
        }
        let mut child =
            watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        self.watching = Some((child, stdin));
        // The log says whichever comes first, and both come.
        loop {
            let log = fs::read_to_string(self.log()).unwrap();
            if log.contains("ready to accept connections") {
                return true;
            }
            if log.contains("FATAL") {
                self.end();
                return false;
            }
            std::thread::yield_now();
        }
    }

    fn end(&mut self) {
        if let Some((mut child, mut stdin)) = self.watching.take() {
            drop(stdin.write_all(b"keep\n"));
            drop(stdin);
            drop(child.wait());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// The newest server there is, which nobody has in the search path.
pub(crate) fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(PROGRAMS).expect("`cargo xtask servers` installs PostgreSQL");
    let programs = versions.flatten().map(|version| version.path().join("bin").join(name));
    programs.filter(|program| program.is_file()).max().unwrap()
}

/// A program as the server's user: the server refuses to be root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn run(command: &mut Command) {
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
