//! One schema, in whichever dialect it was written, as JSON Schema 2020-12 for one direction.
//!
//! What only describes is left out; pointers into the rest stay those of the file, but for a
//! schema that needs `null` put beside it ([`is_wrapped`]). Refuses to know what schemas mean to
//! each other, and operations.

use crate::compared::Unread;
use crate::interface::model::Dialect;
use crate::openapi::document::{Links, Spot};
use crate::openapi::kin::{Kin, restriction};
use plumb_tree::{Node, Number, Value as Tree};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Schemas that a property's flags are looked for in: references and parts of an `allOf`.
const FLAG_DEPTH_MAX: usize = 8;

/// Where a reference leads that leads nowhere: to nothing, so that nothing can be told by it.
pub(crate) const NOWHERE: &str = "#/nowhere";

/// Keywords of Swagger 2.0 and OpenAPI 3.0 that constrain, but for those with schemas in them.
const PLAIN_THIRTY: [&str; 14] = [
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "type",
];

/// The same for JSON Schema 2020-12.
const PLAIN_TWENTY: [&str; 6] = [
    "const",
    "dependentRequired",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxContains",
    "minContains",
];

/// Keywords with one schema in them.
pub(crate) const ONE: [&str; 11] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords with a list of schemas in them.
pub(crate) const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords with schemas under names.
pub(crate) const MAPS: [&str; 3] = ["dependentSchemas", "patternProperties", "properties"];

/// Keywords that are there in OpenAPI 3.0 and before.
const NESTED_THIRTY: [&str; 7] =
    ["additionalProperties", "allOf", "anyOf", "items", "not", "oneOf", "properties"];

/// In which direction documents of a schema travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// Without what is `readOnly`.
    Request,
    /// Without what is `writeOnly`.
    Response,
}

/// What writing schemas anew needs at hand.
pub(crate) struct Rewrite<'r, 't> {
    pub(crate) links: &'r Links<'t>,
    pub(crate) dialect: Dialect,
    pub(crate) side: Side,
    pub(crate) kin: &'r Kin<'t>,
    /// The reference to write for a schema.
    pub(crate) refer: &'r mut dyn FnMut(Spot<'t>) -> String,
    pub(crate) unread: Vec<Unread>,
    /// Values written so far.
    pub(crate) written: usize,
}

/// Whether a schema becomes the `else` of a condition that lets null through.
pub(crate) fn is_wrapped(dialect: Dialect, node: &Node) -> bool {
    let applies = |key: &&str| node.get(key).is_some();
    is_nullable(dialect, node) && ["$ref", "allOf", "anyOf", "oneOf", "not"].iter().any(applies)
}

/// Writes the schema at `spot`. The properties `hidden` are not required, whoever asks for them.
pub(crate) fn rewritten<'t>(
    rewrite: &mut Rewrite<'_, 't>,
    spot: Spot<'t>,
    hidden: &BTreeSet<&'t str>,
) -> Value {
    rewrite.written += 1;
    match &spot.node.value {
        Tree::Bool(all) => return Value::Bool(*all),
        Tree::Object(_) => {}
        Tree::Null => return Value::Bool(true),
        _ => {
            let reason = format!("a schema is {}, not an object", spot.node.kind_name());
            rewrite.unread.push(spot.unread(reason));
            return json!({ "$ref": NOWHERE });
        }
    }
    let mut schema = Map::new();
    if let Some(reference) = reference(rewrite, spot) {
        schema.insert("$ref".to_owned(), Value::String(reference));
    }
    if rewrite.dialect == Dialect::ThirtyOne || schema.is_empty() {
        let mut hidden = hidden.clone();
        gather_hidden(rewrite, spot, &mut hidden, 0);
        for (key, value) in spot.entries() {
            keyword(rewrite, &mut schema, (key, value), &hidden);
        }
        required(&mut schema, spot, &hidden);
        mend_bounds(&mut schema);
        discriminate(rewrite, &mut schema, spot);
    }
    if !is_nullable(rewrite.dialect, spot.node) {
        return Value::Object(schema);
    }
    if is_wrapped(rewrite.dialect, spot.node) {
        return json!({ "if": { "type": "null" }, "else": schema });
    }
    admit_null(&mut schema);
    Value::Object(schema)
}

