//! History: which version brought a change, and until when all was as said.

use crate::trial::{DAY_MS, NOW_MS, POLICY, Trial};
use plumb_gap::finding::SeenText;
use serde_json::{Value, json};
use std::fs;

const GOOD: &str = r#"{"level":3}"#;
const BAD: &str = r#"{"depth":3}"#;

/// What the one finding says after so many versions, each with the body it answered with; the last
/// is of today, each before a day older.
fn seen(versions: &[(&str, &str)]) -> SeenText {
    let folder = tempfile::tempdir().unwrap();
    let stub = json!({
        "request": { "method": "GET", "url": "/levels" },
        "response": { "status": 200, "jsonBody": { "level": 3 } },
    });
    let claims = folder.path().join("stub.json");
    fs::write(&claims, stub.to_string()).unwrap();
    let mut trial = Trial::new();
    for (at, (version, body)) in versions.iter().rev().enumerate() {
        let last_ms = NOW_MS - 1_000 - DAY_MS * i64::try_from(at).unwrap();
        let url = if body.is_empty() { "http://stock/other" } else { "http://stock/levels" };
        let body: Value = serde_json::from_str(if body.is_empty() { GOOD } else { body }).unwrap();
        let line = |number: i64| {
            let response = json!({ "body": body });
            let time = last_ms - 29_000 + number * 1_000;
            json!({ "v": 1, "time": time, "method": "GET", "url": url, "status": 200,
                    "response": response })
            .to_string()
                + "\n"
        };
        let file = folder.path().join(format!("{version}.ndjson"));
        fs::write(&file, (0..30).map(line).collect::<String>()).unwrap();
        trial.observe(&file, Some(version));
        fs::remove_file(file).unwrap();
    }
    let report = trial.judged(&claims, &POLICY).report;
    let gone = report.findings.into_iter().find(|one| one.place == "response 200 $.level");
    gone.expect("the level is gone").seen
}

#[track_caller]
fn check(versions: &[(&str, &str)], since: Option<&str>, first_day: i64, good_day: Option<i64>) {
    let seen = seen(versions);
    let last_of = |day: i64| NOW_MS - 1_000 - day * DAY_MS;
    assert_eq!(seen.since_version.as_deref(), since);
    assert_eq!(seen.first_ms, Some(last_of(first_day) - 29_000));
    assert_eq!(seen.last_good_ms, good_day.map(last_of));
}

#[test]
fn the_version_that_brought_it_is_named() {
    check(&[("1", GOOD), ("2", BAD)], Some("2"), 0, Some(1));
    check(&[("1", GOOD), ("2", GOOD), ("3", BAD), ("4", BAD), ("5", BAD)], Some("3"), 2, Some(3));
}

#[test]
fn a_version_that_could_not_show_it_says_nothing() {
    check(&[("1", GOOD), ("2", ""), ("3", BAD)], Some("3"), 0, Some(2));
}

#[test]
fn what_was_never_as_said_has_no_beginning() {
    check(&[("1", BAD), ("2", BAD)], None, 1, None);
    check(&[("1", BAD)], None, 0, None);
}
