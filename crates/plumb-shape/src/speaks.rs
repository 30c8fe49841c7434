//! Whether a claim speaks of one request, as far as claims tell: they keep what a request has to
//! look like, and not every value that it has to hold.
//!
//! Refuses to know any tool, and in which order one asks its stubs.

use crate::claim::{Claim, SaidQuery};
use crate::example::{say_body, say_query};
use crate::operation::{Operation, Segment, split};
use crate::place::{Part, Place, Side};
use crate::said::{Beneath, Expected, Presence, Said};
use crate::trait_set::TraitSet;

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Whether a claim speaks of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaks {
    /// It does not.
    No,
    /// As far as it says, but it asks for more than that.
    Maybe,
    /// It does.
    Yes,
}

/// A request as it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// What it calls, where its path serves many operations.
    pub name: Option<&'a str>,
    /// Names and values of the query, decoded.
    pub query: &'a [(String, String)],
    /// Names and values of headers.
    pub headers: &'a [(String, String)],
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// A request, measured as an example would be.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its operation, in which segments that are data have no word.
    templated: Operation,
    /// The same, every segment as it stands.
    exact: Operation,
    query: Vec<(String, String)>,
    /// What it holds.
    pub said: Said,
}

impl Request {
    /// Measures a request.
    #[must_use]
    pub fn of(arrived: Arrived<'_>) -> Self {
        let Arrived { method, path, name, query, headers, body } = arrived;
        let mut said = Said::default();
        say_query(&mut said, query);
        let mut media_type = None;
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            if name == "content-type" {
                said.say_media_type(Side::Request, value);
                media_type = Some(value.as_str());
                continue;
            }
            let mut header = Said::default();
            say_query(&mut header, &[(name, value.clone())]);
            for (place, expected) in header.places {
                said.say(Place { part: Part::Header, ..place }, expected);
            }
        }
        say_body(&mut said, Side::Request, media_type, body);
        let name = name.map(str::to_owned);
        let segments = split(path).map(|segment| Some(segment.to_owned())).collect();
        let exact = Operation { method: method.to_owned(), segments, name: name.clone() };
        let templated = Operation { name, ..Operation::of_request(method, path) };
        Self { templated, exact, query: query.to_vec(), said }
    }

    /// Whether a claim speaks of this request.
    #[must_use]
    pub fn is_met_by(&self, claim: &Claim) -> Speaks {
        let of_operation = self.operation_met_by(claim);
        if of_operation == Speaks::No {
            return Speaks::No;
        }
        let may_be_of_json = self.may_be_of_json(claim);
        let comes_again = |place: &Place| {
            let named = self.query.iter().filter(|(name, _)| Some(name.as_str()) == place.name());
            place.part == Part::Query && named.count() > 1
        };
        let places = claim.said.places.iter().filter(|(place, _)| place.side == Side::Request);
        let of_places = places.map(|(place, expected)| {
            if place.part == Part::Body && may_be_of_json {
                return Speaks::Maybe;
            }
            let speaks = self.place_met_by(place, expected);
            // One of several values may be enough, and which are there together is not kept.
            let is_there = expected.presence != Presence::Never;
            if comes_again(place) && is_there { Speaks::Maybe } else { speaks }
        });
        let of_others = if self.is_all_said_by(claim) { Speaks::Yes } else { Speaks::No };
        let whole = of_places.min().unwrap_or(Speaks::Yes).min(of_others).min(of_operation);
        if claim.request.stateful { whole.min(Speaks::Maybe) } else { whole }
    }

    /// Whether a form is asked for by its fields alone: the same places of JSON look like it.
    fn may_be_of_json(&self, claim: &Claim) -> bool {
        let form = Place::named(Side::Request, Part::MediaType, FORM_TYPE);
        let body = claim.said.get(&Place::root(Side::Request, Part::Body));
        let is_said = body.is_some_and(|body| body.beneath != Beneath::Anything);
        is_said && self.said.get(&form).is_some() && claim.said.get(&form).is_none()
    }

    /// Whether the claim is about this method and path.
    fn operation_met_by(&self, claim: &Claim) -> Speaks {
        let asked = &claim.request;
        let is_method = asked.methods.is_empty() || asked.methods.contains(&self.exact.method);
        if !is_method || asked.path.meets(&self.exact).is_none() {
            return Speaks::No;
        }
        let seen = &self.templated.segments;
        let mut said = asked.path.segments.iter().enumerate();
        // What a pattern admits in a segment is not kept: a word may be no such data, and a path
        // with nothing below it may not be meant.
        let is_open = said.any(|(at, segment)| match segment {
            Segment::Literal(_) => false,
            Segment::Param => seen.get(at).is_some_and(Option::is_some),
            Segment::Rest => seen.len() == at,
        });
        if is_open { Speaks::Maybe } else { Speaks::Yes }
    }

    /// Whether what is there at a place is what is said of it.
    fn place_met_by(&self, place: &Place, expected: &Expected) -> Speaks {
        let there = self.said.get(place).filter(|there| there.presence != Presence::Never);
        let Some(there) = there else {
            let is_needed = expected.presence == Presence::Always;
            return if is_needed { Speaks::No } else { Speaks::Yes };
        };
        if expected.presence == Presence::Never || !expected.traits.contains(there.traits) {
            return Speaks::No;
        }
        let is_any = expected.traits == TraitSet::STRING || expected.beneath == Beneath::Anything;
        let is_nested = expected.traits.intersects(TraitSet::OBJECT | TraitSet::ARRAY);
        match (&expected.words, &there.words) {
            (Some(said), Some(seen)) if said.is_superset(seen) => Speaks::Yes,
            (Some(_), _) => Speaks::No,
            // A list is said by its elements together, and they are not told apart.
            (None, _) if is_nested && !expected.traits.intersects(TraitSet::ARRAY) => Speaks::Yes,
            (None, _) if is_any => Speaks::Yes,
            (None, _) => match &expected.exact {
                Some(exact) if place.part != Part::Body => match &there.exact {
                    Some(value) if value == exact => Speaks::Yes,
                    _ => Speaks::No,
                },
                // The value that is asked for is not kept.
                _ => Speaks::Maybe,
            },
        }
    }

    /// Whether there is nothing that a claim refuses by saying all there may be.
    fn is_all_said_by(&self, claim: &Claim) -> bool {
        self.said.places.keys().all(|place| {
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
}
