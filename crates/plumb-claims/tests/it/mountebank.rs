//! Mountebank itself is asked which stub answers a request, and what the claims of the same stubs
//! say of the request is compared with its answer.
//!
//! `cargo xtask match-mountebank` installs the tool and runs this; without the variable [`PACKAGE`]
//! there is nothing to ask, and the comparison is left out.

mod table;

use crate::decide::{Stub, Tally, decide, is_dead};
use plumb_claims::dialect;
use plumb_claims::reading::{Reading, SourceFile};
use plumb_shape::claim::Claim;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names the folder of the installed package.
const PACKAGE: &str = "PLUMB_MOUNTEBANK";

/// Asks the tool: its arguments are the package and a table, and its output is a list of stubs.
const ASK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mountebank/ask.js");

/// What is read of one imposter.
fn reading_of(imposter: &Value) -> Reading {
    let text = imposter.to_string();
    let file = SourceFile { path: "imposter.json", bytes: text.as_bytes() };
    dialect::read(&file, &|_| None)
}

fn asked(package: &str, table: &Value) -> Vec<Vec<Option<usize>>> {
    let path = std::env::temp_dir().join(format!("plumb-mountebank-{}.json", std::process::id()));
    fs::write(&path, table.to_string()).unwrap();
    let output = Command::new("node").arg(ASK).arg(package).arg(&path).output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn claims_decide_as_mountebank_does() {
    let Ok(package) = std::env::var(PACKAGE) else { return };
    assert!(Path::new(&package).is_dir(), "{package} is no folder");
    let table = table::table();
    let answers = asked(&package, &table);
    let mut tally = Tally::default();
    for (row, answers) in table.as_array().unwrap().iter().zip(&answers) {
        let claims = reading_of(&row["imposter"]).claims;
        let stubs = row["imposter"]["stubs"].as_array().unwrap();
        let in_turn = in_turn(&claims, stubs);
        for (request, answer) in row["requests"].as_array().unwrap().iter().zip(answers) {
            let stub = |at: usize| stubs[at]["predicates"].to_string();
            tally.add(decide(&in_turn, request), *answer, request, stub);
        }
    }
    tally.assert_right();
}

/// The stubs as Mountebank asks them: in their order, which is the priority of their claims.
fn in_turn<'a>(claims: &'a [Claim], stubs: &[Value]) -> Vec<Stub<'a>> {
    let of = |(at, stub): (usize, &Value)| {
        let position = i32::try_from(at).unwrap();
        let claims = claims.iter().filter(|claim| claim.request.priority == position).collect();
        let alone = json!({ "protocol": "http", "stubs": [stub] });
        Stub { at, claims, is_dead: is_dead(&reading_of(&alone)) }
    };
    stubs.iter().enumerate().map(of).collect()
}
