//! WireMock stub mappings: a file of one stub, or of many under `mappings`.
//!
//! A stub is an example: the tests exercise just this. Refuses to know the disk: bodies kept in
//! `__files` are asked of the caller.

mod body;
mod predicate;
pub(crate) mod request;
pub(crate) mod response;

use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use crate::wiremock::request::{asked_pairs, say_request};
use crate::wiremock::response::{Files, say_response};
use plumb_shape::claim::{Claim, Dialect, SaidStatus, Source, Strength};
use plumb_shape::said::Said;
use plumb_tree::{Node, Value};
use rayon::prelude::*;

const NOT_A_STUB: Why = Why {
    reason: "a stub has no `response`, so it says nothing",
    remedy: "give it a response, or take it out",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 stubs, the rest is not read",
    remedy: "split it",
};

/// Stubs that are read in one go, while other cores read others.
const PART: usize = 128;

/// Longest title in characters: a stub beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// Keys that tell a stub's request; any one of them will do.
const REQUEST_KEYS: [&str; 11] = [
    "url",
    "urlPath",
    "urlPattern",
    "urlPathPattern",
    "urlPathTemplate",
    "method",
    "queryParameters",
    "bodyPatterns",
    "formParameters",
    "multipartPatterns",
    "customMatcher",
];

/// True when this document is a stub or a list of them.
pub(crate) fn is_like(root: &Node) -> bool {
    match root.get("mappings") {
        Some(Node { value: Value::Array(stubs), .. }) => stubs.first().is_none_or(is_stub),
        _ => is_stub(root),
    }
}

/// Reads the stubs of a file, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], beside: Beside<'_>) -> Reading {
    let files = Files { stub_path: file.path, beside };
    let mut stubs: Vec<&Node> = documents.iter().flat_map(stubs_of).collect();
    let mut tally = UnreadTally::default();
    if let Some(first) = stubs.get(CLAIMS_MAX) {
        tally.add(first.line, TOO_MANY);
    }
    stubs.truncate(CLAIMS_MAX);
    let read_part = |part: &[&Node]| {
        let mut tally = UnreadTally::default();
        let claims = part.iter().filter_map(|stub| claim_of(stub, &files, &mut tally)).collect();
        (claims, tally)
    };
    // Stubs say nothing of one another.
    let parts: Vec<(Vec<Claim>, UnreadTally)> = stubs.par_chunks(PART).map(read_part).collect();
    let mut claims = Vec::with_capacity(stubs.len());
    for (of_part, unread) in parts {
        claims.extend(of_part);
        tally.merge(unread);
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

fn stubs_of(document: &Node) -> &[Node] {
    match document.get("mappings") {
        Some(mappings) => mappings.items(),
        None => std::slice::from_ref(document),
    }
}

/// True when a member of a request tells by its name alone that a stub is one.
pub(crate) fn tells_a_stub(name: &str) -> bool {
    REQUEST_KEYS.contains(&name)
}

fn is_stub(node: &Node) -> bool {
    let asks = |request: &Node| {
        let mut names = request.entries().iter().map(|(key, _)| key.text.as_str());
        let empty = request.entries().is_empty();
        matches!(request.value, Value::Object(_)) && (empty || names.any(tells_a_stub))
    };
    let answers = node.get("response").is_some_and(|it| matches!(it.value, Value::Object(_)));
    answers && node.get("request").is_some_and(asks)
}

fn claim_of(stub: &Node, files: &Files<'_>, tally: &mut UnreadTally) -> Option<Claim> {
    let (line, column) =
        stub.entry("request").map_or((stub.line, stub.column), |(key, _)| (key.line, key.column));
    let Some(response) = stub.get("response") else {
        tally.add(line, NOT_A_STUB);
        return None;
    };
    let mut said = Said::default();
    let mut asked = say_request(&mut said, stub, tally)?;
    let status = say_response(&mut said, (&asked_pairs(stub), response), files, tally)?;
    let scenario = ["scenarioName", "requiredScenarioState", "newScenarioState"];
    asked.request.stateful |= scenario.iter().any(|key| stub.get(key).is_some());
    Some(Claim {
        source: Source {
            dialect: Dialect::WireMock,
            file: files.stub_path.to_owned(),
            line,
            column,
            title: title_of(stub).chars().take(TITLE_CHARS_MAX).collect(),
        },
        strength: Strength::Example,
        writer: asked.writer,
        reader: None,
        request: asked.request,
        status: SaidStatus::Exactly(status),
        said,
    })
}

fn title_of(stub: &Node) -> String {
    let named = ["name", "id", "uuid"].iter().find_map(|key| stub.get(key)?.as_str());
    if let Some(name) = named.filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    described(stub)
}

/// What a stub without a name is called: its method and its address.
pub(crate) fn described(stub: &Node) -> String {
    let request = stub.get("request");
    let text = |key: &str| request?.get(key)?.as_str();
    let urls = ["url", "urlPath", "urlPathTemplate", "urlPattern", "urlPathPattern"];
    let url = urls.iter().find_map(|key| text(key)).unwrap_or("any url");
    format!("{} {url}", text("method").unwrap_or("ANY"))
}

#[cfg(test)]
mod tests;
