//! What callers send: parameters in the path, the query and headers, and the body.
//!
//! Refuses to know answers. What refused requests carried counts too: the document admits
//! everything that was seen.

use crate::infer::asked::MARK;
use crate::infer::content::content;
use crate::infer::lost::Lost;
use crate::infer::path::PathTemplate;
use crate::infer::schema::{View, is_required, schema_and_mark};
use crate::infer::strength::{marked, strength};
use plumb_gap::header::{HeaderClass, header_class};
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::trait_set::TraitSet;
use serde_json::{Map, Value, json};

/// Headers of requests that OpenAPI wants elsewhere, or that tell of the caller's software and way.
const NOT_PARAMETERS: [&str; 14] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "content-type",
    "cookie",
    "expect",
    "host",
    "origin",
    "proxy-authorization",
    "referer",
    "upgrade-insecure-requests",
    "user-agent",
];

/// Headers by which callers tell who they are.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The parameters of an operation.
pub(crate) fn parameters(
    operation: &Operation,
    template: &PathTemplate,
    (view, lost): (&View<'_>, &mut Lost),
) -> Vec<Value> {
    let in_path = template.names.iter().map(|name| {
        let total = view.seen.total.count;
        let mark = strength(total, total, view.asked);
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "path", "required": true, "schema": schema, MARK: mark })
    });
    let mut parameters: Vec<Value> = in_path.collect();
    let sent = view.seen.places.keys().filter(|place| place.side == Side::Request);
    for place in sent {
        match (place.part, place.steps.as_slice()) {
            (Part::Query, [_]) if place.name().is_none() => {
                lost.tell(format!("{operation}: query parameters whose names are data"));
            }
            (Part::Query, [_]) => parameters.push(parameter(view, place, "query")),
            (Part::Header, [_]) => {
                let name = place.name().unwrap_or_default();
                if CREDENTIALS.contains(&name) {
                    lost.tell("how callers authenticate: credentials are withheld".to_owned());
                }
                if is_parameter(name) {
                    parameters.push(parameter(view, place, "header"));
                }
            }
            _ => {}
        }
    }
    parameters
}

/// The body of requests; `None` where none was seen.
pub(crate) fn request_body(view: &View<'_>) -> Option<Value> {
    let content = content(view, Side::Request);
    if content.is_empty() {
        return None;
    }
    let root = Place::root(Side::Request, Part::Body);
    let (there, total) = (view.seen.seen(&root).count, view.seen.total.count);
    let is_withheld = view.seen.traits(&root).intersects(TraitSet::WITHHELD);
    let mut body = Map::new();
    if !is_withheld && is_required(view.seen, &root, view.asked) {
        body.insert("required".to_owned(), true.into());
    }
    body.insert("content".to_owned(), content.into());
    Some(marked(body, strength(there, total, view.asked)))
}

fn is_parameter(name: &str) -> bool {
    !name.is_empty()
        && !NOT_PARAMETERS.contains(&name)
        && header_class(name) == HeaderClass::Meaning
        && !name.starts_with(':')
        && !name.starts_with("sec-")
}

fn parameter(view: &View<'_>, place: &Place, part: &str) -> Value {
    let mut parameter = Map::new();
    parameter.insert("name".to_owned(), json!(place.name().unwrap_or_default()));
    parameter.insert("in".to_owned(), json!(part));
    if is_required(view.seen, place, view.asked) {
        parameter.insert("required".to_owned(), true.into());
    }
    let (schema, mark) = schema_and_mark(view, place);
    parameter.insert("schema".to_owned(), schema.into());
    marked(parameter, mark)
}
