//! The gap document, version 1: a whole report for programs. Schema: `gap-v1.schema.json`.
//!
//! Refuses to decide anything: it holds what the report holds.

use crate::finding_v1::{FindingEntry, finding_entry, known};
use crate::harmless::harmless;
use crate::headline::gap_shares;
use crate::json::pretty;
use crate::reported::Reported;
use crate::rfc3339::rfc3339;
use plumb_gap::judged::SeamReport;
use plumb_gap::report::{Report, Summary};
use serde::Serialize;
use std::borrow::Cow;

/// The version of this document.
pub const GAP_VERSION: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, Serialize)]
pub struct GapDocument<'a> {
    /// [`GAP_VERSION`].
    pub version: u32,
    /// The moment of judgement, RFC 3339.
    pub as_of: Option<String>,
    /// How many claims have each verdict.
    pub summary: SummaryEntry,
    /// How many places in files could not be read.
    pub unread: usize,
    /// The gap over all seams that something is said of.
    pub gap: GapEntry,
    /// Every seam, worst first.
    pub seams: Vec<SeamEntry<'a>>,
    /// Every finding, worst first.
    pub findings: Vec<FindingEntry<'a>>,
}

/// How many claims have each verdict.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SummaryEntry {
    /// Fresh evidence, enough of it, nothing outside.
    pub holds: usize,
    /// Reality carries more than was tried.
    pub drifted: usize,
    /// Readers cannot take what is written now.
    pub broken: usize,
    /// Evidence is too old.
    pub stale: usize,
    /// No evidence, or too little.
    pub unobserved: usize,
}

/// The gap in shares of exchanges, each 0 to 1 and null when no exchange was seen.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GapEntry {
    /// The middle of the interval.
    pub share: Option<f64>,
    /// At least.
    pub low: Option<f64>,
    /// At most.
    pub high: Option<f64>,
    /// Exchanges that it is measured over.
    pub exchanges: u64,
    /// The estimated share of exchanges whose behaviour has not been seen at all.
    pub unseen: Option<f64>,
    /// Exchanges of seams that nothing is said of; not part of the gap.
    pub exchanges_unclaimed: u64,
}

/// One seam.
#[derive(Clone, Debug, Serialize)]
pub struct SeamEntry<'a> {
    /// The provider.
    pub writer: Option<Cow<'a, str>>,
    /// The consumer.
    pub reader: Option<Cow<'a, str>>,
    /// Method and path template.
    pub operation: Cow<'a, str>,
    /// The word of its verdict.
    pub verdict: &'static str,
    /// Its gap, as a share of its exchanges; null when nothing was seen or said.
    pub gap: Option<f64>,
    /// How many exchanges were seen.
    pub exchanges: u64,
    /// The first, RFC 3339.
    pub first_seen: Option<String>,
    /// The last, RFC 3339.
    pub last_seen: Option<String>,
    /// How many claims speak of it.
    pub claims: usize,
    /// Housekeeping headers of responses that no claim mentions.
    pub headers_new: Vec<Cow<'a, str>>,
}

/// The gap document of a report.
#[must_use]
pub fn gap_document<'a>(reported: &Reported<'a>) -> GapDocument<'a> {
    let report = reported.report;
    let accepted = reported.accepted;
    GapDocument {
        version: GAP_VERSION,
        as_of: rfc3339(reported.as_of_ms),
        summary: summary_entry(report.summary()),
        unread: reported.unread.len(),
        gap: gap_entry(report),
        seams: report.seams.iter().map(seam_entry).collect(),
        findings: report.findings.iter().map(|one| finding_entry(one, accepted)).collect(),
    }
}

impl GapDocument<'_> {
    /// Indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}

/// The counts of a summary.
#[must_use]
pub const fn summary_entry(summary: Summary) -> SummaryEntry {
    SummaryEntry {
        holds: summary.holds,
        drifted: summary.drifted,
        broken: summary.broken,
        stale: summary.stale,
        unobserved: summary.unobserved,
    }
}

/// The gap of a report.
#[must_use]
pub fn gap_entry(report: &Report) -> GapEntry {
    let shares = gap_shares(report.gap);
    GapEntry {
        share: shares.map(|gap| gap.share),
        low: shares.map(|gap| gap.low),
        high: shares.map(|gap| gap.high),
        exchanges: report.gap.exchanges,
        unseen: shares.map(|gap| gap.unseen),
        exchanges_unclaimed: report.exchanges_unclaimed,
    }
}

fn seam_entry(one: &SeamReport) -> SeamEntry<'_> {
    SeamEntry {
        writer: known(&one.seam.writer),
        reader: known(&one.seam.reader),
        operation: harmless(&one.seam.operation),
        verdict: one.verdict.name(),
        gap: gap_shares(one.gap).map(|gap| gap.share),
        exchanges: one.total.count,
        first_seen: one.total.first_ms.and_then(rfc3339),
        last_seen: one.total.last_ms.and_then(rfc3339),
        claims: one.claims,
        headers_new: one.headers_new.iter().map(|name| harmless(name)).collect(),
    }
}
