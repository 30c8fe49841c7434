//! A finding as the documents show it, version 1.
//!
//! Every key is always there; what is unknown is null. Refuses to judge: verdict and acceptance
//! come in.

use crate::harmless::harmless;
use crate::reported::Acceptance;
use crate::rfc3339::rfc3339;
use plumb_gap::finding::{Finding, SaidText, Seam, SeenText};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingEntry<'a> {
    /// By which it is explained and accepted.
    pub key: String,
    /// The id of its rule.
    pub rule: &'static str,
    /// The word of its verdict.
    pub verdict: &'static str,
    /// Where between components.
    pub seam: SeamName<'a>,
    /// Where in the exchange.
    pub place: Cow<'a, str>,
    /// What is assumed.
    pub said: SaidEntry<'a>,
    /// What was observed.
    pub seen: SeenEntry<'a>,
    /// Other claims that say the same, as `file:line`.
    pub affects: Vec<String>,
    /// What to do.
    pub fix: Cow<'a, str>,
    /// Set when somebody lives with it.
    pub accepted: Option<AcceptedEntry<'a>>,
}

/// A seam by its names.
#[derive(Clone, Debug, Serialize)]
pub struct SeamName<'a> {
    /// The provider.
    pub writer: Option<Cow<'a, str>>,
    /// The consumer.
    pub reader: Option<Cow<'a, str>>,
    /// Method and path template.
    pub operation: Cow<'a, str>,
}

/// What is assumed.
#[derive(Clone, Debug, Serialize)]
pub struct SaidEntry<'a> {
    /// The dialect of the claim.
    pub dialect: Option<&'static str>,
    /// The file, relative to the scanned folder.
    pub file: Option<Cow<'a, str>>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// In words.
    pub text: Cow<'a, str>,
}

/// What was observed.
#[derive(Clone, Debug, Serialize)]
pub struct SeenEntry<'a> {
    /// Exchanges that show it.
    pub count: u64,
    /// Out of how many that could have.
    pub of: u64,
    /// The first that shows it, RFC 3339.
    pub first: Option<String>,
    /// The last that shows it, RFC 3339.
    pub last: Option<String>,
    /// The writer's version that brought it, where an older one is known to be as said.
    pub since_version: Option<Cow<'a, str>>,
    /// The last exchange known to be as said, RFC 3339.
    pub last_good: Option<String>,
    /// Consumers seen with older versions of the writer, and not with its newest.
    pub untested_readers: Vec<Cow<'a, str>>,
    /// The writer's version that was compared.
    pub writer_version: Option<Cow<'a, str>>,
    /// True when values are part of the finding and are not shown.
    pub literals_withheld: bool,
    /// In words.
    pub text: Cow<'a, str>,
}

/// That somebody lives with a finding.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptedEntry<'a> {
    /// Why.
    pub reason: Cow<'a, str>,
    /// The last day it holds, `2026-12-31`.
    pub until: Option<String>,
}

/// The entry of a finding.
#[must_use]
pub fn finding_entry<'a>(
    finding: &'a Finding,
    accepted: &'a BTreeMap<String, Acceptance>,
) -> FindingEntry<'a> {
    let key = finding.key();
    FindingEntry {
        accepted: accepted.get(&key).map(accepted_entry),
        key: harmless(&key).into_owned(),
        rule: finding.rule.id(),
        verdict: finding.verdict.name(),
        seam: seam_name(&finding.seam),
        place: harmless(&finding.place),
        said: said_entry(&finding.said),
        seen: seen_entry(&finding.seen),
        affects: finding.affects().iter().map(|place| harmless(place).into_owned()).collect(),
        fix: harmless(&finding.fix),
    }
}

/// The names of a seam.
#[must_use]
pub fn seam_name(seam: &Seam) -> SeamName<'_> {
    SeamName {
        writer: known(&seam.writer),
        reader: known(&seam.reader),
        operation: harmless(&seam.operation),
    }
}

/// Harmless text, or nothing where nothing is known.
pub(crate) fn known(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then(|| harmless(text))
}

fn said_entry(said: &SaidText) -> SaidEntry<'_> {
    SaidEntry {
        dialect: said.dialect.map(plumb_shape::claim::Dialect::name),
        file: known(&said.file),
        line: (said.line > 0).then_some(said.line),
        text: harmless(&said.text),
    }
}

fn seen_entry(seen: &SeenText) -> SeenEntry<'_> {
    SeenEntry {
        count: seen.count,
        of: seen.of,
        first: seen.first_ms.and_then(rfc3339),
        last: seen.last_ms.and_then(rfc3339),
        since_version: seen.since_version.as_deref().and_then(known),
        last_good: seen.last_good_ms.and_then(rfc3339),
        untested_readers: seen.untested_readers.iter().map(|reader| harmless(reader)).collect(),
        writer_version: seen.writer_version.as_deref().and_then(known),
        literals_withheld: seen.are_literals_withheld,
        text: harmless(&seen.text),
    }
}

fn accepted_entry(acceptance: &Acceptance) -> AcceptedEntry<'_> {
    AcceptedEntry {
        reason: harmless(&acceptance.reason),
        until: acceptance.until.map(|day| day.to_string()),
    }
}
