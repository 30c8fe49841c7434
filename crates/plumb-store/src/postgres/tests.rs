//! The engine's own promises, against a real server.

use super::*;
use crate::server::{self, Server};
use crate::store::help;
use crate::suite::{Home, promises};
use crate::toy::{all_windows, key, merge, numbered, numbers};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// A database of the test's own.
struct Database(String);

impl Database {
    fn address(&self) -> Address {
        Address::parse(&self.0).unwrap()
    }

    fn sql(&self, sql: &str) -> String {
        server::shared().sql(&self.0, sql)
    }
}

impl Home for Database {
    fn fresh() -> Self {
        Self(server::shared().database())
    }

    fn open(&self) -> Box<dyn Store> {
        Box::new(open(&self.address()).unwrap())
    }

    fn fill_documents(&self, _: &mut dyn Store, kind: &str, count: usize) {
        let field = |text: &str| format!("int8send(length({text})) || {text}::bytea");
        let id = format!("sha256({} || {})", field(&format!("'{kind}'")), field("i::text"));
        self.sql(&format!(
            "INSERT INTO plumb.documents (id, kind, key, bytes) \
             SELECT {id}, '{kind}', i::text::bytea, '0' FROM generate_series(1, {count}) AS i"
        ));
    }
}

promises!(Database);

#[test]
fn a_visit_sees_one_moment() {
    let home = Database::fresh();
    let mut store = home.open();
    store.apply(&numbered(0), &merge).unwrap();
    let reader = open_read_only(&home.address()).unwrap();
    let mut seen = vec![];
    let visited = reader.windows(&Filter::default(), &mut |window| {
        if seen.is_empty() {
            store.apply(&numbered(1), &merge).unwrap();
        }
        seen.push((window.key.clone(), window.exchanges));
        Ok(())
    });
    visited.unwrap();
    assert_eq!(seen, [(key("own-0", 0), 64), (key("shared", 0), 64)]);
    assert_eq!(all_windows(&reader).len(), 3);
}

#[test]
fn reading_makes_nothing() {
    let home = Database::fresh();
    let missing = open_read_only(&home.address()).unwrap_err();
    assert!(matches!(missing, StoreError::NotThere { .. }), "{missing}");
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'plumb'";
    assert_eq!(home.sql(schemas).trim(), "0");
    home.open().apply(&numbered(1), &merge).unwrap();
    let mut reader = open_read_only(&home.address()).unwrap();
    assert_eq!(numbers(&reader), [1]);
    let refused = reader.apply(&numbered(2), &merge).unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
}

#[test]
fn what_is_not_a_store_is_left_alone() {
    for theirs in ["CREATE TABLE plumb.theirs (a int)", "CREATE TABLE plumb.formats (a int)"] {
        let home = Database::fresh();
        home.sql("CREATE SCHEMA plumb");
        home.sql(theirs);
        for refused in [open(&home.address()), open_read_only(&home.address())] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
        }
        let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'plumb'::regnamespace";
        assert_eq!(home.sql(tables).trim(), "1");
    }
}

#[test]
fn a_newer_store_is_refused_with_both_formats() {
    let home = Database::fresh();
    drop(home.open());
    home.sql("INSERT INTO plumb.formats (format) VALUES (7)");
    for refused in [open(&home.address()), open_read_only(&home.address())] {
        let expected =
            format!("the store `{}` has format 7, and this program knows up to 1", home.address());
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_schema_that_was_made_for_us_is_enough() {
    let home = Database::fresh();
    home.sql("CREATE SCHEMA plumb");
    home.open().apply(&numbered(1), &merge).unwrap();
}

#[test]
fn an_empty_database_becomes_one_store_whoever_is_first() {
    for _ in 0..5 {
        let home = Database::fresh();
        let address = &home.address();
        thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || {
                    open(address).unwrap().apply(&numbered(number), &merge).unwrap()
                });
            }
        });
        assert_eq!(numbers(&*home.open()).len(), 4);
    }
}

#[test]
fn a_lock_held_too_long_is_named() {
    let home = Database::fresh();
    let mut store = open(&home.address()).unwrap();
    let other = open(&home.address()).unwrap();
    let short = |session: &mut Session| session.settings("SET lock_timeout TO 50");
    store.within(short).unwrap();
    let hold =
        |session: &mut Session| session.settings("BEGIN; SELECT * FROM plumb.horizon FOR UPDATE");
    other.within(hold).unwrap();
    let busy = store.apply(&numbered(1), &merge).unwrap_err();
    assert!(matches!(busy, StoreError::Busy { waited_s: 10, .. }), "{busy}");
    assert!(all_windows(&store).is_empty(), "reading goes on");
    other.within(|session| session.settings("ROLLBACK")).unwrap();
    store.apply(&numbered(1), &merge).unwrap();
}

