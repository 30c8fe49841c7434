//! Real pairs: captures of one version as claims, captures of the next as evidence, against the
//! answer keys that lie beside them. Holds both ways: what the key names must be found, and what is
//! reported as broken must be in the key or in its README.

use crate::real_rows::{
    Allowed, CELERY_3_TO_4, CELERY_4_TO_5, CELERY_4_TO_5_UNNAMED, JSON_SERVER, JSON_SERVER_ALLOWED,
    JSON_SERVER_BETA_3, JSON_SERVER_BETA_3_ALLOWED, JSON_SERVER_MOCKED, JSON_SERVER_UNSEEN,
    MLFLOW_1_TO_2, MLFLOW_1_TO_2_NOISE, MLFLOW_2_TO_3, MLFLOW_2_TO_3_UNSEEN, Row,
};
use crate::trial::{Judged, judged, line, lines};
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::rule::Rule;
use plumb_shape::claim::Dialect;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const MLFLOW: &str = "mlflow-1.30-2.22-3.17";
const CELERY: &str = "celery-3.1-4.4-5.7";
const JSON: &str = "json-server-0.17-1.0beta";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn read(folder: &str, file: &str) -> String {
    fs::read_to_string(fixture(folder).join(file)).unwrap()
}

fn pair(folder: &str, old: &str, new: &str) -> Judged {
    judged(&fixture(folder).join(old), &fixture(folder).join(new))
}

/// The rows of the answer key for one pair: id and effect.
fn truth(folder: &str, old: &str, new: &str) -> Vec<(String, String)> {
    let key: Value = serde_json::from_str(&read(folder, "truth.json")).unwrap();
    let pairs = key["pairs"].as_array().unwrap();
    let pair = pairs.iter().find(|pair| pair["old"] == old && pair["new"] == new).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = pair["expect"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["id"]), text(&row["effect"]))).collect()
}

/// The claims of a HAR by the address they were recorded from: entry by entry, as claims are read.
fn addresses(har: &str) -> Vec<String> {
    let har: Value = serde_json::from_str(har).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap().iter();
    let address = |entry: &Value| {
        let request = &entry["request"];
        format!("{} {}", request["method"].as_str().unwrap(), request["url"].as_str().unwrap())
    };
    entries.map(address).collect()
}

fn found<'a>(judged: &'a Judged, row: &Row) -> Vec<&'a Finding> {
    let findings = judged.report.findings.iter();
    findings
        .filter(|finding| {
            finding.rule == row.rule
                && finding.seam.operation == row.operation
                && finding.place == row.place
        })
        .collect()
}

#[track_caller]
fn check_rows(judged: &Judged, rows: &[Row]) {
    for row in rows {
        let found = found(judged, row);
        let is_told = found.iter().any(|finding| finding.verdict == row.verdict);
        assert!(is_told, "{row:?} is not told:\n{}", lines(&judged.report));
    }
}

/// Each row that names an address must hold that very claim against reality.
#[track_caller]
fn check_affected(judged: &Judged, rows: &[Row], addresses: &[String]) {
    assert_eq!(judged.claims.len(), addresses.len(), "one claim for each entry");
    for row in rows.iter().filter(|row| !row.address.is_empty()) {
        let method = row.operation.split(' ').next().unwrap();
        let ends = |one: &String| one.starts_with(method) && one.ends_with(row.address);
        let at = addresses.iter().position(ends);
        let claim = &judged.claims[at.unwrap_or_else(|| panic!("{row:?}: no such entry"))];
        let is_affected =
            found(judged, row).iter().any(|finding| finding.claims.contains(&claim.source));
        assert!(is_affected, "{row:?} is not told of {:?}", claim.source);
    }
}

/// Every row of the answer key is in the table or among the exceptions, and a breaking one is told
/// as broken; a status that is still an error may be told as drifted.
#[track_caller]
fn check_key(key: &[(String, String)], rows: &[Row], exceptions: &[&str]) {
    for (id, effect) in key {
        let told: Vec<&Row> = rows.iter().filter(|row| row.id == id).collect();
        if exceptions.contains(&id.as_str()) {
            assert!(told.is_empty(), "{id} is told and an exception");
            continue;
        }
        assert!(!told.is_empty(), "{id} is in no table");
        let is_error = |row: &&Row| row.place.starts_with("response 4") && row.place.len() == 12;
        if effect == "breaking" {
            let is_broken = |row: &&Row| row.verdict == Verdict::Broken || is_error(row);
            assert!(told.iter().all(is_broken), "{id} is breaking");
        }
    }
}

