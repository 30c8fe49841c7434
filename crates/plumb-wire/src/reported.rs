//! What every account of a comparison is written from: the report and what stands beside it.
//!
//! Refuses to know how any of it was found or decided.

use crate::harmless::harmless_short;
use jiff::civil::Date;
use plumb_gap::finding::Finding;
use plumb_gap::report::Report;
use plumb_shape::claim::Claim;
use std::collections::BTreeMap;

/// A report and what stands beside it.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// What came of the comparison.
    pub report: &'a Report,
    /// The claims that it was made from, in the same order as the report's own.
    pub claims: &'a [Claim],
    /// What could not be read.
    pub unread: &'a [Unread<'a>],
    /// Findings that people live with and that are in force, by [`Finding::key`].
    pub accepted: &'a BTreeMap<String, Acceptance>,
    /// The moment of judgement, Unix milliseconds.
    pub as_of_ms: i64,
}

/// Why a finding is lived with, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// In the words of whoever accepted it.
    pub reason: String,
    /// The last day it holds; `None` when it was not said.
    pub until: Option<Date>,
}

/// Something in a file that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread<'a> {
    /// The file, relative to the scanned folder.
    pub file: &'a str,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// What was not read and why.
    pub reason: &'a str,
    /// What to do about it.
    pub remedy: &'a str,
}

impl<'a> Reported<'a> {
    /// The findings that nobody has accepted, worst first.
    pub fn open(&self) -> impl Iterator<Item = &'a Finding> {
        let accepted = self.accepted;
        self.report.findings.iter().filter(move |finding| !accepted.contains_key(&finding.key()))
    }
}

/// Why a finding is lived with and until when, in one line: `accepted: known (until 2026-12-31)`.
#[must_use]
pub fn acceptance_text(acceptance: &Acceptance, letters_max: usize) -> String {
    let reason = harmless_short(&acceptance.reason, letters_max);
    let until = acceptance.until.map_or(String::new(), |day| format!(" (until {day})"));
    format!("accepted: {reason}{until}")
}

/// The operation that a claim speaks of, as people read it: `GET,POST /users/{}`.
#[must_use]
pub fn said_operation(claim: &Claim) -> String {
    let methods = &claim.request.methods;
    let methods = if methods.is_empty() { "ANY".to_owned() } else { methods.join(",") };
    format!("{methods} {}", claim.request.path.named())
}
