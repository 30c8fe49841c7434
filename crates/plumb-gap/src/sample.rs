//! Samples: recordings that stand for traffic as it comes, and what chance alone may explain
//! between such a sample and the traffic it is compared with.
//!
//! A mock is chosen by hand, so everything beyond it is news. A capture is not: what is rare in it
//! and missing in another capture of the same traffic is no change.

use crate::policy::{CAPTURE_EXAMPLES_MIN, SAMPLE_EXAMPLES_MIN, is_chance};
use plumb_shape::claim::{Claim, Dialect};
use plumb_shape::difference::{Difference, DifferenceKind};
use std::collections::{BTreeMap, BTreeSet};

/// The files that hold so many recorded exchanges that nobody chose them one by one.
pub(crate) fn captures(claims: &[Claim]) -> BTreeSet<&str> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| is_recorded(claim)) {
        *counts.entry(&claim.source.file).or_default() += 1;
    }
    counts.retain(|_, count| *count >= CAPTURE_EXAMPLES_MIN);
    counts.into_keys().collect()
}

/// True when chance alone may explain a difference between what these claims say together and what
/// was seen. What every exchange shows is left to chance only where the examples are many.
pub(crate) fn is_left_to_chance(
    difference: &Difference,
    claims: &[&Claim],
    captures: &BTreeSet<&str>,
) -> bool {
    let is_capture = |claim: &&Claim| captures.contains(claim.source.file.as_str());
    let examples = claims.len() as u64;
    let is_sample = examples >= SAMPLE_EXAMPLES_MIN && claims.iter().all(|one| is_recorded(one));
    let of = difference.of;
    if difference.kind == DifferenceKind::NeverSeen {
        let says = |claim: &&&Claim| claim.said.get(&difference.place).is_some();
        let count = claims.iter().filter(says).count() as u64;
        return (is_sample || claims.iter().all(is_capture)) && is_chance(count, examples, of);
    }
    let count = difference.seen.count;
    let is_rare = count < of;
    (is_sample || is_rare && claims.iter().all(is_capture)) && is_chance(count, of, examples)
}

fn is_recorded(claim: &Claim) -> bool {
    use Dialect::{Har, Keploy, Polly, Vcr, Vcrpy};
    matches!(claim.source.dialect, Har | Keploy | Polly | Vcr | Vcrpy)
}
