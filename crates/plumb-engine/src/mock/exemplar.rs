//! Exchanges that are just what a claim says: the request it speaks of with the answers it tells.
//!
//! What a claim says as it stands in its file is taken as it stands; where it tells rules, answers
//! are made that together show all that the rules allow. Refuses to know mocks and formats.

use crate::mock::stub::Stub;
use plumb_claims::mend::verbatim::Verbatim;
use plumb_shape::claim::Strength;
use plumb_shape::example::is_json_type;
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, media_type_essence};
use plumb_shape::synthetic::{Facts, documents};
use plumb_shape::trait_set::{Kind, TraitSet};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Answers that are made of one claim at most, to be answered with. Alternatives beyond are told
/// as lost when what was written is read again.
const ANSWERS_MAX: usize = 4;

/// The same, to be counted: there are more kinds of numbers than that.
const COUNTED_MAX: usize = 12;

/// How much of what is said a document has room for.
#[derive(Debug)]
struct Room {
    /// How many steps down it goes.
    depth: usize,
    /// Whether it has what may be absent.
    is_full: bool,
    /// Whether no other document shows what else there may be.
    is_alone: bool,
}

/// Tried in this order: schemas that hold one another say more than any document has room for.
const ROOMS: [Room; 4] = [
    Room { depth: usize::MAX, is_full: true, is_alone: false },
    Room { depth: usize::MAX, is_full: true, is_alone: true },
    Room { depth: usize::MAX, is_full: false, is_alone: true },
    Room { depth: 4, is_full: true, is_alone: true },
];

/// Bodies whose members are written as names and values.
const FORM: &str = "application/x-www-form-urlencoded";

/// A claim, and what may be taken from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemplar<'a> {
    /// What is said, and whether its values may be taken.
    pub(crate) stub: &'a Stub,
    /// The answer as it stands, where values may be taken.
    pub(crate) verbatim: Option<&'a Verbatim>,
    /// Whether exchanges are to show all that is said, and not just what is typical.
    pub(crate) is_whole: bool,
}

/// An exchange that was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// What would be seen of it.
    pub(crate) outcome: Outcome,
    /// Headers and the media type, where they are known.
    pub(crate) headers: Option<Vec<(String, String)>>,
    /// The body, where it is known.
    pub(crate) body: Option<String>,
}

/// Places that others stand below.
#[derive(Debug, Default)]
struct Below {
    /// Members by their names.
    named: BTreeSet<Place>,
    /// Members whose keys are data.
    data: BTreeSet<Place>,
}

impl Below {
    fn add(&mut self, place: &Place) {
        match (place.parent(), place.steps.last()) {
            (Some(parent), Some(Step::Key(_))) => _ = self.named.insert(parent),
            (Some(parent), Some(Step::Any)) => _ = self.data.insert(parent),
            _ => {}
        }
    }
}

/// A body that is answered.
enum Answered {
    Nothing,
    Opaque,
    Json(String),
}

