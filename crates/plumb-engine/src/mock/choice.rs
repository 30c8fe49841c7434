//! Choosing among behaviours, without chance: so that each is answered as often as it was seen, or
//! as the tool would choose that they were said for.
//!
//! Refuses to know how an answer is made.

use crate::mock::behaviour::MockBehaviour;
use crate::mock::call::{MockRequest, Unanswered, Wanted};
use crate::mock::stub::Stub;
use plumb_shape::claim::Strength;
use plumb_shape::operation::Segment;
use plumb_shape::speaks::{Arrived, Request, Speaks};
use std::cmp::Reverse;

/// The behaviour that has been answered least for its share. Over any number of answers none is
/// more than one answer away from its share for long, and the order is always the same.
pub(crate) fn most_owed(behaviours: &[MockBehaviour], among: &[usize]) -> usize {
    let one = |at: &usize| &behaviours[*at];
    let seen: u64 = among.iter().map(|at| one(at).seen).sum();
    let answered: u64 = among.iter().map(|at| one(at).answered).sum();
    let owed = |at: &usize| {
        // What should have been answered after the next answer, less what was; times `seen`.
        let due = u128::from(one(at).seen) * u128::from(answered + 1);
        let done = u128::from(one(at).answered) * u128::from(seen);
        i128::try_from(due).unwrap_or(i128::MAX) - i128::try_from(done).unwrap_or(i128::MAX)
    };
    let best = among.iter().max_by_key(|at| (owed(at), Reverse(**at)));
    best.copied().unwrap_or_default()
}

/// The behaviour among `all` that a request gets, by its position.
///
/// What is said of requests like this one by several stubs of one precedence, which claims do not
/// tell apart, comes in turn.
///
/// # Errors
///
/// When nothing is said of such a request, or nothing that is wanted.
pub(crate) fn said_for(
    all: &[&MockBehaviour],
    request: &MockRequest<'_>,
    wanted: &Wanted,
) -> Result<usize, Unanswered> {
    let measured = measured(request);
    let speaking = all.iter().enumerate().filter_map(|(position, one)| {
        let stub = one.stub.as_ref()?;
        let speaks = measured.is_met_by(&stub.claim);
        (speaks > Speaks::No).then_some((position, speaks, stub))
    });
    let mut met: Vec<(usize, Speaks, &Stub)> = speaking.collect();
    match wanted {
        Wanted::AsSeen => met.retain(|(_, _, stub)| stub.variant == 0),
        _ => met.retain(|(position, ..)| all[*position].is_wanted(wanted)),
    }
    let first = met.iter().map(|(position, _, stub)| rank(stub, all[*position].status)).min();
    met.retain(|(position, _, stub)| Some(rank(stub, all[*position].status)) == first);
    let certain = met.iter().filter(|(_, speaks, _)| *speaks == Speaks::Yes);
    let certain = certain.map(|(_, _, stub)| stub.at).max();
    let may = met.iter().filter(|(_, _, stub)| certain.is_none_or(|certain| stub.at >= certain));
    let next = may.min_by_key(|(position, _, stub)| {
        (!stub.is_sent(request.body), all[*position].answered, stub.at)
    });
    next.map(|(position, ..)| *position)
        .ok_or_else(|| Unanswered::Unsaid(request.operation().to_string()))
}

/// What comes first, whatever comes later in its file. Rules that allow several answers to one
/// request have no turn: the most literal path comes first, and success before errors.
fn rank(stub: &Stub, status: u16) -> (i32, Reverse<usize>, bool, u16) {
    let request = &stub.claim.request;
    if stub.claim.strength != Strength::Constraint {
        return (request.priority, Reverse(0), false, 0);
    }
    let segments = request.path.segments.iter();
    let literals = segments.filter(|segment| matches!(segment, Segment::Literal(_))).count();
    (request.priority, Reverse(literals), status >= 400, status)
}

fn measured(request: &MockRequest<'_>) -> Request {
    let mut headers = request.headers.to_vec();
    if request.is_message {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let operation = request.operation();
    Request::of(Arrived {
        method: request.method,
        path: request.path,
        name: operation.name.as_deref(),
        query: &request.parameters(),
        headers: &headers,
        body: request.body,
    })
}
