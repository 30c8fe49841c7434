//! Schemas of what was seen: the plainest one that takes a value, in the words of either version.
//!
//! Nothing is promised: no member is required. Refuses to know where a schema stands.

use crate::mend::edits::json_node;
use crate::openapi::schema::Version;
use plumb_shape::trait_set::{Kind, TraitSet};
use plumb_tree::{Node, Value, quoted};

/// The schema of a value, as JSON.
// Recursive; no deeper than a tree.
pub(super) fn schema_of(value: &Node, version: Version) -> String {
    match &value.value {
        Value::Null if version == Version::V30 => {
            "{\"nullable\": true, \"enum\": [null]}".to_owned()
        }
        Value::Null => plain("null"),
        Value::Bool(_) => plain("boolean"),
        Value::Number(number) if number.as_text().contains(['.', 'e', 'E']) => plain("number"),
        // What is beyond 64 bits is no integer to the formats that there are.
        Value::Number(number) if number.as_i64().is_none() => plain("number"),
        Value::Number(_) => plain("integer"),
        Value::Array(items) => {
            let item = items.first().map_or_else(|| "{}".to_owned(), |it| schema_of(it, version));
            format!("{{\"type\": \"array\", \"items\": {item}}}")
        }
        Value::Object(entries) => {
            let member = |(key, value): &(plumb_tree::Key, Node)| {
                format!("{}: {}", quoted(&key.text), schema_of(value, version))
            };
            let members: Vec<String> = entries.iter().map(member).collect();
            format!("{{\"type\": \"object\", \"properties\": {{{}}}}}", members.join(", "))
        }
        _ => plain("string"),
    }
}

/// The schema of a value that is given as JSON.
pub(super) fn schema_node(json: &str, version: Version) -> Result<Node, String> {
    json_node(&schema_of(&json_node(json)?, version))
}

fn plain(kind: &str) -> String {
    format!("{{\"type\": \"{kind}\"}}")
}

/// The names of kinds that take values with these traits.
pub(super) fn kind_names(traits: TraitSet) -> Vec<&'static str> {
    let name = |kind: Kind| match kind {
        Kind::Null => "null",
        Kind::Boolean => "boolean",
        Kind::Number if traits.intersects(TraitSet::FRACTION | TraitSet::BIG) => "number",
        Kind::Number => "integer",
        Kind::Array => "array",
        Kind::Object => "object",
        _ => "string",
    };
    traits.kinds().map(name).collect()
}