impl Exemplar<'_> {
    /// The exchanges, that with the fullest answer first.
    pub(crate) fn exchanges(&self, key: &LiteralKey) -> Vec<Made> {
        let verbatim = self.verbatim.and_then(|verbatim| verbatim.body.as_deref());
        let answers = match verbatim {
            Some(text) => vec![self.as_it_stands(text)],
            None => self.made_answers(),
        };
        let headers = self.verbatim.map(|verbatim| self.headers(verbatim));
        let made = |answer: &Answered, is_full: bool| {
            let mut fold = Fold::new(key.clone(), Arc::new(|_| false));
            fold.begin(None);
            self.ask(&mut fold, is_full);
            self.answer(&mut fold, (headers.as_deref(), is_full), answer);
            fold.commit();
            let body = verbatim.map(str::to_owned);
            Made { outcome: fold.seal(), headers: headers.clone(), body }
        };
        let most = if self.is_whole { COUNTED_MAX } else { ANSWERS_MAX };
        let mut all: Vec<Made> = answers.iter().take(most).map(|one| made(one, false)).collect();
        if self.is_whole {
            // Once with all that is there at times beside the body, which no other exchange has.
            all.extend(answers.first().map(|fullest| made(fullest, true)));
        }
        all
    }

    /// Headers as they stand, with the media type where that stands apart from them.
    fn headers(&self, verbatim: &Verbatim) -> Vec<(String, String)> {
        let mut headers = lasting(&verbatim.headers);
        let is_named = headers.iter().any(|(name, _)| name == "content-type");
        let media_type = self.media_type(Side::Response).filter(|_| !is_named);
        headers.extend(media_type.map(|media_type| ("content-type".to_owned(), media_type)));
        headers
    }

    fn ask(&self, fold: &mut Fold, is_full: bool) {
        let side = Side::Request;
        let media_type = self.media_type(side);
        for (place, expected) in self.there(side, is_full) {
            let Some(name) = place.name().filter(|_| place.steps.len() == 1) else { continue };
            match place.part {
                Part::Query | Part::Header => {
                    fold.text(side, place.part, name, self.text(place, expected).as_bytes());
                }
                _ => {}
            }
        }
        if let Some(media_type) = &media_type {
            fold.mark(side, Part::MediaType, media_type, TraitSet::PRESENT);
        }
        let root = Place::root(side, Part::Body);
        let stands = self.verbatim.and_then(|verbatim| verbatim.asked.clone());
        match stands.or_else(|| self.bodies(side).into_iter().next()) {
            Some(body) if media_type.as_deref() == Some(FORM) => {
                let fields: Map<String, Value> = serde_json::from_str(&body).unwrap_or_default();
                for (name, value) in fields {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    fold.form_field(side, &name, text.as_bytes());
                }
            }
            // INVARIANT: a synthetic document is JSON.
            Some(body) => drop(fold.json(side, body.as_bytes())),
            None if self.is_opaque(&root) => fold.body(side, TraitSet::OPAQUE),
            None => {}
        }
    }

    fn answer(
        &self,
        fold: &mut Fold,
        (headers, is_full): (Option<&[(String, String)]>, bool),
        answer: &Answered,
    ) {
        let side = Side::Response;
        if let Some(media_type) = self.media_type(side) {
            fold.mark(side, Part::MediaType, &media_type, TraitSet::PRESENT);
        }
        match headers {
            Some(headers) => {
                for (name, value) in headers.iter().filter(|(name, _)| name != "content-type") {
                    fold.text(side, Part::Header, name, value.as_bytes());
                }
            }
            None => {
                for (place, expected) in self.there(side, is_full) {
                    if let (Part::Header, Some(name)) = (place.part, place.name()) {
                        let value = self.text(place, expected);
                        fold.text(side, Part::Header, name, value.as_bytes());
                    }
                }
            }
        }
        match answer {
            Answered::Nothing => {}
            Answered::Opaque => fold.body(side, TraitSet::OPAQUE),
            // Text that is no JSON is a fact as well.
            Answered::Json(text) => drop(fold.json(side, text.as_bytes())),
        }
    }

    /// The body that stands in the file, looked at as the claim looked at it.
    fn as_it_stands(&self, text: &str) -> Answered {
        let root = Place::root(Side::Response, Part::Body);
        let said = self.stub.claim.said.get(&root).filter(|said| said.beneath != Beneath::Anything);
        let is_json = match said {
            Some(said) => !said.traits.intersects(TraitSet::UNREADABLE),
            None => is_json_type(&self.media_type(Side::Response).unwrap_or_default()),
        };
        match text.trim().is_empty() {
            true => Answered::Nothing,
            false if is_json => Answered::Json(text.to_owned()),
            false => Answered::Opaque,
        }
    }

    fn made_answers(&self) -> Vec<Answered> {
        let made: Vec<Answered> =
            self.bodies(Side::Response).into_iter().map(Answered::Json).collect();
        match made.is_empty() {
            false => made,
            true if self.is_opaque(&Place::root(Side::Response, Part::Body)) => {
                vec![Answered::Opaque]
            }
            true => vec![Answered::Nothing],
        }
    }

    /// Documents that together have what is said of a body; none where nothing or anything is.
    fn bodies(&self, side: Side) -> Vec<String> {
        let root = Place::root(side, Part::Body);
        let is_any = |said: &Expected| {
            said.presence != Presence::Always && said.beneath == Beneath::Anything
        };
        if self.stub.claim.said.get(&root).is_none_or(is_any) {
            return Vec::new();
        }
        let all = || self.there_at_times(side).filter(|(place, _)| place.part == Part::Body);
        let mut below = Below::default();
        all().for_each(|(place, _)| below.add(place));
        let within = |room: &Room| -> Facts {
            let mut facts = Facts::new();
            for (place, expected) in all() {
                let is_there = room.is_full || expected.presence == Presence::Always;
                let is_below = place.parent().is_none_or(|parent| facts.contains_key(&parent));
                if is_below && place.steps.len() <= room.depth && (is_there || !place.is_member()) {
                    let traits = self.facts_of(place, expected, &below);
                    let traits = if room.is_alone { alone(traits) } else { traits };
                    facts.insert(place.clone(), traits);
                }
            }
            facts
        };
        let each =
            ROOMS.iter().map(|room| documents(&within(room), &root, &|at| self.stub.word(at)));
        each.into_iter().find(|made| !made.is_empty()).unwrap_or_default()
    }

    fn facts_of(&self, place: &Place, expected: &Expected, below: &Below) -> TraitSet {
        let mut traits = self.narrowed(place, expected.traits);
        if traits.intersects(TraitSet::OBJECT) && expected.traits.contains(TraitSet::OBJECT) {
            let (named, data) = (below.named.contains(place), below.data.contains(place));
            traits = traits.minus(TraitSet::OBJECT)
                | if named { TraitSet::RECORD } else { TraitSet::NONE }
                | if data { TraitSet::MAP } else { TraitSet::NONE }
                | if named || data { TraitSet::NONE } else { TraitSet::EMPTY_OBJECT };
        }
        let is_member = matches!(place.steps.last(), Some(Step::Key(_)));
        if is_member && expected.presence == Presence::Sometimes {
            traits |= TraitSet::PARTIAL;
        }
        traits
    }

    /// Traits as few as show every kind. Whoever says of a kind that much of it may come has no
    /// value in mind, so that one stands for all; an example means each of its own.
    fn narrowed(&self, place: &Place, traits: TraitSet) -> TraitSet {
        if traits.contains(TraitSet::ALL.minus(TraitSet::ASIDE)) {
            return if place.steps.is_empty() { TraitSet::EMPTY_OBJECT } else { TraitSet::TEXT };
        }
        let is_example = self.stub.claim.strength == Strength::Example;
        let mut narrow = traits.minus(TraitSet::ASIDE | TraitSet::UNREADABLE);
        let typical = TYPICAL.into_iter();
        for (kind, typical) in typical.filter(|(kind, _)| *kind != Kind::Number || !self.is_whole) {
            let of_kind = traits & kind.traits();
            let is_wide = !is_example || of_kind == kind.traits();
            if is_wide && of_kind.intersects(typical) {
                narrow = narrow.minus(kind.traits()) | typical;
            }
        }
        if self.is_whole {
            narrow = narrow.minus(TraitSet::NEGATIVE);
        } else if !is_example && traits.contains(TraitSet::INT32 | TraitSet::FRACTION) {
            narrow = narrow.minus(TraitSet::NUMBER) | TraitSet::FRACTION;
        }
        narrow
    }

    fn is_opaque(&self, root: &Place) -> bool {
        let said = self.stub.claim.said.get(root);
        said.is_some_and(|said| {
            said.presence != Presence::Never
                && said.traits != TraitSet::ALL
                && said.traits.intersects(TraitSet::UNREADABLE)
        })
    }

    /// The media type, without parameters.
    fn media_type(&self, side: Side) -> Option<String> {
        let content_type = self.verbatim.filter(|_| side == Side::Response).and_then(|verbatim| {
            let mut headers = verbatim.headers.iter();
            headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        });
        if let Some((_, value)) = content_type {
            return Some(media_type_essence(value).into_owned());
        }
        let mut said = self.there_at_times(side).map(|(place, _)| place);
        said.find(|place| place.part == Part::MediaType).and_then(|it| it.name().map(str::to_owned))
    }

    fn there(&self, side: Side, is_full: bool) -> impl Iterator<Item = (&Place, &Expected)> {
        let all = self.there_at_times(side);
        all.filter(move |(_, expected)| is_full || expected.presence == Presence::Always)
    }

    fn there_at_times(&self, side: Side) -> impl Iterator<Item = (&Place, &Expected)> {
        let all = self.stub.claim.said.places.iter().filter(move |(place, _)| place.side == side);
        all.filter(|(_, said)| said.presence != Presence::Never && !said.traits.is_empty())
    }

    /// A value of a header or a query parameter.
    fn text(&self, place: &Place, expected: &Expected) -> String {
        if let Some(known) = self.stub.text(place) {
            return known;
        }
        let traits = self.narrowed(place, expected.traits & TraitSet::STRING);
        let facts = Facts::from([(place.clone(), traits)]);
        let made = documents(&facts, place, &|_| None).into_iter().next();
        made.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }
}

/// Traits of one value.
fn alone(traits: TraitSet) -> TraitSet {
    traits.kinds().next().map_or(traits, |kind| traits & kind.traits())
}

/// Headers by their names in lower case, without those that belong to one connection or to the
/// bytes of one body (RFC 9110, section 7.6.1).
fn lasting(headers: &[(String, String)]) -> Vec<(String, String)> {
    const PASSING: [&str; 9] = [
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let lower = headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    lower.filter(|(name, _)| !PASSING.contains(&name.as_str())).collect()
}

/// Of each kind, the one that stands for all.
const TYPICAL: [(Kind, TraitSet); 4] = [
    (Kind::String, TraitSet::TEXT),
    (Kind::Number, TraitSet::INT32),
    (Kind::Boolean, TraitSet::TRUE),
    (Kind::Array, TraitSet::ONE_ELEMENT),
];
