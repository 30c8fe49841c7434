//! One operation: what is sent, and each status that it was answered with.
//!
//! Refuses to know paths and other operations.

use crate::infer::asked::Asked;
use crate::infer::content::{content, malformed};
use crate::infer::lost::Lost;
use crate::infer::path::PathTemplate;
use crate::infer::request::{parameters, request_body};
use crate::infer::schema::{View, is_required, schema_and_mark};
use crate::infer::strength::{marked, of_operation, strength};
use plumb_gap::header::{HeaderClass, header_class};
use plumb_shape::operation::Operation;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::profile::Profile;
use serde_json::{Map, Value, json};

/// What stands where OpenAPI demands a description and none was written by a person.
const DESCRIPTION: &str = "as seen";

/// The same where no answer was seen at all.
const NO_ANSWER: &str = "no answer was seen";

/// The item of one operation.
pub(crate) fn operation_item(
    operation: &Operation,
    template: &PathTemplate,
    profile: &Profile,
    (asked, lost): (&Asked<'_>, &mut Lost),
) -> Value {
    let empty = Outcome::default();
    let all = profile.outcomes.values().fold(empty, |all, outcome| all.merge(outcome));
    let seen = all.marginals();
    let view = View { outcome: &all, seen: &seen, asked };
    let mut item = Map::new();
    let parameters = parameters(operation, template, (&view, lost));
    if !parameters.is_empty() {
        item.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = request_body(&view) {
        item.insert("requestBody".to_owned(), body);
    }
    let mut responses = Map::new();
    for (status, outcome) in &profile.outcomes {
        match status {
            100..=599 => {
                let total = seen.total.count;
                let answer = response(operation, (*status, outcome), total, (asked, lost));
                responses.insert(status.to_string(), answer);
            }
            0 => lost.tell(format!("{operation}: exchanges whose end was not seen")),
            _ => lost.tell(format!("{operation}: OpenAPI has no status {status}")),
        }
    }
    if responses.is_empty() {
        let none = Map::from_iter([("description".to_owned(), json!(NO_ANSWER))]);
        let mark = strength(0, seen.total.count, asked);
        responses.insert("default".to_owned(), marked(none, mark));
    }
    item.insert("responses".to_owned(), responses.into());
    let seen_once = profile.outcomes.values().map(Outcome::seen_once).sum();
    marked(item, of_operation(seen.total, seen_once, asked))
}

fn response(
    operation: &Operation,
    (status, outcome): (u16, &Outcome),
    of: u64,
    (asked, lost): (&Asked<'_>, &mut Lost),
) -> Value {
    let seen = outcome.marginals();
    let view = View { outcome, seen: &seen, asked };
    let mut response = Map::new();
    response.insert("description".to_owned(), json!(DESCRIPTION));
    let headers = headers(&view);
    if !headers.is_empty() {
        response.insert("headers".to_owned(), headers.into());
    }
    let content = content(&view, Side::Response);
    let body = Place::root(Side::Response, Part::Body);
    let (there, total) = (seen.seen(&body).count, seen.total.count);
    if !content.is_empty() && (1..total).contains(&there) {
        lost.tell(format!("{operation}: {status} comes without a body at times"));
    }
    if !content.is_empty() {
        response.insert("content".to_owned(), content.into());
    }
    if malformed(&view, Side::Response) > 0 {
        lost.tell(format!("{operation}: bodies of {status} that are no JSON and said to be"));
    }
    marked(response, strength(total, of, asked))
}

/// The headers of answers that callers may read.
fn headers(view: &View<'_>) -> Map<String, Value> {
    let named = view.seen.places.keys().filter_map(|place| {
        let is_header = place.side == Side::Response && place.part == Part::Header;
        let name = place.name().filter(|_| is_header)?;
        let is_meant = header_class(name) == HeaderClass::Meaning && name != "content-type";
        is_meant.then_some((name, place))
    });
    let header = |place: &Place| {
        let mut header = Map::new();
        if is_required(view.seen, place, view.asked) {
            header.insert("required".to_owned(), true.into());
        }
        let (schema, mark) = schema_and_mark(view, place);
        header.insert("schema".to_owned(), schema.into());
        marked(header, mark)
    };
    named.map(|(name, place)| (name.to_owned(), header(place))).collect()
}
