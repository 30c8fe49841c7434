//! Sites: where each dialect keeps the parts of an answer. Refuses to know what is changed there.

use crate::mend::case::case_number;
use crate::mend::contract::{Version, is_tree, version_of};
use crate::mend::scripted::Scripted;
use crate::mend::site::{Among, Asked, AskedQuery, BodySite, Headers, Site, Values};
use crate::mend::tree::Tree;
use plumb_shape::claim::Dialect;
use plumb_tree::{Node, Value};
use std::cell::Cell;
use std::collections::HashMap;

/// The claims of a file that can be edited.
pub(crate) struct Sites<'a> {
    pub(crate) dialect: Dialect,
    wholes: Vec<(&'a Node, Among<'a>)>,
    /// Where each claim may have been read, as a position in `wholes`.
    read_at: HashMap<(u32, u32), usize>,
    tree: &'a Tree,
    cases: Cell<usize>,
}

/// The claims of a file in a dialect that can be edited.
pub(crate) fn sites(dialect: Dialect, tree: &Tree) -> Option<Sites<'_>> {
    let documents = tree.documents();
    let list = |path: &[&str]| documents.iter().find_map(|root| root.path(path));
    let listed = |path: &[&str]| list(path).map(each_of);
    let wholes = match dialect {
        Dialect::WireMock => listed(&["mappings"]).unwrap_or_else(|| each_document(documents)),
        Dialect::Vcr => listed(&["http_interactions"])?,
        Dialect::Vcrpy => listed(&["interactions"])?,
        Dialect::Har | Dialect::Polly => listed(&["log", "entries"])?,
        Dialect::Hoverfly => listed(&["data", "pairs"])?,
        Dialect::Pact => listed(&["interactions"])?,
        // Described elsewhere: what its claims speak of is found through references.
        Dialect::OpenApi => Vec::new(),
        Dialect::Msw | Dialect::Apollo => Vec::new(),
        Dialect::Nock if documents.is_empty() => Vec::new(),
        Dialect::Bruno => tree.blocks().iter().map(|it| (&it.whole, Among::Blocks)).collect(),
        Dialect::Nock => documents.first().map(each_of)?,
        Dialect::GripMock => documents.iter().flat_map(stubs_of).collect(),
        Dialect::Keploy => each_document(documents),
        Dialect::Mountebank => documents.iter().flat_map(responses_of).collect(),
        Dialect::Postman => documents.iter().flat_map(examples_of).collect(),
        Dialect::Insomnia => documents.iter().flat_map(routes_of).collect(),
        _ => return None,
    };
    let cases = wholes.iter().filter_map(|(whole, _)| case_number(whole)).max();
    Some(Sites {
        dialect,
        read_at: read_at(&wholes),
        wholes,
        tree,
        cases: Cell::new(cases.unwrap_or_default()),
    })
}

