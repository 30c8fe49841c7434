//! Plans of transitions, beside what really happened and beside their own check.

use crate::sandbox::{self, Run, root};
use crate::schema;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn plan(folder: &Path, args: &[&str]) -> (i32, String) {
    let args = [args, &["--no-evidence"]].concat();
    let ran = sandbox::run(&Run { folder, args: &args, variables: &[], stdin: b"" });
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(told.is_empty(), "{told}");
    (ran.code, String::from_utf8(ran.stdout).unwrap())
}

/// Messages that a worker is said to refuse, of those that a producer wrote.
fn refused(pair: &Value) -> usize {
    let because = pair["because"].as_str().unwrap();
    match because.strip_prefix("it refuses ") {
        None => 0,
        Some(rest) => rest.split(' ').next().unwrap().parse().unwrap(),
    }
}

#[test]
fn every_cell_of_what_workers_do_with_messages_is_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = root().join("fixtures/celery-3.1-4.4-5.7");
    sandbox::copy(&fixtures, folder.path(), &[]);
    sandbox::copy(&root().join("golden/plan/celery"), folder.path(), &[]);
    let (_, document) = plan(folder.path(), &["plan", "all.toml", "--format", "json"]);
    schema::check("plan-v1", &document);
    let document: Value = serde_json::from_str(&document).unwrap();
    let truth = fs::read_to_string(fixtures.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let mut cells = 0;
    for pair in document["pairs"].as_array().unwrap() {
        let (worker, producer) = (&pair["reader"]["version"], &pair["writer"]["version"]);
        let (worker, producer) = (worker.as_str().unwrap(), producer.as_str().unwrap());
        let done = truth["matrix_succeeded_of_6"][worker][producer].as_u64().unwrap();
        // Of the five messages one is a chain of two tasks, so five messages are six tasks.
        let expected = match refused(pair) {
            0 => 6,
            1 => 4,
            5 => 0,
            other => panic!("{other} of 5 refused: {pair}"),
        };
        assert_eq!(done, expected, "worker {worker}, producer {producer}");
        assert_eq!(pair["answer"] == "yes", done == 6, "{pair}");
        assert_eq!(pair["basis"], "observed");
        cells += 1;
    }
    assert_eq!(cells, 16);
}

#[test]
fn no_plan_is_refuted_by_its_own_check() {
    let mut plans = 0;
    for story in fs::read_dir(root().join("golden/plan")).unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let story = story.unwrap().path();
        sandbox::copy(&story, folder.path(), &[]);
        if !folder.path().join("transition.toml").exists() {
            continue;
        }
        let (code, document) = plan(folder.path(), &["plan", "--format", "json"]);
        if code == 0 {
            fs::write(folder.path().join("plan.json"), document).unwrap();
            let (code, told) = plan(folder.path(), &["plan", "verify", "plan.json"]);
            assert_eq!(code, 0, "{}: {told}", story.display());
            plans += 1;
        }
    }
    assert!(plans >= 4, "{plans} plans");
}
