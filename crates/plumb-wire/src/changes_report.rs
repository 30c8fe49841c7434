//! Changes of contracts in the formats of other tools: SARIF, JUnit, GitLab Code Quality, and
//! annotations on GitHub.
//!
//! Safe changes are no findings, so they are in none of them but JUnit, where they pass. Refuses to
//! decide.

use crate::changed::{Changed, shown_at, told};
use crate::fingerprint::digest;
use crate::github;
use crate::harmless::{harmless, harmless_short};
use crate::json::pretty;
use crate::location::place_in;
use crate::sarif::{Log, RESULTS_MAX, SarifRun, UNREAD_MAX, message_text, note, physical};
use plumb_contract::change::{Change, Grade};
use plumb_contract::compared::Unread;
use plumb_contract::weighed::Weighed;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A text longer than this, in characters, is read by nobody.
const TEXT_MAX: usize = 1_000;

/// A name longer than this, in characters, breaks the tables it is shown in.
const NAME_MAX: usize = 500;

/// The changes that are not safe as a SARIF log.
#[must_use]
pub fn sarif(changed: &Changed<'_>, run: &SarifRun<'_>) -> String {
    let open: Vec<&Weighed> = open(changed).collect();
    let rules: BTreeSet<&str> = open.iter().map(|one| one.change.rule).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let result = |(weighed, fingerprint): (&&Weighed, String)| {
        let index = rules.binary_search(&weighed.change.rule).unwrap_or_default();
        result(weighed, index, &fingerprint)
    };
    let fingerprints = fingerprints(open.iter().map(|one| &one.change));
    let mut notes: Vec<Value> = changed.unread.iter().take(UNREAD_MAX).map(unread_note).collect();
    let more = changed.unread.len().saturating_sub(UNREAD_MAX);
    if more > 0 {
        notes.push(note(&format!("{more} more places could not be read")));
    }
    let beyond = open.len().saturating_sub(RESULTS_MAX);
    if beyond > 0 {
        notes.push(note(&format!("{beyond} more changes than this format may hold")));
    }
    Log {
        results: open.iter().zip(fingerprints).take(RESULTS_MAX).map(result).collect(),
        rules: rules.iter().map(|rule| rule_entry(rule)).collect(),
        notes,
    }
    .written(run)
}

fn open<'a>(changed: &Changed<'a>) -> impl Iterator<Item = &'a Weighed> {
    changed.changes.iter().filter(|one| one.change.grade != Grade::Safe)
}

fn rule_entry(rule: &str) -> Value {
    json!({
        "id": rule,
        "shortDescription": { "text": rule.replace('-', " ") },
        "defaultConfiguration": { "level": "warning" },
    })
}

fn result(weighed: &Weighed, rule_index: usize, fingerprint: &str) -> Value {
    let change = &weighed.change;
    let (file, line) = shown_at(change);
    let mut primary = physical(place_in(file, line));
    primary["logicalLocations"] = json!([{
        "fullyQualifiedName": harmless_short(&change.subject, TEXT_MAX),
    }]);
    json!({
        "ruleId": change.rule,
        "ruleIndex": rule_index,
        "level": if change.grade == Grade::Breaking { "error" } else { "warning" },
        "message": { "text": message_text(&told(change)) },
        "locations": [primary],
        "partialFingerprints": { "plumbKey/v1": fingerprint },
        "properties": {
            "key": harmless_short(&change.key(), TEXT_MAX),
            "grade": change.grade.name(),
        },
    })
}

fn unread_note(unread: &Unread) -> Value {
    let mut value = note(&harmless_short(&format!("not read: {}", unread.reason), TEXT_MAX));
    value["locations"] = json!([physical(place_in(&unread.file, unread.line))]);
    value
}

/// For each change 64 hexadecimal digits, no two of them alike: of the key, and the order among
/// changes that share it.
fn fingerprints<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<String> {
    let mut times: BTreeMap<String, u64> = BTreeMap::new();
    changes
        .map(|change| {
            let key = change.key();
            let nth = times.entry(key.clone()).or_default();
            *nth += 1;
            digest(&[key.as_bytes(), &nth.to_be_bytes()])
        })
        .collect()
}

/// The changes as a test run: a suite to a subject, a case to a change.
#[must_use]
pub fn junit(changed: &Changed<'_>) -> String {
    let mut suites: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for weighed in changed.changes {
        suites.entry(&weighed.change.subject).or_default().push(case(weighed));
    }
    let mut report = Report::new("plumb compat");
    for (subject, cases) in suites {
        let mut suite = TestSuite::new(harmless_short(subject, NAME_MAX).into_owned());
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    if !changed.unread.is_empty() {
        let mut suite = TestSuite::new("not read");
        suite.add_test_cases(changed.unread.iter().map(unread_case));
        report.add_test_suite(suite);
    }
    // INVARIANT: writing to memory does not fail, and the text is UTF-8 as it came.
    report.to_string().unwrap_or_default()
}

fn case(weighed: &Weighed) -> TestCase {
    let change = &weighed.change;
    let mut status = match change.grade {
        Grade::Breaking => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Grade::Risky => TestCaseStatus::skipped(),
        Grade::Safe => TestCaseStatus::success(),
    };
    if change.grade != Grade::Safe {
        status.set_message(harmless_short(&told(change), TEXT_MAX).into_owned());
    }
    let name = format!("{} {}", change.rule, change.place);
    let mut case = TestCase::new(harmless_short(&name, NAME_MAX).into_owned(), status);
    case.set_classname(harmless_short(&change.subject, NAME_MAX).into_owned());
    case
}

fn unread_case(unread: &Unread) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(harmless_short(&unread.reason, TEXT_MAX).into_owned());
    let name = format!("{}:{}", unread.file, unread.line);
    TestCase::new(harmless_short(&name, NAME_MAX).into_owned(), status)
}

/// The changes that are not safe as a Code Quality report of GitLab.
#[must_use]
pub fn code_quality(changed: &Changed<'_>) -> String {
    let fingerprints = fingerprints(open(changed).map(|one| &one.change));
    let entry = |(weighed, fingerprint): (&Weighed, String)| {
        let change = &weighed.change;
        let (file, line) = shown_at(change);
        let at = place_in(file, line);
        json!({
            "description": harmless_short(&told(change), TEXT_MAX),
            "check_name": change.rule,
            "fingerprint": fingerprint,
            "severity": if change.grade == Grade::Breaking { "critical" } else { "major" },
            "location": { "path": harmless(at.file), "lines": { "begin": at.line } },
        })
    };
    pretty(&open(changed).zip(fingerprints).map(entry).collect::<Vec<_>>())
}

/// The changes that are not safe as workflow commands of GitHub.
#[must_use]
pub fn annotations(changed: &Changed<'_>) -> String {
    let annotation = |weighed: &Weighed| {
        let change = &weighed.change;
        let (file, line) = shown_at(change);
        let kind = match change.grade {
            Grade::Breaking => github::Kind::Error,
            Grade::Risky | Grade::Safe => github::Kind::Warning,
        };
        let title = format!("{}: {}", change.grade.name(), change.rule);
        (kind, github::line(kind, place_in(file, line), &title, &told(change)))
    };
    github::worst(open(changed).map(annotation))
}
