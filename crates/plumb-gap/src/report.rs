//! The report: every claim, every seam, every finding, and the gap, from claims and evidence.

use crate::contradiction::contradictions;
use crate::coverage::Gap;
use crate::evidence::Evidence;
use crate::finding::{Finding, Seam, Verdict};
use crate::judged::{ClaimReport, Judged, Judging, SeamReport};
use crate::observed::{is_same, matches, meets_loosely, observed, takes};
use crate::policy::Policy;
use crate::release::Release;
use crate::spread::joined;
use crate::template::templated;
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::Operation;
use plumb_shape::tally::Tally;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Everything that comes of comparing claims with evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every finding, worst first.
    pub findings: Vec<Finding>,
    /// Every seam that something is said or seen of.
    pub seams: Vec<SeamReport>,
    /// For each claim, in the order given.
    pub claims: Vec<ClaimReport>,
    /// The gap over all exchanges of seams that something is said of.
    pub gap: Gap,
    /// Exchanges of seams that nothing is said of; not part of the gap.
    pub exchanges_unclaimed: u64,
}

/// How many claims have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
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

impl Report {
    /// How many claims have each verdict.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for claim in &self.claims {
            *summary.slot(claim.verdict) += 1;
        }
        summary
    }
}

impl Summary {
    fn slot(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Holds => &mut self.holds,
            Verdict::Drifted => &mut self.drifted,
            Verdict::Broken => &mut self.broken,
            Verdict::Stale => &mut self.stale,
            Verdict::Unobserved => &mut self.unobserved,
        }
    }

    /// All claims.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.holds + self.drifted + self.broken + self.stale + self.unobserved
    }
}

/// Compares claims with evidence, on all cores.
#[must_use]
pub fn report(
    claims: &[Claim],
    evidence: Vec<Evidence>,
    releases: &[Release],
    policy: &Policy,
    key: &LiteralKey,
) -> Report {
    let judging = Judging::new(claims, &evidence, releases, policy, key);
    let observed = observed(templated(evidence, claims));
    let matched = matches(claims, &observed);
    let judge_one = |(one, about): (_, &Vec<usize>)| {
        let here: Vec<&Claim> = about.iter().map(|index| &claims[*index]).collect();
        judging.judge(one, &here)
    };
    let judged: Vec<Option<Judged>> = observed.par_iter().zip(&matched).map(judge_one).collect();
    let mut result = Report { findings: contradictions(claims), ..Report::default() };
    let mut of_claims: Vec<Option<ClaimReport>> = vec![None; claims.len()];
    for (judged, about) in judged.into_iter().zip(&matched) {
        let Some(judged) = judged else { continue };
        for (index, verdict) in about.iter().zip(judged.claims) {
            of_claims[*index] = worse(of_claims[*index].take(), verdict);
        }
        result.gap.merge(judged.seam.gap);
        if judged.seam.claims == 0 {
            result.exchanges_unclaimed += judged.seam.total.count;
        }
        result.seams.push(judged.seam);
        result.findings.extend(judged.findings);
    }
    add_never_observed(&mut result.seams, claims, &of_claims);
    let of_claims = of_claims.into_iter();
    result.claims = of_claims.map(|one| one.unwrap_or_else(not_observed)).collect();
    result.findings = joined(result.findings);
    result.findings.sort_by_cached_key(|one| (Reverse(one.verdict), one.key()));
    result.seams.sort_by(|one, two| {
        (Reverse(one.verdict), &one.seam).cmp(&(Reverse(two.verdict), &two.seam))
    });
    result
}

/// Whether a claim may speak of an operation, whoever writes and reads. One that does not changes
/// nothing at its seams.
#[must_use]
pub fn may_speak_of(claim: &Claim, operation: &Operation) -> bool {
    takes(claim, &operation.method)
        && (claim.request.path.meets(operation).is_some() || meets_loosely(claim, operation))
}

/// Whether a claim may speak of what this writer says.
#[must_use]
pub fn may_be_of(claim: &Claim, writer: &str) -> bool {
    is_same(claim.writer.as_deref(), writer)
}

/// The worse of two verdicts on one claim.
fn worse(known: Option<ClaimReport>, other: ClaimReport) -> Option<ClaimReport> {
    Some(known.filter(|known| known.verdict > other.verdict).unwrap_or(other))
}

fn not_observed() -> ClaimReport {
    ClaimReport { verdict: Verdict::Unobserved, reason: "never observed".to_owned(), exchanges: 0 }
}

/// Adds the seams of claims that no evidence speaks of.
fn add_never_observed(
    seams: &mut Vec<SeamReport>,
    claims: &[Claim],
    of_claims: &[Option<ClaimReport>],
) {
    let mut known: BTreeMap<Seam, usize> =
        seams.iter().enumerate().map(|(at, one)| (one.seam.clone(), at)).collect();
    let never = claims.iter().zip(of_claims).filter(|(_, judged)| judged.is_none());
    for (claim, _) in never {
        let seam = claimed_seam(claim);
        let at = *known.entry(seam).or_insert_with_key(|seam| {
            seams.push(SeamReport {
                seam: seam.clone(),
                verdict: Verdict::Unobserved,
                gap: Gap::default(),
                total: Tally::EMPTY,
                claims: 0,
                headers_new: Vec::new(),
            });
            seams.len() - 1
        });
        seams[at].claims += 1;
    }
}

/// The seam as a claim alone names it.
fn claimed_seam(claim: &Claim) -> Seam {
    let method = claim.request.methods.first().map_or("ANY", String::as_str);
    Seam {
        writer: claim.writer.clone().unwrap_or_default(),
        reader: claim.reader.clone().unwrap_or_default(),
        operation: format!("{method} {}", claim.request.path.named()),
    }
}
