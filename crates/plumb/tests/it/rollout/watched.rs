//! A rollout that people watch, on a terminal and elsewhere.

use super::shop::Rollout;
use crate::sandbox::root;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

/// A driver that does as it is told and tells nothing.
const DRIVER: &str = "kind = \"command\"\ncommand = [\"true\"]";
const STAGES: [&str; 2] = ["share = \"5%\"", "share = \"100%\""];

/// A rollout in its first stage.
fn begun() -> Rollout {
    let rollout = Rollout::new();
    rollout.write(DRIVER, &STAGES);
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    rollout
}

/// Walks to the end.
fn promote(rollout: &Rollout) {
    rollout.judge("promote");
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(0));
}

/// Somebody who watches, with what they saw so far.
struct Watcher {
    child: Child,
    seen: String,
}

impl Watcher {
    fn start(mut command: Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, seen: String::new() }
    }

    /// On a terminal with room for 24 lines of 60 letters.
    fn on_terminal(rollout: &Rollout, variables: &[(&str, &str)]) -> Self {
        let python = root().join("target/python/bin/python");
        assert!(python.exists(), "no {}; run `cargo xtask servers`", python.display());
        let mut command = Command::new(python);
        command
            .arg(root().join("crates/plumb/tests/it/rollout/screen.py"))
            .args(["24", "60", env!("CARGO_BIN_EXE_plumb"), "rollout", "watch"])
            .current_dir(rollout.folder())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .envs(variables.iter().copied());
        Self::start(command)
    }

    /// Reads until this is seen.
    fn until(&mut self, text: &str) {
        let mut bytes = [0; 4_096];
        while !self.seen.contains(text) {
            let count = self.child.stdout.as_mut().unwrap().read(&mut bytes).unwrap();
            assert!(count > 0, "it ended before {text:?}: {:?}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }

    /// Everything, once it ended by itself.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, self.seen + &String::from_utf8_lossy(&rest))
    }
}

#[test]
fn a_terminal_shows_it_anew_until_it_ends() {
    let rollout = begun();
    let mut watcher = Watcher::on_terminal(&rollout, &[("TERM", "xterm")]);
    watcher.until("cannot tell yet");
    promote(&rollout);
    let (_, seen) = watcher.end();
    assert!(seen.trim_end().ends_with("ended: 0"), "{seen:?}");
    // One frame takes the place of the one before, and changes no mode of the terminal.
    assert!(!seen.contains("\x1b[?"), "{seen:?}");
    let frames: Vec<&str> = seen.split("\r\x1b[J").collect();
    assert!(frames.len() >= 3 && frames[1].ends_with('A'), "{frames:?}");
    let lines = frames[1].lines().count() - 1;
    assert!(frames[1].ends_with(&format!("\x1b[{lines}A")), "{:?}", frames[1]);
    let last = frames.last().unwrap();
    assert!(last.contains("promoted") && last.contains("✔"), "{last:?}");
    assert!(frames[1].contains("\x1b[1m"), "{:?}", frames[1]);
}

#[test]
fn ctrl_c_ends_the_watching_and_leaves_the_terminal_as_it_was() {
    let rollout = begun();
    let mut watcher = Watcher::on_terminal(&rollout, &[("TERM", "xterm"), ("NO_COLOR", "1")]);
    watcher.until("run by");
    watcher.until("goes on");
    watcher.child.stdin.as_mut().unwrap().write_all(b"^C\n").unwrap();
    let (_, seen) = watcher.end();
    let (_, after) = seen.rsplit_once("goes on\r\n").unwrap();
    assert_eq!(after.trim_end(), "^C\nended: signal 2", "{seen:?}");
    // Its only escapes are those that take the old text away.
    let rest = seen.replace("\x1b[J", "").replace("A\r", "");
    assert!(!rest.contains("\x1b[0m") && !rest.contains("\x1b[1m"), "{seen:?}");
    assert!(!seen.contains("\x1b[?"), "{seen:?}");
    // What was watched is as it was.
    promote(&rollout);
}

#[test]
fn elsewhere_what_happens_comes_line_by_line() {
    let rollout = begun();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plumb"));
    command.args(["rollout", "watch"]).current_dir(rollout.folder());
    let mut watcher = Watcher::start(command);
    watcher.until("run by");
    promote(&rollout);
    let (code, seen) = watcher.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(!seen.contains('\x1b'), "{seen:?}");
    let lines: Vec<&str> = seen.lines().collect();
    assert!(lines.contains(&"aims         stage `100 %`"), "{seen}");
    // A terminal that cannot move is told in the same way.
    let rollout = begun();
    let mut watcher = Watcher::on_terminal(&rollout, &[("TERM", "dumb")]);
    watcher.until("run by");
    promote(&rollout);
    let (_, seen) = watcher.end();
    assert!(!seen.contains('\x1b') && seen.contains("aims  "), "{seen:?}");
}
