//! As much of a schema as a few documents need, as one schema that a validator can take by itself.
//!
//! Only what is asked of the documents and of what lies in them is copied: a description of a whole
//! interface, all of whose parts refer to each other, costs no more than the witness that is held
//! against it. Keywords keep their places, so that what a validator says of the copy is told of the
//! original.

use crate::format;
use crate::library::{Draft, Library, Spot};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Schemas copied at most: a witness is small, and so is what is asked of it.
const COPIED_MAX: usize = 20_000;

/// A schema as far as one document needs it.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// The schema.
    pub(crate) schema: Value,
    /// Where each of its definitions came from, by number.
    from: Vec<Spot>,
}

/// Copies what a schema asks of documents; `None` beyond the bound.
pub(crate) fn bundle(library: &Library, spot: &Spot, documents: &[&Value]) -> Option<Bundle> {
    let mut copy =
        Copy { library, numbers: BTreeMap::new(), from: Vec::new(), next: VecDeque::new() };
    copy.number(spot.clone(), documents.to_vec());
    let mut definitions = Map::new();
    while let Some((number, asked)) = copy.next.pop_front() {
        if number >= COPIED_MAX {
            return None;
        }
        let from = copy.from[number].clone();
        let schema = library.get(&from);
        let copied = schema.map_or(Value::Bool(true), |it| copy.schema(&from.document, it, &asked));
        definitions.insert(number.to_string(), copied);
    }
    Some(Bundle { schema: json!({"$ref": "#/$defs/0", "$defs": definitions}), from: copy.from })
}

impl Bundle {
    /// Where a keyword of the copy stands in the original. What stands in for a format of numbers
    /// is the format there.
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

/// The values in a document that a schema is asked about.
type Asked<'v> = Vec<&'v Value>;

struct Copy<'l, 'v> {
    library: &'l Library,
    /// The number of a schema for values, told by their addresses.
    numbers: BTreeMap<(Spot, BTreeSet<usize>), usize>,
    from: Vec<Spot>,
    next: VecDeque<(usize, Asked<'v>)>,
}

impl<'v> Copy<'_, 'v> {
    /// The number under which a schema is copied for these values.
    fn number(&mut self, spot: Spot, asked: Asked<'v>) -> usize {
        let values = asked.iter().map(|value| std::ptr::from_ref(*value).addr()).collect();
        let key = (spot, values);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.from.len();
        self.from.push(key.0.clone());
        self.numbers.insert(key, number);
        self.next.push_back((number, asked));
        number
    }

    fn schema(&mut self, document: &str, value: &Value, asked: &Asked<'v>) -> Value {
        let Value::Object(keywords) = value else { return value.clone() };
        if asked.is_empty() {
            // Nothing in the document is held against it.
            return Value::Bool(true);
        }
        let mut copy = Map::new();
        for (key, value) in keywords {
            let copied = match key.as_str() {
                "$id" | "$anchor" | "$dynamicAnchor" | "$recursiveAnchor" | "$schema" | "$defs"
                | "definitions" => continue,
                "id" if value.is_string() => continue,
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    let Some(reference) = self.reference(document, value, asked) else { continue };
                    copy.insert("$ref".to_owned(), reference);
                    continue;
                }
                _ => self.keyword(document, (key, value), asked),
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

    fn keyword(
        &mut self,
        document: &str,
        (key, value): (&str, &Value),
        asked: &Asked<'v>,
    ) -> Value {
        match key {
            "properties" => self.members(document, value, |name| member(asked, name)),
            "patternProperties" => self.members(document, value, |_| members(asked)),
            "dependentSchemas" | "dependencies" => self.members(document, value, |_| asked.clone()),
            "allOf" | "anyOf" | "oneOf" => self.elements(document, value, |_| asked.clone()),
            "prefixItems" => self.elements(document, value, |at| element(asked, at)),
            "items" if value.is_array() => self.elements(document, value, |at| element(asked, at)),
            "items" | "additionalItems" | "contains" | "unevaluatedItems" => {
                self.schema(document, value, &elements(asked))
            }
            "additionalProperties" | "unevaluatedProperties" => {
                self.schema(document, value, &members(asked))
            }
            "not" | "if" | "then" | "else" => self.schema(document, value, asked),
            // Names are no values of the document: any of its values stands for them, and their
            // schemas speak of texts alone.
            "propertyNames" => self.schema(document, value, asked),
            _ => value.clone(),
        }
    }

    fn reference(&mut self, document: &str, value: &Value, asked: &Asked<'v>) -> Option<Value> {
        let spot = self.library.locate(document, value.as_str()?)?;
        let number = self.number(spot, asked.clone());
        Some(Value::String(format!("#/$defs/{number}")))
    }

    fn members(
        &mut self,
        document: &str,
        value: &Value,
        asked: impl Fn(&str) -> Asked<'v>,
    ) -> Value {
        let Value::Object(members) = value else { return value.clone() };
        let copied = |(name, value): (&String, &Value)| {
            (name.clone(), self.schema(document, value, &asked(name)))
        };
        Value::Object(members.iter().map(copied).collect())
    }

    fn elements(
        &mut self,
        document: &str,
        value: &Value,
        asked: impl Fn(usize) -> Asked<'v>,
    ) -> Value {
        let Value::Array(items) = value else { return value.clone() };
        let copied = |(at, value)| self.schema(document, value, &asked(at));
        Value::Array(items.iter().enumerate().map(copied).collect())
    }
}

fn member<'v>(asked: &Asked<'v>, name: &str) -> Asked<'v> {
    asked.iter().filter_map(|value| value.get(name)).collect()
}

fn members<'v>(asked: &Asked<'v>) -> Asked<'v> {
    asked.iter().filter_map(|value| value.as_object()).flat_map(Map::values).collect()
}

fn element<'v>(asked: &Asked<'v>, at: usize) -> Asked<'v> {
    asked.iter().filter_map(|value| value.get(at)).collect()
}

fn elements<'v>(asked: &Asked<'v>) -> Asked<'v> {
    asked.iter().filter_map(|value| value.as_array()).flatten().collect()
}
