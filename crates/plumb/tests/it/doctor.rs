//! The doctor beside a real server: one that is ready, one that is gone, one whose log was changed.

use crate::daemon::Daemon;
use crate::sandbox::{Ran, Run, run};
use crate::schema;
use std::fs;
use std::path::Path;

fn doctor(folder: &Path, args: &[&str]) -> Ran {
    run(&Run { folder, args: &[&["doctor"], args].concat(), variables: &[], stdin: b"" })
}

#[test]
fn a_server_is_asked_only_when_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), &[]);
    let url = daemon.url();
    let ready = doctor(elsewhere.path(), &["server", "--server", &url]);
    let text = String::from_utf8(ready.stdout).unwrap();
    assert_eq!(ready.code, 0, "{text}");
    assert!(text.contains("is ready; its clock agrees with ours"), "{text}");
    let whole = doctor(elsewhere.path(), &["--server", &url, "--format", "json"]);
    let text = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(whole.code, 3, "{text}");
    schema::check("doctor-v1", &text);
    assert!(text.contains("\"server-ready\""), "{text}");
    daemon.kill();
    let gone = doctor(elsewhere.path(), &["server", "--server", &url]);
    let text = String::from_utf8(gone.stdout).unwrap();
    assert_eq!(gone.code, 4, "{text}");
    assert!(text.starts_with("✖ server") && text.contains("cannot be reached"), "{text}");
    let alone = doctor(elsewhere.path(), &[]);
    assert_eq!(alone.code, 3);
    assert!(!String::from_utf8(alone.stdout).unwrap().contains("server"));
}

#[test]
fn a_log_that_was_changed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), &[]);
    daemon.kill();
    let whole = doctor(folder.path(), &[]);
    let text = String::from_utf8(whole.stdout).unwrap();
    assert!(text.contains("✔ audit          1 action logged"), "{text}");
    let log = folder.path().join(".plumb/audit.ndjson");
    let changed = fs::read_to_string(&log).unwrap().replace("started", "stopped");
    fs::write(&log, changed).unwrap();
    let changed = doctor(folder.path(), &[]);
    let text = String::from_utf8(changed.stdout).unwrap();
    assert_eq!(changed.code, 4, "{text}");
    assert!(text.contains("✖ audit          entry 1"), "{text}");
}
