//! The values of one answer by place, borrowed from it: what stands at every leaf, which keys a map
//! has, and how many elements there are in arrays and maps.
//!
//! Places are named as the fold named them. Refuses to keep a value beyond the answer.

use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::synthetic::Facts;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands at the places of a body.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    /// Leaves in the order in which they stand; several where a place is repeated.
    pub(super) leaves: BTreeMap<Place, Vec<Leaf<'a>>>,
    /// The numbers of elements, in the same way.
    pub(super) lengths: BTreeMap<Place, Vec<usize>>,
    /// The elements of arrays by what they are, in the same way.
    pub(super) elements: BTreeMap<Place, Vec<Leaf<'a>>>,
}

/// What is compared as one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf<'a> {
    /// A value that is neither an object nor an array.
    Value(&'a Value),
    /// A key that is itself data, at the place of its map.
    Key(&'a str),
    /// An element of an array: its kind, and which members it has. What stands in them is compared
    /// at their own places.
    Element(&'a Value),
}

impl PartialEq for Leaf<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(one), Self::Value(two)) => one == two,
            (Self::Key(one), Self::Key(two)) => one == two,
            (Self::Element(Value::Object(one)), Self::Element(Value::Object(two))) => {
                one.len() == two.len() && one.keys().all(|name| two.contains_key(name))
            }
            (Self::Element(one), Self::Element(two)) => kind(one) == kind(two),
            _ => false,
        }
    }
}

/// The kind of a value.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The values of a body, at places that are among its facts.
pub(super) fn values<'a>(body: &'a Value, facts: &Facts) -> Values<'a> {
    let mut values = Values::default();
    values.walk(body, &Place::root(Side::Response, Part::Body), facts);
    values
}

impl<'a> Values<'a> {
    fn walk(&mut self, value: &'a Value, place: &Place, facts: &Facts) {
        match value {
            Value::Object(members) => {
                let mut keys = 0;
                for (name, member) in members {
                    let named = place.child(Step::Key(name.as_str().into()));
                    // A key that the fold took for data has no place of its own.
                    let is_data = !facts.contains_key(&named);
                    let below = if is_data { place.child(Step::Any) } else { named };
                    if is_data {
                        keys += 1;
                        self.leaves.entry(place.clone()).or_default().push(Leaf::Key(name));
                    }
                    if facts.contains_key(&below) {
                        self.walk(member, &below, facts);
                    }
                }
                if keys > 0 {
                    self.lengths.entry(place.clone()).or_default().push(keys);
                }
            }
            Value::Array(elements) => {
                self.lengths.entry(place.clone()).or_default().push(elements.len());
                let item = place.child(Step::Item);
                let of_array = self.elements.entry(place.clone()).or_default();
                of_array.extend(elements.iter().map(Leaf::Element));
                elements.iter().for_each(|element| self.walk(element, &item, facts));
            }
            leaf => self.leaves.entry(place.clone()).or_default().push(Leaf::Value(leaf)),
        }
    }
}

/// The same values in an order of their own, so that two lists hold the same if they are the same.
pub(super) fn sorted(leaves: &[Leaf<'_>]) -> Vec<String> {
    let text = |leaf: &Leaf<'_>| match leaf {
        Leaf::Value(value) => value.to_string(),
        Leaf::Key(key) => (*key).to_owned(),
        Leaf::Element(Value::Object(members)) => {
            let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
            names.sort_unstable();
            names.join("\0")
        }
        Leaf::Element(element) => kind(element).to_owned(),
    };
    let mut sorted: Vec<String> = leaves.iter().map(text).collect();
    sorted.sort_unstable();
    sorted
}

/// The array that a repeated place is an element of, or stands in; `None` where there is none, or a
/// map is nearer, whose members have no order.
pub(super) fn array_of(place: &Place) -> Option<Place> {
    let at = place.steps.iter().rposition(|step| !matches!(step, Step::Key(_)))?;
    (place.steps[at] == Step::Item).then(|| above(place, at))
}

/// Every array and map that a place stands in, the outermost first.
pub(super) fn around(place: &Place) -> impl Iterator<Item = Place> {
    let steps = place.steps.iter().enumerate();
    let repeated = steps.filter(|(_, step)| !matches!(step, Step::Key(_)));
    repeated.map(|(at, _)| above(place, at))
}

fn above(place: &Place, depth: usize) -> Place {
    let mut above = Place::root(place.side, place.part);
    above.steps.extend_from_slice(&place.steps[..depth]);
    above
}
