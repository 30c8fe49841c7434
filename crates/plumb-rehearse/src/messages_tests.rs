//! Workers that take everything and finish less, on a real queue.

use crate::messages::{MessagePlan, MessageReport, rehearse_messages};
use crate::watched::Watched;
use std::fs::{self, DirEntry};
use std::path::Path;
use std::time::Duration;

fn worker(understands: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/worker.py");
    format!("exec python3 {} {understands}", script.display())
}

fn plan(old: &str, new: Option<&str>, messages: &[&str]) -> MessagePlan {
    MessagePlan {
        messages: messages.iter().map(|message| (*message).to_owned()).collect(),
        queue: "celery".to_owned(),
        redis_server: None,
        old_worker: worker(old),
        new_worker: new.map(worker),
        done: "succeeded".to_owned(),
        quiet: Duration::from_millis(600),
        wait: Duration::from_secs(30),
    }
}

fn rehearsed(old: &str, new: Option<&str>, messages: &[&str]) -> MessageReport {
    rehearse_messages(&plan(old, new, messages)).unwrap()
}

const MESSAGES: [&str; 3] =
    [r#"{"form": "one"}"#, r#"{"form": "two"}"#, r#"{"form": "two", "work": 2}"#];

#[test]
fn an_empty_queue_and_a_living_worker_are_no_work_done() {
    let report = rehearsed("one", Some("one,two"), &MESSAGES);
    assert_eq!((report.old.left, report.old.has_ended), (0, false), "all is well, by the looks");
    assert_eq!((report.expected(), report.old.finished, report.lost()), (4, 1, 3));
    let same = rehearsed("one,two", Some("one,two"), &MESSAGES);
    assert_eq!((same.lost(), same.is_without_measure()), (0, false));
}

#[test]
fn without_a_new_worker_each_message_is_one_piece_of_work() {
    let report = rehearsed("two", None, &MESSAGES);
    assert_eq!((report.expected(), report.old.finished), (3, 3), "a chain hides a loss");
    assert!(rehearsed("none", Some("none"), &MESSAGES).is_without_measure());
}

#[test]
fn a_worker_that_ends_leaves_the_rest() {
    let report = rehearsed("one", None, &[r#"{"form": "one"}"#, r#"{"kind": "end"}"#, "{}", "{}"]);
    assert!(report.old.has_ended);
    assert_eq!((report.old.finished, report.old.left), (1, 2));
}

#[test]
fn nothing_outlives_who_watches() {
    let marker = format!("sleep 600.{}", std::process::id());
    let (mut watched, _said) = Watched::command(&format!("{marker} & {marker}"), &[]).unwrap();
    let is_it = |folder: DirEntry| {
        let line = fs::read(folder.path().join("cmdline")).unwrap_or_default();
        line == format!("{marker}\0").replace(' ', "\0").into_bytes()
    };
    let is_there = || fs::read_dir("/proc").unwrap().any(|entry| is_it(entry.unwrap()));
    let becomes = |there| {
        (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            is_there() == there
        })
    };
    assert!(becomes(true), "it never started");
    watched.end();
    // A signal is sent, not awaited: a busy machine may take a moment to act on it.
    assert!(becomes(false), "what it started is gone as well");
}
