//! All that pages show, as it was when the project was last judged.
//!
//! Refuses to know where it was kept and how it is drawn.

use plumb_engine::backlogs::KeptBacklog;
use plumb_engine::coexistence::Pair;
use plumb_engine::exercised::Met;
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::{Finding, Seam};
use plumb_gap::judged::SeamReport;
use plumb_gap::release::Release;
use plumb_gap::report::Report;
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_wire::reported::Acceptance;
use std::collections::BTreeMap;

/// What came of judging a project, and what stands beside it.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The project's name, for people.
    pub project: String,
    /// The only environment that counts; none for all.
    pub environment: Option<String>,
    /// The moment of judgement, Unix milliseconds.
    pub as_of_ms: i64,
    /// What is said, in the order of the report's own.
    pub claims: Vec<Claim>,
    /// The key under which the evidence holds literals; none where nothing was judged.
    pub key: Option<LiteralKey>,
    /// What came of the comparison.
    pub report: Report,
    /// Findings that people live with and that are in force, by their keys.
    pub accepted: BTreeMap<String, Acceptance>,
    /// How many places in files could not be read.
    pub unread: usize,
    /// Who answers for a component.
    pub owners: BTreeMap<String, String>,
    /// How much was seen at each seam, of each version, on each day.
    pub strands: BTreeMap<Seam, Vec<Strand>>,
    /// Which versions were judged against which readers.
    pub pairs: Vec<Pair>,
    /// What was seen, under the operations that the report names.
    pub evidence: Vec<Evidence>,
    /// What the tests met when they were last looked at; none where they never were.
    pub met: Option<Met>,
    /// What went live, oldest first.
    pub releases: Vec<Release>,
    /// How far consumers are behind.
    pub backlogs: Vec<KeptBacklog>,
}

/// What was seen at one seam of one version on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// The writer's version, empty when unknown.
    pub version: String,
    /// Where it ran, empty when unknown.
    pub environment: String,
    /// Days since 1970-01-01, in UTC.
    pub day: i32,
    /// How many exchanges.
    pub exchanges: u64,
    /// The last of them, Unix milliseconds.
    pub last_ms: i64,
}

impl Survey {
    /// Whether anything was seen or said at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.report.seams.is_empty() && self.report.claims.is_empty()
    }

    /// The finding of a key.
    #[must_use]
    pub fn finding(&self, key: &str) -> Option<&Finding> {
        self.report.findings.iter().find(|finding| finding.key() == key)
    }

    /// The report on a seam.
    #[must_use]
    pub fn seam(&self, seam: &Seam) -> Option<&SeamReport> {
        self.report.seams.iter().find(|one| one.seam == *seam)
    }

    /// Who answers for a component.
    #[must_use]
    pub fn owner(&self, component: &str) -> Option<&str> {
        self.owners.get(component).map(String::as_str)
    }

    /// What was seen at a seam, of every version of its writer.
    pub fn evidence_of(&self, seam: &Seam) -> impl Iterator<Item = &Evidence> {
        self.evidence.iter().filter(|one| {
            one.writer == seam.writer
                && one.reader == seam.reader
                && one.operation.to_string() == seam.operation
        })
    }

    /// How much was seen at a seam.
    #[must_use]
    pub fn strands_of(&self, seam: &Seam) -> &[Strand] {
        self.strands.get(seam).map_or(&[], Vec::as_slice)
    }

    /// The versions of the writer that were seen at a seam, oldest first.
    #[must_use]
    pub fn versions(&self, seam: &Seam) -> Vec<&str> {
        let mut last: BTreeMap<&str, i64> = BTreeMap::new();
        for strand in self.strands_of(seam).iter().filter(|strand| !strand.version.is_empty()) {
            let known = last.entry(&strand.version).or_insert(strand.last_ms);
            *known = strand.last_ms.max(*known);
        }
        let mut versions: Vec<(i64, &str)> =
            last.into_iter().map(|(name, ms)| (ms, name)).collect();
        versions.sort_unstable();
        versions.into_iter().map(|(_, name)| name).collect()
    }
}
