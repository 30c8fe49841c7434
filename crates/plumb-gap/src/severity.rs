//! Severity: what a difference means for a reader who relies on the claim. Policy, not fact.

use crate::finding::Verdict;
use crate::header::{HeaderClass, header_class};
use plumb_shape::claim::Strength;
use plumb_shape::difference::{Difference, DifferenceKind};
use plumb_shape::place::{Part, Side};
use plumb_shape::trait_set::TraitSet;

/// How bad a difference is; `None` when it is worth no finding.
#[must_use]
pub(crate) fn severity(strength: Strength, difference: &Difference) -> Option<Verdict> {
    let place = &difference.place;
    match (place.side, place.part) {
        (Side::Response, Part::Header) => header_severity(difference),
        (Side::Request, Part::Header) => None,
        (_, Part::MediaType) => media_type_severity(difference),
        // The provider takes it; only the tests never sent it.
        (Side::Request, _)
            if strength != Strength::Constraint && difference.kind == DifferenceKind::Refused =>
        {
            Some(Verdict::Drifted)
        }
        // Of an example that shows null nothing can have been read, and absence reads alike.
        _ if strength == Strength::Example
            && difference.kind == DifferenceKind::Gone
            && difference.said == TraitSet::NULL =>
        {
            Some(Verdict::Drifted)
        }
        _ => Some(body_severity(strength, difference.kind)),
    }
}

fn header_severity(difference: &Difference) -> Option<Verdict> {
    let class = header_class(difference.place.name().unwrap_or_default());
    match (class, difference.kind) {
        (HeaderClass::Meaning, DifferenceKind::Gone) => Some(Verdict::Broken),
        (HeaderClass::Meaning, DifferenceKind::SometimesAbsent | DifferenceKind::New)
        | (HeaderClass::Housekeeping, DifferenceKind::Gone) => Some(Verdict::Drifted),
        _ => None,
    }
}

fn media_type_severity(difference: &Difference) -> Option<Verdict> {
    match difference.kind {
        // The type said is gone: its readers parse something else now.
        DifferenceKind::Gone => Some(Verdict::Broken),
        DifferenceKind::New => Some(Verdict::Drifted),
        _ => None,
    }
}

fn body_severity(strength: Strength, kind: DifferenceKind) -> Verdict {
    use DifferenceKind as Kind;
    match (strength, kind) {
        (_, Kind::Gone | Kind::KindChanged | Kind::Refused)
        | (Strength::Constraint | Strength::Expectation, Kind::KindNew | Kind::NullNew)
        | (Strength::Constraint | Strength::Expectation, Kind::SometimesAbsent)
        | (Strength::Constraint, Kind::NumberWidened | Kind::ValueNew) => Verdict::Broken,
        _ => Verdict::Drifted,
    }
}
