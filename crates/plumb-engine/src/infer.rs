//! Infers: the interface of one dependency as an OpenAPI 3.1 document, written from evidence.
//!
//! The document says what was seen and how often, and nothing more: what was never absent is
//! required only from enough exchanges on, values are withheld, and every saying carries its
//! strength. The same evidence gives the same bytes. Refuses to know disk, claims, and how the
//! document is spelled.

pub mod asked;
mod content;
pub mod keep;
mod lost;
mod operation;
mod path;
mod request;
pub mod said;
mod schema;
mod strength;
pub mod yaml;

use crate::infer::asked::{Asked, Counts, MARK};
use crate::infer::lost::Lost;
use crate::infer::operation::operation_item;
use crate::infer::path::PathTemplate;
use plumb_gap::evidence::Evidence;
use plumb_shape::operation::Operation;
use plumb_shape::profile::Profile;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The version of OpenAPI that is written.
const OPENAPI: &str = "3.1.0";

/// The version of what [`MARK`] holds.
const MARK_VERSION: u32 = 1;

/// The methods that OpenAPI 3.1 has a key for, in the order in which it lists them.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// A document, and what it has no room for.
#[derive(Clone, Debug, PartialEq)]
pub struct Inferred {
    /// The document, its keys in the order in which they are to be written.
    pub document: Value,
    /// What is lost on the way, each once.
    pub lost: Vec<String>,
}

/// What was seen of each operation of one dependency: of the version seen last, where an operation
/// was seen of several.
#[must_use]
pub fn newest(evidence: &[Evidence], writer: &str) -> BTreeMap<Operation, Profile> {
    let mut newest: BTreeMap<&Operation, (i64, &str)> = BTreeMap::new();
    let of_writer = || evidence.iter().filter(|one| one.writer == writer);
    for one in of_writer() {
        let known = newest.entry(&one.operation).or_insert((one.last_ms, &one.version));
        *known = (*known).max((one.last_ms, &one.version));
    }
    let mut profiles: BTreeMap<Operation, Profile> = BTreeMap::new();
    for one in of_writer().filter(|one| newest[&one.operation].1 == one.version) {
        let profile = profiles.entry(one.operation.clone()).or_default();
        *profile = one.profile.merge(profile);
    }
    profiles
}

/// Writes the interface that these operations show.
#[must_use]
pub fn infer(seen: &BTreeMap<Operation, Profile>, asked: &Asked<'_>) -> Inferred {
    let mut lost = Lost::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (operation, profile) in &by_path(seen, &mut lost) {
        if !METHODS.contains(&operation.method.as_str()) {
            lost.tell(format!("{operation}: OpenAPI has no such method"));
            continue;
        }
        let template = PathTemplate::of(operation);
        let item = operation_item(operation, &template, profile, (asked, &mut lost));
        paths.entry(template.text).or_default().insert(operation.method.to_lowercase(), item);
    }
    let paths = paths.into_iter().map(|(path, methods)| (path, in_order(methods)));
    let counts = match asked.counts {
        Counts::Coarse => "coarse",
        Counts::Exact => "exact",
    };
    let enough = asked.samples_min;
    let mark = json!({ "version": MARK_VERSION, "counts": counts, "required_from": enough });
    let document = json!({
        "openapi": OPENAPI,
        "info": { "title": asked.title, "version": "inferred", MARK: mark },
        "paths": paths.collect::<Map<_, _>>(),
    });
    Inferred { document, lost: lost.into_lines() }
}

/// What was seen by method and path alone, since OpenAPI has no other word for an operation.
fn by_path(seen: &BTreeMap<Operation, Profile>, lost: &mut Lost) -> BTreeMap<Operation, Profile> {
    let mut joined: BTreeMap<Operation, Profile> = BTreeMap::new();
    for (operation, profile) in seen {
        let path = operation.without_name();
        if operation.name.is_some() {
            lost.tell(format!("{path}: which operation is called by name"));
        }
        let known = joined.entry(path).or_default();
        *known = known.merge(profile);
    }
    joined
}

fn in_order(mut methods: Map<String, Value>) -> Value {
    let ordered = METHODS.iter().filter_map(|method| methods.remove_entry(&method.to_lowercase()));
    ordered.collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests;
