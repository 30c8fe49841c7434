//! Evidence in a database that several share: every command works there, says what it says of a
//! folder, and never tells the password or the key.

use crate::sandbox::{self, Ran, Run};
use crate::server::{Server, shared};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const NOW: &str = "2026-11-20T12:00:00Z";

/// A project that speaks of orders.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    sandbox::copy(&sandbox::root().join("golden/_inputs/orders"), folder.path(), &[]);
    folder
}

fn run(folder: &Path, store: &str, args: &[&str]) -> Ran {
    let args = [args, &["--store", store, "--as-of", NOW]].concat();
    sandbox::run(&Run { folder, args: &args, variables: &[], stdin: b"" })
}

#[track_caller]
fn text(ran: &Ran, code: i32) -> String {
    let (out, told) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.code, code, "{out}{told}");
    format!("{out}{told}")
}

/// The answer as JSON, and the exit code.
fn answer(folder: &Path, store: &str, args: &[&str]) -> (i32, Value) {
    let ran = run(folder, store, &[args, &["--format", "json"]].concat());
    let text = String::from_utf8_lossy(&ran.stdout);
    (ran.code, serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{text}")))
}

#[test]
fn two_who_observe_at_once_see_what_one_sees_in_a_folder() {
    let (project, database) = (project(), shared().database());
    let folder = project.path();
    std::thread::scope(|scope| {
        for file in ["traffic.ndjson", "calm.ndjson"] {
            let database = &database;
            scope.spawn(move || text(&run(folder, database, &["observe", "file", file]), 0));
        }
    });
    for file in ["calm.ndjson", "traffic.ndjson"] {
        text(&run(folder, ".plumb", &["observe", "file", file]), 0);
    }
    let commands: [&[&str]; 4] =
        [&["gap"], &["evidence", "show"], &["scan"], &["check", "--env", "production"]];
    for command in commands {
        let shared = answer(folder, &database, command);
        assert_eq!(shared, answer(folder, ".plumb", command), "{command:?}");
    }
    let again = text(&run(folder, &database, &["observe", "file", "traffic.ndjson"]), 0);
    assert!(again.contains("known already, counted once"), "{again}");
    assert!(text(&run(folder, &database, &["evidence", "ls"]), 0).contains("calm.ndjson"));
    text(&run(folder, &database, &["release", "record", "orders", "9", "--env", "test"]), 0);
    text(&run(folder, &database, &["evidence", "export", "bundle.jsonl"]), 0);
    let elsewhere = shared().database();
    text(&run(folder, &elsewhere, &["evidence", "import", "bundle.jsonl"]), 0);
    let gap = |store: &str| answer(folder, store, &["gap"]).1;
    assert_eq!(gap(&database), gap(&elsewhere));
    text(&run(folder, &database, &["evidence", "prune", "--before", "2027-01-01"]), 0);
    let ran = run(folder, &database, &["gap"]);
    assert!(text(&ran, 3).contains("No evidence yet"));
}

#[test]
fn a_database_without_evidence_is_no_evidence() {
    let (project, database) = (project(), shared().database());
    let ran = run(project.path(), &database, &["gap"]);
    assert!(text(&ran, 3).contains("No evidence yet"));
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'plumb'";
    assert_eq!(shared().sql(&database, schemas).trim(), "0", "looking makes nothing");
}

#[test]
fn a_gate_without_its_database_says_so() {
    let project = project();
    let nowhere = "postgres://plumb@127.0.0.1:1/plumb";
    let strict = text(&run(project.path(), nowhere, &["check", "--env", "production"]), 4);
    assert!(strict.contains("cannot reach the store `postgres://plumb@127.0.0.1:1/plumb`: "));
    // What the claims say of each other is judged all the same, where a warning is enough.
    let settings = project.path().join("plumb.toml");
    let calm = "\n[gate.test]\non_unavailable = \"warn\"\n";
    fs::write(&settings, fs::read_to_string(&settings).unwrap() + calm).unwrap();
    let lenient = text(&run(project.path(), nowhere, &["check", "--env", "test"]), 1);
    assert!(lenient.contains("cannot reach the store") && lenient.contains("claims-contradict"));
}

#[test]
fn a_database_is_used_with_its_own_key_alone() {
    let (project, other, database) = (project(), self::project(), shared().database());
    let observe = ["observe", "file", "traffic.ndjson"];
    text(&run(project.path(), &database, &observe), 0);
    for command in [&["gap"][..], &observe] {
        let told = text(&run(other.path(), &database, command), 4);
        assert!(told.contains("the key of the store `postgres://plumb@127.0.0.1:"), "{told}");
        assert!(told.contains("copy the file from where it was first filled"), "{told}");
    }
    assert!(!other.path().join(".plumb/key").exists(), "a key made now would be a wrong one");
    text(&run(other.path(), ".plumb", &observe), 0);
    for command in [&["gap"][..], &observe] {
        let told = text(&run(other.path(), &database, command), 4);
        assert!(told.contains("was filled under another key than the one in `"), "{told}");
    }
    let (key, other_key) = (project.path().join(".plumb/key"), other.path().join("shared-key"));
    fs::copy(&key, &other_key).unwrap();
    let variables = [("PLUMB_KEY".to_owned(), "shared-key".to_owned())];
    let args = ["gap", "--store", &database, "--as-of", NOW];
    let ran =
        sandbox::run(&Run { folder: other.path(), args: &args, variables: &variables, stdin: b"" });
    text(&ran, 0);
    let key = fs::read_to_string(key).unwrap();
    let dump = shared()
        .sql(&database, "SELECT string_agg(encode(bytes, 'escape'), ' ') FROM plumb.documents");
    assert!(!dump.contains(key.trim()), "the key went into the database");
}

#[test]
fn the_password_is_never_told() {
    let project = project();
    let folder = project.path();
    let secret = "cnry-hunter2";
    let server = Server::start();
    let database = server.database();
    server.sql("postgres", &format!("ALTER ROLE plumb PASSWORD '{secret}'"));
    let with = database.replace("plumb@", &format!("plumb:{secret}@"));
    fs::write(folder.join("address"), format!("{with}\n")).unwrap();
    let nowhere = with.replace("127.0.0.1", "localhost").replace("test_", "no_such_");
    let clear = with.replace("127.0.0.1", "192.0.2.1");
    let run_with = |variables: &[(&str, &str)], args: &[&str]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<_> = variables.iter().map(own).collect();
        sandbox::run(&Run { folder, args, variables: &variables, stdin: b"" })
    };
    let file = ("PLUMB_STORE_FILE", "address");
    let observe = ["observe", "file", "traffic.ndjson", "--as-of", NOW];
    let mut said = vec![
        text(&run_with(&[file], &observe), 0),
        text(&run_with(&[file], &["config", "show", "--origin"]), 0),
        text(&run_with(&[("PLUMB_STORE", &nowhere)], &["gap"]), 4),
        text(&run_with(&[("PLUMB_STORE", &clear)], &["gap"]), 2),
    ];
    assert!(said[1].contains("# PLUMB_STORE_FILE"), "{}", said[1]);
    assert!(said[3].contains("leads over a network in the clear"), "{}", said[3]);
    fs::write(folder.join("plumb.toml"), format!("[evidence]\nstore = \"{with}\"\n")).unwrap();
    said.push(text(&run_with(&[], &["gap"]), 2));
    assert!(said[4].contains("`evidence.store` carries a password in plumb.toml"), "{}", said[4]);
    for text in said {
        assert!(!text.contains(secret), "{text}");
    }
}