/// Where each claim may have been read: where it begins, or at a key that tells what it is.
fn read_at(wholes: &[(&Node, Among<'_>)]) -> HashMap<(u32, u32), usize> {
    let mut read_at = HashMap::new();
    for (at, (whole, _)) in wholes.iter().enumerate() {
        let keys = ["request", "is", "scope"].iter().map(|key| whole.entry(key));
        let asked = whole.get("spec").map(|spec| spec.entry("req"));
        let keys = keys.chain(asked).flatten().map(|(key, _)| (key.line, key.column));
        for place in keys.chain([(whole.line, whole.column)]) {
            read_at.entry(place).or_insert(at);
        }
    }
    read_at
}

fn each_of(list: &Node) -> Vec<(&Node, Among<'_>)> {
    list.items().iter().map(|whole| (whole, Among::List(list))).collect()
}

fn each_document(documents: &[Node]) -> Vec<(&Node, Among<'_>)> {
    let among = if documents.len() > 1 { Among::Documents } else { Among::Nothing };
    documents.iter().map(|whole| (whole, among)).collect()
}

/// The stubs of a file of GripMock, alone or listed.
fn stubs_of(root: &Node) -> Vec<(&Node, Among<'_>)> {
    if root.items().is_empty() { vec![(root, Among::Nothing)] } else { each_of(root) }
}

/// The responses of all stubs of a file of Mountebank.
fn responses_of(root: &Node) -> Vec<(&Node, Among<'_>)> {
    let imposters = root.get("imposters").map_or(std::slice::from_ref(root), Node::items);
    let stubs = imposters.iter().filter_map(|imposter| imposter.get("stubs"));
    let responses = stubs.flat_map(Node::items).filter_map(|stub| stub.get("responses"));
    responses.flat_map(each_of).collect()
}

/// The examples of all requests of a collection, whatever folders they are in.
fn examples_of(root: &Node) -> Vec<(&Node, Among<'_>)> {
    let mut examples = Vec::new();
    let mut open = vec![root];
    while let Some(item) = open.pop() {
        match item.get("item") {
            Some(items) => open.extend(items.items()),
            None => examples.extend(item.get("response").map(each_of).unwrap_or_default()),
        }
    }
    examples
}

/// The routes of mock servers, in both versions of exports.
fn routes_of(root: &Node) -> Vec<(&Node, Among<'_>)> {
    let is_route = |it: &&Node| it.get("_type").and_then(Node::as_str) == Some("mock_route");
    let of_four = root.get("resources").map(Node::items).unwrap_or_default();
    let of_five = root.get("routes").map(Node::items).unwrap_or_default();
    let routes = of_four.iter().filter(is_route).chain(of_five);
    routes.map(|route| (route, Among::Nothing)).collect()
}

impl<'a> Sites<'a> {
    /// The claim that was read at this line and column.
    pub(crate) fn at(&self, place: (u32, u32)) -> Option<Site<'a>> {
        if let Tree::Script(answers) = self.tree {
            return answers.iter().find(|answer| answer.place == place).map(Scripted::site);
        }
        let at = *self.read_at.get(&place)?;
        let (whole, among) = self.wholes.get(at)?;
        let site = match self.dialect {
            Dialect::Bruno => self.tree.blocks().get(at)?.site(),
            Dialect::WireMock => wiremock(whole)?,
            Dialect::Har | Dialect::Polly => har(whole)?,
            Dialect::Hoverfly => hoverfly(whole)?,
            Dialect::Keploy => keploy(whole)?,
            Dialect::Mountebank => mountebank(whole)?,
            Dialect::Pact => pact(whole, self.contract())?,
            Dialect::Postman => postman(whole)?,
            Dialect::Insomnia => insomnia(whole),
            Dialect::Nock => nock(whole),
            Dialect::GripMock => gripmock(whole)?,
            _ => vcr(whole)?,
        };
        Some(Site { among: *among, ..site })
    }

    /// How the rules of a contract are written.
    pub(crate) fn contract(&self) -> Version {
        self.tree.documents().first().map_or(Version::Sections, version_of)
    }

    /// The number of the next new case in this file, from 1.
    pub(crate) fn next_case(&self) -> usize {
        self.cases.set(self.cases.get() + 1);
        self.cases.get()
    }
}

/// A site with a status, headers by name and a text, as most have them.
fn plain<'a>(whole: &'a Node, response: &'a Node, request: Option<&'a Node>) -> Site<'a> {
    Site {
        whole,
        among: Among::Nothing,
        response,
        status: response.get("status"),
        keys: ("status", "headers"),
        reason: None,
        headers: Headers::ByName(response.get("headers"), Values::One),
        body: text_body(response),
        query: request.map_or(AskedQuery::Nowhere, AskedQuery::Request),
        asked: Asked::Any,
    }
}

