//! Which schemas of two versions say the same, through all their references, so that nothing is
//! asked of them.
//!
//! Pairs are compared once, each as far as its references; what differs then spreads to whatever
//! refers to it. So all schemas that hold each other cost no more than their text. Refuses to know
//! what a difference means.

use crate::interface::model::{Field, Interface, Schema};
use crate::openapi::document::Spot;
use crate::openapi::kin::Kin;
use crate::openapi::schema::{LISTS, MAPS, ONE};
use plumb_tree::{Node, Value};
use std::collections::HashMap;

/// Values looked at in all: ten times those of the largest files. Pairs met later count as
/// different, which costs time and is never wrong.
const LOOKS_MAX: usize = 20_000_000;

/// Keywords that say nothing of what a schema admits, nor of how it is written.
const WORDS: [&str; 8] = [
    "$comment",
    "$defs",
    "definitions",
    "description",
    "example",
    "examples",
    "externalDocs",
    "title",
];

/// What is known of pairs of schemas.
pub(crate) struct Sameness<'i, 't> {
    old: (&'i Interface<'t>, Kin<'t>),
    new: (&'i Interface<'t>, Kin<'t>),
    numbers: HashMap<(*const Node, *const Node), usize>,
    pairs: Vec<Pair<'t>>,
    compared: usize,
    looks: usize,
}

struct Pair<'t> {
    old: Spot<'t>,
    new: Spot<'t>,
    differs: bool,
    /// The pairs that refer to this one.
    users: Vec<usize>,
}

impl<'i, 't> Sameness<'i, 't> {
    /// Nothing compared yet.
    pub(crate) fn new(old: &'i Interface<'t>, new: &'i Interface<'t>) -> Self {
        Self {
            old: (old, Kin::new(&old.links)),
            new: (new, Kin::new(&new.links)),
            numbers: HashMap::new(),
            pairs: Vec::new(),
            compared: 0,
            looks: 0,
        }
    }

    /// Notes that two schemas will be asked about; the pairs to ask for once all is settled, or
    /// `None` when they are known to differ.
    pub(crate) fn note(
        &mut self,
        old: Option<&Schema<'t>>,
        new: Option<&Schema<'t>>,
    ) -> Option<Vec<usize>> {
        if self.old.0.dialect != self.new.0.dialect {
            return if old.is_none() && new.is_none() { Some(Vec::new()) } else { None };
        }
        match (old, new) {
            (None, None) => Some(Vec::new()),
            (Some(Schema::At(old)), Some(Schema::At(new))) => Some(vec![self.pair(*old, *new)]),
            (Some(Schema::Form(old)), Some(Schema::Form(new))) => {
                let key = |field: &Field<'t>| (field.name.clone(), field.is_required);
                if !old.iter().map(key).eq(new.iter().map(key)) {
                    return None;
                }
                Some(old.iter().zip(new).map(|(old, new)| self.pair(old.at, new.at)).collect())
            }
            _ => None,
        }
    }

    /// Compares all that was noted.
    pub(crate) fn settle(&mut self) {
        while self.compared < self.pairs.len() {
            let number = self.compared;
            self.compared += 1;
            if let Some(pair) = self.pairs.get(number) {
                let (old, new) = (pair.old, pair.new);
                let is_same = self.same_schema(number, old, new);
                if let Some(pair) = self.pairs.get_mut(number) {
                    pair.differs = !is_same;
                }
            }
        }
        let differing = self.pairs.iter().enumerate().filter(|(_, pair)| pair.differs);
        let mut left: Vec<usize> = differing.map(|(number, _)| number).collect();
        while let Some(number) = left.pop() {
            let users = self.pairs.get(number).map(|pair| pair.users.clone()).unwrap_or_default();
            for user in users {
                if let Some(pair) = self.pairs.get_mut(user).filter(|pair| !pair.differs) {
                    pair.differs = true;
                    left.push(user);
                }
            }
        }
    }

    /// Whether any of the pairs differs; to ask once all is settled.
    pub(crate) fn differ(&self, pairs: &[usize]) -> bool {
        pairs.iter().any(|number| self.pairs.get(*number).is_none_or(|pair| pair.differs))
    }

    /// Whether two schemas are known to say the same; to ask once all is settled.
    pub(crate) fn are_same(&self, old: Spot<'t>, new: Spot<'t>) -> bool {
        let key = (std::ptr::from_ref(old.node), std::ptr::from_ref(new.node));
        self.numbers.get(&key).is_some_and(|number| !self.differ(&[*number]))
    }

    fn pair(&mut self, old: Spot<'t>, new: Spot<'t>) -> usize {
        let key = (std::ptr::from_ref(old.node), std::ptr::from_ref(new.node));
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.pairs.len();
        self.pairs.push(Pair { old, new, differs: false, users: Vec::new() });
        self.numbers.insert(key, number);
        number
    }

