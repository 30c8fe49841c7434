//! Traits: what messages and operations share, laid over or under what they say themselves.
//!
//! In 2.x a trait overrides its message, from 3.0 on a message overrides its traits; of several
//! traits the last counts. Refuses to know what the members mean.

use crate::asyncapi::model::{Generation, Schema};
use crate::json_schema::value;
use crate::openapi::document::Spot;
use crate::openapi::work::Work;
use serde_json::Value;

/// Traits of one message or operation at most: real ones have one or two.
const TRAITS_MAX: usize = 100;

/// Objects within objects that are merged: headers seldom have two levels.
const MERGED_DEEP_MAX: usize = 64;

/// What a message or an operation says, the strongest place last.
pub(super) struct Layers<'t> {
    layers: Vec<Spot<'t>>,
}

impl<'t> Layers<'t> {
    /// The places that speak for `spot`.
    pub(super) fn new(work: &mut Work<'_, 't>, generation: Generation, spot: Spot<'t>) -> Self {
        let mut layers = Vec::new();
        if let Some(traits) = spot.get("traits") {
            for (count, each) in traits.items().enumerate() {
                if count >= TRAITS_MAX {
                    work.tell(each, format!("there are more than {TRAITS_MAX} traits"));
                    break;
                }
                layers.extend(work.resolve(each));
            }
        }
        match generation {
            Generation::Two => layers.insert(0, spot),
            Generation::Three => layers.push(spot),
        }
        Self { layers }
    }

    /// The member that counts.
    pub(super) fn get(&self, key: &str) -> Option<Spot<'t>> {
        self.layers.iter().rev().find_map(|layer| layer.get(key))
    }

    /// The text that counts.
    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        self.get(key)?.node.as_str()
    }

    /// A schema that several places may give parts of, merged in their order.
    pub(super) fn schema(&self, work: &mut Work<'_, 't>, key: &str) -> Option<Schema<'t>> {
        let mut said = Vec::new();
        for layer in &self.layers {
            let Some(spot) = layer.get(key) else { continue };
            said.push(spot);
        }
        if let [only] = said.as_slice() {
            return Some(Schema::At(*only));
        }
        let last = *said.last()?;
        let mut merged = Value::Null;
        for spot in said {
            let spot = work.resolve(spot)?;
            if spot.file != last.file && holds_reference(spot) {
                work.tell(spot, "references in traits of another file are not merged".to_owned());
                return None;
            }
            merge(&mut merged, value(spot.node), 0);
        }
        Some(Schema::Made(merged, last))
    }
}

fn holds_reference(spot: Spot<'_>) -> bool {
    let mut left = vec![spot.node];
    while let Some(node) = left.pop() {
        if node.get("$ref").is_some() {
            return true;
        }
        left.extend(node.items());
        left.extend(node.entries().iter().map(|(_, member)| member));
    }
    false
}

/// JSON merge patch (RFC 7396).
fn merge(target: &mut Value, patch: Value, depth: usize) {
    match (target, patch) {
        (Value::Object(members), Value::Object(patch)) if depth < MERGED_DEEP_MAX => {
            for (key, value) in patch {
                if value.is_null() {
                    members.shift_remove(&key);
                } else {
                    merge(members.entry(key).or_insert(Value::Null), value, depth + 1);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}
