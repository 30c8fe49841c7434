//! The report: every claim, every seam, every finding, and the gap, from claims and evidence.

use crate::compare::{Compared, compare};
use crate::context::Context;
use crate::contradiction::contradictions;
use crate::coverage::Gap;
use crate::evidence::Evidence;
use crate::finding::{Finding, Seam, Verdict};
use crate::policy::{Policy, exceptions_max};
use crate::sample::captures;
use crate::seam_index::{candidates, seam_index};
use crate::spread::joined;
use crate::status::known_errors;
use crate::template::templated;
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::{Operation, Segment};
use plumb_shape::tally::Tally;
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

/// One seam's evidence, newest writer version last.
struct Observed {
    seam: Seam,
    operation: Operation,
    versions: Vec<Evidence>,
}

/// Compares claims with evidence.
#[must_use]
pub fn report(
    claims: &[Claim],
    evidence: Vec<Evidence>,
    policy: &Policy,
    key: &LiteralKey,
) -> Report {
    let newest = newest_versions(&evidence);
    let observed = observed(templated(evidence, claims));
    let matched = matches(claims, &observed);
    let known = known_errors(claims.iter());
    let captures = captures(claims);
    let mut result = Report { findings: contradictions(claims), ..Report::default() };
    let mut judged: Vec<Vec<ClaimReport>> = vec![Vec::new(); claims.len()];
    for (at, one) in observed.iter().enumerate() {
        let Some(current) = one.versions.last() else { continue };
        let about = matched.get(&at).map(Vec::as_slice).unwrap_or_default();
        let context = Context {
            seam: &one.seam,
            version: &current.version,
            samples_min: policy.samples_min,
            key,
            known_errors: &known,
            captures: &captures,
        };
        let here: Vec<&Claim> = about.iter().map(|index| &claims[*index]).collect();
        let mut compared = compare(&here, &current.profile, &context);
        note_last_good(&mut compared, &here, one, &context);
        let staleness = staleness(one, newest.get(&one.seam.writer), policy);
        if staleness.is_some() {
            compared.findings.iter_mut().for_each(|finding| finding.verdict = Verdict::Stale);
        }
        let verdicts = judge(&compared, &here, staleness.as_deref(), policy);
        let worst = verdicts.iter().map(|claim| claim.verdict).max();
        for (index, verdict) in about.iter().zip(verdicts) {
            judged[*index].push(verdict);
        }
        let total = current.profile.total();
        if about.is_empty() {
            result.exchanges_unclaimed += total.count;
        } else {
            result.gap.merge(compared.gap);
        }
        let worst_found = compared.findings.iter().map(|finding| finding.verdict).max();
        result.seams.push(SeamReport {
            seam: one.seam.clone(),
            verdict: worst.max(worst_found).unwrap_or(Verdict::Unobserved),
            gap: if about.is_empty() { Gap::default() } else { compared.gap },
            total,
            claims: about.len(),
        });
        result.findings.append(&mut compared.findings);
    }
    for (claim, verdicts) in claims.iter().zip(judged) {
        let worst = verdicts.into_iter().max_by_key(|one| one.verdict);
        result.claims.push(worst.unwrap_or_else(|| not_observed(claim, &mut result.seams)));
    }
    result.findings = joined(result.findings);
    result.findings.sort_by_cached_key(|one| (std::cmp::Reverse(one.verdict), one.key()));
    result.seams.sort_by(|one, two| {
        (std::cmp::Reverse(one.verdict), &one.seam)
            .cmp(&(std::cmp::Reverse(two.verdict), &two.seam))
    });
    result
}

/// The newest version of each writer, by its last exchange.
fn newest_versions(evidence: &[Evidence]) -> BTreeMap<String, String> {
    let mut last: BTreeMap<&str, (Option<i64>, &str)> = BTreeMap::new();
    for item in evidence.iter().filter(|item| !item.version.is_empty()) {
        let seen = (item.profile.total().last_ms, item.version.as_str());
        let known = last.entry(&item.writer).or_insert(seen);
        *known = (*known).max(seen);
    }
    last.into_iter().map(|(writer, (_, version))| (writer.to_owned(), version.to_owned())).collect()
}

fn observed(evidence: Vec<Evidence>) -> Vec<Observed> {
    let mut seams: BTreeMap<Seam, Observed> = BTreeMap::new();
    for item in evidence {
        let seam = Seam {
            writer: item.writer.clone(),
            reader: item.reader.clone(),
            operation: item.operation.to_string(),
        };
        let operation = item.operation.clone();
        let slot = seams.entry(seam.clone()).or_insert_with(|| Observed {
            seam,
            operation,
            versions: Vec::new(),
        });
        slot.versions.push(item);
    }
    let mut observed: Vec<Observed> = seams.into_values().collect();
    for one in &mut observed {
        one.versions.sort_by_key(|item| (item.profile.total().last_ms, item.version.clone()));
    }
    observed
}

/// Which claims speak of which seam: by index, in the order of the claims.
fn matches(claims: &[Claim], observed: &[Observed]) -> BTreeMap<usize, Vec<usize>> {
    let index = seam_index(observed.iter().map(|one| &one.operation));
    let mut matched: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, claim) in claims.iter().enumerate() {
        let candidates = candidates(&index, &claim.request.methods, &claim.request.path);
        for at in seams_of(claim, &candidates, observed) {
            matched.entry(at).or_default().push(number);
        }
    }
    matched
}