/// Any value as it stands.
pub(crate) fn plain(node: &Node) -> Value {
    match &node.value {
        Tree::Null | Tree::Computed => Value::Null,
        Tree::Bool(truth) => Value::Bool(*truth),
        Tree::Number(number) => of_number(number),
        Tree::String(text) => Value::String(text.clone()),
        Tree::Binary(bytes) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        Tree::Array(items) => items.iter().map(plain).collect(),
        Tree::Object(entries) => {
            let member = |(key, node): &(plumb_tree::Key, Node)| (key.text.clone(), plain(node));
            Value::Object(entries.iter().map(member).collect())
        }
    }
}

/// A number; one beyond all floats is as large as they get.
fn of_number(number: &Number) -> Value {
    let exact = serde_json::from_str(number.as_text()).ok();
    let edge = if number.as_text().starts_with('-') { f64::MIN } else { f64::MAX };
    exact.unwrap_or_else(|| Value::from(edge))
}

fn is_nullable(dialect: Dialect, node: &Node) -> bool {
    let is_set = |key| node.get(key).and_then(Node::as_bool) == Some(true);
    match dialect {
        Dialect::Swagger => is_set("x-nullable"),
        Dialect::Thirty => is_set("nullable") || is_set("x-nullable"),
        Dialect::ThirtyOne => false,
    }
}

/// The reference to write; one that leads nowhere is noted and kept as such.
fn reference<'t>(rewrite: &mut Rewrite<'_, 't>, spot: Spot<'t>) -> Option<String> {
    let found = rewrite.links.follow(spot).or_else(|| {
        let at = spot.get("$dynamicRef").filter(|_| rewrite.dialect == Dialect::ThirtyOne)?;
        let text = at.node.as_str()?;
        Some(rewrite.links.lead(spot.file, text).map_err(|reason| at.unread(reason)))
    })?;
    Some(match found {
        Ok(target) => match rewrite.links.resolve(target) {
            Ok(_) => (rewrite.refer)(target),
            Err(unread) => {
                rewrite.unread.push(unread);
                NOWHERE.to_owned()
            }
        },
        Err(unread) => {
            rewrite.unread.push(unread);
            NOWHERE.to_owned()
        }
    })
}

fn keyword<'t>(
    rewrite: &mut Rewrite<'_, 't>,
    schema: &mut Map<String, Value>,
    (key, spot): (&'t str, Spot<'t>),
    hidden: &BTreeSet<&'t str>,
) {
    let is_twenty = rewrite.dialect == Dialect::ThirtyOne;
    if PLAIN_THIRTY.contains(&key) || (is_twenty && PLAIN_TWENTY.contains(&key)) {
        rewrite.written += 1 + spot.node.items().len();
        schema.insert(key.to_owned(), plain(spot.node));
        return;
    }
    if !is_twenty && matches!(key, "exclusiveMaximum" | "exclusiveMinimum") {
        schema.insert(key.to_owned(), plain(spot.node));
        return;
    }
    if !is_twenty && !NESTED_THIRTY.contains(&key) {
        return;
    }
    let none = BTreeSet::new();
    if ONE.contains(&key) {
        let passed = if matches!(key, "then" | "else") { hidden } else { &none };
        let value = rewritten(rewrite, spot, passed);
        schema.insert(key.to_owned(), value);
    } else if LISTS.contains(&key) {
        let passed = if key == "prefixItems" { &none } else { hidden };
        let values = spot.items().map(|item| rewritten(rewrite, item, passed)).collect();
        schema.insert(key.to_owned(), Value::Array(values));
    } else if MAPS.contains(&key) {
        let mut members = Map::new();
        for (name, member) in spot.entries() {
            if key != "properties" || !is_hidden(rewrite, member, 0) {
                members.insert(name.to_owned(), rewritten(rewrite, member, &none));
            }
        }
        if members.is_empty() && !spot.node.entries().is_empty() {
            // An object that names no key is taken for a map, which this one is not.
            members.insert(String::new(), Value::Bool(false));
        }
        schema.insert(key.to_owned(), Value::Object(members));
    }
}

