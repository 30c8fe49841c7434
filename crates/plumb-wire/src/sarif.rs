//! SARIF 2.1.0, for code scanning: one run, one result to a finding, worst first.
//!
//! Sets no security severity and refuses to decide: what somebody lives with is suppressed, not
//! left out.

use crate::fingerprint::fingerprints;
use crate::harmless::{harmless, harmless_short};
use crate::json::pretty;
use crate::location::{Location, also_said, location, place_in, uri};
use crate::reported::{Acceptance, Reported, Unread, acceptance_text};
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::rule::Rule;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More results than this make GitHub refuse the file.
pub(crate) const RESULTS_MAX: usize = 25_000;

/// GitHub shows this many related locations of one result.
const RELATED_MAX: usize = 100;

/// Unread places named one by one; the rest is counted. They are there to be looked into, not to
/// fill the file.
pub(crate) const UNREAD_MAX: usize = 100;

/// A message longer than this, in characters, is read by nobody.
const MESSAGE_MAX: usize = 1_000;

/// Whose run it is.
#[derive(Clone, Copy, Debug)]
pub struct SarifRun<'a> {
    /// Plumb's own version, as `0.1.0`.
    pub tool_version: &'a str,
    /// Tells runs apart that look at different things: project and environment. Empty when there is
    /// only one.
    pub category: &'a str,
}

/// The findings of a report as a SARIF log.
#[must_use]
pub fn sarif(reported: &Reported<'_>, run: &SarifRun<'_>) -> String {
    let rules: BTreeSet<Rule> = reported.report.findings.iter().map(|one| one.rule).collect();
    let rules: Vec<Rule> = rules.into_iter().collect();
    let log = Log {
        rules: rules.iter().copied().map(rule_entry).collect(),
        notes: notifications(reported),
        results: results(reported, &rules),
    };
    log.written(run)
}

/// What one run found, entry by entry.
pub(crate) struct Log {
    pub(crate) rules: Vec<Value>,
    pub(crate) notes: Vec<Value>,
    pub(crate) results: Vec<Value>,
}

impl Log {
    /// The whole log.
    pub(crate) fn written(self, run: &SarifRun<'_>) -> String {
        let mut driver = json!({ "name": "plumb", "rules": self.rules });
        if !run.tool_version.is_empty() {
            driver["semanticVersion"] = json!(run.tool_version);
        }
        let mut entry = json!({
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": self.notes,
            }],
            "results": self.results,
        });
        if !run.category.is_empty() {
            // What stands before the last slash is the category; after it, one run.
            let category = harmless(run.category);
            let id = format!("{}/", category.trim_end_matches('/'));
            entry["automationDetails"] = json!({ "id": id });
        }
        pretty(&json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [entry],
        }))
    }
}

/// A result for each finding, with the index of its rule among `rules`, which are in order.
fn results(reported: &Reported<'_>, rules: &[Rule]) -> Vec<Value> {
    let all = &reported.report.findings;
    let named = all.iter().zip(fingerprints(all)).take(RESULTS_MAX);
    named
        .map(|(finding, fingerprint)| {
            let index = rules.binary_search(&finding.rule).unwrap_or_default();
            let mut value = result(finding, index, &fingerprint);
            if let Some(acceptance) = reported.accepted.get(&finding.key()) {
                value["suppressions"] = json!([suppression(acceptance)]);
            }
            value
        })
        .collect()
}

fn rule_entry(rule: Rule) -> Value {
    let id = rule.id();
    let remedy = rule.remedy();
    json!({
        "id": id,
        "name": format!("{rule:?}"),
        "shortDescription": { "text": id.replace('-', " ") },
        "help": {
            "text": format!("{remedy}; `plumb explain {id}` tells more"),
            "markdown": format!("**What to do:** {remedy}.\n\nMore: `plumb explain {id}`"),
        },
        "defaultConfiguration": { "level": "warning" },
    })
}

fn result(finding: &Finding, rule_index: usize, fingerprint: &str) -> Value {
    let related = also_said(finding).into_iter().take(RELATED_MAX).enumerate();
    let related: Vec<Value> = related
        .map(|(id, at)| {
            let mut related = physical(at);
            related["id"] = json!(id);
            related["message"] = json!({ "text": "affected as well" });
            related
        })
        .collect();
    let mut primary = physical(location(finding));
    primary["logicalLocations"] = json!([{
        "fullyQualifiedName": harmless_short(&finding.seam.operation, MESSAGE_MAX),
    }]);
    json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": rule_index,
        "level": level(finding.verdict),
        "message": { "text": message(finding) },
        "locations": [primary],
        "relatedLocations": related,
        "partialFingerprints": { "plumbKey/v1": fingerprint },
        "properties": {
            "key": harmless_short(&finding.key(), MESSAGE_MAX),
            "verdict": finding.verdict.name(),
        },
    })
}

fn message(finding: &Finding) -> String {
    let text = format!(
        "{} {}: assumed {}, observed {}; {}",
        finding.seam.operation, finding.place, finding.said.text, finding.seen.text, finding.fix,
    );
    message_text(&text)
}

/// A text as a message: brackets make links unless escaped.
pub(crate) fn message_text(text: &str) -> String {
    let text = harmless_short(text, MESSAGE_MAX);
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

pub(crate) fn physical(at: Location<'_>) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(at.file), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": at.line },
        },
    })
}

fn suppression(acceptance: &Acceptance) -> Value {
    json!({ "kind": "external", "justification": acceptance_text(acceptance, MESSAGE_MAX) })
}

/// What the results do not hold: places that could not be read, and findings beyond the limit.
fn notifications(reported: &Reported<'_>) -> Vec<Value> {
    let mut notes: Vec<Value> = reported.unread.iter().take(UNREAD_MAX).map(unread_note).collect();
    let unread_more = reported.unread.len().saturating_sub(UNREAD_MAX);
    if unread_more > 0 {
        notes.push(note(&format!("{unread_more} more places could not be read")));
    }
    let beyond = reported.report.findings.len().saturating_sub(RESULTS_MAX);
    if beyond > 0 {
        notes.push(note(&format!("{beyond} more findings than this format may hold")));
    }
    notes
}

pub(crate) fn unread_note(unread: &Unread<'_>) -> Value {
    let text = format!("not read: {}; {}", unread.reason, unread.remedy);
    let mut value = note(&harmless_short(&text, MESSAGE_MAX));
    value["locations"] = json!([physical(place_in(unread.file, unread.line))]);
    value
}

pub(crate) fn note(text: &str) -> Value {
    json!({ "level": "warning", "message": { "text": text } })
}

const fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Broken => "error",
        Verdict::Drifted => "warning",
        Verdict::Stale | Verdict::Unobserved => "note",
        Verdict::Holds => "none",
    }
}