/// Nothing is broken but what the tables name.
#[track_caller]
fn check_broken(judged: &Judged, rows: &[Row], allowed: &[Allowed], readme: &str) {
    for one in allowed {
        assert!(readme.contains(one.because), "the README does not say `{}`", one.because);
    }
    let broken = judged.report.findings.iter().filter(|one| one.verdict == Verdict::Broken);
    for finding in broken {
        let is_in = |rule, operation: &str, place: &str| {
            finding.rule == rule && finding.seam.operation == operation && finding.place == place
        };
        let named = rows.iter().any(|row| is_in(row.rule, row.operation, row.place))
            || allowed.iter().any(|one| is_in(one.rule, one.operation, one.place));
        assert!(named, "not in the answer key: {}", line(finding));
    }
}

#[track_caller]
fn check_silent(judged: &Judged) {
    assert!(judged.report.findings.is_empty(), "{}", lines(&judged.report));
    let verdicts = judged.report.claims.iter().map(|claim| claim.verdict);
    let verdicts: BTreeSet<Verdict> = verdicts.collect();
    assert!(verdicts.iter().all(|verdict| *verdict <= Verdict::Unobserved), "{verdicts:?}");
    let unmet: Vec<_> = judged.report.claims.iter().filter(|one| one.exchanges == 0).collect();
    assert!(unmet.is_empty(), "claims that met no exchange: {unmet:?}");
}

#[track_caller]
fn check_pair(folder: &str, (old, new): (&str, &str), rows: &[Row], allowed: &[Allowed]) {
    let judged = pair(folder, old, new);
    check_rows(&judged, rows);
    check_affected(&judged, rows, &addresses(&read(folder, old)));
    check_broken(&judged, rows, allowed, &read(folder, "README.md"));
}

#[test]
fn mlflow_1_to_2_breaks_where_the_key_says() {
    let files = ("client1-server1.har", "client1-server2.har");
    check_key(&truth(MLFLOW, files.0, files.1), MLFLOW_1_TO_2, MLFLOW_1_TO_2_NOISE);
    check_pair(MLFLOW, files, MLFLOW_1_TO_2, &[]);
}

#[test]
fn mlflow_1_to_2_breaks_the_mocks_recorded_from_1() {
    let folders = [
        ("mock-wiremock-recorded-from-1.30", Dialect::WireMock),
        ("mock-vcr-recorded-from-1.30", Dialect::Vcrpy),
    ];
    for (mocks, dialect) in folders {
        let judged = pair(MLFLOW, mocks, "client1-server2.har");
        assert!(judged.claims.iter().all(|claim| claim.source.dialect == dialect), "{mocks}");
        check_rows(&judged, MLFLOW_1_TO_2);
        check_broken(&judged, MLFLOW_1_TO_2, &[], "");
    }
}

/// A consequence of an earlier failure is no break of its own.
#[test]
fn mlflow_consequences_are_not_broken() {
    let judged = pair(MLFLOW, "client1-server1.har", "client1-server2.har");
    let operation = "POST /api/2.0/mlflow/registered-models/get-latest-versions";
    let about = judged.report.findings.iter().filter(|one| one.seam.operation == operation);
    let about: Vec<&Finding> = about.collect();
    let is_harmless = about.iter().all(|finding| finding.verdict < Verdict::Broken);
    assert!(is_harmless, "{}", lines(&judged.report));
    assert!(about.iter().all(|finding| finding.fix.contains("earlier failure")), "{about:?}");
}

#[test]
fn mlflow_2_to_3_only_adds() {
    let files = ("client2-server2.har", "client2-server3.har");
    check_key(&truth(MLFLOW, files.0, files.1), MLFLOW_2_TO_3, MLFLOW_2_TO_3_UNSEEN);
    check_pair(MLFLOW, files, MLFLOW_2_TO_3, &[]);
}

