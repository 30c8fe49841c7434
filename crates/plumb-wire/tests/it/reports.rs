//! The reports for other tools against their formats' rules.

use crate::sample::{Sample, hostile_names};
use crate::schema::check;
use plumb_wire::github::annotations;
use plumb_wire::gitlab::code_quality;
use plumb_wire::junit::junit;
use plumb_wire::markdown::{comment, comment_marker, summary};
use plumb_wire::reported::Reported;
use plumb_wire::sarif::{SarifRun, sarif};
use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use std::collections::BTreeSet;

const SARIF: &str = include_str!("sarif-subset.schema.json");
const RUN: SarifRun<'_> = SarifRun { tool_version: "0.1.0", category: "checkout/production" };

/// Looks at a report of every hostile name, with the worst finding accepted and without.
fn for_every_name(more: usize, look: impl Fn(&Reported<'_>)) {
    for name in hostile_names() {
        let mut sample = Sample::new(&name, more);
        let unread = sample.unread();
        look(&sample.reported(&unread));
        drop(unread);
        sample.accept_worst();
        let unread = sample.unread();
        look(&sample.reported(&unread));
    }
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    for_every_name(30, |reported| {
        let document = check(SARIF, &sarif(reported, &RUN));
        let run = &document["runs"][0];
        let results = run["results"].as_array().expect("results are a list");
        assert_eq!(results.len(), reported.report.findings.len());
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("an index is a number");
            let index = usize::try_from(index).expect("an index is small");
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
        let suppressed = results.iter().filter(|one| one["suppressions"].is_array()).count();
        let open = reported.open().count();
        assert_eq!(suppressed + open, results.len());
        let prints = results.iter().map(|one| one["partialFingerprints"].to_string());
        assert_eq!(prints.collect::<BTreeSet<_>>().len(), results.len());
    });
}

#[test]
fn sarif_says_what_it_does_not_hold() {
    let sample = Sample::new("payments", 25_000);
    let unread = sample.unread();
    let text = sarif(&sample.reported(&unread), &RUN);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let notes = &document["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes[2]["message"]["text"], "4 more findings than this format may hold");
}

#[test]
fn junit_reads_back_and_counts() {
    for_every_name(3, |reported| {
        let text = junit(reported);
        let run = Report::deserialize_from_str(&text).expect("the report is well-formed");
        assert_eq!((run.tests, run.errors), (7, 2));
        assert_eq!(run.failures + run.skipped, 4);
        let suites = run.test_suites.iter().map(|one| (one.tests, one.test_cases.len()));
        assert!(suites.into_iter().all(|(counted, there)| counted == there));
    });
}

#[test]
fn junit_skips_what_is_lived_with() {
    let mut sample = Sample::new("payments", 0);
    let failures = |sample: &Sample| {
        let text = junit(&sample.reported(&[]));
        Report::deserialize_from_str(&text).expect("the report is well-formed").failures
    };
    assert_eq!(failures(&sample), 2);
    sample.accept_worst();
    assert_eq!(failures(&sample), 1);
    let text = junit(&sample.reported(&[]));
    assert!(text.contains("accepted: lived with payments (until 2026-12-31)"), "{text}");
}

#[test]
fn junit_tells_findings_that_no_claim_is_behind() {
    let mut sample = Sample::new("payments", 0);
    for finding in &mut sample.report.findings {
        finding.claims.clear();
    }
    let text = junit(&sample.reported(&[]));
    let run = Report::deserialize_from_str(&text).expect("the report is well-formed");
    assert_eq!(run.tests, 9);
    let cases = run.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let bad = cases.filter(|case| !matches!(case.status, TestCaseStatus::Success { .. }));
    assert_eq!(bad.count(), 8);
}

#[test]
fn code_quality_has_a_path_and_its_own_fingerprint_for_each() {
    for_every_name(30, |reported| {
        let text = code_quality(reported);
        let entries: Vec<Value> = serde_json::from_str(&text).expect("it is a list");
        assert_eq!(entries.len(), reported.open().count());
        let prints: BTreeSet<&str> =
            entries.iter().filter_map(|one| one["fingerprint"].as_str()).collect();
        assert_eq!(prints.len(), entries.len());
        for entry in &entries {
            let path = entry["location"]["path"].as_str().expect("a path is text");
            assert!(!path.is_empty() && !path.starts_with("./"));
            assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1));
        }
    });
}

#[test]
fn fingerprints_do_not_move_with_lines() {
    let mut sample = Sample::new("payments", 5);
    let prints = |sample: &Sample| {
        let entries: Value =
            serde_json::from_str(&code_quality(&sample.reported(&[]))).expect("it is a list");
        let entries = entries.as_array().expect("it is a list").clone();
        entries.iter().map(|one| one["fingerprint"].to_string()).collect::<Vec<_>>()
    };
    let before = prints(&sample);
    sample.report.findings.iter_mut().for_each(|one| one.said.line += 40);
    assert_eq!(prints(&sample), before);
}

#[test]
fn annotations_are_single_commands_and_few() {
    for_every_name(30, |reported| {
        let text = annotations(reported);
        for line in text.lines() {
            let rest = line.strip_prefix("::").expect("a line is a command");
            let (command, message) = rest.split_once("::").expect("a command has a message");
            assert!(["error ", "warning ", "notice "].iter().any(|it| command.starts_with(it)));
            assert!(!message.is_empty() && !line.contains(char::is_control));
        }
        let errors = text.lines().filter(|line| line.starts_with("::error")).count();
        assert!(errors <= 10, "{errors} errors");
        assert!(text.contains(" more, in the step summary"));
    });
}

/// Nothing foreign may stand in a page but as text.
#[track_caller]
fn check_page(page: &str, bytes_max: usize) {
    assert!(page.len() <= bytes_max, "{} bytes", page.len());
    let ours = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"];
    let rest = ours.iter().fold(page.to_owned(), |rest, tag| rest.replace(tag, ""));
    assert!(!rest.contains(['<', '>', '@', '`', '[']), "markup in {rest:.2000}");
    assert!(!rest.contains(|letter: char| letter.is_control() && letter != '\n'));
    for line in page.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.matches('|').count(), 7, "{line}");
    }
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    assert!(page.contains(" · unseen "), "the gap without the unseen share");
}

#[test]
fn pages_hold_foreign_text_as_text_and_stay_small() {
    for_every_name(120, |reported| {
        let name = &reported.report.findings[0].seam.writer;
        check_page(&summary(reported, name), 900_000);
        let comment = comment(reported, name, name);
        let marker = comment_marker(name);
        let rest = comment.strip_prefix(&marker).expect("a comment begins with its marker");
        assert!(marker.starts_with("<!-- plumb ") && marker.matches("--").count() == 2);
        check_page(rest, 60_000);
    });
}

#[test]
fn a_page_says_what_it_leaves_out() {
    let mut sample = Sample::new("payments", 300);
    sample.accept_worst();
    let unread = sample.unread();
    let page = summary(&sample.reported(&unread), "refuse: 1 broken seam");
    assert!(page.starts_with("## ✖ broken: refuse&#58; 1 broken seam\n\n✖ broken 1 · "), "{page}");
    assert_eq!(page.lines().filter(|line| line.starts_with("| ✖")).count(), 50);
    assert!(page.contains("findings not in the table\n"));
    assert!(page.contains("places in files that were not read: 2"));
    assert!(page.contains("accepted findings, not shown: 1"));
    let short = comment(&sample.reported(&unread), "", "checkout");
    assert!(short.len() > 50_000 && short.contains("findings without details\n"));
    assert!(short.contains("<details><summary>2 not read</summary>"));
}
