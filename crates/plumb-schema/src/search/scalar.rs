//! Demands on one number or one text.

use super::Search;
use crate::exact::exact;
use crate::literal::Literal;
use crate::node::Node;
use crate::numbers;
use crate::texts::{self, Found};
use serde_json::Value;

impl Search<'_> {
    pub(super) fn number(&mut self, atoms: &[Literal]) -> Found<Value> {
        let mut wanted = numbers::Wanted::default();
        for atom in atoms {
            match (self.nodes.get(atom.id()).clone(), atom.is_held()) {
                (Node::AtLeast(bound, beyond), true) => wanted.at_least(bound, beyond),
                (Node::AtLeast(bound, beyond), false) => wanted.at_most(bound, !beyond),
                (Node::AtMost(bound, below), true) => wanted.at_most(bound, below),
                (Node::AtMost(bound, below), false) => wanted.at_least(bound, !below),
                (Node::MultipleOf(step), true) => wanted.steps.push(step),
                (Node::MultipleOf(step), false) => wanted.not_steps.push(step),
                (Node::Values(values), _) => {
                    let numbers = values.iter().filter_map(|value| value.value().as_number());
                    wanted.not.extend(numbers.map(exact));
                }
                _ => {}
            }
        }
        numbers::find(&wanted)
    }

    pub(super) fn string(&mut self, atoms: &[Literal]) -> Found<Value> {
        let mut wanted = texts::Wanted::default();
        for atom in atoms {
            match (self.nodes.get(atom.id()).clone(), atom.is_held()) {
                (Node::LengthAtLeast(bound), true) => wanted.least = wanted.least.max(bound),
                // Not so many is one less at most; fewer than none cannot be asked.
                (Node::LengthAtLeast(bound), false) => wanted.shorten(bound.saturating_sub(1)),
                (Node::LengthAtMost(bound), true) => wanted.shorten(bound),
                (Node::LengthAtMost(bound), false) => {
                    wanted.least = wanted.least.max(bound.saturating_add(1));
                }
                (Node::Pattern(pattern), true) => drop(wanted.patterns.insert(pattern)),
                (Node::Pattern(pattern), false) => drop(wanted.not_patterns.insert(pattern)),
                (Node::Format(format), true) => drop(wanted.formats.insert(format)),
                (Node::Format(format), false) => drop(wanted.not_formats.insert(format)),
                (Node::Values(values), _) => wanted.not.extend(values.iter().cloned()),
                _ => {}
            }
        }
        match self.texts.find(&wanted) {
            Found::One(text) => Found::One(Value::String(text)),
            Found::None => Found::None,
            Found::Unknown(why) => Found::Unknown(why),
        }
    }
}
