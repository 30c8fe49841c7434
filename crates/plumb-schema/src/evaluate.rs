//! Whether one document is in the set that a node draws: the plain meaning of every node, against
//! which the search for documents is held.

use crate::constant::Constant;
use crate::exact::{exact, is_multiple};
use crate::node::{Id, Kind, Named, Node};
use crate::nodes::Nodes;
use crate::texts::Texts;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Nodes one in another at most: references that lead back without going into the document would
/// never end.
const DEPTH_MAX: u32 = 1_000;

/// Whether a document is what a node says; `None` when it cannot be told.
pub(crate) fn evaluate(nodes: &Nodes, texts: &mut Texts, id: Id, value: &Value) -> Option<bool> {
    Evaluation { nodes, texts, depth: 0 }.of(id, value)
}

struct Evaluation<'e> {
    nodes: &'e Nodes,
    texts: &'e mut Texts,
    depth: u32,
}

impl Evaluation<'_> {
    fn of(&mut self, id: Id, value: &Value) -> Option<bool> {
        if self.depth == DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        let holds = self.node(id, value);
        self.depth -= 1;
        holds
    }

    fn node(&mut self, id: Id, value: &Value) -> Option<bool> {
        let nodes = self.nodes;
        let node = nodes.get(id);
        if node.kind().is_some_and(|kind| kind != Kind::of(value)) {
            return Some(true);
        }
        match node {
            Node::Always => Some(true),
            Node::Unread(_) => None,
            Node::Kinds(kinds) => Some(kinds.has(Kind::of(value))),
            Node::Values(values) => Some(values.contains(&Constant::new(value))),
            Node::All(of) => all(of.iter().map(|id| self.of(*id, value))),
            Node::Any(of) => not(all(of.iter().map(|id| not(self.of(*id, value))))),
            Node::One(of) => {
                let held: Vec<_> = of.iter().map(|id| self.of(*id, value)).collect();
                exactly_one(&held)
            }
            Node::Not(of) => not(self.of(*of, value)),
            Node::If(test, then, other) => match self.of(*test, value) {
                Some(true) => self.of(*then, value),
                Some(false) => self.of(*other, value),
                None => None,
            },
            _ => match value {
                Value::Number(number) => Some(is_number(node, number)),
                Value::String(text) => self.text(node, text),
                Value::Array(items) => self.items(node, items),
                Value::Object(members) => self.members(node, members),
                Value::Null | Value::Bool(_) => Some(true),
            },
        }
    }

    fn text(&mut self, node: &Node, text: &str) -> Option<bool> {
        let length = || text.chars().count() as u64;
        match node {
            Node::LengthAtLeast(least) => Some(length() >= *least),
            Node::LengthAtMost(most) => Some(length() <= *most),
            Node::Pattern(pattern) => self.texts.matches(pattern, text),
            Node::Format(format) => self.texts.has_format(format, text),
            _ => Some(true),
        }
    }

    fn items(&mut self, node: &Node, items: &[Value]) -> Option<bool> {
        let count = items.len() as u64;
        match node {
            Node::Item(at, of) => match items.get(*at as usize) {
                Some(item) => self.of(*of, item),
                None => Some(true),
            },
            Node::ItemsFrom(at, of) => {
                all(items.iter().skip(*at as usize).map(|item| self.of(*of, item)))
            }
            Node::ContainsAtLeast(of, least) => {
                let (fit, open) = self.counted(*of, items);
                decided(fit, open, *least)
            }
            Node::ContainsAtMost(of, most) => {
                let (fit, open) = self.counted(*of, items);
                not(decided(fit, open, most.saturating_add(1)))
            }
            Node::CountAtLeast(least) => Some(count >= *least),
            Node::CountAtMost(most) => Some(count <= *most),
            Node::Unique => {
                let distinct: HashSet<Constant> = items.iter().map(Constant::new).collect();
                Some(distinct.len() == items.len())
            }
            _ => Some(true),
        }
    }

    /// How many elements fit, and of how many that cannot be told.
    fn counted(&mut self, of: Id, items: &[Value]) -> (u64, u64) {
        let (mut fit, mut open) = (0, 0);
        for item in items {
            match self.of(of, item) {
                Some(true) => fit += 1,
                Some(false) => {}
                None => open += 1,
            }
        }
        (fit, open)
    }

    fn members(&mut self, node: &Node, members: &Map<String, Value>) -> Option<bool> {
        let size = members.len() as u64;
        match node {
            Node::Member(name, of) => match members.get(&**name) {
                Some(member) => self.of(*of, member),
                None => Some(true),
            },
            Node::MembersLike(pattern, of) => {
                all(members.iter().map(|(name, member)| match self.texts.matches(pattern, name) {
                    Some(true) => self.of(*of, member),
                    Some(false) => Some(true),
                    None => None,
                }))
            }
            Node::MembersBut(named, of) => {
                all(members.iter().map(|(name, member)| match is_named(self.texts, named, name) {
                    Some(false) => self.of(*of, member),
                    Some(true) => Some(true),
                    None => None,
                }))
            }
            Node::Names(of) => {
                all(members.keys().map(|name| self.of(*of, &Value::String(name.clone()))))
            }
            Node::Required(name) => Some(members.contains_key(&**name)),
            Node::SizeAtLeast(least) => Some(size >= *least),
            Node::SizeAtMost(most) => Some(size <= *most),
            _ => Some(true),
        }
    }
}

/// Whether a name is one of those named, or matches one of their patterns.
pub(crate) fn is_named(texts: &mut Texts, named: &Named, name: &str) -> Option<bool> {
    if named.names.iter().any(|named| **named == *name) {
        return Some(true);
    }
    not(all(named.patterns.iter().map(|pattern| not(texts.matches(pattern, name)))))
}

fn is_number(node: &Node, number: &serde_json::Number) -> bool {
    let number = exact(number);
    match node {
        Node::AtLeast(bound, beyond) => number > *bound || !beyond && number == *bound,
        Node::AtMost(bound, below) => number < *bound || !below && number == *bound,
        Node::MultipleOf(step) => is_multiple(&number, step),
        _ => true,
    }
}

/// Every one holds; what cannot be told decides only where nothing fails.
fn all(mut each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut told = Some(true);
    let failed = each.any(|holds| {
        told = told.and(holds);
        holds == Some(false)
    });
    if failed { Some(false) } else { told }
}

fn not(holds: Option<bool>) -> Option<bool> {
    holds.map(|holds| !holds)
}

fn exactly_one(held: &[Option<bool>]) -> Option<bool> {
    let hold = held.iter().filter(|holds| **holds == Some(true)).count();
    let open = held.iter().filter(|holds| holds.is_none()).count();
    match (hold, open) {
        (2.., _) | (0, 0) => Some(false),
        (1, 0) => Some(true),
        _ => None,
    }
}

/// Whether at least so many fit, where `open` more may.
fn decided(fit: u64, open: u64, least: u64) -> Option<bool> {
    if fit >= least { Some(true) } else { (fit.saturating_add(open) < least).then_some(false) }
}
