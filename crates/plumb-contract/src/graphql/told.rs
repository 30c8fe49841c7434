//! Where a result of introspection tells what was read of it: the line of each name.
//!
//! Refuses to know what is told there.

use crate::graphql::model::{Input, Place, Schema};
use plumb_tree::Node;
use plumb_tree::json::parse_json;
use std::collections::BTreeMap;

/// The place of what cannot be found again.
const BEGINNING: Place = (1, 1);

/// Gives everything in a schema the place at which a result has its name.
pub(super) fn place(schema: &mut Schema, bytes: &[u8]) {
    let parsed = parse_json(bytes).unwrap_or_default();
    let root = parsed.documents.first();
    let told = root.and_then(|root| root.get("__schema").or(root.path(&["data", "__schema"])));
    let types = named(told, "types");
    for (name, each) in &mut schema.types {
        let told = types.get(name.as_str()).copied();
        each.at = at(told);
        let fields = named(told, "fields");
        for (name, field) in &mut each.fields {
            let told = fields.get(name.as_str()).copied();
            field.at = at(told);
            place_inputs(&mut field.arguments, &named(told, "args"));
        }
        place_inputs(&mut each.inputs, &named(told, "inputFields"));
        let values = named(told, "enumValues");
        for (name, value) in &mut each.values {
            value.at = at(values.get(name.as_str()).copied());
        }
    }
    let directives = named(told, "directives");
    for (name, directive) in &mut schema.directives {
        let told = directives.get(name.as_str()).copied();
        directive.at = at(told);
        place_inputs(&mut directive.arguments, &named(told, "args"));
    }
    let (line, column) = at(told);
    for unread in &mut schema.unread {
        (unread.line, unread.column) = (line, column);
    }
}

fn place_inputs(inputs: &mut BTreeMap<String, Input>, told: &BTreeMap<&str, &Node>) {
    for (name, input) in inputs {
        input.at = at(told.get(name.as_str()).copied());
    }
}

/// What a list tells, by the names there.
fn named<'n>(told: Option<&'n Node>, list: &str) -> BTreeMap<&'n str, &'n Node> {
    let list = told.and_then(|told| told.get(list)).map(Node::items).unwrap_or_default();
    list.iter().filter_map(|one| Some((one.get("name")?.as_str()?, one))).collect()
}

/// Where the name stands, or what has none.
fn at(told: Option<&Node>) -> Place {
    let place = told.map(|told| told.get("name").unwrap_or(told));
    place.map_or(BEGINNING, |node| (node.line, node.column))
}
