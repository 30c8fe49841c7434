//! A private server: a folder of its own, a Unix socket and no network, and gone with the process
//! that started it, however that ends.
//!
//! A small shell holds the other end of a pipe: when the pipe closes, it ends the server and takes
//! the folder away. What a power cut leaves behind is swept by the next run. Refuses to know what
//! is kept in it.

use crate::clock::started;
use crate::link::Lines;
use crate::programs::Programs;
use crate::trouble::Trouble;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The superuser of the private server.
pub(crate) const USER: &str = "plumb";

/// How the folders begin; the process that owns one comes next in its name.
const FOLDER_PREFIX: &str = "plumb-rehearsal-";

/// Bytes of a folder's path: the path of a socket in it must stay below 108.
const FOLDER_BYTES_MAX: usize = 80;

/// Where folders go when the usual place has too long a path.
const SHORT_FOLDER: &str = "/tmp";

/// How long a server may take until it answers, and between two looks.
const START_WAIT: Duration = Duration::from_secs(60);
const START_PAUSE: Duration = Duration::from_millis(20);

/// Left-over folders that one run takes away.
const SWEPT_MAX: usize = 64;

/// Users that a server may run as when we are root, since it refuses root.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Holds the server until the standard input ends, then ends it at once and takes its folder away.
/// Signals of the terminal are for the program that started it.
const WATCH: &str = r#"trap '' INT TERM HUP; "$@" & server=$!; read -r word
                       kill -QUIT $server; wait $server; rm -rf "$0""#;

/// What holds in the private server: nothing of it must outlive a power cut, and nothing works in
/// the background that would be measured as well.
const SETTINGS: [&str; 11] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "max_connections=60",
    "max_wal_size=4GB",
    "jit=off",
    "track_counts=on",
    "log_min_messages=fatal",
    "log_destination=stderr",
];

/// A private server.
#[derive(Debug)]
pub(crate) struct PrivateServer {
    folder: PathBuf,
    watching: Mutex<Option<(Child, ChildStdin)>>,
}

impl PrivateServer {
    /// Makes a server and starts it. The time zone is that of its sessions.
    pub(crate) fn start(programs: &Programs, timezone: &str) -> Result<Self, Trouble> {
        let user = unprivileged();
        let folder =
            make_folder(user).map_err(|error| Trouble::Start { why: error.to_string() })?;
        // From here on whatever fails takes the folder away.
        let server = Self { folder, watching: Mutex::new(None) };
        server.initialise(programs, user)?;
        server.begin(programs, user, timezone)?;
        server.wait()?;
        Ok(server)
    }

    /// Connections to it.
    pub(crate) fn lines(&self) -> Result<Lines, Trouble> {
        let mut config = tokio_postgres::Config::new();
        config.host_path(&self.folder).user(USER);
        Lines::new(config, None).map_err(|error| Trouble::Start { why: error.to_string() })
    }

    /// The folder of its socket, which programs take as a host.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends it and takes its folder away; once is enough.
    pub(crate) fn end(&self) {
        let watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((mut child, stdin)) = watching {
            drop(stdin);
            drop(child.wait());
        }
        // The watcher may not be allowed to take the last folder away.
        drop(fs::remove_dir_all(&self.folder));
    }

