//! Sites: where each dialect keeps the parts of an answer.

use crate::mend::edits::json_node;
use crate::wiremock::described;
use crate::wiremock::request::PRIORITY;
use plumb_shape::claim::Dialect;
use plumb_tree::edit::Edit;
use plumb_tree::layout::Layout;
use plumb_tree::{Node, Value, quoted};
use std::cell::Cell;

/// The claims of a file that can be edited.
pub(crate) struct Sites<'a> {
    dialect: Dialect,
    wholes: &'a [Node],
    /// The list that holds the claims; `None` for a file that is one claim.
    pub(crate) list: Option<&'a Node>,
    cases: Cell<usize>,
}

/// Where one claim keeps its answer.
pub(crate) struct Site<'a> {
    /// The stub or interaction.
    pub(crate) whole: &'a Node,
    /// Its answer.
    pub(crate) response: &'a Node,
    /// The status, where it is written.
    pub(crate) status: Option<&'a Node>,
    /// The words beside the status, where they are written.
    pub(crate) reason: Option<&'a Node>,
    /// How headers are listed, and where, when they are.
    pub(crate) headers: Headers<'a>,
    /// Where the body is.
    pub(crate) body: BodySite<'a>,
    /// Where the body of the request is.
    pub(crate) asked: Asked<'a>,
}

/// How a claim tells the body of a request.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// As it was recorded.
    Recorded(BodySite<'a>),
    /// By patterns that it has to meet, which is this member of the request.
    Patterns(&'a Node, usize),
    /// Not at all: any will do.
    Any,
}

/// How headers are listed.
#[derive(Clone, Copy)]
pub(crate) enum Headers<'a> {
    /// An object of names with a value, or with a list of values.
    ByName(Option<&'a Node>, Values),
    /// A list of objects with `name` and `value`.
    Pairs(Option<&'a Node>),
}

/// How an object of headers holds a value that is new.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    One,
    List,
}

/// Where a body is.
#[derive(Clone, Copy)]
pub(crate) enum BodySite<'a> {
    /// As part of the file's own tree.
    Tree(&'a Node),
    /// As text.
    Text(&'a Node),
    /// As base64.
    Base64(&'a Node),
    /// In a file of its own.
    File(&'a Node),
    /// Nowhere; it would be written as text into this object under this key.
    Nowhere(&'a Node, &'static str),
}

/// The claims of a file in a dialect that can be edited.
pub(crate) fn sites(dialect: Dialect, documents: &[Node]) -> Option<Sites<'_>> {
    let list = |path: &[&str]| documents.iter().find_map(|root| root.path(path));
    let (wholes, list) = match dialect {
        Dialect::WireMock => match list(&["mappings"]) {
            Some(list) => (list.items(), Some(list)),
            None => (documents, None),
        },
        Dialect::Vcr => list(&["http_interactions"]).map(|list| (list.items(), Some(list)))?,
        Dialect::Vcrpy => list(&["interactions"]).map(|list| (list.items(), Some(list)))?,
        Dialect::Har | Dialect::Polly => {
            list(&["log", "entries"]).map(|list| (list.items(), Some(list)))?
        }
        _ => return None,
    };
    let cases = wholes.iter().filter_map(case_number).max().unwrap_or_default();
    Some(Sites { dialect, wholes, list, cases: Cell::new(cases) })
}

const NO_NAME: &str = "the stub's name cannot be written again";
const NO_PRIORITY: &str = "the stub's priority cannot be written again";

/// The number of a case that was added before.
fn case_number(whole: &Node) -> Option<usize> {
    let state = whole.get("requiredScenarioState")?.as_str()?.strip_prefix("case ")?;
    state.split('.').next()?.parse().ok()
}

impl<'a> Sites<'a> {
    /// The claim that was read at this line and column.
    pub(crate) fn at(&self, place: (u32, u32)) -> Option<Site<'a>> {
        let is_there = |whole: &&Node| {
            let own = (whole.line, whole.column);
            own == place
                || whole.entry("request").is_some_and(|(key, _)| (key.line, key.column) == place)
        };
        let whole = self.wholes.iter().find(is_there)?;
        let response = whole.get("response")?;
        Some(match self.dialect {
            Dialect::WireMock => Site {
                status: response.get("status"),
                reason: response.get("statusMessage"),
                headers: Headers::ByName(response.get("headers"), Values::One),
                body: wiremock_body(response),
                asked: patterns(whole),
                whole,
                response,
            },
            Dialect::Har | Dialect::Polly => Site {
                status: response.get("status"),
                reason: response.get("statusText"),
                headers: Headers::Pairs(response.get("headers")),
                body: har_body(response),
                asked: recorded(whole, "postData", "text"),
                whole,
                response,
            },
            _ => Site {
                status: response.path(&["status", "code"]),
                reason: response.path(&["status", "message"]),
                headers: Headers::ByName(response.get("headers"), Values::List),
                body: vcr_body(response),
                asked: recorded(whole, "body", "string"),
                whole,
                response,
            },
        })
    }

    /// The number of the next new case in this file, from 1.
    pub(crate) fn next_case(&self) -> usize {
        self.cases.set(self.cases.get() + 1);
        self.cases.get()
    }

    /// What makes a copy of a claim another claim: WireMock chooses between stubs for one request
    /// by the state of a scenario, so a test turns the case on by setting it; recordings are
    /// played in their order.
    pub(crate) fn marks_of_case(
        &self,
        layout: Layout<'_>,
        whole: &Node,
        number: usize,
    ) -> Result<Vec<Edit>, &'static str> {
        if self.dialect != Dialect::WireMock {
            return Ok(Vec::new());
        }
        let text = |text: String| json_node(&quoted(&text)).map_err(|_| NO_NAME);
        let state = whole.get("requiredScenarioState");
        if let (Some(node), None) = (state, whole.get("newScenarioState"))
            && let Some(case) = node.as_str().filter(|state| state.starts_with("case "))
        {
            return Ok(vec![layout.replace(node, &text(format!("{case}.{number}"))?)]);
        }
        let scenario = ["scenarioName", "requiredScenarioState", "newScenarioState"];
        if scenario.iter().any(|key| whole.get(key).is_some()) {
            return Err("the stub is part of a scenario: add the case to it by hand");
        }
        let name = whole.get("name").and_then(Node::as_str);
        let name = in_a_path(&name.map_or_else(|| described(whole), str::to_owned));
        let mut edits = Vec::new();
        for key in ["id", "uuid"] {
            let entries = whole.entries().iter();
            let at = entries.into_iter().position(|(name, _)| name.text == key);
            edits.extend(at.and_then(|at| layout.remove_member(whole, at)));
        }
        let state = format!("case {number}");
        for (key, value) in [("scenarioName", name), ("requiredScenarioState", state)] {
            edits.push(layout.insert_member(whole, key, &text(value)?));
        }
        edits.push(before_the_stub(layout, whole)?);
        Ok(edits)
    }
}

/// The priority that lets a copy answer before its stub, which answers in every state: of equals
/// the one that was read later answers, and files are read in the order that the disk gives them.
fn before_the_stub(layout: Layout<'_>, whole: &Node) -> Result<Edit, &'static str> {
    let given = whole.get("priority");
    let own = given.and_then(Node::as_number).and_then(|it| it.as_i64());
    let before = own.unwrap_or_else(|| PRIORITY.into()).saturating_sub(1);
    let before = json_node(&before.to_string()).map_err(|_| NO_PRIORITY)?;
    Ok(match given {
        Some(node) => layout.replace(node, &before),
        None => layout.insert_member(whole, "priority", &before),
    })
}

/// A name that stands in a path as it is: WireMock takes a scenario's name from the path of the
/// request that sets its state, and decodes nothing there.
fn in_a_path(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._~-".contains(letter);
    let words = name.split(|letter| !is_plain(letter)).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    if joined.is_empty() { "stub".to_owned() } else { joined }
}

fn patterns(whole: &Node) -> Asked<'_> {
    let Some(request) = whole.get("request") else { return Asked::Any };
    let at = request.entries().iter().position(|(key, _)| key.text == "bodyPatterns");
    at.map_or(Asked::Any, |at| Asked::Patterns(request, at))
}

/// The body of a recorded request: the text itself, or in an object under a key.
fn recorded<'a>(whole: &'a Node, key: &str, inside: &str) -> Asked<'a> {
    let Some(body) = whole.path(&["request", key]) else { return Asked::Any };
    let text = body.get(inside).unwrap_or(body);
    match text.value {
        Value::String(_) => Asked::Recorded(BodySite::Text(text)),
        _ => Asked::Any,
    }
}

