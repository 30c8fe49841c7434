//! A real Celery that deletes what it cannot read: its queue is empty, its worker lives, and the
//! work is not done.

use crate::broker::Broker;
use crate::sandbox::{Run, root, run};
use std::process::Command;

#[test]
fn work_that_a_worker_deletes_is_found_though_its_queue_is_empty() {
    let (redis, folder) = (Broker::redis(), tempfile::tempdir().unwrap());
    let python = root().join("target/python/bin/python");
    assert!(python.exists(), "no {}; run `cargo xtask servers`", python.display());
    let old = root().join("fixtures/celery-3.1-4.4-5.7/messages/producer-3.1.18.ndjson");
    let flow = Command::new(python)
        .arg(root().join("crates/plumb/tests/it/celery_flow.py"))
        .arg(format!("redis://127.0.0.1:{}/0", redis.port))
        .args([old, folder.path().join("events.ndjson")])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&flow.stdout);
    assert_eq!(told, "0 60\n", "{}", String::from_utf8_lossy(&flow.stderr));
    let args = ["rollout", "analyze", "events.ndjson", "--control", "5.7", "--canary", "3.1"];
    let judged = run(&Run { folder: folder.path(), args: &args, variables: &[], stdin: b"" });
    let told = String::from_utf8(judged.stdout).unwrap();
    assert_eq!(judged.code, 1, "{told}");
    assert!(told.contains("`celery` accepted by 3.1 is not finished"), "{told}");
    assert!(told.contains("60 of 60 jobs"), "{told}");
}
