//! The schemas that speak of one place of a body: through references, compositions, members and
//! elements.
//!
//! Refuses to know what is changed there.

use crate::openapi::refs::{Library, Spot, follow};
use crate::openapi::schema::Version;
use plumb_shape::place::Step;
use plumb_tree::{Node, Value};
use std::collections::BTreeMap;

/// Schemas joined at one place at most, one inside the other.
const NESTING_MAX: usize = 24;

/// A schema that speaks of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'l> {
    pub(super) spot: Spot<'l>,
    /// True when others refer to it, or to what it is part of, too.
    pub(super) is_shared: bool,
    /// True when it is one of several that a value may keep to.
    pub(super) is_variant: bool,
}

/// Follows references of one specification.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'l> {
    pub(super) library: &'l Library<'l>,
    pub(super) version: Version,
    pub(super) references: &'l References,
}

impl<'l> Walk<'l> {
    /// Every schema with keywords of its own that a value at this schema has to keep to.
    pub(super) fn parts(self, at: Part<'l>) -> Vec<Part<'l>> {
        let mut found = Vec::new();
        self.add_parts(at, 0, &mut found);
        found
    }

    // Recursive; no deeper than schemas are composed.
    fn add_parts(self, at: Part<'l>, depth: usize, found: &mut Vec<Part<'l>>) {
        let is_known = |known: &Part<'l>| std::ptr::eq(known.spot.node, at.spot.node);
        if depth > NESTING_MAX || found.iter().any(is_known) {
            return;
        }
        if let Some(target) = self.followed(at) {
            self.add_parts(target, depth + 1, found);
            if self.is_plain_reference(at.spot) {
                return;
            }
        }
        found.push(at);
        let below = |key: &str| at.spot.get(key).into_iter().flat_map(Spot::items);
        for spot in below("allOf") {
            self.add_parts(Part { spot, ..at }, depth + 1, found);
        }
        for key in ["oneOf", "anyOf"] {
            let real = |spot: &Spot<'l>| !is_null_alone(spot.node);
            let is_variant = at.is_variant || below(key).filter(real).count() > 1;
            for spot in below(key) {
                self.add_parts(Part { spot, is_variant, ..at }, depth + 1, found);
            }
        }
    }

    /// Where a reference leads.
    pub(super) fn followed(self, at: Part<'l>) -> Option<Part<'l>> {
        let target = follow(self.library, at.spot)?.ok()?;
        let count = self.references.get(&std::ptr::from_ref(target.node));
        let is_shared = at.is_shared || count.is_some_and(|count| *count > 1);
        Some(Part { spot: target, is_shared, ..at })
    }

    /// True for a reference beside which nothing counts.
    pub(super) fn is_plain_reference(self, spot: Spot<'_>) -> bool {
        let is_reference = spot.get("$ref").is_some_and(|at| at.node.as_str().is_some());
        is_reference && (self.version == Version::V30 || spot.node.entries().len() == 1)
    }

    /// The schemas one step below.
    pub(super) fn below(self, parts: &[Part<'l>], step: &Step) -> Vec<Part<'l>> {
        let named = parts.iter().flat_map(|part| {
            let spots: Vec<Spot<'l>> = match step {
                Step::Key(key) => {
                    part.spot.get("properties").and_then(|at| at.get(key)).into_iter().collect()
                }
                Step::Item => elements(part.spot),
                Step::Any => others(part.spot),
            };
            spots.into_iter().map(|spot| Part { spot, ..*part }).collect::<Vec<_>>()
        });
        let named: Vec<Part<'l>> = named.collect();
        if named.is_empty() && matches!(step, Step::Key(_)) {
            return self.below(parts, &Step::Any);
        }
        named
    }
}

/// How many references lead to each node that any leads to.
pub(super) fn references(library: &Library<'_>) -> References {
    let mut left: Vec<Spot<'_>> = library.spots().collect();
    let mut counts = References::new();
    while let Some(spot) = left.pop() {
        if let Some(Ok(led)) = follow(library, spot) {
            *counts.entry(std::ptr::from_ref(led.node)).or_default() += 1;
        }
        left.extend(spot.items());
        left.extend(spot.entries().map(|(_, below)| below));
    }
    counts
}

/// Counts of references by what they lead to.
pub(super) type References = BTreeMap<*const Node, usize>;

fn is_null_alone(schema: &Node) -> bool {
    let is_null = |node: &Node| node.value == Value::Null || node.as_str() == Some("null");
    schema.get("type").is_some_and(is_null)
}

fn elements(schema: Spot<'_>) -> Vec<Spot<'_>> {
    let listed = ["prefixItems", "items"].into_iter().filter_map(|key| schema.get(key));
    let each = listed.flat_map(|at| match at.node.value {
        Value::Array(_) => at.items().collect(),
        Value::Object(_) => vec![at],
        _ => Vec::new(),
    });
    each.collect()
}

/// The schemas of members that have no name.
fn others(schema: Spot<'_>) -> Vec<Spot<'_>> {
    let is_object = |at: &Spot<'_>| matches!(at.node.value, Value::Object(_));
    let additional = ["additionalProperties", "unevaluatedProperties"];
    let additional = additional.into_iter().filter_map(|key| schema.get(key)).filter(is_object);
    let patterns = schema.get("patternProperties").into_iter().flat_map(Spot::entries);
    additional.chain(patterns.map(|(_, at)| at)).collect()
}
