//! Reads HAR files that are kept as fixtures: every entry of `log.entries` is an example.
//!
//! Knows what browsers and proxies leave out of a HAR; refuses to know traffic: a HAR that is
//! observed goes another way and is never a claim.

use crate::cassette::body::chunks_of;
use crate::cassette::url::RecordedUrl;
use crate::cassette::{Body, Message, Recorded, method_and_url, reading_of, scalar_text, status};
use crate::reading::{Beside, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_shape::claim::Dialect;
use plumb_shape::said::media_type_essence;
use plumb_tree::{Node, Value};
use std::borrow::Cow;

const NO_ENTRIES: Why =
    Why { reason: "`log.entries` is missing or not a list", remedy: "export the file again" };
const NO_ANSWER: Why = Why {
    reason: "an entry has status 0: blocked, cancelled or failed, with no answer",
    remedy: "record the request again, or leave it",
};
const NOT_HTTP: Why = Why {
    reason: "an entry's address is not an absolute http address",
    remedy: "leave it: nothing went over the network",
};
const BODY_MISSING: Why = Why {
    reason: "a body is not in the file, nothing is said about it",
    remedy: "export again with content, in DevTools before the page is left",
};

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// True for a document with a `log` that has entries, or says that it is a HAR.
pub(crate) fn is_like(root: &Node) -> bool {
    let says = |key| root.path(&["log", key]).is_some();
    says("entries") || (says("creator") && says("version"))
}

/// Reads every entry that has an answer.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    read_as(Dialect::Har, file, documents, recorded)
}

/// Reads every entry that has an answer, for a dialect that writes HAR files.
pub(crate) fn read_as<'a>(
    dialect: Dialect,
    file: &SourceFile<'_>,
    documents: &'a [Node],
    record: impl Fn(&'a Node, &mut UnreadTally) -> Option<Recorded<'a>>,
) -> Reading {
    let Some(root) = documents.iter().find(|document| is_like(document)) else {
        return Reading::default();
    };
    let mut tally = UnreadTally::default();
    let entries = root.path(&["log", "entries"]);
    let listed = entries.filter(|entries| matches!(entries.value, Value::Array(_)));
    let entries = tally.need(listed, entries.unwrap_or(root).line, NO_ENTRIES);
    reading_of(file, dialect, entries.map(Node::items).unwrap_or_default(), tally, record)
}

/// An entry that has an answer.
pub(crate) fn recorded<'a>(entry: &'a Node, tally: &mut UnreadTally) -> Option<Recorded<'a>> {
    let place = (entry.line, entry.column);
    let (line, _) = place;
    let code = entry.path(&["response", "status"]);
    if code.and_then(Node::as_u16) == Some(0) {
        tally.add(line, NO_ANSWER);
        return None;
    }
    let request = entry.get("request");
    let text = request.and_then(|request| request.get("url")?.as_str());
    let url = text.and_then(RecordedUrl::cut);
    if text.is_some() && url.is_none() {
        tally.add(line, NOT_HTTP);
        return None;
    }
    let (method, url) = method_and_url(request, url, line, tally)?;
    let status = status(code, line, tally)?;
    let response = entry.get("response");
    let content = response.and_then(|response| response.get("content"));
    let answered = if is_bodiless(method, status) {
        Body::none()
    } else {
        answered_body(content, line, tally)
    };
    let posted = request.and_then(|request| request.get("postData"));
    let sent = sent_body(request, posted, line, tally);
    Some(Recorded {
        place,
        method,
        url,
        recorded_at: None,
        name: None,
        status,
        request: Message { headers: headers(request, posted, &sent), body: sent },
        response: Message { headers: headers(response, content, &answered), body: answered },
    })
}

/// True when the protocol allows the answer no body; browsers show what their cache holds instead.
fn is_bodiless(method: &str, status: u16) -> bool {
    method.eq_ignore_ascii_case("HEAD") || matches!(status, 100..200 | 204 | 304)
}

fn answered_body<'a>(content: Option<&'a Node>, line: u32, tally: &mut UnreadTally) -> Body<'a> {
    let size = content.and_then(|content| content.get("size")?.as_number()?.as_i64());
    match (text_of(content, line, tally), size) {
        (Some(body), Some(..=0) | None) => body,
        (Some(body), _) if body != Body::none() => body,
        (None, Some(0)) => Body::none(),
        _ => missing(line, tally),
    }
}

fn sent_body<'a>(
    request: Option<&'a Node>,
    posted: Option<&'a Node>,
    line: u32,
    tally: &mut UnreadTally,
) -> Body<'a> {
    if let Some(body) = text_of(posted, line, tally).filter(|body| *body != Body::none()) {
        return body;
    }
    let params = posted.and_then(|posted| posted.get("params")).map(Node::items);
    let size = request.and_then(|request| request.get("bodySize")?.as_number()?.as_i64());
    match (params.unwrap_or_default(), mime_type(posted)) {
        ([], _) if size.unwrap_or(0) <= 0 => Body::none(),
        (params @ [_, ..], Some(it)) if media_type_essence(it) == FORM => form(params),
        _ => missing(line, tally),
    }
}

/// The text of `content` or `postData`, decoded when it is kept as base64.
fn text_of<'a>(node: Option<&'a Node>, line: u32, tally: &mut UnreadTally) -> Option<Body<'a>> {
    let text = node?.get("text")?.as_str()?;
    if let Some(bytes) = chunks_of(node?, text) {
        return Some(Body::Bytes(Cow::Owned(bytes)));
    }
    match node?.get("encoding").and_then(Node::as_str) {
        Some("base64") => Some(Body::of_base64(text, line, tally)),
        _ => Some(Body::of_bytes(text.as_bytes())),
    }
}

/// A form written again from its fields.
fn form<'a>(params: &[Node]) -> Body<'a> {
    let encoded = |param: &Node, key| {
        let text = param.get(key).and_then(Node::as_str).unwrap_or_default();
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    };
    let pair = |param| format!("{}={}", encoded(param, "name"), encoded(param, "value"));
    let form = params.iter().map(pair).collect::<Vec<_>>().join("&");
    Body::Bytes(Cow::Owned(form.into_bytes()))
}

fn missing<'a>(line: u32, tally: &mut UnreadTally) -> Body<'a> {
    tally.add(line, BODY_MISSING);
    Body::Unknown
}

/// The headers of a side; where its type was left out of them, the type that the file gives beside
/// the body that is there.
fn headers<'a>(
    side: Option<&'a Node>,
    content: Option<&'a Node>,
    body: &Body<'_>,
) -> Vec<(&'a str, Cow<'a, str>)> {
    let listed = side.and_then(|side| side.get("headers")).map(Node::items).unwrap_or_default();
    let header = |it: &'a Node| Some((it.get("name")?.as_str()?, scalar_text(it.get("value")?)?));
    let mut headers: Vec<_> = listed.iter().filter_map(header).collect();
    let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(mime_type) = mime_type(content).filter(|_| !is_typed && *body != Body::none()) {
        headers.push(("content-type", Cow::Borrowed(mime_type)));
    }
    headers
}

/// The type beside a body; browsers write `x-unknown` for none.
fn mime_type(content: Option<&Node>) -> Option<&str> {
    let mime_type = content?.get("mimeType")?.as_str()?;
    Some(mime_type).filter(|it| !it.is_empty() && *it != "x-unknown")
}

#[cfg(test)]
mod tests;
