//! Which stub answers a request, as far as its claims tell: the first that speaks of the request in
//! every place, unless one before it may as well.
//!
//! Refuses to know any tool, and in which order one asks its stubs.

use plumb_claims::reading::{Reading, Unread};
use plumb_shape::claim::{Claim, SaidQuery};
use plumb_shape::example::{say_body, say_query};
use plumb_shape::operation::{Operation, Segment};
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use serde_json::Value;

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// What the claims tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
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

/// A stub as it was read.
#[derive(Debug)]
pub(crate) struct Stub<'a> {
    /// Its place in the file.
    pub(crate) at: usize,
    /// One that could not be read has none.
    pub(crate) claims: Vec<&'a Claim>,
    /// It is said of it that it never answers.
    pub(crate) is_dead: bool,
}

/// What was told of all requests, beside what the tool did.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    agreed: usize,
    untold: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Compares what was decided with the stub that answered; `stub` writes one down.
    pub(crate) fn add(
        &mut self,
        decided: Decided,
        answer: Option<usize>,
        request: &Value,
        stub: impl Fn(usize) -> String,
    ) {
        let told = match decided {
            Decided::CannotTell => {
                self.untold += 1;
                return;
            }
            Decided::Stub(at) => Some(at),
            Decided::Nobody => None,
        };
        if told == answer {
            self.agreed += 1;
            return;
        }
        let (told, right) = (told.map(&stub), answer.map(&stub));
        self.wrong.push(format!("{request}\n  told {told:?}\n  right {right:?}"));
    }

    /// Prints the shares, and asserts that nothing was told wrongly.
    pub(crate) fn assert_right(&self) {
        let Self { agreed, untold, wrong } = self;
        let all = agreed + untold + wrong.len();
        println!("{all} requests: {agreed} agree, {untold} cannot be told, {} differ", wrong.len());
        assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
        assert!(*agreed >= 500);
    }
}

/// Whether it is said of the only stub of a file that it never answers.
pub(crate) fn is_dead(reading: &Reading) -> bool {
    let never = |unread: &Unread| unread.reason.contains("never answers");
    reading.claims.is_empty() && reading.unread.iter().any(never)
}

/// The stub that answers, of those in the order in which they are asked.
pub(crate) fn decide(stubs: &[Stub<'_>], request: &Value) -> Decided {
    let seen = seen(request);
    let mut may_be_another = false;
    for stub in stubs.iter().filter(|stub| !stub.is_dead) {
        // A stub that could not be read may answer anything.
        let speaks = stub.claims.iter().map(|claim| speaks(claim, request, &seen)).max();
        match speaks.unwrap_or(Speaks::Maybe) {
            Speaks::Yes if may_be_another => return Decided::CannotTell,
            Speaks::Yes => return Decided::Stub(stub.at),
            Speaks::Maybe => may_be_another = true,
            Speaks::No => {}
        }
    }
    if may_be_another { Decided::CannotTell } else { Decided::Nobody }
}

/// Names and values, kept as an object or, where a name may come again, as a list of pairs.
pub(crate) fn pairs(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        }
        list => {
            let pair = |pair: &Value| (text(&pair[0]), text(&pair[1]));
            list.as_array().unwrap().iter().map(pair).collect()
        }
    }
}

/// The request, said as an example would be.
pub(crate) fn seen(request: &Value) -> Said {
    let mut seen = Said::default();
    say_query(&mut seen, &pairs(&request["query"]));
    let mut media_type = None;
    for (name, value) in pairs(&request["headers"]) {
        let name = name.to_ascii_lowercase();
        if name == "content-type" {
            seen.say_media_type(Side::Request, &value);
            media_type = Some(value);
            continue;
        }
        let mut header = Said::default();
        say_query(&mut header, &[(name, value)]);
        for (place, expected) in header.places {
            seen.say(Place { part: Part::Header, ..place }, expected);
        }
    }
    let body = request["body"].as_str().unwrap_or_default();
    say_body(&mut seen, Side::Request, media_type.as_deref(), body.as_bytes());
    seen
}

fn speaks(claim: &Claim, request: &Value, seen: &Said) -> Speaks {
    let asked = &claim.request;
    let of_operation = of_operation(claim, request);
    if of_operation == Speaks::No {
        return Speaks::No;
    }
    let may_be_of_json = may_be_of_json(claim, seen);
    let query = pairs(&request["query"]);
    let comes_again = |place: &Place| {
        let named = query.iter().filter(|(name, _)| Some(name.as_str()) == place.name());
        place.part == Part::Query && named.count() > 1
    };
    let places = claim.said.places.iter().filter(|(place, _)| place.side == Side::Request);
    let of_places = places.map(|(place, expected)| {
        let speaks = of_place(place, expected, seen);
        if place.part == Part::Body && may_be_of_json {
            return Speaks::Maybe;
        }
        // One of several values may be enough, and which ones are there together is not kept.
        let is_there = expected.presence != Presence::Never;
        if comes_again(place) && is_there { Speaks::Maybe } else { speaks }
    });
    let of_others = if says_all(claim, seen) { Speaks::Yes } else { Speaks::No };
    let whole = of_places.min().unwrap_or(Speaks::Yes).min(of_others).min(of_operation);
    if asked.stateful { whole.min(Speaks::Maybe) } else { whole }
}

/// Whether a form is asked for by its fields alone: the same places of JSON look like it.
fn may_be_of_json(claim: &Claim, seen: &Said) -> bool {
    let form = Place::named(Side::Request, Part::MediaType, FORM_TYPE);
    let body = claim.said.get(&Place::root(Side::Request, Part::Body));
    let is_said = body.is_some_and(|body| body.beneath != Beneath::Anything);
    is_said && seen.get(&form).is_some() && claim.said.get(&form).is_none()
}

/// Whether the claim is about this method and path.
fn of_operation(claim: &Claim, request: &Value) -> Speaks {
    let method = request["method"].as_str().unwrap();
    let path = request["path"].as_str().unwrap();
    let segments = path.split('/').filter(|it| !it.is_empty()).map(|it| Some(it.to_owned()));
    let exact = Operation { method: method.to_owned(), segments: segments.collect(), name: None };
    let asked = &claim.request;
    let is_method = asked.methods.is_empty() || asked.methods.iter().any(|one| one == method);
    if !is_method || asked.path.meets(&exact).is_none() {
        return Speaks::No;
    }
    let seen = Operation::of_request(method, path).segments;
    let mut said = asked.path.segments.iter().enumerate();
    // What a pattern admits in a segment is not kept: a word may be no such data, and a path with
    // nothing below it may not be meant.
    let is_open = said.any(|(at, segment)| match segment {
        Segment::Literal(_) => false,
        Segment::Param => seen[at].is_some(),
        Segment::Rest => seen.len() == at,
    });
    if is_open { Speaks::Maybe } else { Speaks::Yes }
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
    let is_any = expected.traits == TraitSet::STRING || expected.beneath == Beneath::Anything;
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
