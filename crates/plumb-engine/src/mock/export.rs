//! Mocks in the formats of other tools, and what is lost on the way.
//!
//! Writes no file: gives texts by path. Refuses to hide a loss.

use crate::mock::behaviour::{MockBehaviour, calling};
use crate::mock::pact::pact;
use crate::mock::{Mock, MockOperation};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side, Step};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What data segments of a path stand for in one concrete address.
const DATA_SEGMENT: &str = "1";

/// Bodies whose members are written as names and values.
const FORM: &str = "application/x-www-form-urlencoded";

/// WireMock's priority of stubs that ask for nothing in particular; lower comes first.
const PRIORITY: usize = 5;

/// A format to export to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A folder of WireMock stub mappings.
    WireMock,
    /// One HAR file with an entry for each behaviour.
    Har,
    /// One pact of version 4 with an interaction for each behaviour.
    Pact,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Texts by path, relative to where they are to go.
    pub files: BTreeMap<String, String>,
    /// What the format has no room for, each once.
    pub lost: Vec<String>,
}

/// Exports the mock of one dependency.
#[must_use]
pub fn export(format: ExportFormat, dependency: &str, mock: &Mock) -> Exported {
    let mut exported = match format {
        ExportFormat::WireMock => wiremock(mock),
        ExportFormat::Har => har(dependency, mock),
        ExportFormat::Pact => one_pact(dependency, mock),
    };
    exported.lost.insert(0, "how often each behaviour comes".to_owned());
    exported.lost.push("what was created is not found again".to_owned());
    exported
}

fn wiremock(mock: &Mock) -> Exported {
    let mut exported = Exported::default();
    for operation in mock.operations() {
        let path = operation.operation.path();
        let mut like: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for behaviour in &operation.behaviours {
            let queries = behaviour.queries();
            let number = *like.entry(queries.clone()).and_modify(|it| *it += 1).or_default();
            let stub = stub(operation, behaviour, &queries, number);
            let name = path.trim_matches('/').replace(['/', '{', '}'], "-");
            let method = operation.operation.method.to_lowercase();
            let file = format!("mappings/{method}-{name}-{}.json", behaviour.id);
            exported.files.insert(file, format!("{stub:#}\n"));
        }
        if operation.behaviours.iter().any(MockBehaviour::is_told_by_body) {
            exported.lost.push(format!("which bodies are answered how by {}", operation.operation));
        }
        if like.values().any(|cases| *cases > 0) {
            exported.lost.push(format!(
                "{} has several answers to one request: all but one stand behind a scenario",
                operation.operation
            ));
        }
    }
    exported
}

fn stub(
    operation: &MockOperation,
    behaviour: &MockBehaviour,
    queries: &[&str],
    number: usize,
) -> Value {
    let Operation { method, segments, name: called } = &operation.operation;
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
    request.insert(if is_data { "urlPathTemplate" } else { "urlPath" }.to_owned(), json!(template));
    if !queries.is_empty() {
        let any = queries.iter().map(|name| ((*name).to_owned(), json!({ "matches": ".*" })));
        request.insert("queryParameters".to_owned(), any.collect::<Map<_, _>>().into());
    }
    if let Some(called) = called {
        call(&mut request, called, behaviour);
    }
    let mut response = Map::new();
    response.insert("status".to_owned(), json!(behaviour.status));
    let headers = behaviour.headers.iter().map(|(name, value)| (name.clone(), json!(value)));
    response.insert("headers".to_owned(), headers.collect::<Map<_, _>>().into());
    match serde_json::from_str::<Value>(&behaviour.body) {
        Ok(json) => drop(response.insert("jsonBody".to_owned(), json)),
        Err(_) if behaviour.body.is_empty() => {}
        Err(_) => drop(response.insert("body".to_owned(), json!(behaviour.body))),
    }
    let mut stub = Map::new();
    stub.insert("name".to_owned(), json!(format!("{} {}", operation.operation, behaviour.id)));
    stub.insert("priority".to_owned(), json!(PRIORITY.saturating_sub(queries.len()).max(1)));
    stub.insert("request".to_owned(), request.into());
    stub.insert("response".to_owned(), response.into());
    if number > 0 {
        stub.insert("scenarioName".to_owned(), json!(operation.operation.to_string()));
        stub.insert("requiredScenarioState".to_owned(), json!(format!("case {number}")));
    }
    stub.into()
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

fn one_pact(dependency: &str, mock: &Mock) -> Exported {
    let (pact, lost) = pact(dependency, mock);
    let files = BTreeMap::from([("pact.json".to_owned(), format!("{pact:#}\n"))]);
    Exported { files, lost }
}

fn har(dependency: &str, mock: &Mock) -> Exported {
    let entries = mock.operations().iter().flat_map(|operation| {
        operation.behaviours.iter().map(move |one| entry(dependency, &operation.operation, one))
    });
    let entries: Vec<Value> = entries.collect();
    let creator = json!({ "name": "plumb", "version": env!("CARGO_PKG_VERSION") });
    let log = json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } });
    let files = BTreeMap::from([("mock.har".to_owned(), format!("{log:#}\n"))]);
    let lost = vec!["when each exchange was: a moment stands for all".to_owned()];
    Exported { files, lost }
}

