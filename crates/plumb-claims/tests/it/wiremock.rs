//! WireMock itself is asked which stub answers a request, and what the claims of the same file say
//! of the request is compared with its answer.
//!
//! `cargo xtask match-wiremock` installs the tool and runs this; without the variable [`JAR`] there
//! is nothing to ask, and the comparison is left out.

mod table;

use crate::decide::{Stub, Tally, decide, is_dead};
use plumb_claims::dialect;
use plumb_claims::reading::{Reading, SourceFile};
use plumb_shape::claim::Claim;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names the archive of the installed package.
const JAR: &str = "PLUMB_WIREMOCK";

/// Asks the tool: its arguments are the archive and a table, and its output is a list of stubs.
const ASK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/wiremock/ask.js");

/// What is read of one file.
fn reading_of(stubs: &Value) -> Reading {
    let text = stubs.to_string();
    let file = SourceFile { path: "mappings/stubs.json", bytes: text.as_bytes() };
    dialect::read(&file, &|_| None)
}

fn asked(jar: &str, table: &Value) -> Vec<Vec<Option<usize>>> {
    let path = std::env::temp_dir().join(format!("plumb-wiremock-{}.json", std::process::id()));
    fs::write(&path, table.to_string()).unwrap();
    let output = Command::new("node").arg(ASK).arg(jar).arg(&path).output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The stubs as WireMock asks them: by priority, and among equals the later one first.
fn in_turn<'a>(claims: &'a [Claim], stubs: &[Value]) -> Vec<Stub<'a>> {
    let of = |(at, stub): (usize, &Value)| {
        let titled = claims
            .iter()
            .filter(|claim| Some(claim.source.title.as_str()) == stub["name"].as_str());
        let alone = json!({ "mappings": [stub] });
        Stub { at, claims: titled.collect(), is_dead: is_dead(&reading_of(&alone)) }
    };
    let mut all: Vec<Stub<'_>> = stubs.iter().enumerate().map(of).collect();
    all.sort_by_key(|stub| {
        let given = stubs[stub.at]["priority"].as_i64().and_then(|it| i32::try_from(it).ok());
        let read = stub.claims.first().map(|claim| claim.request.priority);
        (read.or(given).unwrap_or(PRIORITY), Reverse(stub.at))
    });
    all
}

/// The priority of a stub that gives none and could not be read.
const PRIORITY: i32 = 5;

#[test]
fn claims_decide_as_wiremock_does() {
    let Ok(jar) = std::env::var(JAR) else { return };
    assert!(Path::new(&jar).is_file(), "{jar} is no file");
    let table = table::table();
    let answers = asked(&jar, &table);
    let mut tally = Tally::default();
    for (row, answers) in table.as_array().unwrap().iter().zip(&answers) {
        let claims = reading_of(&row["stubs"]).claims;
        let stubs = row["stubs"]["mappings"].as_array().unwrap();
        let in_turn = in_turn(&claims, stubs);
        for (request, answer) in row["requests"].as_array().unwrap().iter().zip(answers) {
            let stub =
                |at: usize| format!("{at}: {} {}", stubs[at]["request"], stubs[at]["priority"]);
            tally.add(decide(&in_turn, request), *answer, request, stub);
        }
    }
    tally.assert_right();
}
