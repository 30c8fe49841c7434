//! One behaviour as a mock answers it, and how like a request is to those that were answered so.
//!
//! Refuses to know which one is chosen.

use crate::mock::call::{MockRequest, Wanted};
use crate::mock::code::GrpcCode;
use crate::mock::stub::{Stub, where_said};
use crate::mock::vocabulary::Vocabulary;
use crate::shelf::hex;
use plumb_gap::header::{HeaderClass, header_class};
use plumb_shape::example::is_json_type;
use plumb_shape::fold::Fold;
use plumb_shape::ladder::Level;
use plumb_shape::literal::{Literal, LiteralKey};
use plumb_shape::operation::Operation;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::profile::Profile;
use plumb_shape::said::{Beneath, Expected, Presence, media_type_essence};
use plumb_shape::seen::{Behaviour, Marginals};
use plumb_shape::synthetic::{Facts, document, typical};
use plumb_shape::tally::Tally;
use plumb_shape::trait_set::TraitSet;
use plumb_traffic::schema::grpc::is_call;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Digits of a behaviour's id: enough to tell those of one operation apart.
const ID_DIGITS: usize = 8;

/// One behaviour of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MockBehaviour {
    /// A short name that stays while the behaviour does.
    pub id: String,
    /// The status.
    pub status: u16,
    /// The outcome of a call of gRPC, where it was kept.
    pub code: Option<GrpcCode>,
    /// In how many exchanges it was seen.
    pub seen: u64,
    /// When it was seen first, Unix milliseconds; none where exchanges told no time. Of a behaviour
    /// that had several outcomes of gRPC, all have its times.
    pub first_ms: Option<i64>,
    /// When it was seen last, likewise.
    pub last_ms: Option<i64>,
    /// Headers with a meaning of their own, and the media type.
    pub headers: Vec<(String, String)>,
    /// The body; empty when none was seen.
    pub body: String,
    /// How often it was answered.
    pub(crate) answered: u64,
    /// What its responses carry beside headers.
    pub(crate) told: Facts,
    /// What its requests carry that may decide the answer.
    pub(crate) asked: Facts,
    /// What it was taken from, where somebody said it and nobody saw it.
    pub(crate) stub: Option<Stub>,
}

/// How like a request is to those that were answered by a behaviour, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Likeness {
    /// Whether the answer fits what became of the resource.
    fits: bool,
    /// Whether the same query parameters and kinds of body are there, the same members, and the
    /// same traits of them.
    steps: u8,
}

/// The behaviours that were seen of an operation, most frequent first.
pub(crate) fn of_profile(
    operation: &Operation,
    profile: &Profile,
    known: &Vocabulary,
) -> Vec<MockBehaviour> {
    // Without a status there was no answer.
    let outcomes = profile.outcomes.iter().filter(|(status, _)| **status >= 100);
    let mut all: Vec<MockBehaviour> = Vec::new();
    for (status, outcome) in outcomes {
        let of = Of { operation, status: *status, known };
        all.extend(of.outcome(outcome));
    }
    all.sort_by(|one, two| (Reverse(one.seen), &one.id).cmp(&(Reverse(two.seen), &two.id)));
    all
}

/// What behaviours are of, and which words are known.
#[derive(Clone, Copy)]
struct Of<'a> {
    operation: &'a Operation,
    status: u16,
    known: &'a Vocabulary,
}

/// Counts of the literals at a place.
type Counts<'a> = &'a dyn Fn(&Place) -> Option<&'a BTreeMap<Literal, u64>>;

