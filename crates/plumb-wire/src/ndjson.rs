//! A report as a stream: one finding to a line and the summary last, so that a stream without a
//! summary was cut off.
//!
//! Refuses to differ from the gap document in what a finding or a summary holds.

use crate::finding_v1::{FindingEntry, finding_entry};
use crate::gap_v1::{GAP_VERSION, GapEntry, SummaryEntry, gap_entry, summary_entry};
use crate::json::line;
use crate::reported::Reported;
use crate::rfc3339::rfc3339;
use serde::Serialize;

/// A line that holds a finding.
#[derive(Debug, Serialize)]
struct FindingLine<'a> {
    version: u32,
    kind: &'static str,
    #[serde(flatten)]
    finding: FindingEntry<'a>,
}

/// The last line.
#[derive(Debug, Serialize)]
struct SummaryLine {
    version: u32,
    kind: &'static str,
    as_of: Option<String>,
    summary: SummaryEntry,
    unread: usize,
    gap: GapEntry,
    findings: usize,
}

/// Lines with `"kind":"finding"`, worst first, then one with `"kind":"summary"`.
#[must_use]
pub fn ndjson(reported: &Reported<'_>) -> String {
    let report = reported.report;
    let findings = report.findings.iter().map(|finding| {
        let finding = finding_entry(finding, reported.accepted);
        line(&FindingLine { version: GAP_VERSION, kind: "finding", finding })
    });
    let summary = line(&SummaryLine {
        version: GAP_VERSION,
        kind: "summary",
        as_of: rfc3339(reported.as_of_ms),
        summary: summary_entry(report.summary()),
        unread: reported.unread.len(),
        gap: gap_entry(report),
        findings: report.findings.len(),
    });
    findings.chain([summary]).collect()
}
