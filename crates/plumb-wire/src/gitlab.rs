//! GitLab Code Quality: a list of findings by file and line, worst first.
//!
//! The format has no way to say that a finding is accepted, so those are left out. Refuses to put
//! lines into fingerprints.

use crate::fingerprint::fingerprints;
use crate::harmless::{harmless, harmless_short};
use crate::json::pretty;
use crate::location::location;
use crate::reported::Reported;
use plumb_gap::finding::{Finding, Verdict};
use serde_json::{Value, json};

/// A description longer than this, in characters, does not fit the widget.
const DESCRIPTION_MAX: usize = 500;

/// The open findings of a report as a Code Quality report.
#[must_use]
pub fn code_quality(reported: &Reported<'_>) -> String {
    let all = &reported.report.findings;
    let named = all.iter().zip(fingerprints(all));
    let open = named.filter(|(finding, _)| !reported.accepted.contains_key(&finding.key()));
    let entries: Vec<Value> =
        open.map(|(finding, fingerprint)| entry(finding, &fingerprint)).collect();
    pretty(&entries)
}

fn entry(finding: &Finding, fingerprint: &str) -> Value {
    let at = location(finding);
    let description = format!(
        "{} {}: assumed {}, observed {}",
        finding.seam.operation, finding.place, finding.said.text, finding.seen.text,
    );
    json!({
        "description": harmless_short(&description, DESCRIPTION_MAX),
        "check_name": finding.rule.id(),
        "fingerprint": fingerprint,
        "severity": severity(finding.verdict),
        "location": { "path": harmless(at.file), "lines": { "begin": at.line } },
    })
}

const fn severity(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "critical",
        Verdict::Drifted => "major",
        Verdict::Stale => "minor",
        Verdict::Unobserved | Verdict::Holds => "info",
    }
}
