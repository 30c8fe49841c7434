//! What a schema says of arrays.

use super::{Reader, Schema};
use crate::library::Draft;
use crate::node::Node;
use serde_json::Value;

impl<'l> Reader<'l> {
    pub(super) fn array(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        self.elements(schema, parts);
        if let Some(least) = self.count(schema, "minItems") {
            parts.push(self.graph.add(Node::CountAtLeast(least)));
        }
        if let Some(most) = self.count(schema, "maxItems") {
            parts.push(self.graph.add(Node::CountAtMost(most)));
        }
        if self.keyword(schema, "uniqueItems") == Some(&Value::Bool(true)) {
            parts.push(self.graph.add(Node::Unique));
        }
        let contains = self.keyword(schema, "contains").filter(|_| schema.at.draft >= Draft::Six);
        let Some(contains) = contains else { return };
        let of = self.inner(schema, contains);
        let bounds = schema.at.draft >= Draft::Nineteen;
        let bound = |reader: &Self, key| reader.count(schema, key).filter(|_| bounds);
        let least = bound(self, "minContains").unwrap_or(1);
        parts.push(self.graph.add(Node::ContainsAtLeast(of, least)));
        if let Some(most) = bound(self, "maxContains") {
            parts.push(self.graph.add(Node::ContainsAtMost(of, most)));
        }
    }

    /// Elements by their place, and those that follow.
    fn elements(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        let is_new = schema.at.draft >= Draft::Twenty;
        let items = self.keyword(schema, "items");
        let (first, rest) = match items {
            _ if is_new => (self.keyword(schema, "prefixItems").and_then(Value::as_array), items),
            Some(Value::Array(first)) => (Some(first), self.keyword(schema, "additionalItems")),
            _ => (None, items),
        };
        let first = first.map(Vec::as_slice).unwrap_or_default();
        for (at, value) in (0..).zip(first) {
            let of = self.inner(schema, value);
            parts.push(self.graph.add(Node::Item(at, of)));
        }
        if let Some(rest) = rest {
            let of = self.inner(schema, rest);
            let from = u32::try_from(first.len()).unwrap_or(u32::MAX);
            parts.push(self.graph.add(Node::ItemsFrom(from, of)));
        }
    }
}
