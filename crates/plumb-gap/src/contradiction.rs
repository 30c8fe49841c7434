//! Contradictions: claims that cannot both be true, found without any traffic.

use crate::finding::{Cause, Finding, SaidText, Seam, SeenText, Verdict};
use crate::rule::Rule;
use plumb_shape::claim::{Claim, SaidStatus, Strength};
use plumb_shape::difference::{Standing, standing};
use plumb_shape::operation::{Operation, PathPattern, Segment};
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::{Kind, TraitSet};
use std::collections::BTreeMap;

/// Compares every example and expectation with the constraints about the same answer.
#[must_use]
pub(crate) fn contradictions(claims: &[Claim]) -> Vec<Finding> {
    let mut constraints: BTreeMap<usize, Vec<&Claim>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| claim.strength == Strength::Constraint) {
        constraints.entry(claim.request.path.segments.len()).or_default().push(claim);
    }
    let mut findings = Vec::new();
    for claim in claims.iter().filter(|claim| claim.strength != Strength::Constraint) {
        let Some(operation) = concrete(claim) else { continue };
        let candidates = constraints.get(&operation.segments.len()).into_iter().flatten();
        let matching = candidates.filter_map(|constraint| {
            let hits = meets(&constraint.request.path, &operation)?;
            let same_method = claim
                .request
                .methods
                .iter()
                .any(|method| constraint.request.methods.contains(method));
            let same_writer = claim.writer.is_none()
                || constraint.writer.is_none()
                || claim.writer == constraint.writer;
            (same_method && same_writer).then_some((hits, *constraint))
        });
        let matching: Vec<(u32, &Claim)> = matching.collect();
        let Some(best) = matching.iter().map(|(hits, _)| *hits).max() else { continue };
        let about_it = matching.iter().filter(|(hits, _)| *hits == best).map(|(_, one)| *one);
        if let Some(constraint) = governing(about_it.collect(), claim.status) {
            findings.extend(compare(claim, constraint, &operation));
        }
    }
    findings
}

/// The constraint that governs an answer: exact status before class before default.
fn governing(constraints: Vec<&Claim>, status: SaidStatus) -> Option<&Claim> {
    let SaidStatus::Exactly(status) = status else { return None };
    let admitting = constraints.into_iter().filter(|constraint| constraint.status.admits(status));
    admitting.min_by_key(|constraint| constraint.status)
}

fn concrete(claim: &Claim) -> Option<Operation> {
    let words = claim.request.path.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(Some(text.clone())),
        Segment::Param => Some(None),
        Segment::Rest => None,
    });
    let segments = words.collect::<Option<Vec<_>>>()?;
    let method = claim.request.methods.first()?.clone();
    Some(Operation { method, segments, name: claim.request.path.name.clone() })
}

/// How a constraint's path meets a mock's: the mock's words stand for themselves or for data.
fn meets(pattern: &PathPattern, operation: &Operation) -> Option<u32> {
    if pattern.segments.len() != operation.segments.len() || !pattern.names(operation) {
        return None;
    }
    pattern.segments.iter().zip(&operation.segments).try_fold(0, |hits, pair| match pair {
        (Segment::Literal(said), Some(word)) => (said == word).then_some(hits + 1),
        (Segment::Param, _) => Some(hits),
        _ => None,
    })
}

fn compare(claim: &Claim, constraint: &Claim, operation: &Operation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let status = match claim.status {
        SaidStatus::Exactly(status) => status,
        SaidStatus::Class(_) | SaidStatus::Default => 0,
    };
    let mut push = |place: &Place, one: String, other: String| {
        let text = format!("{} says {one}", claim.source.dialect.name());
        findings.push(Finding {
            rule: Rule::ClaimsContradict,
            verdict: Verdict::Broken,
            seam: Seam {
                writer: claim.writer.clone().or(constraint.writer.clone()).unwrap_or_default(),
                reader: claim.reader.clone().unwrap_or_default(),
                operation: constraint_operation(constraint, operation),
            },
            place: place.at_status(status),
            said: SaidText::of(&claim.source, text),
            seen: SeenText {
                text: format!("{} says {other}", constraint.source.dialect.name()),
                ..SeenText::default()
            },
            claims: vec![claim.source.clone(), constraint.source.clone()],
            fix: Rule::ClaimsContradict.remedy().to_owned(),
            cause: Cause::Contradiction,
        });
    };
    for (place, expected) in &claim.said.places {
        if place.part == Part::Header || expected.presence == Presence::Never {
            continue;
        }
        match standing(&constraint.said, place) {
            Standing::Said(allowed) => {
                if let Some((one, other)) = clash(expected, allowed) {
                    push(place, one, other);
                }
            }
            Standing::New(Beneath::Closed) => {
                push(place, "it is there".to_owned(), "no other members are allowed".to_owned());
            }
            _ => {}
        }
    }
    for place in missing(&claim.said, &constraint.said) {
        push(place, "it is absent".to_owned(), "it is required".to_owned());
    }
    findings
}

fn constraint_operation(constraint: &Claim, operation: &Operation) -> String {
    format!("{} {}", operation.method, constraint.request.path)
}

/// The kinds on which two sayings have nothing in common, or a null that is not allowed.
fn clash(expected: &Expected, allowed: &Expected) -> Option<(String, String)> {
    if allowed.beneath == Beneath::Anything && allowed.traits == TraitSet::ALL {
        return None;
    }
    let (one, other) = (expected.traits, allowed.traits);
    let shared = one.widened_to_kinds() & other.widened_to_kinds();
    let outside = one.kinds().filter(|kind| !other.intersects(kind.traits()));
    let outside: Vec<Kind> = outside.collect();
    let integers_only =
        other.intersects(TraitSet::INTEGER) && !other.intersects(TraitSet::FRACTION);
    if integers_only && one.intersects(TraitSet::FRACTION) {
        return Some(("a fraction".to_owned(), "an integer".to_owned()));
    }
    let nothing_shared = shared.minus(TraitSet::ASIDE).is_empty();
    let has_values = one.kinds().next().is_some() && other.kinds().next().is_some();
    if has_values && (nothing_shared || outside.contains(&Kind::Null)) {
        return Some((one.kind_names(), other.kind_names()));
    }
    new_words(expected, allowed)
}

fn new_words(expected: &Expected, allowed: &Expected) -> Option<(String, String)> {
    let (said, allowed) = (expected.words.as_ref()?, allowed.words.as_ref()?);
    let outside: Vec<&String> = said.difference(allowed).collect();
    let word = outside.first()?;
    let known: Vec<String> = allowed.iter().take(6).map(|word| format!("`{word}`")).collect();
    Some((format!("`{word}`"), format!("one of {}", known.join(", "))))
}

/// Response members that the constraint requires and the example, which shows their parent, lacks.
fn missing<'a>(example: &Said, constraint: &'a Said) -> Vec<&'a Place> {
    let required = constraint.places.iter().filter(|(place, expected)| {
        place.side == Side::Response
            && place.part == Part::Body
            && place.is_member()
            && expected.presence == Presence::Always
    });
    required
        .map(|(place, _)| place)
        .filter(|place| {
            let parent = place.parent().and_then(|parent| example.get(&parent).cloned());
            example.get(place).is_none()
                && parent.is_some_and(|parent| {
                    parent.traits.intersects(TraitSet::OBJECT)
                        && parent.traits != TraitSet::ALL
                        && parent.beneath != Beneath::Anything
                })
        })
        .collect()
}
