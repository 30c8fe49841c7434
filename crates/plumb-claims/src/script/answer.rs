//! Answers in scripts: a status, headers and a body, whichever library sends them.
//!
//! Refuses to know how the libraries write their answers.

use crate::cassette::url::COMPUTED;
use crate::cassette::{say_header, scalar_text};
use crate::said_document::{itself, say_document};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Claim;
use plumb_shape::example::{is_json_type, say_body, say_opaque};
use plumb_shape::place::Side;
use plumb_shape::said::{Beneath, Said, media_type_essence};
use plumb_tree::script::expression::Expression;
use plumb_tree::script::value::value_of;
use plumb_tree::{Key, Node, Value};

/// An answer.
pub(crate) struct Answer<'s> {
    /// The status, 100 to 599.
    pub(crate) status: u16,
    /// Names and values, [`COMPUTED`] for a value that only running would tell.
    pub(crate) headers: Vec<(String, String)>,
    /// What the library says of a body where the headers do not.
    pub(crate) media_type: Option<&'static str>,
    pub(crate) body: Body<'s>,
    pub(crate) written: Written<'s>,
}

/// Where the parts of an answer are written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Written<'s> {
    /// The status by itself.
    pub(crate) status: Option<Expression<'s>>,
    /// Its headers by themselves.
    pub(crate) headers: Option<Expression<'s>>,
    /// An object that holds status and headers.
    pub(crate) init: Option<Expression<'s>>,
    /// The byte behind which such an object would stand.
    pub(crate) room: Option<usize>,
}

/// A claim and the answer that it was read from.
pub(crate) type Answered<'s> = (Claim, Answer<'s>);