impl Of<'_> {
    fn outcome(self, outcome: &Outcome) -> Vec<MockBehaviour> {
        if outcome.level() > Level::FULL {
            // Behaviours are not told apart any more: the typical exchange stands for all.
            let seen = outcome.marginals();
            let counts = |place: &Place| seen.places.get(place).map(|tally| &tally.literals);
            let facts = typical_facts(&seen);
            let codes = self.codes(&counts);
            let code = codes.iter().max_by_key(|(_, count)| *count).map(|(code, _)| *code);
            return vec![self.behaviour(facts, code, outcome.total(), &counts)];
        }
        outcome.behaviours().flat_map(|one| self.by_code(one)).collect()
    }

    /// A behaviour once for each outcome of gRPC that it had.
    fn by_code(self, one: Behaviour<'_>) -> Vec<MockBehaviour> {
        let literals: BTreeMap<&Place, &BTreeMap<Literal, u64>> = one.literals().collect();
        let counts = |place: &Place| literals.get(place).copied();
        let facts: Facts = one.facts().map(|(place, traits)| (place.clone(), traits)).collect();
        let (all_of_it, mut left) = (one.tally(), one.tally().count);
        let part = |count| Tally { count, ..all_of_it };
        let mut all = Vec::new();
        for (code, count) in self.codes(&counts) {
            left = left.saturating_sub(count);
            all.push(self.behaviour(facts.clone(), Some(code), part(count), &counts));
        }
        if left > 0 {
            all.push(self.behaviour(facts, None, part(left), &counts));
        }
        all
    }

    /// How often each outcome of gRPC was seen, where that was kept.
    fn codes(self, counts: Counts<'_>) -> Vec<(GrpcCode, u64)> {
        let place = Place::named(Side::Response, Part::Header, GRPC_STATUS);
        let counted = counts(&place).into_iter().flatten();
        counted.filter_map(|(at, count)| Some((self.known.code(*at)?, *count))).collect()
    }

    fn behaviour(
        self,
        facts: Facts,
        code: Option<GrpcCode>,
        seen: Tally,
        counts: Counts<'_>,
    ) -> MockBehaviour {
        let Of { operation, status, known } = self;
        let id = id_of(operation, status, code, &facts);
        let word_at = |place: &Place| known.most(counts(place)?).map(str::to_owned);
        let (response, asked): (Facts, Facts) =
            facts.into_iter().partition(|(place, _)| place.side == Side::Response);
        let media_type = response.keys().find(|place| place.part == Part::MediaType);
        let media_type = media_type.and_then(Place::name).map(str::to_owned);
        let root = Place::root(Side::Response, Part::Body);
        let body = document(&response, &root, &word_at);
        // A body of another kind than JSON was seen and not looked into.
        let opaque = || response.get(&root).map_or_else(String::new, |_| "text".to_owned());
        let body = body.unwrap_or_else(opaque);
        let media_type = media_type.map(|media_type| ("content-type".to_owned(), media_type));
        let outcome = code.map(|code| (GRPC_STATUS.to_owned(), code.number().to_string()));
        let headers = media_type.into_iter().chain(meant(&response)).chain(outcome).collect();
        let beside = |place: &Place| place.part != Part::Header;
        let told = response.into_iter().filter(|(place, _)| beside(place)).collect();
        let asked = asked.into_iter().filter(|(place, _)| decides(place)).collect();
        let Tally { count: seen, first_ms, last_ms } = seen;
        let answered = 0;
        MockBehaviour {
            id,
            status,
            code,
            seen,
            first_ms,
            last_ms,
            headers,
            body,
            answered,
            told,
            asked,
            stub: None,
        }
    }
}

/// Where the outcome of a call of gRPC stands.
const GRPC_STATUS: &str = "grpc-status";

fn typical_facts(seen: &Marginals) -> Facts {
    let parts = [Part::Query, Part::Header, Part::MediaType, Part::Body];
    let roots = [Side::Request, Side::Response]
        .into_iter()
        .flat_map(|side| parts.into_iter().map(move |part| Place::root(side, part)));
    roots
        .flat_map(|root| {
            let named = seen.places.keys().filter(|place| {
                place.steps.len() == 1 && place.side == root.side && place.part == root.part
            });
            let tops: Vec<Place> = match root.part {
                Part::Body => vec![root],
                _ => named.filter(|place| is_common(seen, place)).cloned().collect(),
            };
            tops.into_iter().flat_map(|top| typical(seen, &top, None)).collect::<Facts>()
        })
        .collect()
}

