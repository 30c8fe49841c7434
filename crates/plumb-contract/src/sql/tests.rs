//! Schemas as files: witnesses, places, and what cannot be read.

use super::*;

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

#[track_caller]
fn check_witness(old: &str, new: &str, expected: (&str, &str)) {
    let found = changes(&[&file("a.sql", old)], &[&file("a.sql", new)], Flow::Both);
    assert_eq!(found.unread, []);
    let broken = found.changes.iter().find(|change| change.rule == expected.0).unwrap();
    assert_eq!(broken.witness.as_deref(), Some(expected.1));
}

#[test]
fn a_witness_is_a_statement_that_was_taken() {
    let old = "CREATE TABLE t (a int NOT NULL, b date, c text NOT NULL DEFAULT '');";
    check_witness(
        old,
        &old.replace("b date", "b date NOT NULL"),
        ("column-not-null", "INSERT INTO t (a, b) VALUES (0, NULL)"),
    );
    check_witness(
        old,
        &old.replace("a int", "a smallint"),
        ("column-type-narrowed", "INSERT INTO t (a) VALUES (32768)"),
    );
    check_witness(
        old,
        &old.replace("b date", "b date UNIQUE"),
        ("key-added", "INSERT INTO t (a, b) VALUES (0, '2026-01-01'), twice"),
    );
    check_witness(old, &old.replace("b date, ", ""), ("column-removed", "SELECT b FROM t"));
}

#[test]
fn files_of_one_folder_follow_each_other() {
    let first = file("1_a.sql", "CREATE TABLE t (a int);");
    let second = file("2_b.sql", "-- more\nALTER TABLE t\n  ADD b int NOT NULL;");
    let found = changes(&[&first], &[&second, &first], Flow::Both);
    assert_eq!(found.unread, []);
    let [only] = found.changes.as_slice() else { panic!("{found:?}") };
    let at = only.new.as_ref().map(|spot| (spot.file.as_str(), spot.line, spot.column));
    assert_eq!((only.rule, at), ("column-required-added", Some(("2_b.sql", 3, 7))));
}

#[track_caller]
fn check_unread(text: &str, expected: &[(u32, u32)]) {
    let both = file("a.sql", text);
    let found = changes(&[&both], &[&both], Flow::Both);
    let told: Vec<(u32, u32)> = found.unread.iter().map(|one| (one.line, one.column)).collect();
    assert_eq!((told.as_slice(), found.changes.as_slice()), (expected, &[][..]), "{found:?}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    check_unread("SELECT nonsense from from; CREATE VIEW v AS SELECT 1;", &[]);
    check_unread("CREATE TABLE t (a int);\n CREATE TABLE u (a int;\nDROP TABLE t;", &[(2, 2)]);
    check_unread("ALTER TABLE t ADD a int;", &[(1, 1)]);
    check_unread("ALTER TABLE IF EXISTS t ADD a int;", &[]);
    check_unread("CREATE TABLE t AS SELECT 1 AS a;", &[(1, 1)]);
    check_unread("CREATE TABLE t (a text DEFAULT 'x);", &[(1, 32)]);
    check_unread("CREATE TABLE t (a int, a text);", &[(1, 1)]);
    check_unread("CREATE TABLE t (a int);\nALTER TABLE t ADD a text;", &[(2, 1)]);
    check_unread("CREATE TABLE t (a int);\nALTER TABLE t ADD IF NOT EXISTS a text;", &[]);
    check_unread("CREATE TABLE t (a int, b text);\nALTER TABLE t RENAME a TO b;", &[(2, 1)]);
    check_unread("CREATE TABLE t (a int, b text);\nALTER TABLE t CHANGE a b int;", &[(2, 1)]);
    let deep = format!("CREATE TABLE t (a int CHECK ({}1{}));", "(".repeat(999), ")".repeat(999));
    check_unread(&deep, &[(1, 1)]);
}
