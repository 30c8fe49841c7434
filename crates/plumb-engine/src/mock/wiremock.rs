//! A mock as stub mappings of WireMock, one to a file.
//!
//! What was seen is asked for by its address alone; what somebody said is asked for as it was said.
//! Refuses to know what of it is lost beyond what evidence knows and stubs have no room for.

use crate::mock::behaviour::MockBehaviour;
use crate::mock::import::is_open;
use crate::mock::stub::Stub;
use crate::mock::{Mock, MockOperation};
use plumb_shape::claim::SaidQuery;
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence};
use plumb_tree::json::parse_json;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The priority of stubs that ask for nothing in particular; lower comes first.
const PRIORITY: usize = 5;

/// Files by path, and what has no room in them.
type Files = (BTreeMap<String, String>, Vec<String>);

/// The stubs by path, and what they have no room for.
pub(crate) fn wiremock(mock: &Mock) -> Files {
    let (mut files, mut lost) = (BTreeMap::new(), Vec::new());
    let lowest = lowest_priority(mock);
    for operation in mock.operations() {
        let path = operation.operation.path();
        let mut like: BTreeMap<String, usize> = BTreeMap::new();
        for behaviour in &operation.behaviours {
            let asked = asked(&operation.operation, behaviour);
            let key = match behaviour.stub {
                Some(_) => Value::Object(asked.clone()).to_string(),
                None => behaviour.queries().join("&"),
            };
            let number = *like.entry(key).and_modify(|it| *it += 1).or_default();
            let stub = stub(operation, behaviour, (asked, lowest, number));
            let method = operation.operation.method.to_lowercase();
            let file = format!("mappings/{method}-{}-{}.json", file_name(&path), behaviour.id);
            files.insert(file, format!("{stub:#}\n"));
        }
        if operation.behaviours.iter().any(MockBehaviour::is_told_by_body) {
            lost.push(format!("which bodies are answered how by {}", operation.operation));
        }
        if like.values().any(|cases| *cases > 0) {
            lost.push(format!(
                "{} has several answers to one request: all but one stand behind a scenario",
                operation.operation
            ));
        }
    }
    (files, lost)
}

/// A path as part of a file's name.
fn file_name(path: &str) -> String {
    /// Longest part of a name that is taken from a path.
    const NAME_CHARS_MAX: usize = 120;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.~:".contains(letter);
    let plain = |letter: char| if is_plain(letter) { letter } else { '-' };
    path.trim_matches('/').chars().take(NAME_CHARS_MAX).map(plain).collect()
}

/// The lowest priority that somebody said; the tool's begin at 1.
fn lowest_priority(mock: &Mock) -> i32 {
    let behaviours = mock.operations().iter().flat_map(|operation| &operation.behaviours);
    let said = behaviours.filter_map(|one| Some(one.stub.as_ref()?.claim.request.priority));
    said.min().unwrap_or_default()
}

fn stub(
    operation: &MockOperation,
    behaviour: &MockBehaviour,
    (request, lowest, number): (Map<String, Value>, i32, usize),
) -> Value {
    let name = &operation.operation;
    let mut response = Map::new();
    response.insert("status".to_owned(), json!(behaviour.status));
    let headers = behaviour.headers.iter().map(|(name, value)| (name.clone(), json!(value)));
    response.insert("headers".to_owned(), headers.collect::<Map<_, _>>().into());
    match json_body(&behaviour.body).filter(|_| !behaviour.is_opaque()) {
        Some(json) => drop(response.insert("jsonBody".to_owned(), json)),
        None if behaviour.body.is_empty() => {}
        None => drop(response.insert("body".to_owned(), json!(behaviour.body))),
    }
    let (title, priority) = match &behaviour.stub {
        Some(Stub { claim, .. }) => {
            let title = Some(claim.source.title.clone()).filter(|title| !title.is_empty());
            (title, claim.request.priority.saturating_sub(lowest.min(1) - 1).into())
        }
        None => (None, json!(PRIORITY.saturating_sub(behaviour.queries().len()).max(1))),
    };
    let title = title.unwrap_or_else(|| format!("{name} {}", behaviour.id));
    let mut stub = Map::new();
    stub.insert("name".to_owned(), json!(title));
    stub.insert("priority".to_owned(), priority);
    stub.insert("request".to_owned(), request.into());
    stub.insert("response".to_owned(), response.into());
    if behaviour.is_stateful() || number > 0 {
        // The state that every scenario begins in.
        let state = if number == 0 { "Started".to_owned() } else { format!("case {number}") };
        stub.insert("scenarioName".to_owned(), json!(name.to_string()));
        stub.insert("requiredScenarioState".to_owned(), json!(state));
    }
    stub.into()
}