/// Headers of a response that callers may read, with values as they were seen to look. The outcome
/// of a call is told by its code or not at all.
fn meant(response: &Facts) -> Vec<(String, String)> {
    let headers = response.keys().filter(|place| place.part == Part::Header);
    let value = |place: &Place| {
        let is_meant =
            |name: &&str| header_class(name) != HeaderClass::Transport && *name != GRPC_STATUS;
        let name = place.name().filter(is_meant)?;
        let json = document(response, place, &|_| None)?;
        Some((name.to_owned(), serde_json::from_str::<String>(&json).ok()?))
    };
    headers.filter_map(value).collect()
}

fn is_common(seen: &Marginals, place: &Place) -> bool {
    seen.seen(place).count.saturating_mul(2) >= seen.total.count
}

/// Whether a place of a request may decide its answer. Headers hardly do.
fn decides(place: &Place) -> bool {
    matches!(place.part, Part::Query | Part::Body | Part::MediaType)
}

fn id_of(operation: &Operation, status: u16, code: Option<GrpcCode>, facts: &Facts) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{operation} {status}\n"));
    if let Some(code) = code {
        hash.update(format!("{code}\n"));
    }
    for (place, traits) in facts {
        hash.update(format!("{place} {:x}\n", traits.bits()));
    }
    hex(&hash.finalize()).chars().take(ID_DIGITS).collect()
}

impl MockBehaviour {
    /// Whether it answers a call of gRPC.
    #[must_use]
    pub fn is_call(&self) -> bool {
        let media_type = self.headers.iter().find(|(name, _)| name == "content-type");
        media_type.is_some_and(|(_, media_type)| is_call(media_type))
    }