fn required(schema: &mut Map<String, Value>, spot: Spot<'_>, hidden: &BTreeSet<&str>) {
    let Some(listed) = spot.get("required") else { return };
    let names = listed.items().filter_map(|name| name.node.as_str());
    let names: Vec<Value> = names.filter(|name| !hidden.contains(name)).map(Value::from).collect();
    if !names.is_empty() {
        schema.insert("required".to_owned(), Value::Array(names));
    }
}

/// Bounds as numbers: `exclusiveMinimum: true` makes the other key's bound exclusive.
fn mend_bounds(schema: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(Value::Bool(is_exclusive)) = schema.get(flag).cloned() else { continue };
        schema.remove(flag);
        if is_exclusive && let Some(number) = schema.remove(bound) {
            schema.insert(flag.to_owned(), number);
        }
    }
    if schema.get("type") == Some(&Value::from("file")) {
        schema.insert("type".to_owned(), Value::from("string"));
        schema.insert("format".to_owned(), Value::from("binary"));
    }
}

/// Null beside the types and words of a schema: whoever writes `nullable` means it, also where the
/// words forgot it.
fn admit_null(schema: &mut Map<String, Value>) {
    if let Some(single @ Value::String(_)) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([single, "null"]));
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum")
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
}

fn discriminate<'t>(
    rewrite: &mut Rewrite<'_, 't>,
    schema: &mut Map<String, Value>,
    spot: Spot<'t>,
) {
    if spot.get("discriminator").is_none() {
        return;
    }
    let mut is_branched = false;
    for key in ["oneOf", "anyOf"] {
        let Some(branches) = spot.get(key) else { continue };
        is_branched = true;
        for (index, branch) in branches.items().enumerate() {
            let found = restriction(rewrite.kin, rewrite.links, spot, branch);
            let Some(found) = told(rewrite, found) else { continue };
            let written = schema.get_mut(key).and_then(|list| list.get_mut(index));
            if let Some(Value::Object(written)) = written {
                restrict(written, found);
            }
        }
    }
    if !is_branched {
        let found = crate::openapi::kin::own_restriction(rewrite.kin, rewrite.links, spot);
        if let Some(found) = told(rewrite, found) {
            restrict(schema, found);
        }
    }
}

fn told(rewrite: &mut Rewrite<'_, '_>, found: Result<Option<Value>, Unread>) -> Option<Value> {
    found.unwrap_or_else(|unread| {
        rewrite.unread.push(unread);
        None
    })
}

/// Adds a schema that must hold as well, after all that were written.
fn restrict(schema: &mut Map<String, Value>, restriction: Value) {
    match schema.get_mut("allOf") {
        Some(Value::Array(all)) => all.push(restriction),
        _ => drop(schema.insert("allOf".to_owned(), Value::Array(vec![restriction]))),
    }
}

/// Names of the properties that do not travel in this direction, of the schema and its `allOf`.
fn gather_hidden<'t>(
    rewrite: &Rewrite<'_, 't>,
    spot: Spot<'t>,
    hidden: &mut BTreeSet<&'t str>,
    depth: usize,
) {
    if depth > FLAG_DEPTH_MAX {
        return;
    }
    for (name, property) in spot.get("properties").into_iter().flat_map(Spot::entries) {
        if is_hidden(rewrite, property, 0) {
            hidden.insert(name);
        }
    }
    for part in spot.get("allOf").into_iter().flat_map(Spot::items) {
        if let Ok(part) = rewrite.links.resolve(part) {
            gather_hidden(rewrite, part, hidden, depth + 1);
        }
    }
}

/// Whether a property does not travel in this direction: it says so itself, or what it refers to.
fn is_hidden<'t>(rewrite: &Rewrite<'_, 't>, spot: Spot<'t>, depth: usize) -> bool {
    let flag = match rewrite.side {
        Side::Request => "readOnly",
        Side::Response => "writeOnly",
    };
    if depth > FLAG_DEPTH_MAX || spot.is_set(flag) {
        return spot.is_set(flag);
    }
    let parts = spot.get("allOf").into_iter().flat_map(Spot::items);
    let target = rewrite.links.follow(spot).and_then(Result::ok);
    parts.chain(target).any(|part| is_hidden(rewrite, part, depth + 1))
}