    /// Notes that `user` differs if what stands behind two references does.
    fn link(&mut self, user: usize, old: Spot<'t>, new: Spot<'t>) {
        let number = self.pair(old, new);
        if let Some(pair) = self.pairs.get_mut(number) {
            pair.users.push(user);
        }
    }

    /// Compares two schemas as far as their references, which are noted under `user`.
    fn same_schema(&mut self, user: usize, old: Spot<'t>, new: Spot<'t>) -> bool {
        self.looks += 1;
        if self.looks > LOOKS_MAX {
            return false;
        }
        let (from, to) = (reference(self.old.0, old), reference(self.new.0, new));
        match (from, to) {
            (Some(Err(())), _) | (_, Some(Err(()))) => return false,
            (Some(Ok(from)), Some(Ok(to))) => self.link(user, from, to),
            (Some(Ok(from)), None) if !has_more(old) => {
                self.link(user, from, new);
                return true;
            }
            (None, Some(Ok(to))) if !has_more(new) => {
                self.link(user, old, to);
                return true;
            }
            (None, None) => {}
            _ => return false,
        }
        let is_object = matches!(old.node.value, Value::Object(_));
        if !is_object || !matches!(new.node.value, Value::Object(_)) {
            return same_value(old.node, new.node);
        }
        if old.get("discriminator").is_some()
            && self.old.1.heirs(old.node) != self.new.1.heirs(new.node)
        {
            return false;
        }
        let (old_keys, new_keys) = (keywords(old), keywords(new));
        old_keys.len() == new_keys.len()
            && old_keys.iter().all(|(key, old)| match member(&new_keys, key) {
                Some(new) => self.same_keyword(user, key, (*old, new)),
                None => false,
            })
    }

    fn same_keyword(&mut self, user: usize, key: &str, (old, new): (Spot<'t>, Spot<'t>)) -> bool {
        if key == "$ref" {
            return true;
        }
        if ONE.contains(&key) {
            return self.same_schema(user, old, new);
        }
        let lengths = (old.node.items().len(), new.node.items().len());
        if LISTS.contains(&key) {
            let mut both = old.items().zip(new.items());
            return lengths.0 == lengths.1
                && both.all(|(old, new)| self.same_schema(user, old, new));
        }
        if MAPS.contains(&key) {
            let (old, new): (Vec<_>, Vec<_>) = (old.entries().collect(), new.entries().collect());
            return old.len() == new.len()
                && old.iter().enumerate().all(|(at, (name, old))| {
                    let beside = new.get(at).filter(|(other, _)| other == name);
                    let found = beside.map(|(_, spot)| *spot).or_else(|| member(&new, name));
                    found.is_some_and(|new| self.same_schema(user, *old, new))
                });
        }
        self.looks += lengths.0;
        same_value(old.node, new.node)
    }
}

/// Whether two values are the same, wherever they stand and in whichever order their keys are.
pub(crate) fn same_value(old: &Node, new: &Node) -> bool {
    match (&old.value, &new.value) {
        (Value::Number(old), Value::Number(new)) => {
            old == new || (old.as_i64().is_some() && old.as_i64() == new.as_i64())
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_value(old, new))
        }
        (Value::Object(old), Value::Object(entries)) => {
            let same = |(key, old): &(plumb_tree::Key, Node)| {
                new.get(&key.text).is_some_and(|new| same_value(old, new))
            };
            old.len() == entries.len() && old.iter().all(same)
        }
        (old, new) => old == new,
    }
}

/// Where a reference leads, when there is one and it leads anywhere.
fn reference<'t>(interface: &Interface<'t>, spot: Spot<'t>) -> Option<Result<Spot<'t>, ()>> {
    if spot.get("$dynamicRef").is_some() {
        return Some(Err(()));
    }
    let found = interface.links.follow(spot)?;
    let leads_on = |target: Spot<'t>| interface.links.resolve(target).map(|_| target);
    Some(found.and_then(leads_on).map_err(drop))
}

/// Whether anything that counts stands beside a reference.
fn has_more(spot: Spot<'_>) -> bool {
    keywords(spot).len() > 1
}

fn keywords<'t>(spot: Spot<'t>) -> Vec<(&'t str, Spot<'t>)> {
    let counts =
        |key: &str| !WORDS.contains(&key) && (!key.starts_with("x-") || key == "x-nullable");
    spot.entries().filter(|(key, _)| counts(key)).collect()
}

fn member<'t>(members: &[(&str, Spot<'t>)], name: &str) -> Option<Spot<'t>> {
    members.iter().rev().find(|(key, _)| *key == name).map(|(_, spot)| *spot)
}
