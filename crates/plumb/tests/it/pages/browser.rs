//! Runs a script that drives a browser. Refuses to know what the script looks at.

use crate::daemon::Daemon;
use crate::sandbox::root;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How long to wait between two looks, and how often to look: a minute.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS_MAX: usize = 3_000;

/// Runs a script beside this file to its end. What it complains of is the test's complaint.
#[track_caller]
pub(crate) fn drive(script: &str, words: &[&str]) {
    drive_in(&root(), script, words);
}

/// The same in a folder.
#[track_caller]
pub(crate) fn drive_in(folder: &Path, script: &str, words: &[&str]) {
    let ran = Command::new("node")
        .arg(root().join("crates/plumb/tests/it/pages").join(script))
        .args(words)
        .current_dir(folder)
        .env("PLUMB_BROWSER_PACKAGES", packages())
        .output()
        .unwrap();
    let (told, complained) =
        (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{script}\n{told}{complained}");
}

/// Where packages of Node.js are.
pub(crate) fn packages() -> PathBuf {
    let packages = root().join("target/browser");
    let is_there = packages.join("node_modules/oidc-provider/package.json").exists();
    assert!(is_there, "no {}; run `cargo xtask servers`", packages.display());
    packages
}

/// Waits until there is something to show.
pub(crate) fn judged(daemon: &Daemon) {
    for _ in 0..LOOKS_MAX {
        if daemon.ask("GET", "/home.json", &[], "").status == 200 {
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("nothing was judged");
}
