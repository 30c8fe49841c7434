//! The JSON documents against their published schemas.

use crate::sample::{Sample, hostile_names, profile};
use crate::schema::check;
use plumb_wire::evidence_v1::{SeenWindow, evidence_document};
use plumb_wire::gap_v1::gap_document;
use plumb_wire::ndjson::ndjson;
use plumb_wire::scan_v1::{Scanned, scan_document};
use serde_json::Value;

const GAP: &str = include_str!("../../../../docs/formats/gap-v1.schema.json");
const SCAN: &str = include_str!("../../../../docs/formats/scan-v1.schema.json");
const EVIDENCE: &str = include_str!("../../../../docs/formats/evidence-v1.schema.json");

fn gap(sample: &Sample) -> Value {
    let unread = sample.unread();
    check(GAP, &gap_document(&sample.reported(&unread)).to_json())
}

fn scan(sample: &Sample, is_judged: bool) -> Value {
    let unread = sample.unread();
    let scanned = Scanned {
        claims: &sample.claims,
        judged: is_judged.then_some(sample.report.claims.as_slice()),
        unread: &unread,
        contradictions: &sample.report.findings,
        accepted: &sample.accepted,
    };
    check(SCAN, &scan_document(&scanned).to_json())
}

fn evidence(name: &str) -> Value {
    let profile = profile(name);
    let window = SeenWindow {
        writer: name,
        reader: "",
        operation: name,
        version: name,
        environment: "production",
        day: "2026-11-21",
        profile: &profile,
    };
    check(EVIDENCE, &evidence_document(&[window]).to_json())
}

#[test]
fn documents_fit_their_schemas_whatever_the_names() {
    for name in hostile_names() {
        let mut sample = Sample::new(&name, 3);
        sample.accept_worst();
        gap(&sample);
        scan(&sample, true);
        scan(&sample, false);
        evidence(&name);
    }
}

#[test]
fn documents_are_the_same_bytes_every_time() {
    let sample = Sample::new("payments", 3);
    assert_eq!(gap(&sample).to_string(), gap(&sample).to_string());
    assert_eq!(evidence("a").to_string(), evidence("a").to_string());
}

#[test]
fn the_gap_document_says_what_the_report_says() {
    let mut sample = Sample::new("payments", 0);
    sample.accept_worst();
    let document = gap(&sample);
    assert_eq!(document["summary"]["holds"], 1);
    assert_eq!(document["unread"], 2);
    assert_eq!(document["as_of"], "2026-11-21T10:02:33.120Z");
    assert_eq!(document["gap"]["low"], 9.0 / 41.0);
    assert_eq!(document["gap"]["exchanges_unclaimed"], 3);
    assert_eq!(document["seams"][0]["gap"], Value::Null);
    assert_eq!(document["seams"][0]["first_seen"], "1970-01-01T00:00:00.000Z");
    let worst = &document["findings"][0];
    assert_eq!(worst["key"], sample.report.findings[0].key());
    assert_eq!(worst["verdict"], "broken");
    assert_eq!(worst["accepted"]["until"], "2026-12-31");
    assert_eq!(worst["seam"]["reader"], Value::Null);
    assert_eq!(worst["seen"]["last"], Value::Null);
    assert_eq!(worst["affects"][0], "other/payments:7");
    assert_eq!(document["findings"][1]["accepted"], Value::Null);
}

#[test]
fn nothing_seen_is_an_unknown_gap() {
    let mut sample = Sample::new("payments", 0);
    sample.report.gap = plumb_gap::coverage::Gap::default();
    let document = gap(&sample);
    assert_eq!(document["gap"]["share"], Value::Null);
    assert_eq!(document["gap"]["unseen"], Value::Null);
}

#[test]
fn a_scan_without_evidence_judges_nothing() {
    let sample = Sample::new("payments", 0);
    let claim = &scan(&sample, false)["claims"][0];
    assert_eq!(claim["verdict"], Value::Null);
    assert_eq!(claim["operation"], "GET,POST /payments");
    assert_eq!(claim["status"], "4XX");
    let document = scan(&sample, true);
    assert_eq!(document["claims"][0]["verdict"], "broken");
    assert_eq!(document["unread"][1]["line"], Value::Null);
}

#[test]
fn evidence_counts_and_shows_no_value() {
    let document = evidence("state");
    let outcome = &document["windows"][0]["outcomes"][0];
    assert_eq!(outcome["status"], 402);
    assert_eq!(outcome["exchanges"], 3);
    assert_eq!(outcome["behaviours"], 1);
    let places = outcome["places"].as_array().expect("places are a list");
    let at = |place: &str| places.iter().find(|one| one["place"] == place).expect("it was seen");
    assert_eq!(at("response $.state")["literals"], 1);
    assert_eq!(at("response $.state")["of"], 3);
    assert_eq!(at("response $.note")["literals"], "many");
    assert!(!document.to_string().contains("pending"));
}

#[test]
fn a_stream_ends_with_its_summary() {
    for name in hostile_names() {
        let sample = Sample::new(&name, 3);
        let unread = sample.unread();
        let text = ndjson(&sample.reported(&unread));
        let whole = gap(&sample);
        let mut lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        let last = lines.pop().expect("there is a summary");
        assert_eq!(last["kind"], "summary");
        assert_eq!(last["gap"], whole["gap"]);
        assert_eq!(last["findings"], lines.len());
        for (line, finding) in lines.iter().zip(whole["findings"].as_array().expect("a list")) {
            assert_eq!(line["kind"], "finding");
            assert_eq!(line["key"], finding["key"]);
            assert_eq!(line["seen"], finding["seen"]);
        }
    }
}

#[test]
fn the_published_examples_fit_their_schemas() {
    for (schema, page) in [
        (GAP, include_str!("../../../../docs/formats/gap.md")),
        (SCAN, include_str!("../../../../docs/formats/scan.md")),
    ] {
        let (_, after) = page.split_once("```json\n").expect("the page has an example");
        let (example, _) = after.split_once("```").expect("the example ends");
        check(schema, example);
    }
}

#[test]
fn findings_are_the_same_in_both_schemas() {
    let read = |schema: &str| -> Value { serde_json::from_str(schema).expect("a schema is JSON") };
    assert_eq!(read(GAP)["$defs"]["finding"], read(SCAN)["$defs"]["finding"]);
    assert_eq!(read(GAP)["$defs"]["text"], read(EVIDENCE)["$defs"]["text"]);
}
