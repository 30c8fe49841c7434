//! Every statement of `catalog/postgres/locks.toml` on the installed server.

use crate::lock::Lock;
use crate::measure::{Place, measure};
use crate::migration::{Part, units};
use crate::private_server::PrivateServer;
use crate::programs::{find, wanted_in_tests};
use crate::script::split;
use crate::step::{Step, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct Matrix {
    schema: String,
    statement: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    name: String,
    sql: String,
    error: Option<String>,
    locks: BTreeMap<String, String>,
    rewrite: Vec<String>,
    scan: Vec<String>,
    dangerous: bool,
    #[serde(default)]
    indexes: bool,
    index: Option<String>,
    #[serde(default)]
    outside: bool,
    #[serde(default)]
    sampled: bool,
    timezone: Option<String>,
    version_min: Option<u32>,
    version_max: Option<u32>,
}

/// The statements that are measured at least; those of newer servers are left out.
const STATEMENTS_MIN: usize = 77;

#[test]
fn every_statement_of_the_matrix_is_measured_as_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/postgres/locks.toml");
    let matrix: Matrix = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let programs = find(&wanted_in_tests()).unwrap();
    let server = PrivateServer::start(&programs, "UTC").unwrap();
    let lines = server.lines().unwrap();
    let admin = lines.connect("postgres").unwrap();
    admin.run("CREATE DATABASE origin").unwrap();
    let origin = lines.connect("origin").unwrap();
    origin.run(&matrix.schema).unwrap();
    drop(origin);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for expected in &matrix.statement {
        let version = programs.version;
        if expected.version_min.is_some_and(|least| version < least)
            || expected.version_max.is_some_and(|most| version > most)
        {
            continue;
        }
        admin.run("DROP DATABASE IF EXISTS copy").unwrap();
        admin.run("CREATE DATABASE copy TEMPLATE origin").unwrap();
        let timezone = expected.timezone.as_deref().unwrap_or("UTC");
        let settings = format!("SET timezone = '{timezone}'");
        let true_rows = BTreeMap::new();
        let place =
            Place { lines: &lines, database: "copy", settings: &settings, true_rows: &true_rows };
        let statements = split(&expected.sql).statements;
        let part = Part { file: "f".to_owned(), statements, left_out: Vec::new() };
        let steps = measure(&place, &units(&[part], false)).unwrap();
        count += 1;
        let found = differences(expected, &steps[0]);
        if !found.is_empty() {
            wrong.push(format!("{}: {}", expected.name, found.join("; ")));
        }
    }
    println!("{count} statements on PostgreSQL {}", programs.version);
    assert!(count >= STATEMENTS_MIN, "{count}");
    assert!(wrong.is_empty(), "of {count}:\n{}", wrong.join("\n"));
}

fn differences(expected: &Expected, step: &Step) -> Vec<String> {
    let mut found = Vec::new();
    let failed = step.failed.as_ref().map(|refused| refused.sqlstate.clone());
    if failed != expected.error {
        found.push(format!("failed {:?}", step.failed));
    }
    let locks: BTreeMap<String, String> = step
        .locks
        .iter()
        .filter(|held| !held.relation.contains(':'))
        .map(|held| (held.relation.clone(), held.lock.name().to_owned()))
        .collect();
    // What stands outside a transaction is watched, and a short lock may pass unseen.
    if locks != expected.locks && !(expected.outside && locks.is_empty()) {
        found.push(format!("locks {locks:?}"));
    }
    let tables = |names: &[String]| -> Vec<String> {
        names.iter().filter(|name| !name.contains(':')).cloned().collect()
    };
    if tables(&step.rewritten) != expected.rewrite {
        found.push(format!("rewritten {:?}", step.rewritten));
    }
    let has_indexes =
        ["t:t_b", "t:t_pkey"].iter().all(|name| step.rewritten.iter().any(|one| one == name));
    if expected.indexes && !has_indexes {
        found.push(format!("rewritten {:?}", step.rewritten));
    }
    if let Some(index) = &expected.index {
        let is_locked = step
            .locks
            .iter()
            .any(|held| held.relation == *index && held.lock == Lock::AccessExclusive);
        if !is_locked || !step.rewritten.contains(index) {
            found.push(format!("index {:?} {:?}", step.locks, step.rewritten));
        }
    }
    // A sample reads what it likes.
    if step.scanned != expected.scan && !expected.sampled {
        found.push(format!("scanned {:?}", step.scanned));
    }
    if (step.verdict == Verdict::Dangerous) != expected.dangerous {
        found.push(format!("verdict {:?}", step.verdict));
    }
    found
}