fn entry(dependency: &str, operation: &Operation, behaviour: &MockBehaviour) -> Value {
    let path = operation.segments.iter().fold(String::new(), |path, segment| {
        path + "/" + segment.as_deref().unwrap_or(DATA_SEGMENT)
    });
    let path = if path.is_empty() { "/".to_owned() } else { path };
    let queries = behaviour.queries();
    let value =
        |parameter: &str| calling(operation, parameter).unwrap_or_else(|| "text".to_owned());
    let query = queries.iter().map(|name| format!("{name}={}", encoded(&value(name))));
    let query: Vec<String> = query.collect();
    let joint = if query.is_empty() { "" } else { "?" };
    let pairs: Vec<Value> = behaviour
        .headers
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let content_type = behaviour.headers.iter().find(|(name, _)| name == "content-type");
    let content = json!({
        "size": behaviour.body.len(),
        "mimeType": content_type.map_or("", |(_, value)| value),
        "text": behaviour.body,
    });
    let named: Vec<Value> =
        queries.iter().map(|name| json!({ "name": name, "value": value(name) })).collect();
    let posted = posted(operation, behaviour);
    let size = posted.as_ref().map_or(0, |(_, text)| text.len());
    let posted = posted.map(|(media_type, text)| json!({ "mimeType": media_type, "text": text }));
    let mut request = json!({
        "method": operation.method,
        "url": format!("https://{dependency}{path}{joint}{}", query.join("&")),
        "httpVersion": "HTTP/1.1",
        "cookies": [], "headers": [], "queryString": named, "headersSize": -1, "bodySize": size,
    });
    if let Some(posted) = posted {
        request["postData"] = posted;
    }
    json!({
        "startedDateTime": "2000-01-01T00:00:00Z",
        "time": 0,
        "request": request,
        "response": {
            "status": behaviour.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [], "headers": pairs, "content": content, "redirectURL": "",
            "headersSize": -1, "bodySize": -1,
        },
        "cache": {},
        "timings": { "send": 0, "wait": 0, "receive": 0 },
    })
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The media type and text of a body like those that were sent: a document, a form, or any text.
fn posted(operation: &Operation, behaviour: &MockBehaviour) -> Option<(String, String)> {
    let media_type = behaviour.asked.keys().find(|place| place.part == Part::MediaType);
    let media_type = media_type.and_then(Place::name).unwrap_or("application/json").to_owned();
    let Some(document) = behaviour.asked_body(operation) else {
        let is_there = behaviour.asked.contains_key(&Place::root(Side::Request, Part::Body));
        return is_there.then(|| (media_type, "text".to_owned()));
    };
    if media_type != FORM {
        return Some((media_type, document));
    }
    let fields: Map<String, Value> = serde_json::from_str(&document).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = fields.iter().map(|(name, value)| (encoded(name), encoded(&text(value))));
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    Some((media_type, pairs.join("&")))
}