/// A body as a tree, where no number of it would be written otherwise.
fn json_body(body: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(body).ok()?;
    let exact = |text: &str| {
        let parsed = parse_json(text.as_bytes()).ok()?;
        Some(parsed.documents.first()?.to_json_text())
    };
    (exact(body)? == exact(&value.to_string())?).then_some(value)
}

/// What a stub asks of a request.
fn asked(operation: &Operation, behaviour: &MockBehaviour) -> Map<String, Value> {
    let Operation { method, segments, name: called } = operation;
    let is_data = segments.iter().any(Option::is_none);
    let mut count = 0;
    let template = segments.iter().fold(String::new(), |path, segment| match segment {
        Some(word) => format!("{path}/{word}"),
        None => {
            count += 1;
            format!("{path}/{{p{count}}}")
        }
    });
    let template = if template.is_empty() { "/".to_owned() } else { template };
    let mut request = Map::new();
    request.insert("method".to_owned(), json!(method));
    let whole = behaviour.stub.as_ref().filter(|_| !is_data);
    match whole.and_then(|stub| whole_address(stub, &template)) {
        _ if is_open(operation) => {
            request.insert("urlPathPattern".to_owned(), json!(path_pattern(operation)))
        }
        Some(address) => request.insert("url".to_owned(), json!(address)),
        None if is_data => request.insert("urlPathTemplate".to_owned(), json!(template)),
        None => request.insert("urlPath".to_owned(), json!(template)),
    };
    match &behaviour.stub {
        Some(stub) => ask_as_said(&mut request, stub),
        None => {
            let queries = behaviour.queries();
            if !queries.is_empty() {
                let any =
                    queries.iter().map(|name| ((*name).to_owned(), json!({ "matches": ".*" })));
                request.insert("queryParameters".to_owned(), any.collect::<Map<_, _>>().into());
            }
        }
    }
    if let Some(called) = called {
        call(&mut request, called, behaviour);
    }
    request
}

/// The expression of a path below which anything may stand.
fn path_pattern(operation: &Operation) -> String {
    let known = operation.segments.len().saturating_sub(1);
    let segments = operation.segments.iter().take(known).map(|segment| match segment {
        Some(word) => format!("/{}", literally(word)),
        None => "/[^/]+".to_owned(),
    });
    segments.collect::<String>() + "/.*"
}

/// The whole address, where it is said that there are no other query parameters. The order of
/// several is not kept, and a whole address would insist on one.
fn whole_address(stub: &Stub, path: &str) -> Option<String> {
    if stub.claim.request.query != SaidQuery::Exactly {
        return None;
    }
    let places = stub.claim.said.places.iter();
    let mut query = places.filter(|(place, _)| {
        (place.side, place.part) == (Side::Request, Part::Query) && !place.steps.is_empty()
    });
    // What every client writes as it is (RFC 3986, section 2.3): an address is compared as text.
    let is_plain = |text: &&str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    match (query.next(), query.next()) {
        (None, _) => Some(path.to_owned()),
        (Some((place, expected)), None) if expected.presence == Presence::Always => {
            let (name, value) = (place.name().filter(is_plain)?, stub.text(place)?);
            is_plain(&value.as_str()).then(|| format!("{path}?{name}={value}"))
        }
        _ => None,
    }
}

/// Asks for query, headers and body as somebody said.
fn ask_as_said(request: &mut Map<String, Value>, stub: &Stub) {
    let places = || stub.claim.said.places.iter().filter(|(place, _)| place.side == Side::Request);
    let is_told = request.contains_key("url");
    for (part, key) in [(Part::Query, "queryParameters"), (Part::Header, "headers")] {
        if part == Part::Query && is_told {
            continue;
        }
        let of_part = places().filter(|(place, _)| place.part == part);
        let named = of_part.filter_map(|(place, expected)| {
            Some((place.name()?.to_owned(), condition(stub, place, expected)?))
        });
        let mut named: Map<String, Value> = named.collect();
        if part == Part::Header {
            let media_type = places().find(|(place, said)| {
                place.part == Part::MediaType && said.presence == Presence::Always
            });
            if let Some(media_type) = media_type.and_then(|(place, _)| place.name()) {
                named.insert("Content-Type".to_owned(), json!({ "contains": media_type }));
            }
        }
        if !named.is_empty() {
            request.insert(key.to_owned(), named.into());
        }
    }
    let root = Place::root(Side::Request, Part::Body);
    let is_whole = |said: &Expected| said.beneath != Beneath::Anything;
    let stands = stub.asked.as_ref().filter(|_| stub.keeps_values);
    let stands = stands.filter(|_| stub.claim.said.get(&root).is_some_and(is_whole));
    let patterns: Vec<Value> = match stands {
        Some(json) => vec![equal_to_json(json, &root, stub)],
        None => places().filter_map(|(at, said)| body_pattern(stub, at, said)).collect(),
    };
    if !patterns.is_empty() {
        request.insert("bodyPatterns".to_owned(), patterns.into());
    }
}