#[test]
fn a_slow_server_is_not_waited_for_without_end() {
    let home = Database::fresh();
    let mut store = open(&home.address()).unwrap();
    let other = open(&home.address()).unwrap();
    let short = "SET lock_timeout TO 0; SET statement_timeout TO 50";
    store.within(|session| session.settings(short)).unwrap();
    let hold = "BEGIN; SELECT * FROM plumb.horizon FOR UPDATE";
    other.within(|session| session.settings(hold)).unwrap();
    let slow = store.apply(&numbered(1), &merge).unwrap_err();
    assert!(matches!(slow, StoreError::Slow { waited_s: 60, .. }), "{slow}");
}

/// Somebody who takes the call and never speaks.
#[test]
fn a_silent_server_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let check = |mode: &str| {
        let text = format!("postgres://ada@{address}/plumb?sslmode={mode}");
        let silent = open(&Address::parse(&text).unwrap()).unwrap_err();
        assert!(silent.to_string().ends_with("it did not answer within 5 s"), "{silent}");
    };
    thread::scope(|scope| {
        scope.spawn(|| check("disable"));
        scope.spawn(|| check("require"));
    });
}

/// The server's own process for us stands still, and the system goes on to take what we send.
#[test]
fn a_server_that_stands_still_is_given_up() {
    let home = Database::fresh();
    let mut store = open(&home.address()).unwrap();
    let pid = store.within(|session| {
        session.set_patience(Duration::from_millis(300));
        let rows = session.look(|work| work.query("SELECT pg_backend_pid()", &[]))?;
        Ok(rows[0].try_get::<_, i32>(0)?.to_string())
    });
    let pid = pid.unwrap();
    let signal = |name: &str| Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(signal("-STOP").success());
    let lost = store.apply(&numbered(1), &merge);
    assert!(signal("-CONT").success());
    let lost = lost.unwrap_err();
    assert!(lost.to_string().ends_with("was lost: it gave no sign for 65 s"), "{lost}");
    store.apply(&numbered(1), &merge).unwrap();
    assert_eq!(numbers(&store), [1]);
}

/// A panic in the merge leaves nothing held that others would wait for.
#[test]
fn a_panic_holds_nobody_up() {
    let home = Database::fresh();
    let mut store = home.open();
    store.apply(&numbered(1), &merge).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.apply(&numbered(4), &|_, _| panic!("a defect of the merge"))
    }));
    assert!(panicked.is_err());
    home.open().apply(&numbered(4), &merge).unwrap();
    assert_eq!(numbers(&*store), [1, 4]);
}

#[test]
fn a_lost_connection_is_told_and_the_next_call_connects_anew() {
    let home = Database::fresh();
    let mut store = home.open();
    store.apply(&numbered(0), &merge).unwrap();
    home.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let lost = store.apply(&numbered(1), &merge).unwrap_err();
    assert!(matches!(lost, StoreError::Lost { .. }), "{lost}");
    assert!(help(&lost).is_some());
    store.apply(&numbered(1), &merge).unwrap();
    assert_eq!(numbers(&*store), [0, 1]);
}

#[test]
fn a_server_that_is_not_there_or_lets_nobody_in_is_named() {
    let refused = |address: &str| open(&Address::parse(address).unwrap()).unwrap_err();
    let nobody = refused("postgres://ada:hunter2@127.0.0.1:1/plumb");
    assert!(matches!(nobody, StoreError::Unreachable { .. }), "{nobody}");
    let message = nobody.to_string();
    assert!(message.starts_with("cannot reach the store `postgres://ada@127.0.0.1:1/plumb`: "));
    let home = Database::fresh();
    let stranger = refused(&home.0.replace("plumb@", "stranger:hunter2@"));
    assert!(matches!(stranger, StoreError::Refused { .. }), "{stranger}");
    let nowhere = refused(&home.0.replace("test_", "no_such_"));
    assert!(matches!(nowhere, StoreError::Refused { .. }), "{nowhere}");
    for error in [nobody, stranger, nowhere] {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        assert!(help(&error).is_some());
    }
}

