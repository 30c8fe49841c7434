//! Where a schema speaks of a place in a document: the nearest keyword that it can be pointed at.

use crate::library::{Library, Spot};
use serde_json::Value;

/// References followed at most for one step into a document.
const FOLLOWED_MAX: usize = 32;

/// The deepest schema that speaks of a place, given as a JSON pointer into documents; the schema
/// itself where nothing deeper does.
pub(crate) fn speaks_of(library: &Library, schema: &Spot, place: &str) -> Spot {
    let mut best = schema.clone();
    let mut now = vec![schema.clone()];
    for step in place.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let mut next = Vec::new();
        for spot in &now {
            let mut reached = Vec::new();
            beside(library, spot, FOLLOWED_MAX, &mut reached);
            for spot in reached {
                next.extend(inside(library, &spot, &step));
            }
        }
        let Some(first) = next.first() else { break };
        best = first.clone();
        now = next;
    }
    best
}

/// A schema and those that hold of the same document with it.
fn beside(library: &Library, spot: &Spot, follow: usize, reached: &mut Vec<Spot>) {
    let Some(follow) = follow.checked_sub(1) else { return };
    let Some(schema) = library.get(spot) else { return };
    reached.push(spot.clone());
    let reference = schema.get("$ref").and_then(Value::as_str);
    if let Some(to) = reference.and_then(|to| library.locate(&spot.document, to)) {
        beside(library, &to, follow, reached);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        let count = schema.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        for at in 0..count.min(FOLLOWED_MAX) {
            beside(library, &below(spot, &[key, &at.to_string()]), follow, reached);
        }
    }
    for key in ["then", "else"] {
        if schema.get(key).is_some() {
            beside(library, &below(spot, &[key]), follow, reached);
        }
    }
}

/// The schemas that one schema has for a member or an element.
fn inside(library: &Library, spot: &Spot, step: &str) -> Vec<Spot> {
    let Some(schema) = library.get(spot) else { return Vec::new() };
    let candidates = [
        below(spot, &["properties", step]),
        below(spot, &["prefixItems", step]),
        below(spot, &["items", step]),
    ];
    let there = |spot: &&Spot| library.get(spot).is_some();
    if let Some(found) = candidates.iter().find(there) {
        return vec![found.clone()];
    }
    let rest = if step.parse::<usize>().is_ok() && schema.get("items").is_some() {
        "items"
    } else {
        "additionalProperties"
    };
    let rest = below(spot, &[rest]);
    library.get(&rest).is_some_and(Value::is_object).then_some(rest).into_iter().collect()
}

/// A spot further down.
fn below(spot: &Spot, steps: &[&str]) -> Spot {
    let mut pointer = spot.pointer.clone();
    for step in steps {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    Spot { document: spot.document.clone(), pointer }
}
