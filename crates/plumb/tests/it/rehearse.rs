//! Rehearsals from outside: what they answer, what they leave behind, and that a source is only
//! read, however they end.

use crate::sandbox::{self, Run};
use crate::schema;
use crate::server;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const OLD: &str = "\
CREATE TYPE state AS ENUM ('new', 'paid');
CREATE TABLE users (id serial PRIMARY KEY, email varchar(40) NOT NULL UNIQUE, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users,
  state state NOT NULL, total numeric(10,2), at timestamp NOT NULL, meta jsonb);
CREATE INDEX ON orders (user_id);
";

const NEW: &str = "\
ALTER TABLE users ADD COLUMN phone text;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(14,4);
ALTER TABLE orders RENAME COLUMN at TO placed_at;
ALTER TYPE state ADD VALUE 'sent';
";

/// The stages up to the one that takes long.
const STAGES: [&str; 3] = ["begun", "copied", "measured"];

/// How often to look for something that comes within seconds, and how long between.
const LOOKS_MAX: u32 = 4_000;
const PAUSE: Duration = Duration::from_millis(5);

/// A folder for the inputs and one for what a rehearsal makes.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server may run as another user, who has to get through.
        let temporary = folder.path().join("t");
        fs::create_dir(&temporary).unwrap();
        for path in [folder.path(), &temporary] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            fs::set_permissions(path, mode).unwrap();
        }
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    fn variables(&self) -> Vec<(String, String)> {
        let path = self.folder.path().join("t").display().to_string();
        vec![("TMPDIR".to_owned(), path), ("PATH".to_owned(), "/usr/bin:/bin".to_owned())]
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let args = [&["rehearse"], args].concat();
        let variables = self.variables();
        let ran = sandbox::run(&Run {
            folder: self.folder.path(),
            args: &args,
            variables: &variables,
            stdin: b"",
        });
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ran.code, text(ran.stdout), text(ran.stderr))
    }

    fn document(&self, args: &[&str]) -> (i32, Value) {
        let (code, stdout, stderr) = self.run(&[args, &["--format", "json"]].concat());
        assert!(!stdout.is_empty(), "{stderr}");
        schema::check("rehearsal-v1", &stdout);
        (code, serde_json::from_str(&stdout).unwrap())
    }

    fn start(&self, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_plumb"))
            .arg("rehearse")
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The folders of private servers.
    fn left_over(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("t")).unwrap();
        entries.flatten().map(|entry| entry.path()).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let entries = value.as_array().unwrap().iter();
    entries.map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_migration_is_told_from_locks_to_the_point_of_no_return() {
    let place = Place::new(&[
        ("old.sql", OLD),
        ("new.sql", NEW),
        (
            "down.sql",
            "ALTER TABLE orders RENAME COLUMN placed_at TO at;\n\
             ALTER TABLE orders ALTER COLUMN total TYPE numeric(10,2);\n\
             ALTER TABLE users DROP COLUMN phone;",
        ),
        (
            "statements.ndjson",
            "{\"query\":\"SELECT * FROM users WHERE id = $1\",\"component\":\"shop\",\
             \"version\":\"1.4\",\"calls\":310}\n\
             {\"query\":\"SELECT at FROM orders WHERE at > now() - interval $1\",\
             \"component\":\"worker\"}\n\
             {\"query\":\"INSERT INTO users (email, name) VALUES ($1, $2)\"}\n\
             {\"query\":\"SELECT secret FROM nowhere\"}\n",
        ),
        (
            "writes.sql",
            "INSERT INTO orders (id, user_id, state, total, placed_at, meta) VALUES \
             (900000, 1, 'sent', 123456789.1234, now(), '{\"n\": 1, \"coupon\": \"hunter2\"}')",
        ),
    ]);
    let (code, told) = place.document(&[
        "--schema=old.sql",
        "--migrate=new.sql",
        "--down=down.sql",
        "--statements=statements.ndjson",
        "--new-writes=writes.sql",
        "--rows=2000",
    ]);
    assert_eq!(
        (code, &*texts(&told["steps"], "verdict")),
        (
            1,
            &[
                "brief-lock".to_owned(),
                "dangerous".to_owned(),
                "brief-lock".to_owned(),
                "harmless".to_owned(),
            ][..]
        )
    );
    assert_eq!(told["steps"][1]["rewritten"][0], "orders");
    assert_eq!(told["is_finished"], true);
    let breaks = &told["old_statements"]["breaks"];
    assert_eq!(texts(breaks, "component"), ["shop", "worker"]);
    assert_eq!((&breaks[0]["level"], &breaks[0]["after_step"]), (&4.into(), &1.into()));
    assert_eq!((&breaks[1]["sqlstate"], &breaks[1]["after_step"]), (&"42703".into(), &3.into()));
    assert_eq!(told["old_statements"]["failing_before"][0]["line"], 4);
    let unseen = texts(&told["new_rows"]["unseen_before"], "kind");
    assert_eq!(unseen, ["label-unknown", "number-too-fine", "json-key-unseen"]);
    let back = &told["way_back"];
    assert_eq!(back["old_rows"]["differences"][0], "type public.state is different");
    assert_eq!(back["new_rows"]["failed"]["sqlstate"], "22003", "{back:#}");
    assert_eq!(told["no_return"]["step"], 2);
    let freeze = &told["freeze"];
    assert!(freeze["frozen_us"].as_u64() > Some(1_000_000), "{freeze}");
    assert!(freeze["frozen_with_lock_timeout_us"].as_u64() < Some(1_000_000), "{freeze}");
    assert_eq!(freeze["is_given_up"], true);
    assert!(!told.to_string().contains("hunter2"));
    assert!(place.left_over().is_empty());
}

#[test]
fn what_harms_nobody_passes() {
    let place = Place::new(&[
        ("m/1_a.up.sql", OLD),
        ("m/1_a.down.sql", "DROP TABLE orders, users; DROP TYPE state"),
        ("n/1_a.up.sql", OLD),
        ("n/1_a.down.sql", "DROP TABLE orders, users; DROP TYPE state"),
        ("n/2_b.up.sql", "CREATE TABLE notes (id int PRIMARY KEY, text text)"),
        ("n/2_b.down.sql", "DROP TABLE notes"),
        ("s.sql", "SELECT id FROM users WHERE email = $1"),
        ("w.sql", "INSERT INTO notes VALUES (1, 'x')"),
    ]);
    let common = ["--schema=m", "--migrate=n", "--statements=s.sql", "--new-writes=w.sql"];
    let refused = ["--old-migrations=m", "--ledger=sqlx"];
    let (code, told) = place.document(&[&common[..], &refused].concat());
    assert_eq!((code, &told["ledger"]["unknown"][0]), (1, &"2".into()));
    let starts = ["--old-migrations=m", "--ledger=rails", "--old-command=test -n $DATABASE_URL"];
    let (code, told) = place.document(&[&common[..], &starts].concat());
    assert_eq!((code, &told["answer"]), (0, &"pass".into()), "{told:#}");
    assert_eq!(told["steps"].as_array().unwrap().len(), 1);
    assert_eq!(told["start"]["code"], 0);
    assert_eq!(told["way_back"]["new_rows"]["is_restored"], true);
    assert!(told["uncovered"].as_array().unwrap().is_empty());
    let refused = ["--old-command=exit 3", "--no-behind-idle"];
    let (code, told) = place.document(&[&common[..], &refused].concat());
    assert_eq!((code, &told["start"]["code"]), (1, &3.into()));
}

#[test]
fn nothing_is_taken_for_harmless_that_could_not_be_seen() {
    let place = Place::new(&[
        ("old.sql", OLD),
        ("new.sql", "ALTER TABLE users ALTER COLUMN name SET NOT NULL"),
        ("broken.sql", "ALTER TABLE users ADD COLUMN a int; SELECT nothing; SELECT 1"),
    ]);
    let (code, told) = place.document(&["--schema=old.sql", "--migrate=new.sql", "--rows=0"]);
    assert_eq!((code, &told["steps"][0]["not_seen"][0]), (3, &"users".into()));
    let (code, told) = place.document(&["--schema=old.sql", "--migrate=broken.sql", "--rows=10"]);
    assert_eq!(code, 1);
    assert_eq!(texts(&told["steps"], "verdict"), ["brief-lock", "failed", "not-run"]);
    let (code, _, told) = place.run(&["--schema=broken.sql", "--migrate=new.sql"]);
    assert!(code == 2 && told.contains("broken.sql"), "{told}");
    let (code, _, told) = place.run(&["--schema=old.sql", "--migrate=absent.sql"]);
    assert!(code == 4 && told.contains("absent.sql"), "{told}");
}

#[test]
fn a_source_is_copied_and_only_read() {
    let server = server::shared();
    let source = server.database();
    server.sql(&source, OLD);
    server.sql(
        &source,
        "INSERT INTO users SELECT n, 'ada' || n || '@hunter2.test', 'hunter2' \
         FROM generate_series(1, 3000) n; \
         INSERT INTO orders SELECT n, n, 'new', n, now(), '{}' FROM generate_series(1, 3000) n; \
         ANALYZE",
    );
    let before = dump(server.port, &source);
    let place = Place::new(&[("new.sql", NEW)]);
    let address = source.replace("plumb@", "plumb:hunter2@");
    let address = address.trim_end_matches("?sslmode=disable");
    let args = ["--copy", address, "--migrate=new.sql", "--rows=500"];
    let (code, told) = place.document(&args);
    assert_eq!(code, 1);
    let orders = &told["tables"][0];
    assert_eq!((&orders["table"], &orders["rows_in_source"]), (&"orders".into(), &3000.into()));
    assert_eq!(orders["rows"], 500);
    assert!(told["steps"][1]["scaled_us"].as_u64() > told["steps"][1]["took_us"].as_u64());
    assert!(!told.to_string().contains("hunter2"));
    // The same on a server of theirs: the copies are gone afterwards, those of the dead too.
    server.sql("postgres", "CREATE DATABASE plumb_rehearsal_1_2_old");
    let (code, _, told) = place.run(&[&args[..], &["--server", address]].concat());
    assert_eq!(code, 1, "{told}");
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'plumb_rehearsal%'";
    assert_eq!(server.sql("postgres", left).trim(), "0");
    assert_eq!(dump(server.port, &source), before);
    let clear = "--copy=postgres://a:hunter2@db.test/x?sslmode=disable";
    let (code, _, told) = place.run(&[clear, "--migrate=new.sql"]);
    assert!(code == 2 && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_source_behind_tls_is_checked_before_it_is_read() {
    let pki = sandbox::root().join("crates/plumb-tap/tests/it/pki");
    let server = server::Server::start_with_tls(&pki);
    let source = server.database();
    server.sql(&source, OLD);
    let place = Place::new(&[("new.sql", NEW)]);
    let with = |mode: &str| source.replace("sslmode=disable", mode);
    let checked =
        format!("sslmode=verify-full&sslrootcert={}", pki.join("authority.pem").display());
    for mode in [checked.as_str(), "sslmode=require"] {
        let (code, _, told) = place.run(&["--copy", &with(mode), "--migrate=new.sql", "--rows=9"]);
        assert_eq!(code, 1, "{mode}: {told}");
    }
    let (code, _, told) = place.run(&["--copy", &with("sslmode=verify-full"), "--migrate=new.sql"]);
    assert_eq!(code, 4, "{told}");
}

#[test]
fn statements_that_a_server_counted_are_tried_without_their_constants() {
    let mut server = server::Server::start();
    let load = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'";
    server.sql("postgres", load);
    server.kill();
    server.restart();
    let source = server.database();
    server.sql(&source, &format!("CREATE EXTENSION pg_stat_statements; {OLD}"));
    server.sql(&source, "INSERT INTO users (email, name) VALUES ('a', 'b'), ('c', 'hunter2')");
    server.sql(&source, "INSERT INTO orders VALUES (1, 1, 'new', 5, now(), '{}')");
    server.sql(&source, "SELECT pg_stat_statements_reset()");
    for _ in 0..3 {
        server.sql(&source, "SELECT id FROM users WHERE name = 'hunter2' LIMIT 5");
    }
    for asked in [
        "SELECT id FROM orders WHERE at > now() - interval '7 days'",
        "SELECT id, at::date + 7 FROM orders WHERE id IN (1, 2, 3)",
        "SELECT count(*) FROM orders WHERE at BETWEEN '2024-01-01' AND '2024-02-01'",
        "UPDATE orders SET total = total + 1, meta = '{\"a\": 1}' WHERE id = 1",
        "INSERT INTO users (email, name) VALUES ('d', 'e') ON CONFLICT (email) DO NOTHING",
    ] {
        server.sql(&source, asked);
    }
    let address = source.trim_end_matches("?sslmode=disable");
    let drop = "ALTER TABLE users DROP COLUMN name; ALTER TABLE orders DROP COLUMN at";
    let place = Place::new(&[("new.sql", drop)]);
    let args = ["--copy", address, "--statements-from", address, "--migrate=new.sql"];
    let (code, told) = place.document(&args);
    let tried = &told["old_statements"];
    assert_eq!(code, 1);
    assert!(tried["untried"].as_array().unwrap().is_empty(), "{tried:#}");
    assert!(tried["failing_before"].as_array().unwrap().is_empty(), "{tried:#}");
    assert_eq!(tried["tried"], tried["executed"], "{tried:#}");
    let breaks = tried["breaks"].as_array().unwrap();
    let calls = |statement: &str| {
        let of = breaks.iter().find(|one| one["statement"].as_str().unwrap().contains(statement));
        of.map(|one| one["calls"].clone())
    };
    assert_eq!(calls("SELECT id FROM users"), Some(3.into()), "{tried:#}");
    assert_eq!(calls("interval $1"), Some(1.into()));
    assert_eq!(calls("ON CONFLICT"), Some(1.into()));
    assert_eq!(breaks.len(), 5, "{tried:#}");
    assert!(!told.to_string().contains("hunter2"));
}

#[test]
fn however_it_ends_nothing_is_left_and_the_source_is_as_it_was() {
    let server = server::shared();
    let source = server.database();
    server.sql(&source, OLD);
    let before = dump(server.port, &source);
    let address = source.trim_end_matches("?sslmode=disable").to_owned();
    let place = Place::new(&[("new.sql", NEW)]);
    let answer = place.path("answer.json");
    let args = ["--copy", &address, "--migrate=new.sql", "--rows=100", "--answer=answer.json"];
    for (signal, stage) in [
        ("-KILL", ""),
        ("-KILL", "begun"),
        ("-KILL", "measured"),
        ("-TERM", "copied"),
        ("-INT", "begun"),
    ] {
        drop(fs::remove_file(&answer));
        let mut child = place.start(&args);
        reached(&mut child, &place, stage);
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if signal != "-KILL" {
            assert_eq!(output.status.code(), Some(3), "{told}");
            assert!(told.contains("interrupted after the stage"), "{told}");
            assert!(place.left_over().is_empty(), "{signal} {stage}");
        }
        gone(&place);
        if !stage.is_empty() {
            let told: Value = serde_json::from_str(&fs::read_to_string(&answer).unwrap()).unwrap();
            assert_eq!(told["is_finished"], false, "{signal} {stage}");
        }
    }
    assert_eq!(dump(server.port, &source), before);
    // The next one ends as ever.
    assert_eq!(place.run(&args).0, 1);
    assert!(place.left_over().is_empty());
}

#[test]
fn on_a_server_of_theirs_copies_go_with_the_rehearsal_or_the_next_one() {
    let server = server::Server::start();
    let address = server.database();
    let address = address.trim_end_matches("?sslmode=disable");
    let place = Place::new(&[("old.sql", OLD), ("new.sql", NEW)]);
    let args = ["--schema=old.sql", "--migrate=new.sql", "--rows=100", "--answer=answer.json"];
    let args = [&args[..], &["--server", address]].concat();
    let copies = || {
        let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'plumb_rehearsal%'";
        server.sql("postgres", sql).trim().to_owned()
    };
    for (signal, are_gone) in [("-TERM", true), ("-INT", true), ("-KILL", false)] {
        drop(fs::remove_file(place.path("answer.json")));
        let mut child = place.start(&args);
        reached(&mut child, &place, "copied");
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        child.wait().unwrap();
        assert_eq!(copies() == "0", are_gone, "{signal}");
    }
    // Another rehearsal that runs at the same time keeps its copies.
    drop(fs::remove_file(place.path("answer.json")));
    let mut other = place.start(&args);
    reached(&mut other, &place, "copied");
    let (code, _, told) =
        place.run(&args[..3].iter().chain(&args[4..]).copied().collect::<Vec<_>>());
    assert_eq!(code, 1, "{told}");
    assert_eq!(other.wait().unwrap().code(), Some(1));
    assert_eq!(copies(), "0");
}

/// Waits until the answer on disk says that a rehearsal came so far; without a stage, until its
/// server's folder is there.
fn reached(child: &mut Child, place: &Place, stage: &str) {
    for _ in 0..LOOKS_MAX {
        let text = fs::read_to_string(place.path("answer.json")).unwrap_or_default();
        // Between two looks it may have come further; the freeze takes seconds.
        let later = STAGES.iter().skip_while(|one| **one != stage);
        let is_there = match stage {
            "" => !place.left_over().is_empty(),
            _ => later.into_iter().any(|one| text.contains(&format!("\"stage\": \"{one}\""))),
        };
        if is_there {
            return;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before `{stage}`");
        std::thread::park_timeout(PAUSE);
    }
    panic!("it never came to `{stage}`");
}

/// Waits until no server of a dead rehearsal runs; its folder goes with it, or with the next run.
fn gone(place: &Place) {
    let is_running = || place.left_over().iter().any(|folder| is_served(folder));
    let has_gone = (0..LOOKS_MAX).any(|_| {
        std::thread::park_timeout(PAUSE);
        !is_running()
    });
    assert!(has_gone, "a server outlived its rehearsal");
}

fn is_served(folder: &Path) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        let told = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let told = String::from_utf8_lossy(&told).into_owned();
        told.contains(&*folder.to_string_lossy()) && told.contains("postgres")
    })
}

fn dump(port: u16, source: &str) -> String {
    let name = source.split('?').next().unwrap().rsplit('/').next().unwrap();
    let output = Command::new(server::program("pg_dump"))
        .args(["-h", "127.0.0.1", "-U", "plumb", "-p", &port.to_string(), name])
        .output()
        .unwrap();
    assert!(output.status.success());
    // Newer dumps begin with a word that is made up each time.
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n")
}