fn wiremock(whole: &Node) -> Option<Site<'_>> {
    let response = whole.get("response")?;
    let request = whole.get("request");
    Some(Site {
        reason: response.get("statusMessage"),
        body: wiremock_body(response),
        asked: request.map_or(Asked::Any, |request| patterns(request, "bodyPatterns")),
        ..plain(whole, response, request)
    })
}

fn har(whole: &Node) -> Option<Site<'_>> {
    let (response, request) = (whole.get("response")?, whole.get("request"));
    Some(Site {
        reason: response.get("statusText"),
        headers: Headers::Pairs(response.get("headers"), "name"),
        body: har_body(response),
        asked: recorded(request, "postData", "text"),
        ..plain(whole, response, request)
    })
}

fn vcr(whole: &Node) -> Option<Site<'_>> {
    let (response, request) = (whole.get("response")?, whole.get("request"));
    Some(Site {
        status: response.path(&["status", "code"]),
        reason: response.path(&["status", "message"]),
        headers: Headers::ByName(response.get("headers"), Values::List),
        body: vcr_body(response),
        asked: recorded(request, "body", "string"),
        ..plain(whole, response, request)
    })
}

fn hoverfly(whole: &Node) -> Option<Site<'_>> {
    let (response, request) = (whole.get("response")?, whole.get("request")?);
    let is_encoded = response.get("encodedBody").and_then(Node::as_bool) == Some(true);
    let is_named = |name: &&Node| name.as_str().is_some_and(|name| !name.is_empty());
    let body = match (response.get("bodyFile").filter(is_named), response.get("body")) {
        (Some(name), _) => BodySite::File(name),
        (None, Some(text)) if is_encoded => BodySite::Base64(text),
        _ => text_body(response),
    };
    Some(Site {
        headers: Headers::ByName(response.get("headers"), Values::List),
        body,
        query: AskedQuery::Matchers(request),
        asked: patterns(request, "body"),
        ..plain(whole, response, Some(request))
    })
}

fn keploy(whole: &Node) -> Option<Site<'_>> {
    let (response, request) = (whole.path(&["spec", "resp"])?, whole.path(&["spec", "req"]));
    Some(Site {
        status: response.get("status_code"),
        keys: ("status_code", "header"),
        reason: response.get("status_message"),
        headers: Headers::ByName(response.get("header"), Values::One),
        asked: recorded(request, "body", "string"),
        ..plain(whole, response, request)
    })
}

fn mountebank(whole: &Node) -> Option<Site<'_>> {
    let is = whole.get("is")?;
    let is_binary = is.get("_mode").and_then(Node::as_str) == Some("binary");
    let body = match is.get("body") {
        Some(text) if is_binary => BodySite::Base64(text),
        Some(tree @ Node { value: Value::Object(_) | Value::Array(_), .. }) => BodySite::Tree(tree),
        _ => text_body(is),
    };
    Some(Site {
        status: is.get("statusCode"),
        keys: ("statusCode", "headers"),
        body,
        ..plain(whole, is, None)
    })
}

/// Version 4 keeps a body in an object beside its type, and headers in lists.
fn pact(whole: &Node, version: Version) -> Option<Site<'_>> {
    let response = whole.get("response")?;
    let body = response.get("body").filter(|body| body.value != Value::Null);
    let content = body.and_then(|body| body.get("content"));
    let is_wrapped = version == Version::Sections
        && body
            .is_some_and(|body| body.get("contentType").is_some() || whole.get("type").is_some());
    let is_base64 = body.and_then(|body| body.get("encoded")).is_some_and(|it| match &it.value {
        Value::Bool(encoded) => *encoded,
        Value::String(encoded) => encoded.eq_ignore_ascii_case("base64"),
        _ => false,
    });
    let body = match if is_wrapped { content } else { body } {
        Some(text) if is_wrapped && is_base64 && !is_tree(text) => BodySite::Base64(text),
        Some(tree) if is_tree(tree) => BodySite::Tree(tree),
        Some(text) => BodySite::Text(text),
        None => BodySite::Nowhere(response, "body"),
    };
    let headers = response.get("headers");
    let first = headers.and_then(|headers| headers.entries().first());
    let is_list = first.map_or(version == Version::Sections, |(_, it)| !it.items().is_empty());
    let values = if is_list { Values::List } else { Values::One };
    Some(Site { headers: Headers::ByName(headers, values), body, ..plain(whole, response, None) })
}

