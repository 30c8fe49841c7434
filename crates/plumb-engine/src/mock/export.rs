//! Mocks in the formats of other tools, and what is lost on the way.
//!
//! Writes no file: gives texts by path. Refuses to hide a loss.

use crate::mock::Mock;
use crate::mock::behaviour::{MockBehaviour, calling};
use crate::mock::import::{ANY, is_open};
use crate::mock::pact::pact;
use crate::mock::translation::lost_in_translation;
use crate::mock::wiremock::wiremock;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_shape::operation::Operation;
use plumb_shape::place::{Part, Place, Side};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What data segments of a path stand for in one concrete address.
const DATA_SEGMENT: &str = "1";

/// Bodies whose members are written as names and values.
const FORM: &str = "application/x-www-form-urlencoded";

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
        ExportFormat::WireMock => {
            let (files, lost) = wiremock(mock);
            Exported { files, lost }
        }
        ExportFormat::Har => har(dependency, mock),
        ExportFormat::Pact => one_pact(dependency, mock),
    };
    if mock.is_said() {
        exported.lost = lost_in_translation(dependency, mock, &exported.files);
        return exported;
    }
    exported.lost.insert(0, "how often each behaviour comes".to_owned());
    exported.lost.push("what was created is not found again".to_owned());
    exported
}

fn one_pact(dependency: &str, mock: &Mock) -> Exported {
    let (pact, lost) = pact(dependency, mock);
    let files = BTreeMap::from([("pact.json".to_owned(), format!("{pact:#}\n"))]);
    Exported { files, lost }
}

fn har(dependency: &str, mock: &Mock) -> Exported {
    let host = &host_of(dependency);
    let closed = mock.operations().iter().filter(|operation| !is_open(&operation.operation));
    let entries = closed.flat_map(|operation| {
        operation.behaviours.iter().map(move |one| entry(host, &operation.operation, one))
    });
    let entries: Vec<Value> = entries.collect();
    let creator = json!({ "name": "plumb", "version": env!("CARGO_PKG_VERSION") });
    let log = json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } });
    let files = BTreeMap::from([("mock.har".to_owned(), format!("{log:#}\n"))]);
    let mut lost = vec!["when each exchange was: a moment stands for all".to_owned()];
    if host != dependency {
        lost.push(format!("what the dependency is called: a host cannot be `{dependency}`"));
    }
    Exported { files, lost }
}

/// A dependency's name as an address has room for it.
fn host_of(dependency: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter);
    let plain = |letter: char| if is_plain(letter) { letter.to_ascii_lowercase() } else { '-' };
    dependency.chars().map(plain).collect()
}

fn entry(host: &str, operation: &Operation, behaviour: &MockBehaviour) -> Value {
    let path = operation.segments.iter().fold(String::new(), |path, segment| {
        path + "/" + segment.as_deref().unwrap_or(DATA_SEGMENT)
    });
    let path = if path.is_empty() { "/".to_owned() } else { path };
    let queries = behaviour.queries();
    let value = |parameter: &str| {
        let place = Place::named(Side::Request, Part::Query, parameter);
        let known = calling(operation, parameter).or_else(|| behaviour.text(&place));
        known.unwrap_or_else(|| "text".to_owned())
    };
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
    let asked: Vec<Value> = behaviour
        .asked_headers()
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let method = if operation.method == ANY { "GET" } else { &operation.method };
    let mut request = json!({
        "method": method,
        "url": format!("https://{host}{path}{joint}{}", query.join("&")),
        "httpVersion": "HTTP/1.1",
        "cookies": [], "headers": asked, "queryString": named, "headersSize": -1, "bodySize": size,
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
