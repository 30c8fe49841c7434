//! What a schema says of objects.

use super::{Reader, Schema, address};
use crate::library::Draft;
use crate::node::{Kind, Kinds, Named, Node, Text};
use serde_json::{Map, Value};
use std::sync::Arc;

impl<'l> Reader<'l> {
    pub(super) fn object(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        self.members(schema, parts);
        let required = self.keyword(schema, "required").and_then(Value::as_array);
        for name in required.into_iter().flatten() {
            if let (Some(text), false) = (name.as_str(), self.is_excused(name, None)) {
                parts.push(self.graph.add(Node::Required(text.into())));
            }
        }
        if let Some(least) = self.count(schema, "minProperties") {
            parts.push(self.graph.add(Node::SizeAtLeast(least)));
        }
        if let Some(most) = self.count(schema, "maxProperties") {
            parts.push(self.graph.add(Node::SizeAtMost(most)));
        }
        let names = self.keyword(schema, "propertyNames");
        if let Some(names) = names.filter(|_| schema.at.draft >= Draft::Six) {
            let of = self.inner(schema, names);
            parts.push(self.graph.add(Node::Names(of)));
        }
        for key in ["dependencies", "dependentRequired", "dependentSchemas"] {
            let Some(Value::Object(dependent)) = self.keyword(schema, key) else { continue };
            for (name, of) in dependent {
                let node = self.dependent(schema, name, of);
                parts.push(self.graph.add(node));
            }
        }
    }

    fn members(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        let mut named = self.named(schema);
        for (name, value) in self.map(schema, "properties") {
            let of = self.inner(schema, value);
            parts.push(self.graph.add(Node::Member(name.as_str().into(), of)));
        }
        for (pattern, value) in self.map(schema, "patternProperties") {
            let of = self.inner(schema, value);
            parts.push(self.graph.add(Node::MembersLike(pattern.as_str().into(), of)));
        }
        if let Some(rest) = self.keyword(schema, "additionalProperties") {
            self.excuse_names(rest, &mut named);
            let of = self.inner(schema, rest);
            parts.push(self.graph.add(Node::MembersBut(Arc::new(named), of)));
        }
    }

    /// Takes names that are excused from the keyword `rest` among those that it does not speak of.
    pub(super) fn excuse_names(&self, rest: &Value, named: &mut Named) {
        let at = address(rest);
        let excused = self.excused.keywords.range((at, None)..);
        let names = excused.take_while(|(to, _)| *to == at).filter_map(|(_, name)| name.as_deref());
        named.names.extend(names.map(Text::from));
        named.names.sort();
        named.names.dedup();
    }

    /// The names and patterns that a schema itself speaks of.
    pub(super) fn named(&self, schema: Schema<'l>) -> Named {
        let texts = |key| self.map(schema, key).map(|(name, _)| Text::from(name.as_str()));
        let mut named = Named {
            names: texts("properties").collect(),
            patterns: texts("patternProperties").collect(),
        };
        named.names.sort();
        named.patterns.sort();
        named
    }

    fn map(
        &self,
        schema: Schema<'l>,
        key: &str,
    ) -> impl Iterator<Item = (&'l String, &'l Value)> + use<'l> {
        self.keyword(schema, key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
    }

    /// What holds where a member is there: other members, or a whole schema.
    fn dependent(&mut self, schema: Schema<'l>, name: &str, of: &'l Value) -> Node<usize> {
        let there = self.there(name);
        let absent = self.graph.add(Node::Not(there));
        let then = match of {
            Value::Array(names) => {
                let names = names.iter().filter_map(Value::as_str);
                let mut each = Vec::new();
                for name in names {
                    each.push(self.graph.add(Node::Required(name.into())));
                }
                self.graph.add(Node::All(each.into()))
            }
            _ => self.inner(schema, of),
        };
        Node::Any([absent, then].into())
    }

    /// An object with this member. The node of a required member holds of every other kind too,
    /// which is no condition.
    pub(super) fn there(&mut self, name: &str) -> usize {
        let object = self.graph.add(Node::Kinds(Kinds::NONE.with(Kind::Object)));
        let required = self.graph.add(Node::Required(name.into()));
        self.graph.add(Node::All([object, required].into()))
    }
}
