//! Where the parts of a schema stand: from what a node says back to the text that says so.
//!
//! A part is only given a place when what stands there was read as just that part, so that nothing
//! rests on how the text is written.

use crate::decide::Schemas;
use crate::library::Spot;
use crate::node::{Id, Node};
use crate::pair::Place;
use serde_json::Value;
use std::collections::BTreeSet;

/// Schemas that hold of the same document with another, looked through for where a part stands.
const BESIDE_MAX: usize = 64;

/// The place of a schema that was read; where it only refers to another, that one's.
pub(crate) fn place(schemas: &Schemas<'_>, spot: &Spot) -> Option<Place> {
    let mut spot = spot.clone();
    let mut value = schemas.library.get(&spot)?;
    let id = schemas.id(value)?;
    for _ in 0..BESIDE_MAX {
        let same =
            |to: &Spot| schemas.library.get(to).and_then(|next| schemas.id(next)) == Some(id);
        let next = held_with(schemas, &spot, value).into_iter().find(same);
        let Some(next) = next else { break };
        let Some(there) = schemas.library.get(&next) else { break };
        (spot, value) = (next, there);
    }
    Some(Place { spot, id, address: crate::read::address(value) })
}

/// What a node says, one part after the other, all of which hold.
pub(crate) fn parts(schemas: &Schemas<'_>, id: Id) -> BTreeSet<Id> {
    let (mut parts, mut met) = (BTreeSet::new(), BTreeSet::new());
    let mut pending = vec![id];
    while let Some(id) = pending.pop() {
        match schemas.nodes.get(id) {
            Node::All(of) if met.insert(id) => pending.extend(of.iter().copied()),
            Node::All(_) | Node::Always => {}
            _ => drop(parts.insert(id)),
        }
    }
    parts
}

/// Where a schema says that the member of a name is `of`, as often as it does.
pub(crate) fn member(schemas: &Schemas<'_>, at: &Place, name: &str, of: Id) -> Vec<Place> {
    let step = escaped(name);
    below(schemas, at, of, &[&format!("properties/{step}")])
}

/// Where a schema says that its elements, or members that it does not name, are `of`.
pub(crate) fn rest(schemas: &Schemas<'_>, at: &Place, of: Id) -> Vec<Place> {
    below(schemas, at, of, &["items", "additionalItems", "additionalProperties"])
}

/// Where the alternatives of a schema stand that are just `of`; those of an alternative count as
/// its own.
pub(crate) fn alternatives(schemas: &Schemas<'_>, at: &Place, of: &[Id]) -> Option<Vec<Place>> {
    let wanted: BTreeSet<Id> = of.iter().copied().collect();
    beside(schemas, at).iter().find_map(|spot| {
        ["anyOf", "oneOf"].iter().find_map(|key| {
            let mut places = Vec::new();
            listed(schemas, (spot, key), (&wanted, BESIDE_MAX), &mut places)?;
            let found: BTreeSet<Id> = places.iter().map(|place| place.id).collect();
            (found == wanted).then_some(places)
        })
    })
}

/// Adds the places in a list of alternatives, and in those of its elements that are not `wanted`.
fn listed(
    schemas: &Schemas<'_>,
    (spot, key): (&Spot, &str),
    (wanted, depth): (&BTreeSet<Id>, usize),
    places: &mut Vec<Place>,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let list = schemas.library.get(spot)?.get(key)?.as_array()?;
    for index in 0..list.len() {
        let place = place(schemas, &under(spot, &format!("{key}/{index}")))?;
        if wanted.contains(&place.id) {
            places.push(place);
        } else {
            beside(schemas, &place)
                .iter()
                .find_map(|spot| listed(schemas, (spot, "anyOf"), (wanted, depth), places))?;
        }
    }
    Some(())
}

/// Where a schema says what holds when its condition does not.
pub(crate) fn otherwise(schemas: &Schemas<'_>, at: &Place, of: Id) -> Option<Place> {
    below(schemas, at, of, &["else"]).into_iter().next()
}

fn below(schemas: &Schemas<'_>, at: &Place, of: Id, keys: &[&str]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for spot in beside(schemas, at) {
        for place in keys.iter().filter_map(|key| place(schemas, &under(&spot, key))) {
            let is_known = found.iter().any(|known| known.address == place.address);
            if place.id == of && !is_known {
                found.push(place);
            }
        }
    }
    found
}

/// A schema and those that hold wherever it does.
fn beside(schemas: &Schemas<'_>, at: &Place) -> Vec<Spot> {
    let mut all = vec![at.spot.clone()];
    let mut next = 0;
    while next < all.len() && all.len() < BESIDE_MAX {
        let spot = all[next].clone();
        next += 1;
        let Some(value) = schemas.library.get(&spot) else { continue };
        all.extend(held_with(schemas, &spot, value));
    }
    all
}

/// The schemas that a schema itself says hold wherever it does.
fn held_with(schemas: &Schemas<'_>, spot: &Spot, value: &Value) -> Vec<Spot> {
    let reference = value.get("$ref").and_then(Value::as_str);
    let to = reference.and_then(|to| schemas.library.locate(&spot.document, to));
    let mut held: Vec<Spot> = to.into_iter().collect();
    for (key, most) in [("allOf", BESIDE_MAX), ("anyOf", 1), ("oneOf", 1)] {
        let count = value.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        if count <= most {
            held.extend((0..count).map(|index| under(spot, &format!("{key}/{index}"))));
        }
    }
    held
}

fn under(spot: &Spot, path: &str) -> Spot {
    Spot { document: spot.document.clone(), pointer: format!("{}/{path}", spot.pointer) }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
