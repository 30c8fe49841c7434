//! What single keywords of a schema object say, and which of them are not interpreted.
//!
//! Refuses to know how schemas are composed and what stands behind a reference.

use crate::openapi::notes::Notes;
use crate::openapi::refs::Spot;
use crate::unread_tally::Why;
use plumb_shape::said::Beneath;
use plumb_tree::{Node, Value};

/// Keywords that narrow what is admitted and are not interpreted. `if` stands for its branches.
const NARROWING: [(&str, Why); 9] = [
    ("not", not_interpreted("`not` is not interpreted: what it refuses counts as admitted")),
    ("if", not_interpreted("`if`, `then` and `else` are not interpreted")),
    ("dependentSchemas", not_interpreted("`dependentSchemas` is not interpreted")),
    ("dependentRequired", not_interpreted("`dependentRequired` is not interpreted")),
    ("dependencies", not_interpreted("`dependencies` is not interpreted")),
    ("propertyNames", not_interpreted("`propertyNames` is not interpreted")),
    ("contains", not_interpreted("`contains` is not interpreted")),
    ("$dynamicRef", not_interpreted("`$dynamicRef` is not followed: anything counts as admitted")),
    ("$recursiveRef", not_interpreted("`$recursiveRef` is not followed")),
];

const DISCRIMINATOR_ALONE: Why = Why {
    reason: "a `discriminator` without `oneOf` is not followed to the schemas that extend this one",
    remedy: "list the variants under `oneOf` beside the `discriminator`",
};

const fn not_interpreted(reason: &'static str) -> Why {
    Why { reason, remedy: "say it with types, `required` or `enum` if it matters here" }
}

/// The kinds a schema names, or those that its keywords leave no doubt about.
pub(crate) fn kinds_of(schema: &Node) -> Option<Vec<&str>> {
    let implied = || {
        let has = |key: &str| schema.get(key).is_some();
        if has("properties") || has("additionalProperties") || has("patternProperties") {
            Some(vec!["object"])
        } else if has("items") || has("prefixItems") {
            Some(vec!["array"])
        } else {
            None
        }
    };
    match schema.get("type") {
        None => implied(),
        Some(named) => match &named.value {
            Value::Array(kinds) => Some(kinds.iter().map(kind_of).collect()),
            _ => Some(vec![kind_of(named)]),
        },
    }
}

/// The name of a kind; `null` without quotes in YAML means the kind all the same.
fn kind_of(named: &Node) -> &str {
    match &named.value {
        Value::String(kind) => kind,
        Value::Null => "null",
        _ => "",
    }
}

/// What is said of members that the schema does not name.
pub(crate) fn beneath_of(spot: Spot<'_>) -> Beneath {
    let has_members = ["properties", "patternProperties"]
        .iter()
        .any(|key| spot.get(key).is_some_and(|at| !at.node.entries().is_empty()));
    match additional(spot) {
        Some(schema) if schema.node.as_bool() == Some(false) => Beneath::Closed,
        Some(schema) if !is_free(schema.node) => Beneath::Open,
        _ if has_members => Beneath::Open,
        _ => Beneath::Anything,
    }
}

pub(crate) fn additional(spot: Spot<'_>) -> Option<Spot<'_>> {
    spot.get("additionalProperties").or_else(|| spot.get("unevaluatedProperties"))
}

/// True for `true`, `{}` and `false`, which say nothing of the values they admit.
pub(crate) fn is_free(schema: &Node) -> bool {
    match &schema.value {
        Value::Bool(_) => true,
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// True when a keyword is there and set.
pub(crate) fn is_true(spot: Spot<'_>, key: &str) -> bool {
    spot.get(key).and_then(|at| at.node.as_bool()) == Some(true)
}

/// Tells of keywords that narrow what a schema admits and are not interpreted.
pub(crate) fn note_uninterpreted(notes: &mut Notes, spot: Spot<'_>) {
    for (key, why) in NARROWING {
        if let Some(at) = spot.get(key) {
            notes.count(at, why);
        }
    }
}

/// Tells of a base schema whose variants are found only by who extends it.
pub(crate) fn note_discriminator(notes: &mut Notes, schema: Spot<'_>) {
    let has_variants = ["oneOf", "anyOf"].iter().any(|key| schema.get(key).is_some());
    if let Some(at) = schema.get("discriminator").filter(|_| !has_variants) {
        notes.count(at, DISCRIMINATOR_ALONE);
    }
}
