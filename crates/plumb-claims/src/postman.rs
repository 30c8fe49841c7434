//! Postman collections, 2.0 and 2.1: a tree of folders and requests with saved examples.
//!
//! A saved example is an example: an answer that somebody kept beside its request. A request
//! without any says nothing. Refuses to know scripts: what tests assert is code.

use crate::cassette::{Body, Message, Recorded, TOO_MANY, claims_of, status};
use crate::collection_request::{Variables, address, computed, encoded, form, with_body};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Dialect;
use plumb_tree::{Node, Value};
use std::borrow::Cow;

const NO_EXAMPLE: Why = Why {
    reason: "a request has no saved example, so it says nothing",
    remedy: "save an answer as an example in Postman, or leave it",
};
const NO_ADDRESS: Why = Why {
    reason: "an example has no address over http, it is not read",
    remedy: "give its request an address, or take it out",
};
const PARTS: Why = Why {
    reason: "a request sends a file or a form of parts, nothing is said about its body",
    remedy: "keep it; the rest of the example is compared",
};

/// Where every version of the format is described.
const SCHEMA_HOSTS: [&str; 2] = ["schema.getpostman.com", "schema.postman.com"];

/// True for a collection that names its schema, or has an identity and items.
pub(crate) fn is_like(root: &Node) -> bool {
    let schema = root.path(&["info", "schema"]).and_then(Node::as_str);
    let named = schema.is_some_and(|schema| SCHEMA_HOSTS.iter().any(|host| schema.contains(host)));
    let identified = root.path(&["info", "_postman_id"]).is_some();
    let listed = root.get("item").is_some_and(|item| matches!(item.value, Value::Array(_)));
    listed && (named || identified)
}

/// Reads every saved example, one claim each.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut recorded = Vec::new();
    for root in documents.iter().filter(|document| is_like(document)) {
        let variables = variables_of(root);
        for request in requests_of(root) {
            recorded.extend(examples_of(request, &variables, &mut tally));
        }
    }
    if let Some(beyond) = recorded.get(CLAIMS_MAX) {
        tally.add(beyond.place.0, TOO_MANY);
        recorded.truncate(CLAIMS_MAX);
    }
    let claims = claims_of(file.path, Dialect::Postman, &recorded);
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// The variables that the collection itself gives values.
fn variables_of(root: &Node) -> Variables<'_> {
    let variables = root.get("variable").map(Node::items).unwrap_or_default();
    let enabled = variables.iter().filter(|one| !is_disabled(one));
    let named = |one| named_value(one).filter(|(_, value)| !value.is_empty());
    enabled.filter_map(named).collect()
}

/// The requests of a collection in the order of the file, whatever folders they are in.
fn requests_of(root: &Node) -> Vec<&Node> {
    let mut requests = Vec::new();
    let mut open: Vec<&Node> = vec![root];
    while let Some(item) = open.pop() {
        match item.get("item") {
            Some(items) => open.extend(items.items().iter().rev()),
            None => requests.extend(item.get("request").map(|_| item)),
        }
    }
    requests
}

fn examples_of<'a>(
    item: &'a Node,
    variables: &Variables<'a>,
    tally: &mut UnreadTally,
) -> Vec<Recorded<'a>> {
    let examples = item.get("response").map(Node::items).unwrap_or_default();
    if examples.is_empty() {
        tally.add(item.line, NO_EXAMPLE);
    }
    let each = examples.iter();
    each.filter_map(|example| recorded(item, example, variables, tally)).collect()
}

fn recorded<'a>(
    item: &'a Node,
    example: &'a Node,
    variables: &Variables<'a>,
    tally: &mut UnreadTally,
) -> Option<Recorded<'a>> {
    let line = example.line;
    let original = example.get("originalRequest").filter(|it| it.value != Value::Null);
    let request = original.or_else(|| item.get("request"))?;
    let url = url_text(request.get("url").unwrap_or(request));
    let url = tally.need(url.and_then(|url| address(&url, variables)), line, NO_ADDRESS)?;
    let status = status(example.get("code"), line, tally)?;
    let text = |node: &Node, key: &str| node.get(key)?.as_str().map(str::to_owned);
    let names = [text(item, "name"), text(example, "name")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(": ");
    let sent = sent(request, line, tally);
    let headers = headers_of(example.get("header"));
    let answered = example.get("body").and_then(Node::as_str).unwrap_or_default();
    let response = with_body(headers, answered, line, tally);
    let method = request.get("method").and_then(Node::as_str).unwrap_or("GET");
    Some(Recorded {
        place: (line, example.column),
        method,
        url,
        recorded_at: None,
        name: (!name.is_empty()).then_some(name),
        status,
        request: sent,
        response,
    })
}

