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

const RELEASE: &str = r#"
[component.api]
versions = ["1", "2"]

[component.db]
kind = "schema"
versions = ["1", "2"]

[[seam]]
kind = "statements"
client = "api"
server = "db"
built_against = { "1" = "1", "2" = "2" }
"#;

/// What the gate says of a transition, on a day.
fn gated(folder: &Path, file: &str, day: &str) -> (i32, String, String) {
    let as_of = format!("{day}T12:00:00Z");
    let args = ["check", "--transition", file, "--format", "json", "--as-of", &as_of];
    let ran = sandbox::run(&Run { folder, args: &args, variables: &[], stdin: b"" });
    let document = String::from_utf8(ran.stdout).unwrap();
    schema::check("check-v1", &document);
    let document: Value = serde_json::from_str(&document).unwrap();
    let said = |key: &str| document["transition"][key].as_str().unwrap().to_owned();
    (ran.code, said("answer"), said("reason"))
}

#[test]
fn a_point_of_no_return_is_crossed_only_when_it_was_rehearsed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    put("old.sql", "CREATE TABLE item (id bigint PRIMARY KEY, legacy text, name text);");
    put("new.sql", "ALTER TABLE item DROP COLUMN legacy;");
    put("old-statements.sql", "SELECT id, name FROM item WHERE id = 1;");
    put("new-statements.sql", "SELECT id FROM item WHERE id = 1;");
    put(
        "rehearsed.toml",
        &RELEASE.replace(
            "kind = \"schema\"",
            "kind = \"schema\"\nrehearsed = { \"2\" = \"rehearsal.json\" }",
        ),
    );
    let declared = "[[seam.pair]]\nanswer = \"yes\"\n";
    let one_way = "kind = \"schema\"\nno_way_back = { \"2\" = \"it drops a column\" }";
    put("declared.toml", &(RELEASE.replace("kind = \"schema\"", one_way) + declared));
    put("unknown.toml", RELEASE);
    let variables = [("PATH".to_owned(), std::env::var("PATH").unwrap())];
    let rehearse = |statements: &str| {
        let args = [
            "rehearse",
            "--schema",
            "old.sql",
            "--migrate",
            "new.sql",
            "--rows",
            "100",
            "--statements",
            statements,
            "--new-statements",
            "new-statements.sql",
            "--answer",
            "rehearsal.json",
            "--as-of",
            "2026-11-20T12:00:00Z",
        ];
        let ran = sandbox::run(&Run { folder, args: &args, variables: &variables, stdin: b"" });
        let document = fs::read_to_string(folder.join("rehearsal.json"));
        let document =
            document.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)));
        schema::check("rehearsal-v1", &document);
    };
    rehearse("old-statements.sql");
    let told =
        |(code, answer, reason): (i32, String, String)| (code, format!("{answer}: {reason}"));
    // Nothing was seen of this project, so the whole answer is that nobody can tell.
    let crossed = "pass: a safe order in 2 waves; there is no way back from wave 2";
    assert_eq!(told(gated(folder, "rehearsed.toml", "2026-11-21")), (3, crossed.to_owned()));
    let (code, refused) = told(gated(folder, "declared.toml", "2026-11-21"));
    assert_eq!(code, 1);
    let never = "refuse: db 2 is a point of no return that nobody rehearsed: no rehearsal";
    assert!(refused.starts_with(never), "{refused}");
    let (code, unknown) = told(gated(folder, "unknown.toml", "2026-11-21"));
    assert_eq!((code, &unknown[..12]), (3, "cannot-tell:"));
    // What was rehearsed long ago was rehearsed on something else.
    let (code, old) = told(gated(folder, "rehearsed.toml", "2027-02-21"));
    assert_eq!(code, 3, "{old}");
    assert!(old.starts_with("cannot-tell:"), "{old}");
    put("breaking.sql", "SELECT legacy FROM item WHERE id = 1;");
    rehearse("breaking.sql");
    // The old version could not go on, so the new one has to be there before.
    assert_eq!(told(gated(folder, "rehearsed.toml", "2026-11-21")), (3, crossed.to_owned()));
    let (_, shown) = plan(folder, &["plan", "rehearsed.toml"]);
    let before = "not before: db 2 does not take what api 1 writes (api to db): `SELECT legacy";
    assert!(shown.contains(before) && shown.contains("[rehearsed]"), "{shown}");
}
