//! The responses of a stub: which of them are said, and what each of them says.
//!
//! Refuses to know requests and predicates.

use crate::cassette::headers_by_name;
use crate::template::{say_headers, say_text};
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::example::say_body;
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::{Node, Value};

/// One response that is given as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Answer<'a> {
    /// Line of its `is`, or of the stub that has no response.
    pub(crate) line: u32,
    /// The column there.
    pub(crate) column: u32,
    /// What it says of itself; `None` leaves everything to the imposter's default.
    is: Option<&'a Node>,
    /// Texts in it that stand for something taken from elsewhere.
    tokens: Vec<&'a str>,
    /// Whether code changes its body.
    is_changed: bool,
}

/// The responses of one stub.
#[derive(Clone, Debug)]
pub(crate) struct Answers<'a> {
    /// Those given as they stand, in order.
    pub(crate) answers: Vec<Answer<'a>>,
    /// Whether the stub has several, so that they come in turn.
    pub(crate) in_turn: bool,
}

const ELSEWHERE: Why = Why {
    reason: "a response is proxied, injected or breaks the connection, so it says nothing",
    remedy: "nothing to do; save a proxied imposter with `mb save --removeProxies` to read it",
};
const STATUS: Why = Why {
    reason: "the status of a response is no number from 100 to 599, so it is not read",
    remedy: "give it as a number",
};
const CHANGED: Why = Why {
    reason: "code changes a response (`decorate`), nothing is said about its body",
    remedy: "keep it; status and headers are compared",
};
const TEMPLATE: Why = Why {
    reason: "a body is filled in from elsewhere, nothing is said about it",
    remedy: "keep it; status and headers are compared",
};
const INCLUDED: Why = Why {
    reason: "a body is an EJS template, which is not run, nothing is said about it",
    remedy: "save the imposters with `mb save` and scan what it writes",
};
const NOT_BASE64: Why = Why {
    reason: "a body in binary mode is not base64, nothing is said about it",
    remedy: "encode it again",
};

/// The responses of a stub; those that say nothing are counted.
pub(crate) fn answers_of<'a>(stub: &'a Node, tally: &mut UnreadTally) -> Answers<'a> {
    let responses = stub.get("responses").map(Node::items).unwrap_or_default();
    let mut answers = Vec::new();
    if responses.is_empty() {
        let (line, column) = (stub.line, stub.column);
        answers.push(Answer { line, column, is: None, tokens: Vec::new(), is_changed: false });
    }
    for response in responses {
        match response.entry("is") {
            Some((key, is)) => answers.push(Answer {
                line: key.line,
                column: key.column,
                is: Some(is),
                tokens: tokens(response),
                is_changed: is_changed(response),
            }),
            None => tally.add(response.line, ELSEWHERE),
        }
    }
    Answers { answers, in_turn: responses.len() > 1 }
}

/// Says an answer, with what the imposter's default adds, and gives its status; `None`, counted,
/// when it has none.
pub(crate) fn say_answer(
    said: &mut Said,
    answer: &Answer<'_>,
    default: Option<&Node>,
    tally: &mut UnreadTally,
) -> Option<u16> {
    let own = |key: &str| answer.is.and_then(|is| is.get(key)).filter(|it| !is_empty(it));
    let given = |key: &str| own(key).or_else(|| default?.get(key));
    let status = match given("statusCode") {
        None => Some(200),
        Some(code) => code.as_u16().or_else(|| code.as_str()?.trim().parse().ok()),
    };
    let status = status.filter(|status| (100..600).contains(status));
    let status = tally.need(status, answer.line, STATUS)?;
    let headers = headers_by_name(given("headers"));
    let headers: Vec<_> =
        headers.into_iter().map(|(name, text)| (name, filled(&text, answer).into())).collect();
    let media_type = say_headers(said, &headers);
    let media_type = media_type.as_deref();
    let body = given("body").filter(|body| !is_empty(body));
    let is_binary = given("_mode").and_then(Node::as_str) == Some("binary");
    let unread = match body {
        _ if answer.is_changed => Some(CHANGED),
        Some(body) if is_binary => say_binary(said, media_type, body).err(),
        Some(body) => say_filled(said, media_type, body, answer).err(),
        None => {
            say_body(said, Side::Response, media_type, b"");
            None
        }
    };
    if let Some(why) = unread {
        tally.add(answer.line, why);
        said.say_any_body(Side::Response);
    }
    Some(status)
}

fn say_binary(said: &mut Said, media_type: Option<&str>, body: &Node) -> Result<(), Why> {
    let bytes = body.as_str().and_then(decoded).ok_or(NOT_BASE64)?;
    say_body(said, Side::Response, media_type, &bytes);
    Ok(())
}

/// A text, or a document that Mountebank writes as JSON.
fn say_filled(
    said: &mut Said,
    media_type: Option<&str>,
    body: &Node,
    answer: &Answer<'_>,
) -> Result<(), Why> {
    let text = body.as_str().map_or_else(|| body.to_json_text(), str::to_owned);
    if text.contains("<%") {
        return Err(INCLUDED);
    }
    let text = filled(&text, answer);
    say_text(said, Side::Response, media_type, text.as_bytes()).map_err(|_| TEMPLATE)
}

/// An empty text gives way to the default, as nothing does.
fn is_empty(value: &Node) -> bool {
    value.as_str() == Some("") || value.value == Value::Null
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    STANDARD.decode(text.bytes().filter(is_base64).collect::<Vec<_>>()).ok()
}

/// The text with an expression for each token.
fn filled(text: &str, answer: &Answer<'_>) -> String {
    let fill = |text: String, token: &&str| text.replace(*token, "{{token}}");
    answer.tokens.iter().fold(text.to_owned(), fill)
}

/// The behaviours of a response, whether written as a list, as an object, or as lists in one.
fn behaviors<'a>(response: &'a Node, name: &str) -> Vec<&'a Node> {
    let kept = ["behaviors", "_behaviors"].iter().filter_map(|key| response.get(key));
    let each = |kept: &'a Node| match &kept.value {
        Value::Array(items) => items.iter().collect(),
        _ => vec![kept],
    };
    let named = kept.flat_map(each).filter_map(|one| one.get(name));
    named.flat_map(each).collect()
}

/// What `copy` and `lookup` replace in the response.
fn tokens(response: &Node) -> Vec<&str> {
    let mut found = behaviors(response, "copy");
    found.extend(behaviors(response, "lookup"));
    let into = |behavior: &&'_ Node| behavior.get("into").is_some_and(|it| it.as_str() != Some(""));
    found.into_iter().filter(into).filter_map(|behavior| behavior.get("into")?.as_str()).collect()
}

fn is_changed(response: &Node) -> bool {
    ["decorate", "shellTransform"].iter().any(|name| !behaviors(response, name).is_empty())
}