/// The address as one text, whether it is kept as one or in parts.
fn url_text(url: &Node) -> Option<String> {
    if let Some(text) = url.as_str() {
        return Some(text.to_owned());
    }
    let raw = url.get("raw").and_then(Node::as_str);
    let host = url.get("host").map(|host| joined(host, "."));
    let path = url.get("path").map(|path| joined(path, "/"));
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return raw.map(str::to_owned);
    };
    let protocol = url.get("protocol").and_then(Node::as_str);
    let protocol = protocol.map(|protocol| format!("{protocol}://")).unwrap_or_default();
    let port = url.get("port").and_then(Node::as_str).filter(|port| !port.is_empty());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let query = encoded(pairs_of(url.get("query")).into_iter());
    let mark = if query.is_empty() { "" } else { "?" };
    let path = path.unwrap_or_default();
    Some(format!("{protocol}{host}{port}/{}{mark}{query}", path.trim_start_matches('/')))
}

/// A list of parts, which are texts or objects with a value, or one text.
fn joined(parts: &Node, between: &str) -> String {
    if let Some(text) = parts.as_str() {
        return text.to_owned();
    }
    let text =
        |part: &Node| part.as_str().or_else(|| part.get("value")?.as_str()).map(str::to_owned);
    parts.items().iter().filter_map(text).collect::<Vec<_>>().join(between)
}

/// Names and values that are not switched off.
fn pairs_of(list: Option<&Node>) -> Vec<(&str, &str)> {
    let items = list.map(Node::items).unwrap_or_default();
    let enabled = items.iter().filter(|one| !is_disabled(one));
    enabled.filter_map(|one| named_value(one)).collect()
}

fn named_value(one: &Node) -> Option<(&str, &str)> {
    let name = one.get("key").or_else(|| one.get("id"))?.as_str()?;
    Some((name, one.get("value").and_then(Node::as_str).unwrap_or_default()))
}

fn is_disabled(one: &Node) -> bool {
    one.get("disabled").and_then(Node::as_bool) == Some(true)
}

/// Headers as a list, or as the text that they make on the wire.
fn headers_of(headers: Option<&Node>) -> Vec<(&str, Cow<'_, str>)> {
    let lines = headers.and_then(Node::as_str).unwrap_or_default().lines();
    let of_text = lines.filter_map(|line| line.split_once(':'));
    let of_text = of_text.map(|(name, value)| (name.trim(), value.trim()));
    let all = of_text.chain(pairs_of(headers));
    all.map(|(name, value)| (name, Cow::Owned(computed(value)))).collect()
}

fn sent<'a>(request: &'a Node, line: u32, tally: &mut UnreadTally) -> Message<'a> {
    let mut headers = headers_of(request.get("header"));
    let content = request.get("body").filter(|body| !is_disabled(body));
    let mode = content.and_then(|content| content.get("mode")?.as_str());
    let Some((content, mode)) = content.zip(mode) else {
        return Message { headers, body: Body::none() };
    };
    let media_type = match mode {
        "raw" => raw_type(content),
        "urlencoded" => Some("application/x-www-form-urlencoded"),
        "graphql" => Some("application/json"),
        _ => None,
    };
    let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(media_type) = media_type.filter(|_| !is_typed) {
        headers.push(("content-type", Cow::Borrowed(media_type)));
    }
    let body = match (mode, content.get(mode)) {
        ("raw", Some(Node { value: Value::String(text), .. })) => {
            return with_body(headers, text, line, tally);
        }
        ("urlencoded", fields) => form(pairs_of(fields).into_iter()),
        ("graphql", Some(query)) => Body::Bytes(Cow::Owned(graphql_text(query).into_bytes())),
        ("raw", None) => Body::none(),
        _ => {
            tally.add(line, PARTS);
            Body::Unknown
        }
    };
    Message { headers, body }
}

/// The type that the client sends of itself for a raw body in a language.
fn raw_type(content: &Node) -> Option<&'static str> {
    match content.path(&["options", "raw", "language"])?.as_str()? {
        "json" => Some("application/json"),
        "xml" => Some("application/xml"),
        "html" => Some("text/html"),
        "text" => Some("text/plain"),
        _ => None,
    }
}

/// The document that a client sends for a query: variables are kept as a text of their own.
fn graphql_text(graphql: &Node) -> String {
    let query = graphql.get("query").map_or_else(|| "\"\"".to_owned(), Node::to_json_text);
    let variables = graphql.get("variables").and_then(Node::as_str).unwrap_or_default();
    let variables = if variables.trim().is_empty() { "{}" } else { variables };
    format!("{{\"query\":{query},\"variables\":{variables}}}")
}

#[cfg(test)]
mod tests;