fn wiremock_body(response: &Node) -> BodySite<'_> {
    let at = |key| response.get(key);
    at("body")
        .map(BodySite::Text)
        .or_else(|| at("jsonBody").map(BodySite::Tree))
        .or_else(|| at("base64Body").map(BodySite::Base64))
        .or_else(|| at("bodyFileName").map(BodySite::File))
        .unwrap_or(BodySite::Nowhere(response, "body"))
}

fn vcr_body(response: &Node) -> BodySite<'_> {
    let Some(body) = response.get("body") else { return BodySite::Nowhere(response, "body") };
    if !matches!(body.value, Value::Object(_)) {
        return BodySite::Text(body);
    }
    match (body.get("base64_string"), body.get("string")) {
        (Some(text), _) => BodySite::Base64(text),
        (None, Some(text)) => BodySite::Text(text),
        (None, None) => BodySite::Nowhere(body, "string"),
    }
}

fn har_body(response: &Node) -> BodySite<'_> {
    let Some(content) = response.get("content") else {
        return BodySite::Nowhere(response, "content");
    };
    let is_base64 = content.get("encoding").and_then(Node::as_str) == Some("base64");
    match content.get("text") {
        Some(text) if is_base64 => BodySite::Base64(text),
        Some(text) => BodySite::Text(text),
        None => BodySite::Nowhere(content, "text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_named_as_paths_can_name_them() {
        assert_eq!(in_a_path("order"), "order");
        assert_eq!(in_a_path("GET /posts?_page=2&q=a b"), "GET-posts-_page-2-q-a-b");
        assert_eq!(in_a_path("заказ"), "stub");
    }
}