#[test]
fn an_unprivileged_user_is_told_what_is_missing() {
    let home = Database::fresh();
    home.sql("CREATE ROLE ada LOGIN");
    let ada = Address::parse(&home.0.replace("plumb@", "ada@")).unwrap();
    let refused = open(&ada).unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
    assert!(help(&refused).unwrap().contains("GRANT CREATE ON DATABASE"));
}

#[test]
fn who_may_only_look_can_read() {
    let home = Database::fresh();
    home.open().apply(&numbered(1), &merge).unwrap();
    home.sql("CREATE ROLE onlooker LOGIN; GRANT USAGE ON SCHEMA plumb TO onlooker");
    home.sql("GRANT SELECT ON ALL TABLES IN SCHEMA plumb TO onlooker");
    let address = Address::parse(&home.0.replace("plumb@", "onlooker@")).unwrap();
    assert_eq!(numbers(&open_read_only(&address).unwrap()), [1]);
    let refused = open(&address).unwrap().apply(&numbered(2), &merge).unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
}

#[test]
fn acknowledged_means_durable() {
    let home = Database::fresh();
    let name = home.sql("SELECT current_database()");
    home.sql(&format!("ALTER DATABASE {} SET synchronous_commit TO off", name.trim()));
    let store = open(&home.address()).unwrap();
    let setting = store.within(|session| {
        let sql = "SELECT current_setting('synchronous_commit')";
        let rows = session.look(|work| work.query(sql, &[]))?;
        Ok(rows[0].try_get::<_, String>(0)?)
    });
    assert_eq!(setting.unwrap(), "on");
}

#[test]
fn a_password_is_given_and_a_wrong_one_is_refused() {
    let home = Database::fresh();
    let user = server::CAREFUL_USER;
    home.sql(&format!("CREATE ROLE {user} LOGIN SUPERUSER PASSWORD 'hunter2'"));
    let address = Address::parse(&home.0.replace("plumb@", &format!("{user}@"))).unwrap();
    for wrong in [address.clone(), address.clone().or_password("hunter3")] {
        let refused = open(&wrong).unwrap_err();
        let is_told = matches!(refused, StoreError::Refused { .. });
        assert!(is_told && !refused.to_string().contains("hunter"), "{refused}");
    }
    let mut store = open(&address.or_password("hunter2")).unwrap();
    store.apply(&numbered(1), &merge).unwrap();
    assert!(!format!("{store:?}").contains("hunter2"));
}

/// Batches end where their bytes do, for what comes and for what is there.
#[test]
fn large_windows_are_merged_and_visited_in_groups() {
    let home = Database::fresh();
    let mut store = home.open();
    let numbers = vec![7; 1 << 20];
    for number in 0..2 {
        let entries = (0..9).map(|it| crate::toy::entry(key(&format!("w{it}"), 1), &numbers));
        store.apply(&crate::toy::delta(number, entries.collect()), &merge).unwrap();
    }
    let mut sizes = vec![];
    let visited = store.windows(&Filter::default(), &mut |window| {
        sizes.push(window.value.len());
        Ok(())
    });
    visited.unwrap();
    assert_eq!(sizes, [8 << 20; 9]);
}

#[test]
fn tls_is_spoken_as_it_was_asked_for() {
    let pki = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plumb-tap/tests/it/pki");
    let server = Server::start_with_tls(&pki);
    let plain = server.database();
    let with = |mode: &str| {
        let text = plain.replace("sslmode=disable", mode);
        open(&Address::parse(&text).unwrap())
    };
    let encrypted = |store: &PostgresStore| {
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let rows = store.within(|session| session.look(|work| work.query(sql, &[])));
        rows.unwrap()[0].get::<_, bool>(0)
    };
    assert!(!encrypted(&with("sslmode=disable").unwrap()));
    assert!(encrypted(&with("sslmode=prefer").unwrap()));
    assert!(encrypted(&with("sslmode=require").unwrap()));
    let authority = pki.join("authority.pem");
    let trusting = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    assert!(encrypted(&with(&trusting).unwrap()));
    let unknown = with("sslmode=verify-full").unwrap_err();
    assert!(matches!(unknown, StoreError::Unreachable { .. }), "{unknown}");
    let nothing = with("sslmode=verify-full&sslrootcert=/nowhere").unwrap_err();
    assert!(nothing.to_string().contains("`/nowhere`, which `sslrootcert` names"), "{nothing}");
    let without = open(
        &Address::parse(&server::shared().database().replace("sslmode=disable", "sslmode=require"))
            .unwrap(),
    );
    assert!(matches!(without, Err(StoreError::Unreachable { .. })), "{without:?}");
}