fn postman(whole: &Node) -> Option<Site<'_>> {
    let request = whole.get("originalRequest").filter(|it| it.value != Value::Null);
    let url = request.and_then(|request| request.get("url"));
    let query = match url {
        Some(text @ Node { value: Value::String(_), .. }) => AskedQuery::Address(text),
        Some(parts) => AskedQuery::Parts(parts),
        None => AskedQuery::Nowhere,
    };
    Some(Site {
        status: whole.get("code"),
        keys: ("code", "header"),
        reason: whole.get("status"),
        headers: Headers::Pairs(whole.get("header"), "key"),
        query,
        asked: recorded(request, "body", "raw"),
        ..plain(whole, whole, None)
    })
}

/// The outcome of a call travels behind its answer, and its messages stand in the file's own tree.
fn gripmock(whole: &Node) -> Option<Site<'_>> {
    let output = whole.get("output")?;
    let message = ["stream", "data"].into_iter().find_map(|key| output.get(key));
    let message = message.filter(|message| message.value != Value::Null);
    Some(Site {
        keys: ("code", "headers"),
        body: message.map_or(BodySite::Nowhere(output, "content"), BodySite::Tree),
        ..plain(whole, output, None)
    })
}

/// What nock recorded: a value or a text, and headers in turn.
fn nock(whole: &Node) -> Site<'_> {
    let body = match whole.get("response") {
        Some(text @ Node { value: Value::String(_) | Value::Null, .. }) => BodySite::Text(text),
        Some(tree) => BodySite::Tree(tree),
        None => BodySite::Nowhere(whole, "response"),
    };
    let headers = ["rawHeaders", "headers"].into_iter().find_map(|key| whole.get(key));
    let is_object = headers.is_some_and(|it| matches!(it.value, Value::Object(_)));
    Site {
        keys: ("status", "rawHeaders"),
        headers: match is_object {
            true => Headers::ByName(headers, Values::One),
            false => Headers::InTurn(headers),
        },
        body,
        asked: match whole.get("body") {
            Some(tree @ Node { value: Value::Object(_) | Value::Array(_), .. }) => {
                Asked::Recorded(BodySite::Tree(tree))
            }
            _ => recorded(Some(whole), "body", "body"),
        },
        query: whole.get("path").map_or(AskedQuery::Nowhere, AskedQuery::Address),
        ..plain(whole, whole, None)
    }
}

fn insomnia(whole: &Node) -> Site<'_> {
    Site {
        status: whole.get("statusCode"),
        keys: ("statusCode", "headers"),
        reason: whole.get("statusText"),
        headers: Headers::Pairs(whole.get("headers"), "name"),
        ..plain(whole, whole, None)
    }
}

fn patterns<'a>(request: &'a Node, name: &str) -> Asked<'a> {
    let at = request.entries().iter().position(|(key, _)| key.text == name);
    at.map_or(Asked::Any, |at| Asked::Patterns(request, at))
}

/// The body of a recorded request: the text itself, or in an object under a key.
fn recorded<'a>(request: Option<&'a Node>, key: &str, inside: &str) -> Asked<'a> {
    let Some(body) = request.and_then(|request| request.get(key)) else { return Asked::Any };
    let text = body.get(inside).unwrap_or(body);
    match text.value {
        Value::String(_) => Asked::Recorded(BodySite::Text(text)),
        _ => Asked::Any,
    }
}

fn text_body(response: &Node) -> BodySite<'_> {
    response.get("body").map_or(BodySite::Nowhere(response, "body"), BodySite::Text)
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
