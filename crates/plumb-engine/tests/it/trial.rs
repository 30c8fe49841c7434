//! A trial: claims in a folder and captured traffic, brought before the judge as a project would
//! bring them. Refuses to know what should come of it.

use plumb_engine::config::gate::OnUnknown;
use plumb_engine::judge::{self, Answer, Decision, GateRules, Scope};
use plumb_engine::observe::{self, Observe};
use plumb_engine::scan::{self, Scan};
use plumb_engine::shelf::{self, Shelf};
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::{Finding, Verdict};
use plumb_gap::policy::Policy;
use plumb_gap::report::Report;
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The moment of every judgement: 2026-11-21T12:00:00Z, on the day of the captures.
pub(crate) const NOW_MS: i64 = 1_795_262_400_000;

/// The policy of every trial unless it says otherwise.
pub(crate) const POLICY: Policy =
    Policy { now_ms: NOW_MS, max_age_ms: 14 * DAY_MS, samples_min: 30 };

/// The gate as it stands without configuration.
pub(crate) const GATE: GateRules =
    GateRules { fail_on: Verdict::Broken, on_unknown: OnUnknown::Warn };

/// Evidence that claims are judged by.
pub(crate) struct Trial {
    shelf: Shelf,
    _folder: TempDir,
}

impl Trial {
    /// No evidence yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf::open(&folder.path().into()).unwrap();
        Self { shelf, _folder: folder }
    }

    /// Observes a file of traffic at the moment of judgement.
    pub(crate) fn observe(&mut self, file: &Path, version: Option<&str>) {
        self.observe_at(file, version, NOW_MS);
    }

    /// Observes a file of traffic at a moment of its own.
    pub(crate) fn observe_at(&mut self, file: &Path, version: Option<&str>, received_ms: i64) {
        let redaction = Redaction::default();
        let name = file.file_name().unwrap().to_str().unwrap();
        let version = version.map(str::to_owned);
        let origin = Origin { version, received_ms, ..Origin::default() };
        let request = Observe { name, format: None, origin, redaction: &redaction };
        let mut input = fs::File::open(file).unwrap();
        let observed =
            observe::observe(&mut self.shelf, &request, &|_| None, &mut input, &mut |_| {});
        let observed = observed.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(observed.reading.unread.is_empty(), "{name}: {:?}", observed.reading.unread);
    }

    /// What the judge says of one file of claims, or of all in a folder. Every one must have been
    /// read whole.
    pub(crate) fn judged(&self, claims: &Path, policy: &Policy) -> Judged {
        let (folder, include) = if claims.is_file() {
            let name = claims.file_name().unwrap().to_str().unwrap().to_owned();
            (claims.parent().unwrap().to_owned(), vec![name])
        } else {
            (claims.to_owned(), Vec::new())
        };
        let request = Scan { folder, include, ..Scan::default() };
        let scanned = scan::scan(&request, &|_, _| {}).unwrap();
        assert!(scanned.unread.is_empty(), "{}: {:?}", claims.display(), scanned.unread);
        assert!(!scanned.claims.is_empty(), "{}: no claims", claims.display());
        let mut claims = scanned.claims;
        let report = self.report(&mut claims, policy);
        Judged { claims, report }
    }

    /// What the judge says of claims.
    pub(crate) fn report(&self, claims: &mut [Claim], policy: &Policy) -> Report {
        judge::judge(claims, self.evidence(), &[], policy, &self.shelf.key, &|_| None)
    }

    /// All that was observed.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        judge::evidence(&self.shelf, &Scope::default()).unwrap()
    }

    /// The key under which values are kept.
    pub(crate) fn key(&self) -> &LiteralKey {
        &self.shelf.key
    }
}

/// Claims, and what the judge says of them in the same order.
pub(crate) struct Judged {
    pub(crate) claims: Vec<Claim>,
    pub(crate) report: Report,
}

/// What comes of claims against one file of traffic, under the usual policy.
pub(crate) fn judged(claims: &Path, traffic: &Path) -> Judged {
    let mut trial = Trial::new();
    trial.observe(traffic, None);
    trial.judged(claims, &POLICY)
}

/// The gate's decision with nothing accepted.
pub(crate) fn gate(report: &Report, rules: &GateRules) -> Decision {
    judge::decide(report, rules, &|_| false)
}

/// The gate's answer under the usual rules.
pub(crate) fn answer(report: &Report) -> Answer {
    gate(report, &GATE).answer
}

/// A finding in one line: what it is and where.
pub(crate) fn line(finding: &Finding) -> String {
    let Finding { rule, verdict, seam, place, said, seen, .. } = finding;
    format!(
        "{verdict:9} {:26} {} | {place} | said {} | seen {}",
        rule.id(),
        seam.operation,
        said.text,
        seen.text
    )
}

/// All findings, one on each line.
pub(crate) fn lines(report: &Report) -> String {
    report.findings.iter().map(|finding| line(finding) + "\n").collect()
}
