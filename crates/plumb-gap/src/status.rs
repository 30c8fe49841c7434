//! Statuses: what it means that an answer which is said is not seen, while others are.

use crate::context::{Context, seen_by};
use crate::finding::{Cause, Finding, SaidText, SeenText, Verdict};
use crate::rule::Rule;
use crate::select::{Likeness, Selection};
use plumb_shape::claim::{Claim, SaidStatus, Strength};
use plumb_shape::operation::Segment;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::Said;
use plumb_shape::seen::Marginals;
use plumb_shape::tally::Tally;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Statuses by which a server says that it does not know an operation.
const UNKNOWN_OPERATION: [u16; 4] = [404, 405, 410, 501];

/// A finding about a claim whose status was not among the exchanges that it speaks of.
pub(crate) fn status_finding(
    claim: &Claim,
    claims: &[&Claim],
    selection: &Selection,
    context: &Context<'_>,
) -> Option<Finding> {
    let SaidStatus::Exactly(said) = claim.status else { return None };
    if claim.strength == Strength::Constraint {
        let finding = constraint_finding(claim, said, selection, context)?;
        return (!keeps_a_promise(claims, selection)).then_some(finding);
    }
    let mut total = Tally::EMPTY;
    for (status, marginals) in selection.by_status.iter() {
        if *status != 0 {
            total.merge(marginals.total);
        }
    }
    if total.count == 0 {
        return None;
    }
    // An error that is mocked and did not happen is no news, unless just its request did happen:
    // what a mock answers to whatever it does not know is no request in particular.
    let is_asked = selection.likeness == Likeness::Exact && names_an_operation(claim);
    if said >= 400 && !is_asked {
        return None;
    }
    let failed = selection.by_status.keys().all(|status| *status >= 400 || *status == 0);
    let known = selection
        .by_status
        .iter()
        .all(|(status, marginals)| is_known_error(*status, marginals, context.known_errors));
    let unknown = selection.by_status.keys().all(|status| UNKNOWN_OPERATION.contains(status));
    let broken = said < 400 && failed && !known;
    let rule = if broken && unknown { Rule::OperationGone } else { Rule::StatusGone };
    let verdict = if broken { Verdict::Broken } else { Verdict::Drifted };
    let mut finding = finding(claim, said, selection, total, context);
    finding.rule = rule;
    finding.verdict = verdict;
    finding.fix = rule.remedy().to_owned();
    if said < 400 && failed && known {
        finding.fix = "look for an earlier failure: the provider answers with an error it is \
                       known for, as when something was never created"
            .to_owned();
    }
    Some(finding)
}

/// True when the claim's path holds a word, so that it is about some operations and not about all.
fn names_an_operation(claim: &Claim) -> bool {
    claim.request.path.segments.iter().any(|segment| matches!(segment, Segment::Literal(_)))
}

/// A specification's status is gone when the operation is used often enough and never ends so: only
/// worth saying of the success it promises.
fn constraint_finding(
    claim: &Claim,
    said: u16,
    selection: &Selection,
    context: &Context<'_>,
) -> Option<Finding> {
    let total = selection.by_status.values().fold(Tally::EMPTY, |mut total, marginals| {
        total.merge(marginals.total);
        total
    });
    let unknown = selection.by_status.keys().all(|status| UNKNOWN_OPERATION.contains(status));
    if said >= 400 || total.count == 0 {
        return None;
    }
    let mut finding = finding(claim, said, selection, total, context);
    if unknown {
        finding.rule = Rule::OperationGone;
        finding.verdict = Verdict::Broken;
        finding.fix = finding.rule.remedy().to_owned();
        return Some(finding);
    }
    (total.count >= context.samples_min).then_some(finding)
}

/// True when a success is seen that a specification says, so that another one that is said and not
/// seen is no news.
fn keeps_a_promise(claims: &[&Claim], selection: &Selection) -> bool {
    let is_said = |status: u16| {
        let mut constraints = claims.iter().filter(|one| one.strength == Strength::Constraint);
        constraints.any(|one| one.status.admits(status))
    };
    let mut seen = selection.by_status.keys();
    seen.any(|status| (200..400).contains(status) && is_said(*status))
}

/// The statuses that took the place of the one that a claim says: other successes where there are
/// some, else whatever was answered.
pub(crate) fn replaced_by(claim: &Claim, selection: &Selection) -> Vec<u16> {
    let seen = selection.by_status.keys().copied();
    let successes: Vec<u16> = seen.clone().filter(|status| (200..400).contains(status)).collect();
    if claim.status.is_success() && !successes.is_empty() { successes } else { seen.collect() }
}

fn finding(
    claim: &Claim,
    said: u16,
    selection: &Selection,
    total: Tally,
    context: &Context<'_>,
) -> Finding {
    let seen: Vec<String> = selection
        .by_status
        .iter()
        .filter(|(status, _)| **status != 0)
        .map(|(status, marginals)| format!("{status} in {}", marginals.total.count))
        .collect();
    let like = match selection.likeness {
        Likeness::Operation => "requests",
        _ => "requests like it",
    };
    Finding {
        rule: Rule::StatusGone,
        verdict: Verdict::Drifted,
        seam: context.seam.clone(),
        place: format!("response {said}"),
        said: SaidText::of(&claim.source, format!("answers {said}")),
        seen: SeenText {
            count: total.count,
            of: total.count,
            first_ms: total.first_ms,
            last_ms: total.last_ms,
            text: format!("{} of {} {like}", seen.join(", "), total.count),
            ..seen_by(context)
        },
        claims: vec![claim.source.clone()],
        fix: Rule::StatusGone.remedy().to_owned(),
        cause: Cause::StatusGone { said, by_status: Arc::clone(&selection.by_status) },
    }
}

/// True when an error looks like one that claims already know the provider to answer with: then the
/// provider knows the operation and refuses the request, perhaps for an earlier failure's sake.
fn is_known_error(
    status: u16,
    marginals: &Marginals,
    known: &BTreeMap<u16, BTreeSet<Vec<String>>>,
) -> bool {
    let members = members_of(marginals.places.keys());
    !members.is_empty() && known.get(&status).is_some_and(|shapes| shapes.contains(&members))
}

/// The member names of errors that the claims of a provider show, by status.
pub(crate) fn known_errors<'a>(
    claims: impl Iterator<Item = &'a Claim>,
) -> BTreeMap<u16, BTreeSet<Vec<String>>> {
    let mut known: BTreeMap<u16, BTreeSet<Vec<String>>> = BTreeMap::new();
    for claim in claims {
        if let SaidStatus::Exactly(status) = claim.status {
            let members = error_members(&claim.said);
            if status >= 400 && !members.is_empty() {
                known.entry(status).or_default().insert(members);
            }
        }
    }
    known
}

fn error_members(said: &Said) -> Vec<String> {
    members_of(said.places.keys())
}

/// The names of the top-level members of a response body, in order.
fn members_of<'a>(places: impl Iterator<Item = &'a Place>) -> Vec<String> {
    let top = places.filter(|place| place.side == Side::Response && place.part == Part::Body);
    top.filter_map(|place| match place.steps.as_slice() {
        [Step::Key(name)] => Some(name.to_string()),
        _ => None,
    })
    .collect()
}
