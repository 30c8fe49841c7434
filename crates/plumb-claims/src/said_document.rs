//! What an example document says when its dialect decides value by value: placeholders, templates
//! and matching rules widen single places of a document that otherwise says just itself.
//!
//! Places and presence come from the same fold that traffic goes through, so that both sides of a
//! comparison name a key alike. Refuses to know any dialect.

use plumb_shape::example::say_json;
use plumb_shape::fold::DEPTH_MAX;
use plumb_shape::format::{number_traits, string_traits};
use plumb_shape::literal::{LITERALS_MAX, is_vocabulary_word};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Key, Node, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One value of a document, on the way through it.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    /// The way from the root: a key or the index of an element for each step.
    pub(crate) path: &'a [Token<'a>],
    /// The value.
    pub(crate) node: &'a Node,
    /// The traits of the value as it stands.
    pub(crate) traits: TraitSet,
}

/// One step on the way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A member by its key.
    Key(&'a str),
    /// An element by its position, from 0.
    Index(usize),
}

/// What a dialect makes of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The traits that the place may carry.
    pub(crate) traits: TraitSet,
    /// The words that are said, none for a value that is no word; `None` when any will do.
    pub(crate) words: Option<BTreeSet<String>>,
    /// How the members or elements are meant.
    pub(crate) members: Members,
}

/// How the members or elements of a value are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// Each stands for itself.
    Named,
    /// Each stands for any: the keys are data.
    Map,
    /// They are not looked at.
    Anything,
}

/// Says a document, each value as `decide` has it; `unnamed` is what objects say of members that
/// the document does not name.
pub(crate) fn say_document(
    said: &mut Said,
    side: Side,
    document: &Node,
    unnamed: Beneath,
    decide: &mut dyn FnMut(&Visit<'_>) -> Decision,
) {
    let mut folded = Said::default();
    if say_json(&mut folded, side, document.to_json_text().as_bytes()).is_err() {
        // INVARIANT: a tree writes JSON, so this branch is never reached.
        return said.say_any_body(side);
    }
    let mut walk = Walk { folded: &folded, unnamed, decide, places: BTreeMap::new() };
    walk.value(document, &Place::root(side, Part::Body), &mut Vec::new());
    for (place, mut expected) in walk.places {
        // What traffic keeps as a vocabulary has bounds; beyond them any word will do.
        expected.words = expected.words.filter(|words| (1..=LITERALS_MAX).contains(&words.len()));
        said.say(place, expected);
    }
}

/// The decision that a value says just itself, and one that is computed whatever it comes to.
pub(crate) fn itself(visit: &Visit<'_>) -> Decision {
    if visit.node.value == Value::Computed {
        return Decision { traits: visit.traits, words: None, members: Members::Anything };
    }
    let words = match visit.node.as_str() {
        None | Some("") => Some(BTreeSet::new()),
        Some(text) => words_of(text),
    };
    Decision { traits: visit.traits, words, members: Members::Named }
}

/// The value as a vocabulary of one, where traffic keeps such values as words at all.
pub(crate) fn words_of(text: &str) -> Option<BTreeSet<String>> {
    let traits = string_traits(text.as_bytes());
    let is_word = traits == TraitSet::TEXT && is_vocabulary_word(text.as_bytes());
    is_word.then(|| BTreeSet::from([text.to_owned()]))
}

/// What a text says that stands for just itself: a header, a query parameter.
pub(crate) fn expected_text(text: &str) -> Expected {
    let words = words_of(text);
    let exact = words.is_none().then(|| text.to_owned());
    Expected { words, exact, ..Expected::always(string_traits(text.as_bytes())) }
}

struct Walk<'w> {
    folded: &'w Said,
    unnamed: Beneath,
    decide: &'w mut dyn FnMut(&Visit<'_>) -> Decision,
    places: BTreeMap<Place, Expected>,
}