/// The body of an answer.
#[derive(Clone, Copy)]
pub(crate) enum Body<'s> {
    None,
    /// A value that is sent as JSON.
    Json(Expression<'s>),
    /// The members of an object that is sent as JSON, each written by itself.
    Parts(Parts<'s>),
    /// A text that is sent as it is.
    Text(Expression<'s>),
    /// Whatever it is, it is not JSON.
    Opaque,
    /// Only running would tell; the line is that of the body.
    Computed(u32),
    /// The same, and counted already.
    Unknown,
}

/// What stands under each of [`PARTS`], where anything does.
pub(crate) type Parts<'s> = [Option<Expression<'s>>; 3];

/// The members of an answer of GraphQL.
pub(crate) const PARTS: [&str; 3] = ["data", "errors", "extensions"];

const BODY: Why = Why {
    reason: "a body is computed, nothing is said about it",
    remedy: "write it as a literal, or keep it in a name that is given once in the same file",
};
const HEADERS: Why = Why {
    reason: "headers are computed, nothing is said about them",
    remedy: "write them as a literal",
};

/// A status from 100 to 599; `None` when only running would tell.
pub(crate) fn status_of(node: &Node) -> Option<u16> {
    node.as_u16().filter(|status| (100..600).contains(status))
}

/// Headers written as an object of names, as pairs, or as one list of names and values in turn.
pub(crate) fn headers_of(node: &Node, tally: &mut UnreadTally) -> Vec<(String, String)> {
    let pair = |name: &str, value: &Node| {
        let text = scalar_text(value).map_or(COMPUTED.to_string(), |text| text.into_owned());
        (name.to_owned(), text)
    };
    match &node.value {
        Value::Object(entries) => {
            let each = entries.iter().flat_map(|(key, value)| {
                let values = if value.items().is_empty() {
                    std::slice::from_ref(value)
                } else {
                    value.items()
                };
                values.iter().map(|value| pair(&key.text, value))
            });
            return each.collect();
        }
        Value::Array(items) if items.iter().all(|item| item.items().len() == 2) => {
            let each = items.iter().map(Node::items);
            let named = each.filter_map(|one| Some(pair(one.first()?.as_str()?, one.get(1)?)));
            return named.collect();
        }
        Value::Array(items) => {
            let named = items.chunks(2).map(|one| Some(pair(one.first()?.as_str()?, one.get(1)?)));
            if let Some(all) = named.collect() {
                return all;
            }
        }
        _ => {}
    }
    tally.add(node.line, HEADERS);
    Vec::new()
}

/// Says headers, media type and body.
pub(crate) fn say_answer(said: &mut Said, answer: &Answer<'_>, tally: &mut UnreadTally) {
    for (name, value) in &answer.headers {
        say_header(said, name, value);
    }
    let named = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let media_type = match named {
        Some((_, value)) if value.contains(COMPUTED) => None,
        Some((_, value)) => Some(value.as_str()),
        None => answer.media_type,
    };
    if let Some(media_type) = media_type {
        said.say_media_type(Side::Response, media_type);
    }
    match answer.body {
        Body::None => say_body(said, Side::Response, media_type, b""),
        // A header may say that what is written as JSON is to be read as something else.
        Body::Json(_) | Body::Parts(_)
            if media_type.is_some_and(|it| !is_json_type(&media_type_essence(it))) =>
        {
            say_opaque(said, Side::Response);
        }
        Body::Json(body) => say_value(said, body, tally),
        Body::Parts(parts) => {
            let whole = composed(&parts, value_of);
            say_document(said, Side::Response, &whole, Beneath::Open, &mut itself);
        }
        Body::Text(body) => say_text(said, body, media_type, tally),
        Body::Opaque => say_opaque(said, Side::Response),
        Body::Computed(line) => give_up(said, line, tally),
        Body::Unknown => said.say_any_body(Side::Response),
    }
}

/// The value that `JSON.stringify(value)` writes.
pub(crate) fn stringified(body: Expression<'_>) -> Option<Expression<'_>> {
    let chain = body.resolved().chain();
    let is_json = chain.head.name() == Some("JSON");
    let [step] = chain.steps.as_slice() else { return None };
    let arguments = step.arguments.as_ref().filter(|_| is_json && step.name == "stringify")?;
    arguments.first().copied()
}

/// The object that parts are put together to. It stands nowhere itself, and is as long as nothing.
pub(crate) fn composed(parts: &Parts<'_>, value: fn(Expression<'_>) -> Node) -> Node {
    let entry = |(name, part): (&str, &Option<Expression<'_>>)| {
        let node = value((*part)?);
        let (line, column, start) = (node.line, node.column, node.start);
        Some((Key { text: name.to_owned(), line, column, start, end: start }, node))
    };
    let entries = PARTS.into_iter().zip(parts).filter_map(entry).collect();
    Node { value: Value::Object(entries), line: 0, column: 0, start: 0, end: 0 }
}

fn say_value(said: &mut Said, body: Expression<'_>, tally: &mut UnreadTally) {
    let node = value_of(body);
    if node.value == Value::Computed {
        return give_up(said, node.line, tally);
    }
    say_document(said, Side::Response, &node, Beneath::Open, &mut itself);
}

fn say_text(
    said: &mut Said,
    body: Expression<'_>,
    media_type: Option<&str>,
    tally: &mut UnreadTally,
) {
    let essence = media_type.map(media_type_essence).unwrap_or_default();
    let may_be_json = essence.is_empty() || is_json_type(&essence);
    if let Some(value) = stringified(body).filter(|_| may_be_json) {
        return say_value(said, value, tally);
    }
    let node = value_of(body);
    match &node.value {
        Value::Null => say_body(said, Side::Response, media_type, b""),
        Value::String(text) => say_body(said, Side::Response, media_type, text.as_bytes()),
        _ if !may_be_json => say_opaque(said, Side::Response),
        _ => give_up(said, node.line, tally),
    }
}

fn give_up(said: &mut Said, line: u32, tally: &mut UnreadTally) {
    tally.add(line, BODY);
    said.say_any_body(Side::Response);
}
