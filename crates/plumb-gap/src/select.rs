//! Selects the exchanges that a claim speaks of: first those whose request is just like its own,
//! then looser ones, until there are some.

use plumb_shape::claim::{Claim, SaidQuery, Strength};
use plumb_shape::difference::{Standing, standing, uncovered};
use plumb_shape::ladder::Level;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::profile::Profile;
use plumb_shape::said::Presence;
use plumb_shape::seen::{Behaviour, Marginals};
use plumb_shape::trait_set::TraitSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// Tried in this order before any request of the operation will do.
const LIKENESSES: [Likeness; 3] = [Likeness::Exact, Likeness::Body, Likeness::Query];

/// The exchanges that claims speak of, each distinct choice once.
#[derive(Debug, Default)]
pub(crate) struct Selections {
    pub(crate) distinct: Vec<Selection>,
    /// For each claim, in order, the position of its selection.
    pub(crate) of_claims: Vec<usize>,
}

/// Exchanges of like requests, by status.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) likeness: Likeness,
    pub(crate) by_status: Arc<BTreeMap<u16, Marginals>>,
}

/// The behaviours chosen, by status and position; every one when the whole operation is meant.
type Chosen = (Likeness, BTreeSet<(u16, usize)>);

/// Selects for each claim from everything seen of an operation.
pub(crate) fn select(claims: &[&Claim], profile: &Profile) -> Selections {
    let mut known: BTreeMap<Chosen, usize> = BTreeMap::new();
    let mut selections = Selections::default();
    for claim in claims {
        let chosen = choose(claim, profile);
        let next = known.len();
        let at = *known.entry(chosen).or_insert(next);
        selections.of_claims.push(at);
    }
    let mut chosen: Vec<(Chosen, usize)> = known.into_iter().collect();
    chosen.sort_by_key(|(_, at)| *at);
    selections.distinct = chosen.iter().map(|(chosen, _)| selected(chosen, profile)).collect();
    selections
}

/// The closest likeness at which there are exchanges. Where behaviours are coarsened, requests are
/// not told apart any more, and only the counts of all exchanges are exact.
fn choose(claim: &Claim, profile: &Profile) -> Chosen {
    let is_told_apart = profile.outcomes.values().all(|one| one.level() == Level::FULL);
    let is_choice = is_told_apart && claim.strength != Strength::Constraint;
    for likeness in LIKENESSES.into_iter().filter(|_| is_choice) {
        let mut chosen = BTreeSet::new();
        for (status, outcome) in &profile.outcomes {
            let behaviours = outcome.behaviours().enumerate();
            let like = behaviours.filter(|(_, one)| is_like(claim, *one, likeness));
            chosen.extend(like.map(|(at, _)| (*status, at)));
        }
        if !chosen.is_empty() {
            return (likeness, chosen);
        }
    }
    (Likeness::Operation, BTreeSet::new())
}

fn selected((likeness, chosen): &Chosen, profile: &Profile) -> Selection {
    let mut by_status = BTreeMap::new();
    for (status, outcome) in &profile.outcomes {
        let mut at = 0;
        let marginals = match likeness {
            Likeness::Operation => outcome.marginals(),
            _ => outcome.marginals_of(|_| {
                at += 1;
                chosen.contains(&(*status, at - 1))
            }),
        };
        if marginals.total.count > 0 {
            by_status.insert(*status, marginals);
        }
    }
    Selection { likeness: *likeness, by_status: Arc::new(by_status) }
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
