//! JUnit XML: a suite to a seam, a case to a claim. Broken and drifted fail, stale and unobserved
//! are skipped, and what could not be read is an error.
//!
//! A failure that somebody lives with is skipped as well. Refuses to know what a run of the format
//! is counted as elsewhere: counts are the format's own.

use crate::harmless::{harmless, harmless_short};
use crate::reported::{Acceptance, Reported, Unread, acceptance_text, said_operation};
use plumb_gap::finding::{Finding, Seam, Verdict};
use plumb_gap::judged::ClaimReport;
use plumb_shape::claim::{Claim, Source};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::{BTreeMap, BTreeSet};

/// The suite of what could not be read.
const UNREAD_SUITE: &str = "not read";

/// Findings told of one case; a claim with more is wrong all over.
const FINDINGS_EACH_MAX: usize = 50;

/// A name longer than this, in characters, breaks the tables it is shown in.
const NAME_MAX: usize = 500;

/// A line longer than this, in characters, is read by nobody.
const TEXT_MAX: usize = 1_000;

/// Cases by suite, each suite in the order of its claims.
type Suites = BTreeMap<String, Vec<TestCase>>;

/// Findings by every claim that they speak against.
type Against<'a> = BTreeMap<&'a Source, Vec<&'a Finding>>;

/// The claims of a report as a test run.
#[must_use]
pub fn junit(reported: &Reported<'_>) -> String {
    let mut suites = Suites::new();
    let against = against(&reported.report.findings);
    for (claim, judged) in reported.claims.iter().zip(&reported.report.claims) {
        let found = against.get(&claim.source).map(Vec::as_slice).unwrap_or_default();
        let name = suite_name(&said_seam(claim));
        let case = claim_case(claim, &name, status(judged, found, reported.accepted));
        suites.entry(name).or_default().push(case);
    }
    for finding in findings_without_claim(reported) {
        let name = suite_name(&finding.seam);
        let case = finding_case(finding, &name, reported.accepted);
        suites.entry(name).or_default().push(case);
    }
    let mut report = Report::new("plumb");
    for (name, cases) in suites {
        report.add_test_suite(suite(&name, cases));
    }
    if !reported.unread.is_empty() {
        let cases = reported.unread.iter().map(unread_case).collect();
        report.add_test_suite(suite(UNREAD_SUITE, cases));
    }
    // INVARIANT: writing to memory does not fail, and the text is UTF-8 as it came.
    report.to_string().unwrap_or_default()
}

fn suite(name: &str, mut cases: Vec<TestCase>) -> TestSuite {
    tell_apart(&mut cases);
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases);
    suite
}

/// Numbers cases that have the same name, so that tools do not take them for one.
fn tell_apart(cases: &mut [TestCase]) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        let nth = times.entry(case.name.as_str().to_owned()).or_default();
        *nth += 1;
        if *nth > 1 {
            case.name = format!("{} #{nth}", case.name.as_str()).into();
        }
    }
}

fn against(findings: &[Finding]) -> Against<'_> {
    let mut against = Against::new();
    for finding in findings {
        for source in &finding.claims {
            against.entry(source).or_default().push(finding);
        }
    }
    against
}

fn findings_without_claim<'a>(reported: &Reported<'a>) -> Vec<&'a Finding> {
    let claimed: BTreeSet<&Source> = reported.claims.iter().map(|claim| &claim.source).collect();
    let is_told = |one: &&Finding| one.claims.iter().any(|source| claimed.contains(source));
    reported.report.findings.iter().filter(|one| !is_told(one)).collect()
}

fn said_seam(claim: &Claim) -> Seam {
    Seam {
        writer: claim.writer.clone().unwrap_or_default(),
        reader: claim.reader.clone().unwrap_or_default(),
        operation: said_operation(claim),
    }
}

/// `shop to orders: GET /orders/{}`, as far as names are known.
fn suite_name(seam: &Seam) -> String {
    let sides = match (seam.reader.as_str(), seam.writer.as_str()) {
        ("", "") => String::new(),
        ("", writer) => format!("{writer}: "),
        (reader, "") => format!("{reader} to any: "),
        (reader, writer) => format!("{reader} to {writer}: "),
    };
    harmless_short(&format!("{sides}{}", seam.operation), NAME_MAX).into_owned()
}

fn claim_case(claim: &Claim, suite: &str, status: TestCaseStatus) -> TestCase {
    let source = &claim.source;
    let name = format!("{} {} ({})", claim.status, source.title, source.file);
    placed_case(&name, suite, status, (&source.file, source.line))
}

fn finding_case(
    finding: &Finding,
    suite: &str,
    accepted: &BTreeMap<String, Acceptance>,
) -> TestCase {
    let reason = finding.rule.id().to_owned();
    let judged = ClaimReport { verdict: finding.verdict, reason, exchanges: finding.seen.of };
    let status = status(&judged, &[finding], accepted);
    let name = format!("{} {}", finding.rule.id(), finding.place);
    placed_case(&name, suite, status, (&finding.said.file, finding.said.line))
}

fn unread_case(unread: &Unread<'_>) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("not-read");
    status.set_message(harmless_short(unread.reason, TEXT_MAX).as_ref());
    status.set_description(harmless_short(unread.remedy, TEXT_MAX).as_ref());
    placed_case(unread.file, UNREAD_SUITE, status, (unread.file, unread.line))
}

fn placed_case(
    name: &str,
    suite: &str,
    status: TestCaseStatus,
    (file, line): (&str, u32),
) -> TestCase {
    let mut case = TestCase::new(harmless_short(name, NAME_MAX).as_ref(), status);
    case.set_classname(suite);
    if !file.is_empty() {
        case.extra.insert("file".into(), harmless(file).as_ref().into());
        case.extra.insert("line".into(), line.max(1).to_string().into());
    }
    case
}

fn status(
    judged: &ClaimReport,
    found: &[&Finding],
    accepted: &BTreeMap<String, Acceptance>,
) -> TestCaseStatus {
    let acceptance_of = |finding: &&Finding| accepted.get(&finding.key());
    let open: Vec<&Finding> =
        found.iter().copied().filter(|finding| acceptance_of(finding).is_none()).collect();
    let reason = format!("{}: {}", judged.verdict, judged.reason);
    let reason = harmless_short(&reason, TEXT_MAX);
    let mut status = match (judged.verdict, found.first().and_then(acceptance_of)) {
        (Verdict::Holds, _) => return TestCaseStatus::success(),
        (Verdict::Broken | Verdict::Drifted, Some(acceptance)) if open.is_empty() => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(acceptance_text(acceptance, TEXT_MAX));
            status
        }
        (Verdict::Broken | Verdict::Drifted, _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(reason.as_ref()).set_description(told(&open));
            status
        }
        (Verdict::Stale | Verdict::Unobserved, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason.as_ref());
            status
        }
    };
    status.set_type(judged.verdict.name());
    status
}

/// The findings, a paragraph each.
fn told(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings.iter().take(FINDINGS_EACH_MAX) {
        for part in [
            format!("{} {}", finding.rule.id(), finding.place),
            format!("  assumed: {}", finding.said.text),
            format!("  observed: {}", finding.seen.text),
            format!("  do: {}", finding.fix),
        ] {
            text.push_str(&harmless_short(&part, TEXT_MAX));
            text.push('\n');
        }
    }
    let more = findings.len().saturating_sub(FINDINGS_EACH_MAX);
    if more > 0 {
        text.push_str(&format!("and {more} more\n"));
    }
    text
}
