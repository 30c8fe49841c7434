//! Evidence by seam, and which claims speak of which seam.

use crate::evidence::Evidence;
use crate::finding::Seam;
use crate::seam_index::{candidates, seam_index};
use plumb_shape::claim::{Claim, Dialect};
use plumb_shape::operation::{Operation, Segment};
use std::collections::BTreeMap;

/// One seam's evidence, newest writer version last.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) seam: Seam,
    pub(crate) operation: Operation,
    pub(crate) versions: Vec<Evidence>,
}

/// Evidence by seam, in the order of seams.
pub(crate) fn observed(evidence: Vec<Evidence>) -> Vec<Observed> {
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
        one.versions.sort_by(|a, b| (a.last_ms, &a.version).cmp(&(b.last_ms, &b.version)));
    }
    observed
}

/// For each seam the claims that speak of it: by index, in the order of the claims.
pub(crate) fn matches(claims: &[Claim], observed: &[Observed]) -> Vec<Vec<usize>> {
    let index = seam_index(observed.iter().map(|one| &one.operation));
    let mut matched = vec![Vec::new(); observed.len()];
    for (number, claim) in claims.iter().enumerate() {
        let candidates = candidates(&index, &claim.request.methods, &claim.request.path);
        for at in seams_of(claim, &candidates, observed) {
            matched[at].push(number);
        }
    }
    for (seam, numbers) in observed.iter().zip(&mut matched) {
        keep_concrete(numbers, claims, &seam.operation);
    }
    matched
}

/// Of what a writer's specifications say, the path that meets most literally speaks: `/users/me` is
/// not one of `/users/{id}`. Paths that meet alike all do, since no standard tells them apart.
fn keep_concrete(numbers: &mut Vec<usize>, claims: &[Claim], operation: &Operation) {
    let hits = |number: &usize| claims[*number].request.path.meets(operation);
    let group = |number: &usize| {
        let claim = &claims[*number];
        (claim.source.dialect == Dialect::OpenApi).then_some(claim.writer.as_deref())
    };
    let mut most: BTreeMap<Option<&str>, Option<u32>> = BTreeMap::new();
    for number in numbers.iter() {
        if let Some(writer) = group(number) {
            let known = most.entry(writer).or_default();
            *known = (*known).max(hits(number));
        }
    }
    numbers.retain(|number| {
        group(number).is_none_or(|writer| most.get(&writer) == Some(&hits(number)))
    });
}

/// The seams that one claim speaks of: where its path meets most literally.
fn seams_of(claim: &Claim, candidates: &[usize], observed: &[Observed]) -> Vec<usize> {
    let eligible = candidates.iter().copied().filter(|at| {
        let seam = &observed[*at].seam;
        let method = &observed[*at].operation.method;
        takes(claim, method)
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

/// Whether a claim is about requests of this method.
pub(crate) fn takes(claim: &Claim, method: &String) -> bool {
    claim.request.methods.is_empty() || claim.request.methods.contains(method)
}

/// Whether the claim's path meets the operation when its words may stand for data.
pub(crate) fn meets_loosely(claim: &Claim, operation: &Operation) -> bool {
    let said = &claim.request.path.segments;
    claim.request.path.names(operation)
        && said.len() == operation.segments.len()
        && said.iter().zip(&operation.segments).all(|pair| match pair {
            (Segment::Literal(text), Some(word)) => text == word,
            (Segment::Literal(_), None) | (Segment::Param, _) => true,
            (Segment::Rest, _) => false,
        })
}

/// True when a name that a claim gives may be the name under which evidence stands.
pub(crate) fn is_same(said: Option<&str>, seen: &str) -> bool {
    said.is_none_or(|said| seen.is_empty() || said.eq_ignore_ascii_case(seen))
}
