//! Selects the exchanges that a claim speaks of: first those whose request is just like its own,
//! then looser ones, until there are some.

use plumb_shape::claim::{Claim, SaidQuery, Strength};
use plumb_shape::difference::{Standing, standing, uncovered};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::profile::Profile;
use plumb_shape::said::Presence;
use plumb_shape::seen::{Behaviour, Marginals};
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeMap;

/// How alike the selected requests are to the claim's, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// Any request of the operation.
    Operation,
    /// The same query parameters and media type.
    Query,
    /// And every member of the body that the claim says, of the kinds it says.
    Body,
    /// And the very traits of the claim's request, no member more.
    Exact,
}

/// Tried in this order.
const LIKENESSES: [Likeness; 4] =
    [Likeness::Exact, Likeness::Body, Likeness::Query, Likeness::Operation];

/// The exchanges that a claim speaks of, by status.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) likeness: Likeness,
    pub(crate) by_status: BTreeMap<u16, Marginals>,
    /// The behaviours selected, by status and position; empty when all are.
    pub(crate) chosen: Vec<(u16, usize)>,
}

/// Selects from everything seen of an operation.
pub(crate) fn select(claim: &Claim, profile: &Profile) -> Selection {
    if claim.strength == Strength::Constraint {
        return selection(claim, profile, Likeness::Operation);
    }
    for likeness in LIKENESSES {
        let found = selection(claim, profile, likeness);
        if !found.by_status.is_empty() {
            return found;
        }
    }
    Selection { likeness: Likeness::Operation, by_status: BTreeMap::new(), chosen: Vec::new() }
}

fn selection(claim: &Claim, profile: &Profile, likeness: Likeness) -> Selection {
    let mut by_status = BTreeMap::new();
    let mut chosen = Vec::new();
    for (status, outcome) in &profile.outcomes {
        let marginals = if likeness == Likeness::Operation {
            outcome.marginals()
        } else {
            let mut at = 0;
            outcome.marginals_of(|behaviour| {
                let is_like = is_like(claim, behaviour, likeness);
                if is_like {
                    chosen.push((*status, at));
                }
                at += 1;
                is_like
            })
        };
        if marginals.total.count > 0 {
            by_status.insert(*status, marginals);
        }
    }
    Selection { likeness, by_status, chosen }
}

fn is_like(claim: &Claim, behaviour: Behaviour<'_>, likeness: Likeness) -> bool {
    has_query(claim, behaviour)
        && has_media_type(claim, behaviour)
        && (likeness <= Likeness::Query || has_body(claim, behaviour, likeness))
}

fn has_query(claim: &Claim, behaviour: Behaviour<'_>) -> bool {
    if claim.request.query == SaidQuery::Any {
        return true;
    }
    let said = claim.said.places.iter().filter(|(place, _)| is_in(place, Part::Query));
    let all_there = said.into_iter().all(|(place, expected)| {
        let is_there = behaviour.traits(place).is_some();
        match expected.presence {
            Presence::Always => is_there,
            Presence::Never => !is_there,
            Presence::Sometimes => true,
        }
    });
    let is_open = claim.request.query == SaidQuery::Includes;
    let known = |place: &Place| is_open || claim.said.get(place).is_some();
    all_there && behaviour.facts().all(|(place, _)| !is_in(place, Part::Query) || known(place))
}

fn has_media_type(claim: &Claim, behaviour: Behaviour<'_>) -> bool {
    let mut said =
        claim.said.places.keys().filter(|place| is_in(place, Part::MediaType)).peekable();
    said.peek().is_none() || said.any(|place| behaviour.traits(place).is_some())
}

fn has_body(claim: &Claim, behaviour: Behaviour<'_>, likeness: Likeness) -> bool {
    let root = Place::root(Side::Request, Part::Body);
    if claim.said.get(&root).is_none() {
        return true;
    }
    let said = claim.said.places.iter().filter(|(place, _)| is_in(place, Part::Body));
    let all_there = said.into_iter().all(|(place, expected)| {
        let seen = behaviour.traits(place);
        match expected.presence {
            Presence::Always if expected.traits.is_empty() => true,
            Presence::Always => {
                seen.is_some() || matches!(place.steps.last(), Some(Step::Item | Step::Any))
            }
            Presence::Never => seen.is_none(),
            Presence::Sometimes => true,
        }
    });
    all_there
        && behaviour.facts().filter(|(place, _)| is_in(place, Part::Body)).all(|(place, traits)| {
            match standing(&claim.said, place) {
                Standing::Said(expected) if likeness == Likeness::Exact => {
                    expected.traits.contains(traits.minus(TraitSet::ASIDE))
                }
                Standing::Said(expected) => uncovered(expected, traits).is_empty(),
                Standing::Anything => true,
                Standing::New(_) | Standing::Beyond => likeness != Likeness::Exact,
            }
        })
}

fn is_in(place: &Place, part: Part) -> bool {
    place.side == Side::Request && place.part == part
}