impl Walk<'_> {
    // Recursive; no deeper than the fold looks.
    fn value<'a>(&mut self, node: &'a Node, place: &Place, path: &mut Vec<Token<'a>>) {
        let traits = self.traits_of(node, place);
        let decision = (self.decide)(&Visit { path, node, traits });
        let is_object = matches!(node.value, Value::Object(_));
        let is_deep =
            path.len() >= DEPTH_MAX && (is_object || matches!(node.value, Value::Array(_)));
        let (mut traits, mut members) = (decision.traits, decision.members);
        if is_deep {
            traits |= TraitSet::TOO_DEEP;
            members = Members::Anything;
        }
        if is_object && members == Members::Map {
            traits |= TraitSet::RECORD | TraitSet::MAP;
        }
        let beneath = match members {
            Members::Anything => Beneath::Anything,
            _ if is_object => self.unnamed,
            _ => Beneath::Open,
        };
        let presence = match node.value {
            // It may come to nothing.
            Value::Computed => Presence::Sometimes,
            _ => self.presence_of(place),
        };
        self.widen(
            place,
            Expected { traits, presence, words: decision.words, exact: None, beneath },
        );
        match (&node.value, members) {
            (_, Members::Anything) => {}
            (Value::Array(items), _) => self.items(items, place, path),
            (Value::Object(entries), Members::Map) => self.map(entries, place, path),
            (Value::Object(entries), _) => self.members(entries, place, path),
            _ => {}
        }
    }

    fn items<'a>(&mut self, items: &'a [Node], place: &Place, path: &mut Vec<Token<'a>>) {
        let below = place.child(Step::Item);
        for (index, item) in items.iter().enumerate() {
            path.push(Token::Index(index));
            self.value(item, &below, path);
            path.pop();
        }
    }

    fn map<'a>(&mut self, entries: &'a [(Key, Node)], place: &Place, path: &mut Vec<Token<'a>>) {
        let below = place.child(Step::Any);
        for (key, member) in entries {
            path.push(Token::Key(&key.text));
            self.value(member, &below, path);
            path.pop();
        }
    }

    fn members<'a>(
        &mut self,
        entries: &'a [(Key, Node)],
        place: &Place,
        path: &mut Vec<Token<'a>>,
    ) {
        for (key, member) in entries {
            path.push(Token::Key(&key.text));
            self.value(member, &self.below(place, &key.text), path);
            path.pop();
        }
    }

    /// The place of a member, under the step that the fold gave its key.
    fn below(&self, place: &Place, key: &str) -> Place {
        let named = place.child(Step::Key(key.into()));
        let any = place.child(Step::Any);
        let is_data =
            !self.folded.places.contains_key(&named) && self.folded.places.contains_key(&any);
        if is_data { any } else { named }
    }

    fn traits_of(&self, node: &Node, place: &Place) -> TraitSet {
        match &node.value {
            Value::Null => TraitSet::NULL,
            Value::Bool(false) => TraitSet::FALSE,
            Value::Bool(true) => TraitSet::TRUE,
            Value::Number(number) => number_traits(number.as_text().as_bytes()),
            Value::String(text) => string_traits(text.as_bytes()),
            Value::Binary(_) => TraitSet::STRING,
            Value::Computed => TraitSet::ALL,
            Value::Array(items) => match items.len() {
                0 => TraitSet::EMPTY_ARRAY,
                1 => TraitSet::ONE_ELEMENT,
                _ => TraitSet::MANY_ELEMENTS,
            },
            Value::Object(entries) if entries.is_empty() => TraitSet::EMPTY_OBJECT,
            Value::Object(entries) => {
                entries.iter().fold(TraitSet::NONE, |all, (key, _)| {
                    match self.below(place, &key.text).steps.last() {
                        Some(Step::Any) => all | TraitSet::MAP,
                        _ => all | TraitSet::RECORD,
                    }
                })
            }
        }
    }

    fn presence_of(&self, place: &Place) -> Presence {
        match self.folded.places.get(place) {
            Some(folded) => folded.presence,
            None if matches!(place.steps.last(), Some(Step::Any)) => Presence::Sometimes,
            None => Presence::Always,
        }
    }

    fn widen(&mut self, place: &Place, expected: Expected) {
        let widened = match self.places.remove(place) {
            Some(before) => before.or(expected),
            None => expected,
        };
        self.places.insert(place.clone(), widened);
    }
}
