//! Which versions may live together: every version of a writer that was seen, by itself against
//! what its readers take for granted.
//!
//! Refuses to know how it is shown.

use crate::judge;
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::Verdict;
use plumb_gap::policy::Policy;
use plumb_gap::report::Report;
use plumb_shape::claim::Claim;
use plumb_shape::literal::LiteralKey;
use std::collections::{BTreeMap, BTreeSet};

/// Versions of a writer that are judged by themselves, the newest.
const VERSIONS_MAX: usize = 8;

/// One version of a writer judged against what one reader takes for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The component that writes.
    pub writer: String,
    /// Its version, empty when unknown.
    pub version: String,
    /// The component that reads.
    pub reader: String,
    /// The worst that is known of any seam between them.
    pub verdict: Verdict,
    /// How many findings stand between them.
    pub findings: usize,
    /// Exchanges between them; 0 where the verdict rests on what other readers met.
    pub exchanges: u64,
    /// When the version was last seen, Unix milliseconds.
    pub last_ms: i64,
}

/// What is judged.
#[derive(Clone)]
pub struct Coexistence<'a> {
    /// What is said.
    pub claims: &'a [Claim],
    /// What was seen of each version.
    pub evidence: &'a [Evidence],
    /// How it is judged; ages do not count.
    pub policy: Policy,
    /// The key under which the evidence holds literals.
    pub key: &'a LiteralKey,
    /// The name of a dependency by its host.
    pub name_of: &'a dyn Fn(&str) -> Option<String>,
}

/// The versions of each writer with when they were last seen, the newest first.
type Ranked<'a> = BTreeMap<&'a str, Vec<(i64, &'a str)>>;

impl std::fmt::Debug for Coexistence<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Coexistence").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Every pair of a version and a reader, seen or inferred.
#[must_use]
pub fn pairs(asked: &Coexistence<'_>) -> Vec<Pair> {
    let ranked = ranked(asked.evidence);
    let deepest = ranked.values().map(Vec::len).max().unwrap_or(0).min(VERSIONS_MAX);
    // All writers at once: first their newest versions, then the ones before, and so on.
    let mut pairs: Vec<Pair> =
        (0..deepest).flat_map(|rank| at_rank(asked, &ranked, rank)).collect();
    pairs.extend(inferred(&pairs));
    pairs
}

fn ranked(evidence: &[Evidence]) -> Ranked<'_> {
    let mut versions: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for one in evidence {
        let of_writer = versions.entry(&one.writer).or_default();
        let last_ms = of_writer.entry(&one.version).or_insert(one.last_ms);
        *last_ms = one.last_ms.max(*last_ms);
    }
    versions.into_iter().map(|(writer, all)| (writer, newest_first(all))).collect()
}

fn newest_first(versions: BTreeMap<&str, i64>) -> Vec<(i64, &str)> {
    let mut ranked: Vec<_> = versions.into_iter().map(|(name, ms)| (ms, name)).collect();
    ranked.sort_unstable();
    ranked.reverse();
    ranked
}

fn at_rank(asked: &Coexistence<'_>, ranked: &Ranked<'_>, rank: usize) -> Vec<Pair> {
    let at = |writer: &str| ranked.get(writer).and_then(|all| all.get(rank)).copied();
    let is_at =
        |one: &&Evidence| at(&one.writer).is_some_and(|(_, version)| version == one.version);
    let part: Vec<Evidence> = asked.evidence.iter().filter(is_at).cloned().collect();
    // What was seen then is judged as it was then: its age is another question.
    let policy = Policy { max_age_ms: i64::MAX, ..asked.policy.clone() };
    let mut claims = asked.claims.to_vec();
    let report = judge::judge(&mut claims, part, &[], &policy, asked.key, asked.name_of);
    of_report(&report, &at)
}

fn of_report<'a>(report: &Report, at: &dyn Fn(&str) -> Option<(i64, &'a str)>) -> Vec<Pair> {
    let mut cells: BTreeMap<(&str, &str), Pair> = BTreeMap::new();
    // Of a seam that was not asked for with this version nothing is known, and where nothing is
    // said nothing can be wrong.
    for one in report.seams.iter().filter(|one| one.total.count > 0 && one.claims > 0) {
        let (writer, reader) = (one.seam.writer.as_str(), one.seam.reader.as_str());
        let Some((last_ms, version)) = at(writer) else { continue };
        let cell = cells.entry((writer, reader)).or_insert_with(|| Pair {
            writer: writer.to_owned(),
            version: version.to_owned(),
            reader: reader.to_owned(),
            verdict: one.verdict,
            findings: 0,
            exchanges: 0,
            last_ms,
        });
        cell.verdict = cell.verdict.max(one.verdict);
        cell.exchanges = cell.exchanges.saturating_add(one.total.count);
    }
    for finding in &report.findings {
        let name = (finding.seam.writer.as_str(), finding.seam.reader.as_str());
        if let Some(cell) = cells.get_mut(&name) {
            cell.findings += 1;
        }
    }
    cells.into_values().collect()
}

/// Readers that a version was not seen with: what others met of it may reach them too. Only what
/// is bad is inferred, never that something holds.
fn inferred(pairs: &[Pair]) -> Vec<Pair> {
    let readers = |writer: &str| -> BTreeSet<String> {
        pairs.iter().filter(|it| it.writer == writer).map(|it| it.reader.clone()).collect()
    };
    let mut worst: BTreeMap<(&str, &str), &Pair> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.exchanges > 0) {
        let known = worst.entry((&pair.writer, &pair.version)).or_insert(pair);
        if pair.verdict > known.verdict {
            *known = pair;
        }
    }
    let is_there = |writer: &str, version: &str, reader: &str| {
        pairs.iter().any(|it| it.writer == writer && it.version == version && it.reader == reader)
    };
    let mut inferred = Vec::new();
    for ((writer, version), met) in worst {
        for reader in readers(writer) {
            if is_there(writer, version, &reader) {
                continue;
            }
            let verdict =
                if met.verdict > Verdict::Stale { met.verdict } else { Verdict::Unobserved };
            inferred.push(Pair { reader, verdict, exchanges: 0, ..met.clone() });
        }
    }
    inferred
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(version: &str, reader: &str, verdict: Verdict, exchanges: u64) -> Pair {
        Pair {
            writer: "orders".to_owned(),
            version: version.to_owned(),
            reader: reader.to_owned(),
            verdict,
            findings: 1,
            exchanges,
            last_ms: 0,
        }
    }

    #[test]
    fn what_is_bad_is_inferred_and_what_is_good_is_not() {
        let met = [
            pair("1", "web", Verdict::Holds, 9),
            pair("1", "app", Verdict::Holds, 9),
            pair("2", "web", Verdict::Broken, 9),
            pair("3", "web", Verdict::Holds, 9),
        ];
        let inferred: Vec<(String, Verdict)> = inferred(&met)
            .into_iter()
            .map(|it| (it.version + " " + &it.reader, it.verdict))
            .collect();
        let expected = [("2 app", Verdict::Broken), ("3 app", Verdict::Unobserved)];
        assert_eq!(inferred, expected.map(|(name, verdict)| (name.to_owned(), verdict)));
    }
}
