//! The engine's own promises, one by one.

use std::time::Duration;
use std::{fs, thread};

use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::migrate::FORMAT;
use crate::store::help;
use crate::suite::{Home, promises};
use crate::toy::{all_windows, key, merge, numbered, numbers};

/// A file in a folder of the test's own.
struct File(TempDir);

impl Home for File {
    fn fresh() -> Self {
        Self(tempdir().unwrap())
    }

    fn open(&self) -> Box<dyn Store> {
        Box::new(open(&self.0.path().join("seen.plumb")).unwrap())
    }

    fn fill_documents(&self, _: &mut dyn Store, kind: &str, count: usize) {
        let fill = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO documents (kind, key, bytes) SELECT '{kind}', i, x'00' FROM n"
        );
        let store = open(&self.0.path().join("seen.plumb")).unwrap();
        store.raw().execute_batch(&fill).unwrap();
    }
}

promises!(File);

fn new_store() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    let store = open(&path).unwrap();
    (folder, path, store)
}

#[test]
fn no_filter_makes_the_engine_sort() {
    let store = SqliteStore::in_memory();
    let text = || Some(String::from("x"));
    for set in 0..16 {
        let on = |bit: i32| set & bit > 0;
        let filter = Filter {
            since_day: on(1).then_some(3),
            writer: on(2).then(text).flatten(),
            operation: on(4).then(text).flatten(),
            environment: on(8).then(text).flatten(),
        };
        let (sql, values) = select_windows(&filter);
        let mut statement = store.raw().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan = statement.query_map(values.as_slice(), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<_> = plan.map(Result::unwrap).collect();
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{filter:?}: {plan:?}");
    }
}

#[test]
fn a_visit_sees_one_moment() {
    let (_folder, path, mut store) = new_store();
    store.apply(&numbered(0), &merge).unwrap();
    let reader = open_read_only(&path).unwrap();
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
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    let missing = open_read_only(&path).unwrap_err();
    assert!(matches!(missing, StoreError::NotThere { .. }), "{missing}");
    fs::write(&path, b"").unwrap();
    let empty = open_read_only(&path).unwrap_err();
    assert!(matches!(empty, StoreError::NotThere { .. }), "{empty}");
    assert_eq!(fs::read(&path).unwrap(), b"");
    open(&path).unwrap().apply(&numbered(1), &merge).unwrap();
    let mut reader = open_read_only(&path).unwrap();
    assert_eq!(numbers(&reader), [1]);
    let refused = reader.apply(&numbered(2), &merge).unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
}

#[test]
fn what_is_not_a_store_is_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("theirs");
    let database = folder.path().join("database");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let contents = [b"a note".to_vec(), vec![b'x'; 9000], fs::read(database).unwrap()];
    for content in contents {
        fs::write(&path, &content).unwrap();
        for refused in [open(&path).unwrap_err(), open_read_only(&path).unwrap_err()] {
            assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
            assert!(help(&refused).is_some());
        }
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    assert!(matches!(open(folder.path()).unwrap_err(), StoreError::Refused { .. }));
}

#[test]
fn a_newer_store_is_refused_with_both_formats() {
    let (_folder, path, store) = new_store();
    store.raw().pragma_update(None, "user_version", FORMAT + 1).unwrap();
    drop(store);
    for refused in [open(&path).unwrap_err(), open_read_only(&path).unwrap_err()] {
        let expected = format!(
            "the store `{}` has format {}, and this program knows up to {FORMAT}",
            path.display(),
            FORMAT + 1
        );
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn a_lock_held_too_long_is_named() {
    let (_folder, path, mut store) = new_store();
    store.raw().busy_timeout(Duration::ZERO).unwrap();
    let other = open(&path).unwrap();
    other.raw().execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = store.apply(&numbered(1), &merge).unwrap_err();
    assert!(matches!(busy, StoreError::Busy { waited_s: 10, .. }), "{busy}");
    assert!(all_windows(&store).is_empty(), "reading goes on");
    other.raw().execute_batch("ROLLBACK").unwrap();
    store.apply(&numbered(1), &merge).unwrap();
}

#[test]
fn an_empty_file_becomes_one_store_whoever_is_first() {
    for _ in 0..20 {
        let folder = tempdir().unwrap();
        let path = folder.path().join("seen.plumb");
        fs::write(&path, b"").unwrap();
        thread::scope(|scope| {
            for number in 0..4 {
                let path = &path;
                scope.spawn(move || open(path).unwrap().apply(&numbered(number), &merge).unwrap());
            }
        });
        assert_eq!(numbers(&open(&path).unwrap()).len(), 4);
    }
}

#[test]
fn damage_is_named_with_a_remedy() {
    let (_folder, path, mut store) = new_store();
    for number in 0..200 {
        store.apply(&numbered(number), &merge).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8192..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let damaged = open(&path)
        .and_then(|store| store.windows(&Filter::default(), &mut |_| Ok(())))
        .unwrap_err();
    assert!(matches!(damaged, StoreError::Damaged { .. }), "{damaged}");
    assert!(help(&damaged).unwrap().contains(".recover"));
}

#[test]
fn acknowledged_means_durable() {
    let (_folder, _path, store) = new_store();
    let pragma = |name: &str| {
        store.raw().pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap()
    };
    let full = 2;
    assert_eq!((pragma("synchronous"), pragma("foreign_keys")), (full, 1));
    let journal: String =
        store.raw().pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(journal, "wal");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_a_new_store() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let path = folder.path().join("a/b/seen.plumb");
    let mut store = open(&path).unwrap();
    store.apply(&numbered(1), &merge).unwrap();
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a"), mode("a/b")), (0o700, 0o700));
    for name in ["seen.plumb", "seen.plumb-wal", "seen.plumb-shm"] {
        assert_eq!(mode(&format!("a/b/{name}")), 0o600, "{name}");
    }
    assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 3, "no draft is left");
}

#[test]
fn a_path_is_never_one_of_the_engines_special_names() {
    for name in [":memory:", "file:x?mode=memory"] {
        assert!(locate(Path::new(name)).unwrap().0.is_absolute());
    }
}
