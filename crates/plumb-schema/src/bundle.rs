//! A schema with everything that it refers to, as one document that a validator can take by itself.
//!
//! Only what the schema reaches is copied, so that asking about one schema of a large description
//! costs no more than that schema. Keywords keep their places, so that what a validator says of the
//! copy is told of the original.

use crate::format;
use crate::library::{Draft, Library, Spot};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};

/// Schemas that one schema may reach: descriptions of whole interfaces have a few thousand.
const REACHED_MAX: usize = 20_000;

/// A schema as one document.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// The document.
    pub(crate) document: Value,
    /// Where each of its definitions came from, by number.
    pub(crate) from: Vec<Spot>,
}

/// Copies a schema and what it reaches; `None` beyond the bound.
pub(crate) fn bundle(library: &Library, spot: &Spot) -> Option<Bundle> {
    let mut copy =
        Copy { library, numbers: BTreeMap::new(), from: Vec::new(), next: VecDeque::new() };
    copy.number(spot.clone());
    let mut definitions = Map::new();
    while let Some(number) = copy.next.pop_front() {
        if number >= REACHED_MAX {
            return None;
        }
        let from = copy.from[number].clone();
        let copied =
            library.get(&from).map_or(Value::Bool(true), |it| copy.schema(&from.document, it));
        definitions.insert(number.to_string(), copied);
    }
    Some(Bundle { document: json!({"$ref": "#/$defs/0", "$defs": definitions}), from: copy.from })
}

impl Bundle {
    /// Where a keyword of the document stands in the original. What stands in for a format of
    /// numbers is the format there.
    pub(crate) fn origin(&self, library: &Library, location: &str) -> Option<Spot> {
        let rest = location.strip_prefix("/$defs/")?;
        let (number, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let from = self.from.get(number.parse::<usize>().ok()?)?;
        let slash = if rest.is_empty() { "" } else { "/" };
        let at = |pointer| Spot { document: from.document.clone(), pointer };
        let written = at(format!("{}{slash}{rest}", from.pointer));
        if library.get(&written).is_some() {
            return Some(written);
        }
        let (schema, _) = written.pointer.rsplit_once("/allOf/")?;
        Some(at(format!("{schema}/format"))).filter(|spot| library.get(spot).is_some())
    }
}

/// The validator's name of a draft.
pub(crate) fn dialect(draft: Draft) -> jsonschema::Draft {
    match draft {
        Draft::Four => jsonschema::Draft::Draft4,
        Draft::Six => jsonschema::Draft::Draft6,
        Draft::Seven => jsonschema::Draft::Draft7,
        Draft::Nineteen => jsonschema::Draft::Draft201909,
        Draft::Twenty => jsonschema::Draft::Draft202012,
    }
}

struct Copy<'l> {
    library: &'l Library,
    numbers: BTreeMap<Spot, usize>,
    from: Vec<Spot>,
    next: VecDeque<usize>,
}

impl Copy<'_> {
    /// The number under which a schema is copied.
    fn number(&mut self, spot: Spot) -> usize {
        if let Some(number) = self.numbers.get(&spot) {
            return *number;
        }
        let number = self.from.len();
        self.numbers.insert(spot.clone(), number);
        self.from.push(spot);
        self.next.push_back(number);
        number
    }

    fn schema(&mut self, document: &str, value: &Value) -> Value {
        let Value::Object(keywords) = value else { return value.clone() };
        let mut copy = Map::new();
        for (key, value) in keywords {
            let copied = match key.as_str() {
                "$id" | "$anchor" | "$dynamicAnchor" | "$recursiveAnchor" | "$schema" | "$defs"
                | "definitions" => continue,
                "id" if value.is_string() => continue,
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    let Some(reference) = self.reference(document, value) else { continue };
                    copy.insert("$ref".to_owned(), reference);
                    continue;
                }
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies" => {
                    self.members(document, value)
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => self.elements(document, value),
                "items" if value.is_array() => self.elements(document, value),
                "items"
                | "additionalItems"
                | "additionalProperties"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties" => self.schema(document, value),
                _ => value.clone(),
            };
            copy.insert(key.clone(), copied);
        }
        let format = keywords.get("format").and_then(Value::as_str).unwrap_or_default();
        if let Some(bounds) = format::number_schema(format) {
            let all = copy.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
            all.as_array_mut().into_iter().for_each(|all| all.push(bounds.clone()));
        }
        Value::Object(copy)
    }

    fn reference(&mut self, document: &str, value: &Value) -> Option<Value> {
        let spot = self.library.locate(document, value.as_str()?)?;
        let number = self.number(spot);
        Some(Value::String(format!("#/$defs/{number}")))
    }

    fn members(&mut self, document: &str, value: &Value) -> Value {
        let Value::Object(members) = value else { return value.clone() };
        let copied =
            |(name, value): (&String, &Value)| (name.clone(), self.schema(document, value));
        Value::Object(members.iter().map(copied).collect())
    }

    fn elements(&mut self, document: &str, value: &Value) -> Value {
        let Value::Array(items) = value else { return value.clone() };
        Value::Array(items.iter().map(|value| self.schema(document, value)).collect())
    }
}
