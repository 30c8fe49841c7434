//! A program that ends with the process that started it, however that ends, and everything that it
//! started with it.
//!
//! A small shell holds the other end of a pipe, and ends the program's group when the pipe closes.
//! Refuses to know what the program does.

use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Ends a group of processes when the standard input does; not every shell's `kill` knows `--`.
/// Signals of the terminal are for the program that started all this.
const WATCH: &str = "trap '' INT TERM HUP; read -r word; kill -KILL -\"$0\" 2>/dev/null";

/// A program that is watched.
#[derive(Debug)]
pub(crate) struct Watched {
    child: Child,
    watcher: Child,
    /// Closing it ends the program.
    held: Option<ChildStdin>,
}

impl Watched {
    /// Starts a program whose output nobody wants.
    pub(crate) fn program(program: &Path, words: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(words).stdout(Stdio::null());
        Self::start(command)
    }

    /// Starts a command of the shell with variables, and gives what it says.
    pub(crate) fn command(
        command: &str,
        variables: &[(&str, &str)],
    ) -> io::Result<(Self, Option<ChildStdout>)> {
        let mut shell = Command::new("/bin/sh");
        // Both its outputs are one.
        shell.args(["-c", &format!("exec 2>&1\n{command}")]);
        shell.envs(variables.iter().copied()).stdout(Stdio::piped());
        let mut watched = Self::start(shell)?;
        let said = watched.child.stdout.take();
        Ok((watched, said))
    }

    fn start(mut command: Command) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", WATCH, &child.id().to_string()]).process_group(0);
        let watcher =
            shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut watcher = match watcher {
            Ok(watcher) => watcher,
            Err(error) => {
                end_group(&child);
                return Err(error);
            }
        };
        let held = watcher.stdin.take();
        Ok(Self { child, watcher, held })
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
    }

    /// Ends it; once is enough.
    pub(crate) fn end(&mut self) {
        if self.held.is_some() {
            end_group(&self.child);
        }
        drop(self.held.take());
        drop(self.watcher.wait());
        drop(self.child.wait());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends a program with all that it started and that stayed with it.
pub(crate) fn end_group(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // It may have ended this very moment.
        kill_process_group(group, Signal::KILL).ok();
    }
}
