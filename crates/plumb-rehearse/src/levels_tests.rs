//! Every pair of `catalog/postgres/statements.toml` on the installed server.

use crate::asked::parse;
use crate::column::tables;
use crate::host::{Server, host};
use crate::migration::{Part, units};
use crate::programs::wanted_in_tests;
use crate::script::split;
use crate::trial::{Level, Trial, settings, trial};
use crate::walk::{Ground, walk};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct Pairs {
    schema: String,
    statement: Vec<Named>,
    migration: Vec<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
    sql: String,
    #[serde(default)]
    breaks: BTreeMap<String, u8>,
}

/// Pairs that break, and how many each level finds first: what the book says.
const FOUND: [usize; 4] = [22, 8, 31, 9];

#[test]
fn every_break_is_found_at_its_level_and_nothing_else_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/postgres/statements.toml");
    let pairs: Pairs = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!((pairs.migration.len(), pairs.statement.len()), (17, 12));
    let host = host(&Server::Private(wanted_in_tests()), "UTC").unwrap();
    host.make("origin", None).unwrap();
    let link = host.connect("origin").unwrap();
    link.run(&pairs.schema).unwrap();
    link.run(
        "CREATE ROLE plumb_application; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plumb_application; \
         ANALYZE",
    )
    .unwrap();
    let asking = settings(Some("plumb_application"), "SET timezone = 'UTC'");
    let known = tables(&link).unwrap();
    link.run(&asking).unwrap();
    let trials: Vec<Trial> = pairs
        .statement
        .iter()
        .enumerate()
        .map(|(number, one)| {
            let asked = parse(&one.sql).asked.remove(0);
            let mut made = trial(&link, &known, &asked, number).expect(&one.name);
            assert!(!made.sets.is_empty(), "{}", one.name);
            made.asked.component.clone_from(&one.name);
            made.asked.line = number;
            made
        })
        .collect();
    drop(link);
    let (mut wrong, mut found) = (Vec::new(), [0; 4]);
    for migration in &pairs.migration {
        let database = host.make("walked", Some("origin")).unwrap();
        let lines = host.lines();
        let statements = split(&migration.sql).statements;
        let changing = statements.iter().position(|one| one.text.starts_with("UPDATE"));
        let ground = Ground {
            lines,
            database: &database,
            migrating: "SELECT 1",
            asking: &asking,
            changing_from: changing.map(|at| at + 1),
        };
        let last = statements.len();
        let part = Part { file: "f".to_owned(), statements, left_out: Vec::new() };
        let walked = walk(ground, &units(&[part], false), &trials).unwrap();
        assert!(walked.failed.is_none(), "{}: {:?}", migration.name, walked.failed);
        let mut breaks: BTreeMap<String, u8> = BTreeMap::new();
        for one in &walked.breaks {
            assert!(one.after.is_some_and(|after| after <= last), "{one:?}");
            let least = breaks.entry(one.component.clone()).or_insert(one.level as u8);
            *least = (*least).min(one.level as u8);
        }
        for level in breaks.values() {
            found[usize::from(*level) - Level::Prepared as usize] += 1;
        }
        if breaks != migration.breaks {
            wrong.push(format!("{} {breaks:?}", migration.name));
        }
    }
    assert!(wrong.is_empty(), "{found:?}\n{}", wrong.join("\n"));
    assert_eq!(found, FOUND);
}
