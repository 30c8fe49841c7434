//! The scan document, version 1: what files claim, and what is known of it. Schema:
//! `scan-v1.schema.json`.
//!
//! Refuses to know how files are found and read.

use crate::finding_v1::{FindingEntry, finding_entry, known};
use crate::harmless::harmless;
use crate::json::pretty;
use crate::reported::{Acceptance, Unread, said_operation};
use plumb_gap::finding::Finding;
use plumb_gap::judged::ClaimReport;
use plumb_shape::claim::Claim;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The version of this document.
pub const SCAN_VERSION: u32 = 1;

/// What a scan found.
#[derive(Clone, Copy, Debug)]
pub struct Scanned<'a> {
    /// Every claim.
    pub claims: &'a [Claim],
    /// What is known of each claim, in the same order; `None` when there is no evidence at hand.
    pub judged: Option<&'a [ClaimReport]>,
    /// What could not be read.
    pub unread: &'a [Unread<'a>],
    /// Claims that cannot both be true.
    pub contradictions: &'a [Finding],
    /// Findings that people live with, by [`Finding::key`].
    pub accepted: &'a BTreeMap<String, Acceptance>,
}

/// What files claim.
#[derive(Clone, Debug, Serialize)]
pub struct ScanDocument<'a> {
    /// [`SCAN_VERSION`].
    pub version: u32,
    /// Every claim.
    pub claims: Vec<ClaimEntry<'a>>,
    /// What could not be read.
    pub unread: Vec<UnreadEntry<'a>>,
    /// Claims that cannot both be true.
    pub contradictions: Vec<FindingEntry<'a>>,
}

/// One claim.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimEntry<'a> {
    /// The dialect it is written in.
    pub dialect: &'static str,
    /// The file, relative to the scanned folder.
    pub file: Cow<'a, str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// Method and path pattern.
    pub operation: String,
    /// The status it speaks of: `402`, `4XX`, `default`.
    pub status: String,
    /// example, constraint or expectation.
    pub strength: &'static str,
    /// What the file calls it.
    pub title: Option<Cow<'a, str>>,
    /// The provider, where the claim names it.
    pub writer: Option<Cow<'a, str>>,
    /// The consumer, where the claim names it.
    pub reader: Option<Cow<'a, str>>,
    /// What is known of it; null without evidence at hand.
    pub verdict: Option<&'static str>,
    /// Why, in a few words.
    pub reason: Option<Cow<'a, str>>,
    /// The exchanges that it speaks of.
    pub exchanges: Option<u64>,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct UnreadEntry<'a> {
    /// The file, relative to the scanned folder.
    pub file: Cow<'a, str>,
    /// The line, from 1; null when the whole file is meant.
    pub line: Option<u32>,
    /// What was not read and why.
    pub reason: Cow<'a, str>,
    /// What to do about it.
    pub remedy: Cow<'a, str>,
}

/// The scan document.
#[must_use]
pub fn scan_document<'a>(scanned: &Scanned<'a>) -> ScanDocument<'a> {
    let accepted = scanned.accepted;
    let judged = |index: usize| scanned.judged.and_then(|all| all.get(index));
    let claims = scanned.claims.iter().enumerate();
    ScanDocument {
        version: SCAN_VERSION,
        claims: claims.map(|(index, claim)| claim_entry(claim, judged(index))).collect(),
        unread: scanned.unread.iter().map(unread_entry).collect(),
        contradictions: scanned
            .contradictions
            .iter()
            .map(|finding| finding_entry(finding, accepted))
            .collect(),
    }
}

impl ScanDocument<'_> {
    /// Indented JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}

fn claim_entry<'a>(claim: &'a Claim, judged: Option<&'a ClaimReport>) -> ClaimEntry<'a> {
    let source = &claim.source;
    ClaimEntry {
        dialect: source.dialect.name(),
        file: harmless(&source.file),
        line: source.line,
        column: source.column,
        operation: harmless(&said_operation(claim)).into_owned(),
        status: claim.status.to_string(),
        strength: claim.strength.name(),
        title: known(&source.title),
        writer: claim.writer.as_deref().and_then(known),
        reader: claim.reader.as_deref().and_then(known),
        verdict: judged.map(|one| one.verdict.name()),
        reason: judged.map(|one| harmless(&one.reason)),
        exchanges: judged.map(|one| one.exchanges),
    }
}

fn unread_entry<'a>(unread: &Unread<'a>) -> UnreadEntry<'a> {
    UnreadEntry {
        file: harmless(unread.file),
        line: (unread.line > 0).then_some(unread.line),
        reason: harmless(unread.reason),
        remedy: harmless(unread.remedy),
    }
}
