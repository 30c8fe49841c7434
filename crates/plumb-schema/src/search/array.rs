//! Demands on one array: how long it is, what its elements are, and which of them must be
//! somewhere.
//!
//! Lengths are tried from the shortest. Up to the longest place that a demand names, elements
//! differ by place; all behind it are alike, so that only so many of them matter as demands can be
//! met by.

use super::{Search, either};
use crate::constant::Constant;
use crate::literal::{Literal, Side};
use crate::node::Node;
use crate::nodes::Nodes;
use crate::texts::Found;
use serde_json::Value;
use std::collections::BTreeSet;

/// Elements that are written at most.
const ELEMENTS_MAX: u64 = 2_000;

/// Demands for elements somewhere that are placed one by one.
const SOMEWHERE_MAX: u64 = 64;

/// The demands on one array.
#[derive(Debug, Default)]
struct Facts {
    /// What the element at a place is, if it is there.
    items: Vec<(usize, Literal)>,
    /// What elements from a place on are.
    from: Vec<(usize, Literal)>,
    /// What the element at a place must be, and be there.
    forced: Vec<(usize, Literal)>,
    /// What must be found in some element.
    somewhere: Vec<Somewhere>,
    /// What at most so many elements are.
    at_most: Vec<(Literal, u64)>,
    least: u64,
    most: Option<u64>,
    /// No two elements are equal.
    is_unique: bool,
    /// Some two elements are equal.
    has_equal: bool,
    /// More is asked for than is placed one by one.
    is_too_much: bool,
}

/// A demand that some element meets.
#[derive(Debug)]
struct Somewhere {
    /// The first place that may meet it.
    from: usize,
    literal: Literal,
    /// Demands of one group are met by elements of their own.
    group: usize,
}

/// What is demanded of one element.
#[derive(Clone, Debug, Default)]
struct Slot {
    demands: Vec<Literal>,
    /// The groups of which it meets a demand.
    groups: Vec<usize>,
}

type Slots = Vec<Slot>;

/// How far demands that only so many elements be something have been seen to.
#[derive(Clone, Copy, Debug, Default)]
struct Limit {
    /// Which of the demands.
    which: usize,
    /// The next element.
    place: usize,
    /// Elements that may be it so far.
    exempt: u64,
}

impl Search<'_> {
    pub(super) fn array(&mut self, atoms: &[Literal]) -> Found<Value> {
        let facts = Facts::new(self.nodes, atoms);
        if facts.is_too_much {
            return Found::Unknown("arrays that must contain very many elements".into());
        }
        let shortest = facts.shortest();
        let longest = facts.longest().min(facts.most.unwrap_or(u64::MAX));
        let mut found = None;
        for length in shortest..=longest {
            if length > ELEMENTS_MAX {
                found = either(found, Found::Unknown("arrays of very many elements".into()));
                break;
            }
            let slots = facts.slots(length);
            // An element that nothing can be: no longer array will do either.
            if slots.last().is_some_and(|last| self.solve_inside(&last.demands) == Found::None) {
                break;
            }
            found = either(found, self.place_elements(&facts, slots, 0));
            if let Some(Found::One(_)) = found {
                break;
            }
        }
        found.unwrap_or(Found::None)
    }

    /// Gives each demand for some element to one element after the other.
    fn place_elements(&mut self, facts: &Facts, slots: Slots, at: usize) -> Found<Value> {
        if let Err(spent) = self.spend() {
            return spent;
        }
        let Some(wanted) = facts.somewhere.get(at) else {
            return self.limit(facts, slots, Limit::default());
        };
        let mut found = None;
        let mut tried = BTreeSet::new();
        for (place, slot) in slots.iter().enumerate().skip(wanted.from) {
            if slot.groups.contains(&wanted.group) {
                continue;
            }
            // Behind the last place that is named, elements of which the same is demanded are
            // alike.
            if place >= facts.named() && !tried.insert((&slot.demands, &slot.groups)) {
                continue;
            }
            let mut with = slots.clone();
            with[place].demands.push(wanted.literal);
            with[place].groups.push(wanted.group);
            if self.solve_inside(&with[place].demands) == Found::None {
                continue;
            }
            found = either(found, self.place_elements(facts, with, at + 1));
            if let Some(Found::One(_)) = found {
                break;
            }
        }
        found.unwrap_or(Found::None)
    }

    /// Keeps elements from being what only so many may be: each is either kept from it or one of
    /// those that may.
    fn limit(&mut self, facts: &Facts, slots: Slots, at: Limit) -> Found<Value> {
        if let Err(spent) = self.spend() {
            return spent;
        }
        let Some((literal, most)) = facts.at_most.get(at.which) else {
            return if facts.has_equal {
                self.with_equal(slots)
            } else {
                self.write(facts, &slots)
            };
        };
        if at.place == slots.len() {
            let next = Limit { which: at.which + 1, ..Limit::default() };
            return self.limit(facts, slots, next);
        }
        let next = Limit { place: at.place + 1, ..at };
        let mut kept = slots.clone();
        kept[at.place].demands.push(literal.flipped());
        let (mut found, is_kept) = match self.solve_inside(&kept[at.place].demands) {
            Found::None => (None, false),
            Found::Unknown(why) => (Some(Found::Unknown(why)), false),
            Found::One(_) => (Some(self.limit(facts, kept, next)), true),
        };
        let is_decided = matches!(found, Some(Found::One(_)));
        // Where elements do not depend on each other, being kept from it costs nothing.
        let is_free = is_kept && facts.at_most.len() == 1 && !facts.is_unique && !facts.has_equal;
        if !is_decided && !is_free && at.exempt < *most {
            let exempt = Limit { exempt: at.exempt + 1, ..next };
            found = either(found, self.limit(facts, slots, exempt));
        }
        found.unwrap_or(Found::None)
    }

    /// An array in which some two elements are equal.
    fn with_equal(&mut self, slots: Slots) -> Found<Value> {
        let mut found = None;
        let mut tried = BTreeSet::new();
        for one in 0..slots.len() {
            for two in one + 1..slots.len() {
                let both = [&slots[one].demands[..], &slots[two].demands[..]].concat();
                if !tried.insert(both.clone()) {
                    continue;
                }
                let mut with = slots.clone();
                with[one].demands.clone_from(&both);
                with[two].demands = both;
                // The same demands are met by the same document.
                found = either(found, self.write(&Facts::default(), &with));
                if let Some(Found::One(_)) = found {
                    return found.unwrap_or(Found::None);
                }
            }
        }
        found.unwrap_or(Found::None)
    }

    fn write(&mut self, facts: &Facts, slots: &Slots) -> Found<Value> {
        let mut items = Vec::new();
        let mut met = BTreeSet::new();
        let mut unknown = None;
        for slot in slots {
            let mut demands = slot.demands.clone();
            if facts.is_unique {
                let values = met.iter().cloned().collect();
                let values = self.nodes.node(Node::Values(values));
                demands.push(Literal::fails(values, Side::Reader));
            }
            match self.solve_inside(&demands) {
                Found::One(value) => {
                    met.insert(Constant::new(&value));
                    items.push(value);
                }
                Found::None if is_choice(facts, slots) => {
                    // Another choice for an element before it might have left one.
                    unknown = Some("elements that must all differ".into());
                }
                Found::None => return Found::None,
                Found::Unknown(why) => unknown = Some(why),
            }
        }
        unknown.map_or_else(|| Found::One(Value::Array(items)), Found::Unknown)
    }
}

