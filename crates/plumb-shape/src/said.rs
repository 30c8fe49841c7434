//! Said: what claims take for granted, place by place. The other half of every comparison.
//!
//! One flat table serves examples, constraints and expectations, so that a comparison is a join on
//! places. Refuses to know which file format said it.

use crate::ascii::lower;
use crate::place::{Part, Place, Side};
use crate::seen::Marginals;
use crate::trait_set::TraitSet;
use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What is said about the places of one exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// Each place that something is said about.
    pub places: BTreeMap<Place, Expected>,
}

/// What is said about one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The traits that the place may carry.
    pub traits: TraitSet,
    /// Whether the place is there whenever its parent is.
    pub presence: Presence,
    /// The values that are said; `None` when any value of these traits will do.
    pub words: Option<BTreeSet<String>>,
    /// The very text that is said of a header or a query parameter where it is no word, so that
    /// requests are told apart by it. It is compared and never shown.
    pub exact: Option<String>,
    /// What is said about members that have no place of their own.
    pub beneath: Beneath,
}

/// How often a place is said to be there while its parent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// Said never to be there.
    Never,
    /// There or not.
    Sometimes,
    /// Always there.
    Always,
}

/// What is said about members of an object that have no place of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beneath {
    /// They are refused (`additionalProperties: false`).
    Closed,
    /// Nothing is said: readers are taken to ignore them, and nothing exercised them.
    Open,
    /// Whatever stands below is covered (`{}` as a schema, a body that no matcher looks at).
    Anything,
}

impl Expected {
    /// A place always there with these traits, any value, open beneath.
    #[must_use]
    pub const fn always(traits: TraitSet) -> Self {
        Self {
            traits,
            presence: Presence::Always,
            words: None,
            exact: None,
            beneath: Beneath::Open,
        }
    }

    /// The same with another presence.
    #[must_use]
    pub fn with_presence(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// The same where letters of any case will do, which no text tells.
    #[must_use]
    pub fn in_any_case(self) -> Self {
        Self { words: None, exact: None, ..self }
    }

    /// The union of two sayings about one place in which either may hold.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.widen(other);
        self
    }

    fn widen(&mut self, other: Self) {
        self.traits |= other.traits;
        if self.presence != other.presence {
            self.presence = Presence::Sometimes;
        }
        self.words = match (self.words.take(), other.words) {
            (Some(mut one), Some(two)) => {
                one.extend(two);
                Some(one)
            }
            _ => None,
        };
        self.exact = self.exact.take().filter(|exact| Some(exact) == other.exact.as_ref());
        self.beneath = self.beneath.max(other.beneath);
    }
}

impl Said {
    /// Says something about a place; a second saying about the same place widens the first.
    pub fn say(&mut self, place: Place, expected: Expected) {
        match self.places.entry(place) {
            Entry::Occupied(known) => known.into_mut().widen(expected),
            Entry::Vacant(new) => _ = new.insert(expected),
        }
    }

    /// What is said about a place.
    #[must_use]
    pub fn get(&self, place: &Place) -> Option<&Expected> {
        self.places.get(place)
    }

    /// Says that a header is there on this side.
    pub fn say_header(&mut self, side: Side, name: &str, traits: TraitSet) {
        let name = name.to_ascii_lowercase();
        self.say(Place::named(side, Part::Header, &name), Expected::always(traits));
    }

    /// Says that the headers said are all that this side has: any other is new, also where none is
    /// said.
    pub fn say_no_other_header(&mut self, side: Side) {
        let all = Expected::always(TraitSet::NONE).with_presence(Presence::Sometimes);
        self.say(Place::root(side, Part::Header), all);
    }

    /// Says which media type this side has; parameters are dropped and case is folded.
    pub fn say_media_type(&mut self, side: Side, media_type: &str) {
        let essence = media_type_essence(media_type);
        if !essence.is_empty() {
            let place = Place::named(side, Part::MediaType, &essence);
            self.say(place, Expected::always(TraitSet::PRESENT));
        }
    }

    /// Says that whatever this side's body is, it is covered.
    pub fn say_any_body(&mut self, side: Side) {
        let anything = Expected {
            presence: Presence::Sometimes,
            beneath: Beneath::Anything,
            ..Expected::always(TraitSet::ALL)
        };
        self.say(Place::root(side, Part::Body), anything);
    }

    /// The union with another saying in which either may hold: a place that only one of them names
    /// while both say something of its parent is there only sometimes.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut places = BTreeMap::new();
        for (place, expected) in &self.places {
            let merged = match other.places.get(place) {
                Some(too) => expected.clone().or(too.clone()),
                None => other.beside(place, expected),
            };
            places.insert(place.clone(), merged);
        }
        for (place, expected) in &other.places {
            if !self.places.contains_key(place) {
                places.insert(place.clone(), self.beside(place, expected));
            }
        }
        Self { places }
    }

    /// What `expected` becomes beside this saying, which does not name `place`: there only at times
    /// when this saying speaks of its parent and leaves it out.
    fn beside(&self, place: &Place, expected: &Expected) -> Expected {
        let leaves_it_out = match place.parent() {
            _ if !place.is_member() => false,
            Some(parent) if parent.steps.is_empty() && parent.part != Part::Body => {
                self.speaks_of(place.side, place.part)
            }
            Some(parent) => self
                .places
                .get(&parent)
                .is_some_and(|said| said.traits.intersects(TraitSet::OBJECT)),
            None => false,
        };
        if leaves_it_out {
            expected.clone().with_presence(Presence::Sometimes)
        } else {
            expected.clone()
        }
    }

    /// True when anything is said about this part of this side.
    #[must_use]
    pub fn speaks_of(&self, side: Side, part: Part) -> bool {
        self.places.keys().any(|place| place.side == side && place.part == part)
    }

    /// What an outcome's counts amount to as a saying: every trait seen, always there where never
    /// absent. The bridge that lets seen be compared with seen.
    #[must_use]
    pub fn of_seen(seen: &Marginals) -> Self {
        let expect = |place: &Place| {
            let traits = seen.traits(place);
            let absent = seen.possible(place) > seen.seen(place).count;
            let presence = if absent || traits.intersects(TraitSet::PARTIAL) {
                Presence::Sometimes
            } else {
                Presence::Always
            };
            let traits = traits.minus(TraitSet::PARTIAL);
            (place.clone(), Expected::always(traits).with_presence(presence))
        };
        // That a part was withheld is about the source, not about what was seen.
        let is_seen = |place: &&Place| place.part == Part::Body || !place.steps.is_empty();
        Self { places: seen.places.keys().filter(is_seen).map(expect).collect() }
    }
}

/// A media type without parameters, trimmed and in lower case.
#[must_use]
pub fn media_type_essence(media_type: &str) -> Cow<'_, str> {
    lower(media_type.split(';').next().unwrap_or_default().trim())
}
