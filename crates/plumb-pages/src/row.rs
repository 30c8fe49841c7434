//! Rows of lists: a seam and a finding as lists show them.
//!
//! Refuses to know which list.

use crate::filter::{Field, Row};
use crate::survey::Survey;
use plumb_gap::finding::Finding;
use plumb_gap::judged::SeamReport;
use plumb_wire::harmless::harmless_short;
use plumb_wire::headline::gap_shares;
use serde::Serialize;

/// Letters of a foreign name in a row.
const LETTERS_MAX: usize = 500;

/// A finding in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingRow {
    pub(crate) key: String,
    pub(crate) verdict: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) writer: String,
    pub(crate) reader: String,
    pub(crate) operation: String,
    pub(crate) place: String,
    pub(crate) said: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) seen: String,
    pub(crate) count: u64,
    pub(crate) of: u64,
    #[serde(rename = "first_seen", with = "crate::moment")]
    pub(crate) first_ms: Option<i64>,
    #[serde(rename = "last_seen", with = "crate::moment")]
    pub(crate) last_ms: Option<i64>,
    pub(crate) since_version: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) is_accepted: bool,
}

/// A seam in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SeamRow {
    pub(crate) writer: String,
    pub(crate) reader: String,
    pub(crate) operation: String,
    pub(crate) verdict: &'static str,
    pub(crate) gap: Option<f64>,
    pub(crate) exchanges: u64,
    /// Exchanges a minute between the first and the last; none where that cannot be told.
    pub(crate) per_minute: Option<f64>,
    pub(crate) claims: usize,
    #[serde(rename = "last_seen", with = "crate::moment")]
    pub(crate) last_ms: Option<i64>,
    pub(crate) versions: Vec<String>,
    pub(crate) owner: Option<String>,
}

fn shown(text: &str) -> String {
    harmless_short(text, LETTERS_MAX).into_owned()
}

impl FindingRow {
    /// The row of a finding. Its key is whole, since addresses are made of it.
    pub(crate) fn of(finding: &Finding, survey: &Survey) -> Self {
        let key = finding.key();
        Self {
            verdict: finding.verdict.name(),
            rule: finding.rule.id(),
            writer: shown(&finding.seam.writer),
            reader: shown(&finding.seam.reader),
            operation: shown(&finding.seam.operation),
            place: shown(&finding.place),
            said: shown(&finding.said.text),
            file: shown(&finding.said.file),
            line: finding.said.line,
            seen: shown(&finding.seen.text),
            count: finding.seen.count,
            of: finding.seen.of,
            first_ms: finding.seen.first_ms,
            last_ms: finding.seen.last_ms,
            since_version: finding.seen.since_version.as_deref().map(shown),
            owner: survey.owner(&finding.seam.writer).map(shown),
            is_accepted: survey.accepted.contains_key(&key),
            key,
        }
    }
}

impl SeamRow {
    /// The row of a seam.
    pub(crate) fn of(one: &SeamReport, survey: &Survey) -> Self {
        let seam = &one.seam;
        Self {
            writer: shown(&seam.writer),
            reader: shown(&seam.reader),
            operation: shown(&seam.operation),
            verdict: one.verdict.name(),
            gap: gap_shares(one.gap).map(|gap| gap.share),
            exchanges: one.total.count,
            per_minute: per_minute(one),
            claims: one.claims,
            last_ms: one.total.last_ms,
            versions: survey.versions(seam).into_iter().map(shown).collect(),
            owner: survey.owner(&seam.writer).map(shown),
        }
    }
}

fn per_minute(one: &SeamReport) -> Option<f64> {
    let span_ms = one.total.last_ms?.checked_sub(one.total.first_ms?)?;
    let minutes = f64::from(u32::try_from(span_ms / 1_000).ok().filter(|it| *it > 0)?) / 60.0;
    Some(plumb_gap::policy::to_f64(one.total.count) / minutes)
}

/// A finding as filters look at it, without being copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilteredFinding<'a>(pub(crate) &'a Finding, pub(crate) &'a Survey);

impl Row for FilteredFinding<'_> {
    fn texts(&self, field: Field) -> Vec<&str> {
        let Self(one, survey) = self;
        match field {
            Field::Reader => vec![&one.seam.reader],
            Field::Writer => vec![&one.seam.writer],
            Field::Operation => vec![&one.seam.operation],
            Field::Verdict => vec![one.verdict.name()],
            Field::Rule => vec![one.rule.id()],
            Field::Owner => survey.owner(&one.seam.writer).into_iter().collect(),
            Field::Version => {
                let seen = &one.seen;
                [&seen.writer_version, &seen.since_version]
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .collect()
            }
            Field::Place => vec![&one.place],
            Field::File => vec![&one.said.file],
        }
    }

    fn last_ms(&self) -> Option<i64> {
        self.0.seen.last_ms
    }

    fn exchanges(&self) -> u64 {
        self.0.seen.count
    }
}

/// A seam as filters look at it, without being copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilteredSeam<'a>(pub(crate) &'a SeamReport, pub(crate) &'a Survey);

impl Row for FilteredSeam<'_> {
    fn texts(&self, field: Field) -> Vec<&str> {
        let Self(one, survey) = self;
        match field {
            Field::Reader => vec![&one.seam.reader],
            Field::Writer => vec![&one.seam.writer],
            Field::Operation => vec![&one.seam.operation],
            Field::Verdict => vec![one.verdict.name()],
            Field::Owner => survey.owner(&one.seam.writer).into_iter().collect(),
            Field::Version => survey.versions(&one.seam),
            Field::Rule | Field::Place | Field::File => Vec::new(),
        }
    }

    fn last_ms(&self) -> Option<i64> {
        self.0.total.last_ms
    }

    fn exchanges(&self) -> u64 {
        self.0.total.count
    }
}
