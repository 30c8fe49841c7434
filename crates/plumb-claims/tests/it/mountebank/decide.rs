//! Which stub answers a request, as far as its claims tell: the first that speaks of the request in
//! every place, unless one before it may as well.

use plumb_shape::claim::{Claim, SaidQuery};
use plumb_shape::example::{say_body, say_query};
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use serde_json::Value;

/// What the claims tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    /// This stub answers.
    Stub(usize),
    /// No stub does.
    Nobody,
    /// A claim is told apart from others by more than it says.
    CannotTell,
}

/// Whether a claim speaks of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Speaks {
    No,
    /// As far as it says, but it asks for more than that.
    Maybe,
    Yes,
}

pub(super) fn decide(claims: &[Claim], stubs: usize, request: &Value) -> Decided {
    let seen = seen(request);
    let mut may_be_another = false;
    for stub in 0..stubs {
        let position = i32::try_from(stub).unwrap();
        let of_stub = claims.iter().filter(|claim| claim.request.priority == position);
        // A stub that could not be read may answer anything.
        let speaks = of_stub.map(|claim| speaks(claim, request, &seen)).max();
        match speaks.unwrap_or(Speaks::Maybe) {
            Speaks::Yes if may_be_another => return Decided::CannotTell,
            Speaks::Yes => return Decided::Stub(stub),
            Speaks::Maybe => may_be_another = true,
            Speaks::No => {}
        }
    }
    if may_be_another { Decided::CannotTell } else { Decided::Nobody }
}

/// The request, said as an example would be.
fn seen(request: &Value) -> Said {
    let mut seen = Said::default();
    let query = request["query"].as_object().unwrap();
    let pairs: Vec<(String, String)> = query
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    say_query(&mut seen, &pairs);
    for (name, value) in request["headers"].as_object().unwrap() {
        let mut header = Said::default();
        say_query(&mut header, &[(name.to_ascii_lowercase(), value.as_str().unwrap().to_owned())]);
        for (place, expected) in header.places {
            seen.say(Place { part: Part::Header, ..place }, expected);
        }
    }
    let body = request["body"].as_str().unwrap_or_default();
    say_body(&mut seen, Side::Request, None, body.as_bytes());
    seen
}

fn speaks(claim: &Claim, request: &Value, seen: &Said) -> Speaks {
    let method = request["method"].as_str().unwrap();
    let asked = &claim.request;
    let path = request["path"].as_str().unwrap();
    let segments = path.split('/').filter(|it| !it.is_empty()).map(|it| Some(it.to_owned()));
    let operation = Operation { method: method.to_owned(), segments: segments.collect() };
    let is_method = asked.methods.is_empty() || asked.methods.iter().any(|one| one == method);
    if !is_method || asked.path.meets(&operation).is_none() {
        return Speaks::No;
    }
    let places = claim.said.places.iter().filter(|(place, _)| place.side == Side::Request);
    let of_places = places.map(|(place, expected)| of_place(place, expected, seen)).min();
    let of_others = if says_all(claim, seen) { Speaks::Yes } else { Speaks::No };
    let whole = of_places.unwrap_or(Speaks::Yes).min(of_others);
    if asked.stateful { whole.min(Speaks::Maybe) } else { whole }
}

/// Whether what is there at a place is what is said of it.
fn of_place(place: &Place, expected: &Expected, seen: &Said) -> Speaks {
    let there = seen.get(place).filter(|there| there.presence != Presence::Never);
    let Some(there) = there else {
        let is_needed = expected.presence == Presence::Always;
        return if is_needed { Speaks::No } else { Speaks::Yes };
    };
    if expected.presence == Presence::Never || !expected.traits.contains(there.traits) {
        return Speaks::No;
    }
    let is_any = [TraitSet::STRING, TraitSet::ALL].contains(&expected.traits);
    let is_nested = expected.traits.intersects(TraitSet::OBJECT | TraitSet::ARRAY);
    match (&expected.words, &there.words) {
        (Some(said), Some(seen)) if said.is_superset(seen) => Speaks::Yes,
        (Some(_), _) => Speaks::No,
        // A list is said by its elements together, and they are not told apart.
        (None, _) if is_nested && !expected.traits.intersects(TraitSet::ARRAY) => Speaks::Yes,
        (None, _) if is_any => Speaks::Yes,
        // The value that is asked for is not kept.
        (None, _) => Speaks::Maybe,
    }
}

/// Whether there is nothing that a claim refuses by saying all there may be.
fn says_all(claim: &Claim, seen: &Said) -> bool {
    seen.places.keys().all(|place| {
        let is_said = claim.said.get(place).is_some();
        let is_closed = match place.part {
            Part::Query => claim.request.query == SaidQuery::Exactly,
            Part::Body => place
                .parent()
                .and_then(|parent| claim.said.get(&parent))
                .is_some_and(|said| said.beneath == Beneath::Closed),
            _ => false,
        };
        is_said || !is_closed
    })
}