    fn initialise(&self, programs: &Programs, user: Option<(u32, u32)>) -> Result<(), Trouble> {
        let mut initdb = Command::new(programs.path("initdb"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.args(["--username", USER, "--pgdata"]).arg(self.folder.join("data"));
        as_user(&mut initdb, user);
        let output = initdb.current_dir("/").stdin(Stdio::null()).output();
        let output = output.map_err(|error| Trouble::Start { why: error.to_string() })?;
        if output.status.success() {
            return Ok(());
        }
        Err(Trouble::Program { program: "initdb", why: last_line(&output.stderr) })
    }

    fn begin(
        &self,
        programs: &Programs,
        user: Option<(u32, u32)>,
        timezone: &str,
    ) -> Result<(), Trouble> {
        let failed = |error: io::Error| Trouble::Start { why: error.to_string() };
        let log = fs::File::create(self.log()).map_err(failed)?;
        let mut watch = Command::new("/bin/sh");
        watch.args(["-c", WATCH]).arg(&self.folder).arg(programs.path("postgres"));
        watch.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        for setting in SETTINGS {
            watch.args(["-c", setting]);
        }
        watch.args(["-c", &format!("timezone={timezone}")]);
        as_user(&mut watch, user);
        watch.current_dir("/").process_group(0);
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut child = watch.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        if let Some(stdin) = stdin {
            *self.watching.lock().unwrap_or_else(PoisonError::into_inner) = Some((child, stdin));
        }
        Ok(())
    }

    fn wait(&self) -> Result<(), Trouble> {
        let lines = self.lines()?;
        let begun = started();
        loop {
            if lines.connect("postgres").is_ok() {
                return Ok(());
            }
            let log = fs::read(self.log()).unwrap_or_default();
            let has_failed = String::from_utf8_lossy(&log).contains("FATAL:  could not");
            if has_failed || begun.ago() > START_WAIT {
                return Err(Trouble::Start { why: last_line(&log) });
            }
            std::thread::sleep(START_PAUSE);
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Takes away what dead processes left; gives how many folders that were.
pub(crate) fn sweep() -> usize {
    let mut swept = 0;
    for place in places() {
        let Ok(entries) = fs::read_dir(place) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(owner) = owner_in(&name) else { continue };
            if swept < SWEPT_MAX && !is_alive(owner) {
                end_left_over(&entry.path());
                swept += usize::from(fs::remove_dir_all(entry.path()).is_ok());
            }
        }
    }
    swept
}

/// Ends the server of a left-over folder, if the process with its number is that server.
fn end_left_over(folder: &Path) {
    let file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let Some(process) = file.lines().next().and_then(|line| line.trim().parse().ok()) else {
        return;
    };
    let told = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let is_ours = String::from_utf8_lossy(&told).contains(&*folder.to_string_lossy());
    if let (true, Some(process)) = (is_ours, Pid::from_raw(process)) {
        // It may have ended this very moment.
        kill_process(process, Signal::QUIT).ok();
        let begun = started();
        while test_kill_process(process).is_ok() && begun.ago() < Duration::from_secs(5) {
            std::thread::sleep(START_PAUSE);
        }
    }
}

fn owner_in(name: &str) -> Option<i32> {
    name.strip_prefix(FOLDER_PREFIX)?.split('-').next()?.parse().ok()
}

/// Whether a process with this number is there; one that is another's is.
pub(crate) fn is_alive(process: i32) -> bool {
    let Some(process) = Pid::from_raw(process) else { return false };
    !matches!(test_kill_process(process), Err(rustix::io::Errno::SRCH))
}

fn places() -> Vec<PathBuf> {
    let usual = std::env::temp_dir();
    let short = PathBuf::from(SHORT_FOLDER);
    if usual == short { vec![usual] } else { vec![usual, short] }
}

fn make_folder(user: Option<(u32, u32)>) -> io::Result<PathBuf> {
    let usual = std::env::temp_dir();
    let is_short = usual.as_os_str().len() <= FOLDER_BYTES_MAX;
    let place = if is_short { usual } else { PathBuf::from(SHORT_FOLDER) };
    let mut number = 0_u32;
    loop {
        let folder = place.join(format!("{FOLDER_PREFIX}{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
            Ok(()) => {
                if let Some((uid, gid)) = user {
                    std::os::unix::fs::chown(&folder, Some(uid), Some(gid))?;
                }
                return Ok(folder);
            }
        }
    }
}

/// The user and group to run as, when we are root.
fn unprivileged() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    UNPRIVILEGED.iter().find_map(|wanted| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_wanted = fields.next() == Some(wanted);
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            is_wanted.then_some((uid, gid))
        })
    })
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
}

/// The last line that holds anything.
pub(crate) fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it said nothing").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_names_its_owner() {
        assert_eq!(owner_in("plumb-rehearsal-4711-0"), Some(4711));
        assert_eq!(owner_in("plumb-rehearsal-x"), None);
        assert_eq!(owner_in("else-4711-0"), None);
    }

    #[test]
    fn this_process_is_alive() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(is_alive(own));
        assert!(!is_alive(0));
    }
}
