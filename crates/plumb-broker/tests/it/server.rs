//! Brokers as processes of the tests: started on free ports in folders of their own, and stopped
//! with the test, however it ends.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Longer than any broker takes to start: what is waited for longer never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait between two looks.
pub(crate) const LOOK: Duration = Duration::from_millis(10);

/// A broker that runs.
pub(crate) struct Server {
    child: Child,
    command: Command,
    pub(crate) port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts what `command` makes of a port and a folder, and waits until it listens.
    pub(crate) fn start(command: impl FnOnce(u16, &Path) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = command(port, folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Some brokers are started by a script; whoever ends the one ends the other.
        command.process_group(0);
        let child = command.spawn().expect("`cargo xtask servers` installs it");
        let server = Self { child, command, port, folder };
        server.wait();
        server
    }

    /// Its own folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status().ok();
        self.child.wait().ok();
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        self.child = self.command.spawn().unwrap();
        self.wait();
    }

    fn wait(&self) {
        let address = (Ipv4Addr::LOCALHOST, self.port);
        until("it listens", || TcpStream::connect(address).is_ok());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Looks again and again until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let mut looks = 0;
    while !is_so() {
        looks += 1;
        assert!(LOOK * looks < PATIENCE, "it never came: {what}");
        std::thread::sleep(LOOK);
    }
}

/// The time since 1970-01-01T00:00Z.
pub(crate) fn clock() -> Duration {
    #[expect(
        clippy::disallowed_methods,
        reason = "brokers tell the real time, so tests ask it too"
    )]
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}
