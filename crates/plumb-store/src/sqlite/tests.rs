//! The engine's own promises, one by one.

use std::time::Duration;
use std::{fs, thread};

use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::bounds::{KEY_FIELD_BYTES_MAX, SOURCE_BYTES_MAX, VALUE_BYTES_MAX};
use crate::migrate::FORMAT;
use crate::store::{VisitRefused, help};
use crate::toy::{all_windows, delta, entry, key, merge, numbered, numbers, to_value, windows};

fn new_store() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("seen.plumb");
    let store = open(&path).unwrap();
    (folder, path, store)
}

fn two_writers_two_days() -> SqliteStore {
    let mut store = SqliteStore::in_memory();
    let mut entries = vec![];
    for (number, writer) in ["cart", "billing"].into_iter().enumerate() {
        for day in [20, 19] {
            let mut key = key(writer, day);
            key.environment = ["staging", "production"][number].into();
            entries.push(entry(key, &[1]));
        }
    }
    store.apply(&delta(1, entries), &merge).unwrap();
    store
}

#[test]
fn a_delta_counts_once_and_is_recorded() {
    let (_folder, path, mut store) = new_store();
    let delta = delta(3, vec![entry(key("cart", 20), &[1, 2]), entry(key("cart", 20), &[2])]);
    assert_eq!(store.apply(&delta, &merge).unwrap(), Applied::New { entries_late: 0 });
    drop(store);
    let mut store = open(&path).unwrap();
    assert_eq!(store.apply(&delta, &merge).unwrap(), Applied::Already);
    assert_eq!(all_windows(&store)[&key("cart", 20)], (vec![1, 2, 2], 2, 3));
    let [record] = store.deltas(9).unwrap().try_into().unwrap();
    assert_eq!((record.id, record.source.as_str()), (delta.id, "toy"));
    assert_eq!((record.received_ms, record.exchanges, record.windows), (3, 3, 2));
}

#[test]
fn the_newest_deltas_are_listed_newest_last() {
    let mut store = SqliteStore::in_memory();
    for number in [5, 2, 9, 4] {
        store.apply(&numbered(number), &merge).unwrap();
    }
    assert_eq!(numbers(&store), [5, 2, 9, 4]);
    let last = store.deltas(2).unwrap();
    assert_eq!(last.iter().map(|record| record.received_ms).collect::<Vec<_>>(), [9, 4]);
}

#[test]
fn a_refused_merge_changes_nothing() {
    let mut store = SqliteStore::in_memory();
    store.apply(&numbered(1), &merge).unwrap();
    let before = all_windows(&store);
    let mut second = numbered(2);
    second.entries[1].value.push(0);
    let refused = store.apply(&second, &merge).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "cannot merge into the window `shared` to `shop`, `GET /items/{id}`, version `1.4.0`, \
         in `production`, day 0: not a list of numbers"
    );
    assert_eq!((all_windows(&store), numbers(&store)), (before, vec![1]));
    assert_eq!(store.apply(&numbered(2), &merge).unwrap(), Applied::New { entries_late: 0 });
}

#[test]
fn a_merge_that_panics_changes_nothing() {
    let mut store = SqliteStore::in_memory();
    store.apply(&numbered(1), &merge).unwrap();
    let before = all_windows(&store);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.apply(&numbered(4), &|_, _| panic!("a defect of the merge"))
    }));
    assert!(panicked.is_err());
    assert_eq!((all_windows(&store), numbers(&store)), (before, vec![1]));
    assert_eq!(store.apply(&numbered(4), &merge).unwrap(), Applied::New { entries_late: 0 });
}

#[test]
fn what_is_too_large_is_refused_whole() {
    let mut store = SqliteStore::in_memory();
    store.apply(&numbered(0), &merge).unwrap();
    let mut check = |delta: Delta<'_>, merge: &Merge<'_>, expected: &str| {
        let refused = store.apply(&delta, merge).unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!(numbers(&store), [0]);
    };

    let mut long = numbered(1);
    long.entries[1].key.operation = "x".repeat(KEY_FIELD_BYTES_MAX + 1);
    check(long, &merge, "the operation of a window: 2049 bytes, and the store takes 2048");

    let mut large = numbered(1);
    large.entries[0].value = vec![0; VALUE_BYTES_MAX + 1];
    let expected = "the value of a window: 16777217 bytes, and the store takes 16777216";
    check(large, &merge, expected);
    check(numbered(3), &|_, _| Ok(vec![0; VALUE_BYTES_MAX + 1]), expected);

    let source = "x".repeat(SOURCE_BYTES_MAX + 1);
    let wordy = Delta { source: &source, ..numbered(1) };
    check(wordy, &merge, "the source: 4097 bytes, and the store takes 4096");
}

#[test]
fn the_largest_value_is_taken() {
    let mut store = SqliteStore::in_memory();
    let mut large = numbered(1);
    large.entries[0].value = vec![1; VALUE_BYTES_MAX];
    store.apply(&large, &merge).unwrap();
}

#[test]
fn counts_beyond_a_column_stay_at_its_end() {
    let mut store = SqliteStore::in_memory();
    for number in 0..2 {
        let mut endless = entry(key("cart", 20), &[number]);
        endless.exchanges = u64::MAX;
        store.apply(&delta(number, vec![endless]), &merge).unwrap();
    }
    let exchanges = all_windows(&store)[&key("cart", 20)].2;
    assert_eq!(exchanges, i64::MAX as u64);
}