/// m13: security headers that callers do not read, named and nobody's verdict.
#[test]
fn mlflow_2_to_3_names_its_new_headers() {
    let judged = pair(MLFLOW, "client2-server2.har", "client2-server3.har");
    let names = judged.report.seams.iter().flat_map(|seam| &seam.headers_new);
    let names: BTreeSet<&str> = names.map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["vary", "x-content-type-options", "x-frame-options"]));
    let same = pair(MLFLOW, "client2-server2.har", "client2-server2.har");
    assert!(same.report.seams.iter().all(|seam| seam.headers_new.is_empty()));
}

#[test]
fn json_server_breaks_where_the_key_says() {
    let files = ("017.har", "1b15.har");
    check_key(&truth(JSON, files.0, files.1), JSON_SERVER, JSON_SERVER_UNSEEN);
    check_pair(JSON, files, JSON_SERVER, JSON_SERVER_ALLOWED);
}

#[test]
fn json_server_beta_3_breaks_where_the_readme_says() {
    check_pair(JSON, ("017.har", "1b3.har"), JSON_SERVER_BETA_3, JSON_SERVER_BETA_3_ALLOWED);
}

/// The stubs were recorded from one of the two drivers only, and speak of what that one asked.
#[test]
fn json_server_breaks_the_stubs_recorded_from_017() {
    let judged = pair(JSON, "mock-wiremock-recorded-from-0.17", "1b15.har");
    check_rows(&judged, JSON_SERVER_MOCKED);
    check_broken(&judged, JSON_SERVER_MOCKED, JSON_SERVER_ALLOWED, &read(JSON, "README.md"));
}

#[test]
fn the_same_version_twice_is_silent() {
    check_silent(&pair(MLFLOW, "long/client1-server1a.har", "long/client1-server1b.har"));
    check_silent(&pair(MLFLOW, "long/client1-server1b.har", "long/client1-server1a.har"));
    check_silent(&pair(JSON, "017.har", "017-again.har"));
    check_silent(&pair(JSON, "017-again.har", "017.har"));
    check_silent(&pair(MLFLOW, "mock-vcr-recorded-from-1.30", "client1-server1.har"));
    for (old, new) in [("3.1.18", "3.1.25"), ("3.1.25", "3.1.18"), ("4.4.7", "4.4.7")] {
        check_silent(&messages(old, new));
    }
}

/// Against the version they were recorded from, mocks may know less than the traffic, and nothing
/// in them is broken.
#[test]
fn mocks_of_the_same_version_are_not_broken() {
    for (folder, mocks, traffic) in [
        (MLFLOW, "mock-wiremock-recorded-from-1.30", "client1-server1.har"),
        (JSON, "mock-wiremock-recorded-from-0.17", "017.har"),
        (JSON, "mock-wiremock-recorded-from-0.17", "017-again.har"),
    ] {
        check_broken(&pair(folder, mocks, traffic), &[], &[], "");
    }
}

fn messages(old: &str, new: &str) -> Judged {
    let file = |version| format!("messages/producer-{version}.ndjson");
    pair(CELERY, &file(old), &file(new))
}

/// A worker of 3.1 deletes what a producer of 4.4 sends.
#[test]
fn celery_3_to_4_breaks_where_the_key_says() {
    for old in ["3.1.18", "3.1.25"] {
        let judged = messages(old, "4.4.7");
        check_rows(&judged, CELERY_3_TO_4);
        check_broken(&judged, CELERY_3_TO_4, &[], "");
    }
}

#[test]
fn celery_4_to_5_only_adds() {
    let judged = messages("4.4.7", "5.7.0");
    check_rows(&judged, CELERY_4_TO_5);
    let unnamed = judged.report.findings.iter().filter(|one| one.rule != Rule::ResponseHeaderNew);
    let unnamed: Vec<_> = unnamed.map(|one| (one.rule, one.place.as_str())).collect();
    assert_eq!(unnamed, CELERY_4_TO_5_UNNAMED, "{}", lines(&judged.report));
    check_broken(&judged, CELERY_4_TO_5, &[], "");
}

#[test]
fn celery_rows_are_those_of_the_key() {
    let key: Value = serde_json::from_str(&read(CELERY, "truth.json")).unwrap();
    let ids = key["expect"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap());
    let ids: BTreeSet<&str> = ids.collect();
    let told = CELERY_3_TO_4.iter().chain(CELERY_4_TO_5).map(|row| row.id);
    assert_eq!(ids, told.collect());
}
