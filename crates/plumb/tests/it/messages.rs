//! Messages that an old worker takes from a real queue, by the command line.

use crate::sandbox::{self, Run, root};
use crate::schema;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const MESSAGES: &str =
    "{\"form\": \"one\"}\n\n{\"form\": \"two\"}\n{\"form\": \"two\", \"work\": 2}\n";

fn worker(understands: &str) -> String {
    let script = root().join("crates/plumb-rehearse/src/worker.py");
    format!("exec python3 {} {understands}", script.display())
}

fn ran(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let variables = [("PATH".to_owned(), std::env::var("PATH").unwrap())];
    let args = [&["rehearse", "messages"][..], args, &["--silence", "1"]].concat();
    let ran = sandbox::run(&Run { folder, args: &args, variables: &variables, stdin: b"" });
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.code, text(ran.stdout), text(ran.stderr))
}

#[test]
fn what_an_old_worker_loses_is_told_though_its_queue_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("new.ndjson"), MESSAGES).unwrap();
    let (old, new) = (worker("one"), worker("one,two"));
    let args = ["new.ndjson", "--old", &old, "--new", &new];
    let (code, told, _) = ran(folder, &args);
    let head = "✖ refuse  the old worker loses 3 of 4 pieces of work, and the queue is empty\n";
    assert_eq!((code, told.starts_with(head)), (1, true), "{told}");
    let (code, told, _) = ran(folder, &[&args[..], &["--format", "json"]].concat());
    schema::check("messages-v1", &told);
    let document: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &document["lost"], &document["old"]["left"]), (1, &3.into(), &0.into()));
    let (code, told, _) = ran(folder, &["new.ndjson", "--old", &new, "--new", &new]);
    assert_eq!(code, 0, "{told}");
    let (code, told, _) = ran(folder, &["new.ndjson", "--old", &new, "--new", &worker("none")]);
    assert_eq!(code, 3, "{told}");
    let (code, _, told) = ran(folder, &["gone.ndjson", "--old", &new]);
    assert_eq!(code, 4, "{told}");
    fs::write(folder.join("empty.ndjson"), "\n").unwrap();
    let (code, _, told) = ran(folder, &["empty.ndjson", "--old", &new]);
    assert_eq!((code, told.contains("holds no message")), (2, true), "{told}");
}

/// Processes that were started in a folder.
fn started_in(folder: &Path) -> usize {
    let is_in = |entry: &fs::DirEntry| {
        fs::read_link(entry.path().join("cwd")).is_ok_and(|place| place == folder)
    };
    fs::read_dir("/proc").unwrap().flatten().filter(is_in).count()
}

#[test]
fn nothing_is_left_of_a_rehearsal_that_is_killed() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().canonicalize().unwrap();
    fs::write(folder.join("new.ndjson"), MESSAGES).unwrap();
    let mut plumb = Command::new(env!("CARGO_BIN_EXE_plumb"));
    plumb.args(["rehearse", "messages", "new.ndjson", "--silence", "3600", "--wait", "3600"]);
    // A worker that does not notice that its queue has gone.
    plumb.args(["--old", "exec sleep 900"]).current_dir(&folder);
    let mut plumb = plumb.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let wait = |what: &str, is_so: &dyn Fn(usize) -> bool| {
        let looks = || {
            std::thread::sleep(Duration::from_millis(30));
            is_so(started_in(&folder))
        };
        assert!((0..1_000).any(|_| looks()), "{what}: {} processes", started_in(&folder));
    };
    // Plumb, the queue, the worker, and who watches each of these two.
    wait("all of it runs", &|count| count >= 5);
    plumb.kill().unwrap();
    plumb.wait().unwrap();
    wait("nothing of it is left", &|count| count == 0);
}