/// The seams that one claim speaks of: where its path meets most literally.
fn seams_of(claim: &Claim, candidates: &[usize], observed: &[Observed]) -> Vec<usize> {
    let eligible = candidates.iter().copied().filter(|at| {
        let seam = &observed[*at].seam;
        let method = &observed[*at].operation.method;
        (claim.request.methods.is_empty() || claim.request.methods.contains(method))
            && is_same(claim.writer.as_deref(), &seam.writer)
            && is_same(claim.reader.as_deref(), &seam.reader)
    });
    let eligible: Vec<usize> = eligible.collect();
    let strict: Vec<usize> = eligible
        .iter()
        .copied()
        .filter(|at| claim.request.path.meets(&observed[*at].operation).is_some())
        .collect();
    if !strict.is_empty() {
        return strict;
    }
    // A word of a mock's path may be data that only the company it keeps has told.
    eligible.into_iter().filter(|at| meets_loosely(claim, &observed[*at].operation)).collect()
}

fn meets_loosely(claim: &Claim, operation: &Operation) -> bool {
    let said = &claim.request.path.segments;
    said.len() == operation.segments.len()
        && said.iter().zip(&operation.segments).all(|pair| match pair {
            (Segment::Literal(text), Some(word)) => text == word,
            (Segment::Literal(_), None) | (Segment::Param, _) => true,
            (Segment::Rest, _) => false,
        })
}

/// True when a name that a claim gives may be the name under which evidence stands.
fn is_same(said: Option<&str>, seen: &str) -> bool {
    said.is_none_or(|said| seen.is_empty() || said.eq_ignore_ascii_case(seen))
}

/// Why the evidence of a seam is too old to judge by, if it is.
fn staleness(one: &Observed, newest: Option<&String>, policy: &Policy) -> Option<String> {
    const DAY_MS: i64 = 86_400_000;
    let current = one.versions.last()?;
    if let Some(newest) = newest.filter(|newest| **newest != current.version) {
        return Some(format!("`{}` is at {newest} since; last seen at another", one.seam.writer));
    }
    let last = current.profile.total().last_ms?;
    let age = policy.now_ms.saturating_sub(last);
    (age > policy.max_age_ms).then(|| format!("last seen {} days ago", age / DAY_MS))
}

/// Finds for each finding the last time that all was as said, from older versions of the writer.
fn note_last_good(
    compared: &mut Compared,
    claims: &[&Claim],
    one: &Observed,
    context: &Context<'_>,
) {
    let Some((_, older)) = one.versions.split_last() else { return };
    let Some(before) = older.last() else { return };
    let earlier = compare(claims, &before.profile, context);
    let known: Vec<String> = earlier.findings.iter().map(Finding::key).collect();
    for finding in &mut compared.findings {
        if !known.contains(&finding.key()) {
            finding.seen.last_good_ms = before.profile.total().last_ms;
        }
    }
}

fn judge(
    compared: &Compared,
    claims: &[&Claim],
    staleness: Option<&str>,
    policy: &Policy,
) -> Vec<ClaimReport> {
    let mut verdicts = Vec::new();
    for (claim, exchanges) in claims.iter().zip(&compared.exchanges) {
        let against =
            compared.findings.iter().filter(|finding| finding.claims.contains(&claim.source));
        let worst = against.max_by_key(|finding| finding.verdict);
        let (verdict, reason) = match (staleness, worst) {
            (Some(why), _) => (Verdict::Stale, why.to_owned()),
            (None, Some(finding)) => (finding.verdict, finding.rule.id().to_owned()),
            (None, None) if *exchanges < policy.samples_min => {
                let reason = format!("{exchanges} of {} exchanges needed", policy.samples_min);
                (Verdict::Unobserved, reason)
            }
            (None, None) => {
                let exceptions = exceptions_max(*exchanges) * 100.0;
                let reason = format!("{exchanges} exchanges, exceptions below {exceptions:.1} %");
                (Verdict::Holds, reason)
            }
        };
        verdicts.push(ClaimReport { verdict, reason, exchanges: *exchanges });
    }
    verdicts
}

/// A claim that no evidence speaks of, and its seam in the list.
fn not_observed(claim: &Claim, seams: &mut Vec<SeamReport>) -> ClaimReport {
    let method = claim.request.methods.first().map_or("ANY", String::as_str);
    let seam = Seam {
        writer: claim.writer.clone().unwrap_or_default(),
        reader: claim.reader.clone().unwrap_or_default(),
        operation: format!("{method} {}", claim.request.path.named()),
    };
    match seams.iter_mut().find(|known| known.seam == seam) {
        Some(known) => known.claims += 1,
        None => seams.push(SeamReport {
            seam,
            verdict: Verdict::Unobserved,
            gap: Gap::default(),
            total: Tally::EMPTY,
            claims: 1,
        }),
    }
    ClaimReport { verdict: Verdict::Unobserved, reason: "never observed".to_owned(), exchanges: 0 }
}
