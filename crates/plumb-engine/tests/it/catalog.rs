//! The catalog: for each rule a page, a case in which it fires and one in which nothing does.

use crate::trial::{Judged, judged, lines};
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::report::Report;
use plumb_gap::rule::{RULES, Rule};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a page: fewer explain nothing, more are not read.
const PAGE_LINES: std::ops::RangeInclusive<usize> = 20..=40;

/// Folders that are no rule's: pairs of contracts, which `plumb-contract` decides, and what a real
/// server was measured to do, which `plumb-rehearse` holds it to.
const OTHER_FOLDERS: [&str; 2] = ["compat", "postgres"];

/// The headings of every page, in order.
const HEADINGS: [&str; 4] =
    ["## Why it matters", "## Example", "## What to do", "## How to accept it"];

fn folder(rule: Rule) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog").join(rule.id())
}

fn case(rule: Rule, side: &str) -> Report {
    let claims = folder(rule).join(side);
    let Judged { report, .. } = judged(&claims, &claims.join("traffic.ndjson"));
    report
}

fn fired(rule: Rule) -> Vec<Finding> {
    let report = case(rule, "fires");
    let fired = report.findings.into_iter().filter(|finding| finding.rule == rule);
    fired.filter(|finding| finding.verdict >= Verdict::Drifted).collect()
}

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let folders = fs::read_dir(folder(Rule::StatusNew).parent().unwrap()).unwrap();
    let names = folders.map(|entry| entry.unwrap());
    let names = names.filter(|entry| entry.file_type().unwrap().is_dir());
    let names = names.map(|entry| entry.file_name().into_string().unwrap());
    let names: BTreeSet<String> =
        names.filter(|name| !OTHER_FOLDERS.contains(&name.as_str())).collect();
    let ids: BTreeSet<String> = RULES.iter().map(|rule| rule.id().to_owned()).collect();
    assert_eq!(names, ids);
}

#[test]
fn every_rule_fires_in_its_case_and_is_the_worst_there() {
    for rule in RULES {
        let report = case(rule, "fires");
        let lines = lines(&report);
        assert!(!fired(rule).is_empty(), "{} does not fire:\n{lines}", rule.id());
        let worst = report.findings.iter().map(|finding| finding.verdict).max();
        let own = fired(rule).iter().map(|finding| finding.verdict).max();
        assert_eq!(own, worst, "{} is not the worst:\n{lines}", rule.id());
    }
}

#[test]
fn every_silent_case_is_silent() {
    for rule in RULES {
        let report = case(rule, "silent");
        assert!(report.findings.is_empty(), "{}:\n{}", rule.id(), lines(&report));
        let unmet = report.claims.iter().all(|claim| claim.exchanges == 0);
        assert!(!unmet, "{}: the claims meet no traffic: {:?}", rule.id(), report.claims);
    }
}

#[test]
fn every_page_explains_its_rule_by_its_case() {
    for rule in RULES {
        let id = rule.id();
        let page = fs::read_to_string(folder(rule).join("page.md")).unwrap_or_default();
        assert!(page.starts_with(&format!("# {id}\n")), "{id}: the title is the id");
        let lines = page.lines().count();
        assert!(PAGE_LINES.contains(&lines), "{id}: {lines} lines");
        let mut at = 0;
        for heading in HEADINGS {
            let found = page[at..].find(heading);
            at += found.unwrap_or_else(|| panic!("{id}: no `{heading}`, or not in order"));
        }
        let keys: Vec<String> = fired(rule).iter().map(Finding::key).collect();
        let is_quoted = keys.iter().any(|key| page.contains(&format!("`{key}`")));
        assert!(is_quoted, "{id}: the page quotes none of {keys:?}");
    }
}