/// Whether elements that must differ could have been chosen otherwise: not where the same is
/// demanded of all, since then each takes one of the same documents.
fn is_choice(facts: &Facts, slots: &Slots) -> bool {
    facts.is_unique && slots.iter().any(|slot| slot.demands != slots[0].demands)
}

impl Facts {
    fn new(nodes: &Nodes, atoms: &[Literal]) -> Self {
        let mut facts = Self::default();
        for atom in atoms {
            facts.add(nodes.get(atom.id()), *atom);
        }
        facts
    }

    fn add(&mut self, node: &Node, atom: Literal) {
        let is_held = atom.is_held();
        let place = |at: &u32| usize::try_from(*at).unwrap_or(usize::MAX);
        match node {
            Node::Item(at, of) if is_held => self.items.push((place(at), atom.of(*of))),
            Node::Item(at, of) => self.forced.push((place(at), atom.of(*of))),
            Node::ItemsFrom(at, of) if is_held => self.from.push((place(at), atom.of(*of))),
            Node::ItemsFrom(at, of) => self.wants(place(at), atom.of(*of), 1),
            Node::ContainsAtLeast(of, bound) if is_held => self.wants(0, atom.of(*of), *bound),
            Node::ContainsAtLeast(of, bound) => {
                self.at_most.push((atom.flipped().of(*of), bound.saturating_sub(1)));
            }
            Node::ContainsAtMost(of, bound) if is_held => self.at_most.push((atom.of(*of), *bound)),
            Node::ContainsAtMost(of, bound) => {
                self.wants(0, atom.flipped().of(*of), bound.saturating_add(1));
            }
            Node::CountAtLeast(bound) if is_held => self.least = self.least.max(*bound),
            Node::CountAtLeast(bound) => self.shorten(bound.saturating_sub(1)),
            Node::CountAtMost(bound) if is_held => self.shorten(*bound),
            Node::CountAtMost(bound) => self.least = self.least.max(bound.saturating_add(1)),
            Node::Unique if is_held => self.is_unique = true,
            Node::Unique => self.has_equal = true,
            _ => {}
        }
    }

    /// Takes a demand that so many elements meet.
    fn wants(&mut self, from: usize, literal: Literal, least: u64) {
        self.is_too_much |= least > SOMEWHERE_MAX;
        let group = self.somewhere.len();
        for _ in 0..least.min(SOMEWHERE_MAX) {
            self.somewhere.push(Somewhere { from, literal, group });
        }
    }

    fn shorten(&mut self, most: u64) {
        self.most = Some(self.most.map_or(most, |held| held.min(most)));
    }

    /// Places that demands tell apart.
    fn named(&self) -> usize {
        let items = self.items.iter().chain(&self.forced).map(|(at, _)| at.saturating_add(1));
        let from = self.from.iter().map(|(at, _)| *at);
        let wanted = self.somewhere.iter().map(|wanted| wanted.from);
        items.chain(from).chain(wanted).max().unwrap_or(0)
    }

    fn shortest(&self) -> u64 {
        let forced = self.forced.iter().map(|(at, _)| *at as u64 + 1).max().unwrap_or(0);
        self.least.max(forced)
    }

    /// Beyond this length no demand can be met that could not be met before.
    fn longest(&self) -> u64 {
        let alike = self.somewhere.len() + if self.has_equal { 2 } else { 0 };
        self.shortest().max(self.named() as u64).saturating_add(alike as u64)
    }

    /// What is demanded of each element of an array of this length.
    fn slots(&self, length: u64) -> Slots {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let demands = |place: usize| {
            let at = self.items.iter().chain(&self.forced).filter(|(at, _)| *at == place);
            let from = self.from.iter().filter(|(from, _)| *from <= place);
            let demands = at.chain(from).map(|(_, literal)| *literal).collect();
            Slot { demands, groups: Vec::new() }
        };
        (0..length).map(demands).collect()
    }
}
