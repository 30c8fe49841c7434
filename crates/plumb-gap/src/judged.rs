//! One seam judged: its evidence against the claims that speak of it.

use crate::compare::{Compared, compare};
use crate::context::Context;
use crate::coverage::Gap;
use crate::evidence::Evidence;
use crate::finding::{Finding, Seam, Verdict};
use crate::history::note_history;
use crate::observed::Observed;
use crate::policy::{Policy, exceptions_max};
use crate::release::{Release, newest_versions, untested_readers};
use crate::sample::captures;
use crate::status::known_errors;
use plumb_shape::claim::{Claim, Source};
use plumb_shape::literal::LiteralKey;
use plumb_shape::tally::Tally;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One seam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeamReport {
    /// Which.
    pub seam: Seam,
    /// The worst that is known of it.
    pub verdict: Verdict,
    /// Its gap.
    pub gap: Gap,
    /// Its exchanges, first and last.
    pub total: Tally,
    /// How many claims speak of it.
    pub claims: usize,
    /// Housekeeping headers of its responses that no claim mentions, by name: no news that a
    /// verdict hangs on, and not silent either.
    pub headers_new: Vec<String>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimReport {
    /// What is known of it.
    pub verdict: Verdict,
    /// Why, in a few words.
    pub reason: String,
    /// The exchanges that it speaks of and that could show what it says.
    pub exchanges: u64,
}

/// What comes of judging one seam.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) seam: SeamReport,
    pub(crate) findings: Vec<Finding>,
    /// For each claim about the seam, in order.
    pub(crate) claims: Vec<ClaimReport>,
}

/// What judging needs to know of all seams and claims together.
#[derive(Debug)]
pub(crate) struct Judging<'a> {
    policy: &'a Policy,
    key: &'a LiteralKey,
    /// The version that each writer is at.
    newest: BTreeMap<String, String>,
    /// For each writer, the readers that were not seen with that version.
    untested: BTreeMap<String, Vec<String>>,
    known_errors: BTreeMap<u16, BTreeSet<Vec<String>>>,
    captures: BTreeSet<&'a str>,
}

impl<'a> Judging<'a> {
    /// Looks over everything that is to be judged.
    pub(crate) fn new(
        claims: &'a [Claim],
        evidence: &[Evidence],
        releases: &[Release],
        policy: &'a Policy,
        key: &'a LiteralKey,
    ) -> Self {
        let newest = newest_versions(evidence, releases, policy.now_ms);
        Self {
            policy,
            key,
            untested: untested_readers(evidence, &newest),
            newest,
            known_errors: known_errors(claims.iter()),
            captures: captures(claims),
        }
    }

    /// Judges a seam by its newest evidence; nothing without any.
    pub(crate) fn judge(&self, one: &Observed, claims: &[&Claim]) -> Option<Judged> {
        let (current, older) = one.versions.split_last()?;
        let context = Context {
            seam: &one.seam,
            version: &current.version,
            samples_min: self.policy.samples_min,
            key: self.key,
            known_errors: &self.known_errors,
            captures: &self.captures,
        };
        let mut compared = compare(claims, &current.profile, &context);
        note_history(&mut compared, claims, older, &context);
        let staleness = self.staleness(one);
        if staleness.is_some() {
            compared.findings.iter_mut().for_each(|finding| finding.verdict = Verdict::Stale);
        }
        if let Some(untested) = self.untested.get(&one.seam.writer) {
            let findings = compared.findings.iter_mut();
            findings.for_each(|finding| finding.seen.untested_readers.clone_from(untested));
        }
        let verdicts = self.verdicts(&compared, claims, staleness.as_deref());
        let of_claims = verdicts.iter().map(|claim| claim.verdict);
        let of_findings = compared.findings.iter().map(|finding| finding.verdict);
        Some(Judged {
            seam: SeamReport {
                seam: one.seam.clone(),
                verdict: of_claims.chain(of_findings).max().unwrap_or(Verdict::Unobserved),
                gap: if claims.is_empty() { Gap::default() } else { compared.gap },
                total: current.profile.total(),
                claims: claims.len(),
                headers_new: compared.headers_new.into_iter().collect(),
            },
            findings: compared.findings,
            claims: verdicts,
        })
    }

    /// Why the evidence of a seam is too old to judge by, if it is.
    fn staleness(&self, one: &Observed) -> Option<String> {
        const DAY_MS: i64 = 86_400_000;
        let current = one.versions.last()?;
        let writer = &one.seam.writer;
        let newest = self.newest.get(writer).filter(|newest| **newest != current.version);
        if let Some(newest) = newest {
            return Some(format!("`{writer}` is at {newest} since; last seen at another"));
        }
        let age = self.policy.now_ms.saturating_sub(current.last_ms);
        (age > self.policy.max_age_ms).then(|| format!("last seen {} days ago", age / DAY_MS))
    }

    fn verdicts(
        &self,
        compared: &Compared,
        claims: &[&Claim],
        staleness: Option<&str>,
    ) -> Vec<ClaimReport> {
        let mut worst: HashMap<&Source, &Finding> = HashMap::new();
        for finding in &compared.findings {
            for source in &finding.claims {
                let known = worst.entry(source).or_insert(finding);
                if known.verdict <= finding.verdict {
                    *known = finding;
                }
            }
        }
        let mut verdicts = Vec::new();
        for (claim, &exchanges) in claims.iter().zip(&compared.exchanges) {
            let (verdict, reason) = match (staleness, worst.get(&claim.source)) {
                (Some(why), _) => (Verdict::Stale, why.to_owned()),
                (None, Some(finding)) => (finding.verdict, finding.rule.id().to_owned()),
                (None, None) => self.without_findings(exchanges),
            };
            verdicts.push(ClaimReport { verdict, reason, exchanges });
        }
        verdicts
    }

    /// The verdict of a claim that nothing speaks against in so many exchanges, and why.
    fn without_findings(&self, exchanges: u64) -> (Verdict, String) {
        let needed = self.policy.samples_min;
        if exchanges < needed {
            return (Verdict::Unobserved, format!("{exchanges} of {needed} exchanges needed"));
        }
        let exceptions = exceptions_max(exchanges) * 100.0;
        let reason = format!("{exchanges} exchanges, exceptions below {exceptions:.1} %");
        (Verdict::Holds, reason)
    }
}