#[test]
fn a_filter_narrows_by_what_it_names() {
    let store = two_writers_two_days();
    let text = |text: &str| Some(text.to_owned());
    let check = |filter: Filter, expected: &[(&str, i32)]| {
        let seen = windows(&store, &filter);
        let seen: Vec<_> = seen.keys().map(|key| (key.writer.as_str(), key.day)).collect();
        assert_eq!(seen, expected, "{filter:?}");
    };
    let all = Filter::default;
    check(all(), &[("billing", 19), ("billing", 20), ("cart", 19), ("cart", 20)]);
    check(Filter { since_day: Some(20), ..all() }, &[("billing", 20), ("cart", 20)]);
    check(Filter { writer: text("cart"), ..all() }, &[("cart", 19), ("cart", 20)]);
    check(Filter { environment: text("staging"), ..all() }, &[("cart", 19), ("cart", 20)]);
    check(Filter { operation: text("GET /"), ..all() }, &[]);
    let both = Filter { since_day: Some(20), writer: text("billing"), ..all() };
    check(both, &[("billing", 20)]);
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
fn a_visitor_stops_the_visit() {
    let store = two_writers_two_days();
    let mut visits = 0;
    let stopped = store.windows(&Filter::default(), &mut |_| {
        visits += 1;
        Err(VisitRefused { reason: "not a profile".into() })
    });
    let message = stopped.unwrap_err().to_string();
    assert!(message.starts_with("cannot read the window `billing` to"), "{message}");
    assert!(message.ends_with("day 19: not a profile"), "{message}");
    assert_eq!(visits, 1);
}

#[test]
fn a_pruned_day_does_not_come_back() {
    let mut store = SqliteStore::in_memory();
    let entries = |days: &[i32]| days.iter().map(|day| entry(key("cart", *day), &[1])).collect();
    let (old, both) = (delta(1, entries(&[10])), delta(2, entries(&[10, 20])));
    store.apply(&old, &merge).unwrap();
    store.apply(&both, &merge).unwrap();
    assert_eq!(store.prune(15).unwrap(), Pruned { windows: 1, deltas: 1 });
    let after = all_windows(&store);
    assert_eq!(after.keys().map(|key| key.day).collect::<Vec<_>>(), [20]);

    assert_eq!(store.apply(&old, &merge).unwrap(), Applied::Late);
    assert_eq!(store.apply(&both, &merge).unwrap(), Applied::Already);
    let unseen = delta(3, entries(&[14]));
    assert_eq!(store.apply(&unseen, &merge).unwrap(), Applied::Late);
    assert_eq!((all_windows(&store), numbers(&store)), (after, vec![2]));

    let unseen = delta(4, entries(&[14, 15]));
    assert_eq!(store.apply(&unseen, &merge).unwrap(), Applied::New { entries_late: 1 });
    assert_eq!(all_windows(&store).keys().map(|key| key.day).collect::<Vec<_>>(), [15, 20]);
    assert_eq!(store.prune(12).unwrap(), Pruned::default(), "the horizon never moves back");
    assert_eq!(store.apply(&old, &merge).unwrap(), Applied::Late);
}

#[test]
fn documents_are_kept_by_kind_and_key() {
    let mut store = SqliteStore::in_memory();
    assert_eq!(store.document_get("plan", "a").unwrap(), None);
    for (kind, key, bytes) in [("plan", "b", "1"), ("plan", "a", "2"), ("rollout", "a", "3")] {
        store.document_put(kind, key, bytes.as_bytes()).unwrap();
    }
    store.document_put("plan", "a", b"4").unwrap();
    assert_eq!(store.document_get("plan", "a").unwrap().as_deref(), Some(&b"4"[..]));
    assert_eq!(store.document_get("rollout", "a").unwrap().as_deref(), Some(&b"3"[..]));
    assert_eq!(store.document_list("plan").unwrap(), ["a", "b"]);
    assert!(store.document_list("none").unwrap().is_empty());
}

#[test]
fn one_document_too_many_is_refused_and_the_rest_stays() {
    let mut store = SqliteStore::in_memory();
    let most = bounds::DOCUMENTS_PER_KIND_MAX;
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) \
         INSERT INTO documents (kind, key, bytes) SELECT 'plan', i, x'00' FROM n"
    );
    store.raw().execute_batch(&fill).unwrap();
    let refused = store.document_put("plan", "more", b"1").unwrap_err();
    assert_eq!(refused.to_string(), "one kind: 10001 documents, and the store takes 10000");
    store.document_put("plan", "7", b"1").unwrap();
    store.document_put("rollout", "more", b"1").unwrap();
    assert_eq!(store.document_list("plan").unwrap().len(), most);
    let long = "k".repeat(KEY_FIELD_BYTES_MAX + 1);
    assert!(matches!(store.document_put("plan", &long, b""), Err(StoreError::OutOfBounds(_))));
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
fn values_of_any_bytes_come_back() {
    let mut store = SqliteStore::in_memory();
    let mut odd = key("nul \0 and ünïcode", -1);
    odd.reader = String::new();
    store.apply(&delta(1, vec![entry(odd.clone(), &[0, u32::MAX])]), &merge).unwrap();
    store.apply(&delta(2, vec![entry(odd.clone(), &[])]), &merge).unwrap();
    let seen = all_windows(&store);
    assert_eq!(to_value(&seen[&odd].0), to_value(&[0, u32::MAX]));
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