/// Asks for a body as it stands, and nothing beside it where nothing else is said to be taken.
fn equal_to_json(json: &str, root: &Place, stub: &Stub) -> Value {
    let is_closed = |said: &Expected| said.beneath == Beneath::Closed;
    let mut pattern = json!({ "equalToJson": json });
    if !stub.claim.said.get(root).is_some_and(is_closed) {
        pattern["ignoreExtraElements"] = true.into();
    }
    pattern
}

/// What a query parameter or a header has to be; nothing where it may be there or not.
fn condition(stub: &Stub, place: &Place, expected: &Expected) -> Option<Value> {
    match (expected.presence, stub.words(place)) {
        (Presence::Sometimes, _) => None,
        (Presence::Never, _) => Some(json!({ "absent": true })),
        (Presence::Always, None) => Some(match stub.text(place) {
            Some(text) => json!({ "equalTo": text }),
            None => json!({ "matches": ".*" }),
        }),
        (Presence::Always, Some(words)) => {
            let mut each = words.iter();
            match (each.next(), each.next()) {
                (Some(word), None) => Some(json!({ "equalTo": word })),
                _ => {
                    let words: Vec<String> = words.iter().map(|word| literally(word)).collect();
                    Some(json!({ "matches": words.join("|") }))
                }
            }
        }
    }
}

/// An expression that is met by a text alone.
fn literally(text: &str) -> String {
    let letter = |letter: char| match letter {
        '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' | '\\' => {
            format!("\\{letter}")
        }
        other => other.to_string(),
    };
    text.chars().map(letter).collect()
}

/// What the body of a request has to hold at a place, where it has to hold anything below which
/// nothing more is said.
fn body_pattern(stub: &Stub, place: &Place, expected: &Expected) -> Option<Value> {
    if place.part != Part::Body {
        return None;
    }
    if place.steps.is_empty() {
        return (expected.presence == Presence::Never).then(|| json!({ "absent": true }));
    }
    let path = place.steps.iter().try_fold("$".to_owned(), |path, step| match step {
        Step::Key(name) if is_plain(name) => Some(format!("{path}.{name}")),
        Step::Key(name) if !name.contains(['\'', '\\']) => Some(format!("{path}['{name}']")),
        _ => None,
    })?;
    let mut said = stub.claim.said.places.keys();
    let has_more = said.any(|other| {
        other.side == place.side
            && other.part == place.part
            && other.parent().as_ref() == Some(place)
    });
    match (expected.presence, stub.text(place)) {
        (Presence::Sometimes, _) => None,
        _ if has_more && expected.beneath != Beneath::Anything => None,
        (Presence::Never, _) => {
            Some(json!({ "matchesJsonPath": { "expression": path, "absent": "(absent)" } }))
        }
        (Presence::Always, Some(word)) => {
            Some(json!({ "matchesJsonPath": { "expression": path, "equalTo": word } }))
        }
        (Presence::Always, None) => Some(json!({ "matchesJsonPath": path })),
    }
}

fn is_plain(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.is_empty() && name.chars().all(is_letter)
}

/// Asks for one operation of GraphQL: by its name where it is said, else within the document.
fn call(request: &mut Map<String, Value>, name: &str, behaviour: &MockBehaviour) {
    let in_document = format!("(?s).*\\b(query|mutation|subscription)\\s+{name}\\b.*");
    let parameters = request.get_mut("queryParameters").and_then(Value::as_object_mut);
    if let Some(parameters) = parameters {
        if parameters.contains_key("operationName") {
            parameters.insert("operationName".to_owned(), json!({ "equalTo": name }));
        } else if parameters.contains_key("query") {
            parameters.insert("query".to_owned(), json!({ "matches": in_document }));
        }
    }
    let is_said = |member: &str| {
        let place = Place::root(Side::Request, Part::Body).child(Step::Key(member.into()));
        behaviour.asked.contains_key(&place)
    };
    let told = if is_said("operationName") {
        json!({ "expression": "$.operationName", "equalTo": name })
    } else if is_said("query") {
        json!({ "expression": "$.query", "matches": in_document })
    } else {
        return;
    };
    request.insert("bodyPatterns".to_owned(), json!([{ "matchesJsonPath": told }]));
}