    /// The file and line that say it, where somebody said it and nobody saw it.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        self.stub.as_ref().map(|stub| where_said(&stub.claim))
    }

    /// Whether its body is something else than JSON.
    pub(crate) fn is_opaque(&self) -> bool {
        let body = self.told.get(&Place::root(Side::Response, Part::Body));
        body.is_some_and(|traits| traits.intersects(TraitSet::UNREADABLE))
    }

    /// Whether somebody says that any body will do.
    pub(crate) fn has_any_body(&self, side: Side) -> bool {
        let said =
            self.stub.as_ref().and_then(|it| it.claim.said.get(&Place::root(side, Part::Body)));
        said.is_some_and(|said| said.beneath == Beneath::Anything)
    }

    /// What somebody calls it who said it.
    pub(crate) fn title(&self) -> Option<&str> {
        let title = self.stub.as_ref()?.claim.source.title.as_str();
        (!title.is_empty()).then_some(title)
    }

    /// Whether something beside the request decides that it is answered.
    pub(crate) fn is_stateful(&self) -> bool {
        self.stub.as_ref().is_some_and(|stub| stub.claim.request.stateful)
    }

    /// Whether its requests are not told apart from those of another behaviour.
    pub(crate) fn is_asked_like(&self, other: &Self) -> bool {
        let said = |one: &Self| -> Vec<(Place, Expected)> {
            let said = one.stub.iter().flat_map(|stub| &stub.claim.said.places);
            let of_request = said.filter(|(place, _)| place.side == Side::Request);
            of_request.map(|(place, expected)| (place.clone(), expected.clone())).collect()
        };
        self.asked == other.asked && said(self) == said(other)
    }

    /// A text that is said of a place, where it may be told.
    pub(crate) fn text(&self, place: &Place) -> Option<String> {
        self.stub.as_ref()?.text(place)
    }

    /// The JSON body that requests have, as it stands where somebody says it.
    pub(crate) fn asked_as_it_stands(&self) -> Option<String> {
        let stub = self.stub.as_ref().filter(|stub| stub.keeps_values)?;
        stub.asked.clone()
    }

    /// Headers that somebody says requests have, with a value of theirs.
    pub(crate) fn asked_headers(&self) -> Vec<(String, String)> {
        let said = self.stub.iter().flat_map(|stub| &stub.claim.said.places);
        let asked = said.filter(|(place, expected)| {
            (place.side, place.part) == (Side::Request, Part::Header)
                && expected.presence == Presence::Always
        });
        let value = |place: &Place| self.text(place).unwrap_or_else(|| "text".to_owned());
        asked.filter_map(|(place, _)| Some((place.name()?.to_owned(), value(place)))).collect()
    }

    /// The query parameters of the requests that are answered so.
    #[must_use]
    pub fn queries(&self) -> Vec<&str> {
        let asked = self.asked.keys().filter(|place| place.part == Part::Query);
        asked.filter_map(Place::name).collect()
    }

    /// Whether requests that are answered so have a body, which tells them from others.
    #[must_use]
    pub fn is_told_by_body(&self) -> bool {
        self.asked.keys().any(|place| place.part == Part::Body)
    }

    /// A JSON body like those of the requests that are answered so, where they have one, and that
    /// calls this operation.
    #[must_use]
    pub fn asked_body(&self, operation: &Operation) -> Option<String> {
        if let Some(body) = self.asked_as_it_stands() {
            return Some(body);
        }
        let root = Place::root(Side::Request, Part::Body);
        let body = document(&self.asked, &root, &|place| self.text(place))?;
        if operation.name.is_none() {
            return Some(body);
        }
        let mut body: Value = serde_json::from_str(&body).ok()?;
        for (member, value) in body.as_object_mut().into_iter().flatten() {
            if let Some(text) = calling(operation, member) {
                *value = text.into();
            }
        }
        Some(body.to_string())
    }

    pub(crate) fn is_wanted(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::AsSeen => true,
            Wanted::Status(status) => *status == self.status,
            Wanted::Code(code) => Some(*code) == self.code,
            Wanted::Behaviour(id) => *id == self.id,
        }
    }

    /// How like these facts of a request are to those that were answered so. `is_gone` tells what
    /// became of a resource that this mock once knew.
    pub(crate) fn likeness(&self, asked: &Facts, is_gone: Option<bool>) -> Likeness {
        let is_gone_answer = matches!(self.status, 404 | 410);
        let fits = is_gone.is_none_or(|is_gone| is_gone == is_gone_answer);
        let names = |facts: &Facts| -> Vec<Place> {
            let shallow =
                facts.keys().filter(|place| place.part != Part::Body || place.steps.is_empty());
            shallow.cloned().collect()
        };
        let same_names = names(&self.asked) == names(asked);
        let same_places = same_names && self.asked.keys().eq(asked.keys());
        let same = same_places && self.asked == *asked;
        let steps = u8::from(same_names) + u8::from(same_places) + u8::from(same);
        Likeness { fits, steps }
    }
}

/// What a member or parameter of a request holds that calls an operation by its name.
pub(crate) fn calling(operation: &Operation, member: &str) -> Option<String> {
    let name = operation.name.as_ref()?;
    match member {
        "operationName" => Some(name.to_owned()),
        "query" => Some(format!("query {name} {{ __typename }}")),
        _ => None,
    }
}

/// The facts of a request that may decide its answer.
pub(crate) fn asked_facts(request: &MockRequest<'_>) -> Facts {
    let mut fold = Fold::new(LiteralKey::new([0; 32]), Arc::new(|_| false));
    fold.begin(None);
    for (name, value) in request.parameters() {
        fold.text(Side::Request, Part::Query, &name, value.as_bytes());
    }
    let essence = media_type_essence(request.media_type);
    if !essence.is_empty() {
        fold.mark(Side::Request, Part::MediaType, &essence, TraitSet::PRESENT);
    }
    if (is_json_type(&essence) || request.is_message) && !request.body.is_empty() {
        // Text that is no JSON is a fact as well.
        fold.json(Side::Request, request.body).ok();
    } else if !request.body.is_empty() {
        fold.body(Side::Request, TraitSet::OPAQUE);
    }
    fold.commit();
    let outcome = fold.seal();
    let one = outcome.behaviours().next();
    let facts = one.into_iter().flat_map(Behaviour::facts);
    facts.map(|(place, traits)| (place.clone(), traits)).collect()
}
