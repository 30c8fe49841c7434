//! Answers of scripts as trees that know their bytes, so that they are edited as others are.
//!
//! Refuses to know how the libraries write their mocks, and what is changed.

use crate::mend::site::{Among, Asked, AskedQuery, BodySite, Headers, Site, Values};
use crate::reading::{Beside, SourceFile};
use crate::script::answer::{Answered, Body, composed, stringified};
use crate::script::answered;
use crate::unread_tally::UnreadTally;
use plumb_tree::script::expression::Expression;
use plumb_tree::script::value::written_of;
use plumb_tree::script::{Script, parse_script};
use plumb_tree::{Node, Value};

/// One answer in a script.
pub(crate) struct Scripted {
    /// Where its claim was read: line and column.
    pub(crate) place: (u32, u32),
    /// An object that holds status and headers; computed where there is none.
    init: Node,
    status: Option<Node>,
    headers: Option<Node>,
    body: Option<(Node, Form)>,
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As a value.
    Value,
    /// As the members of a value, each by itself.
    Parts,
    /// As a text.
    Text,
}

/// Every answer of a script; none where it cannot be parsed.
pub(crate) fn scripted(file: &SourceFile<'_>, beside: Beside<'_>) -> Vec<Scripted> {
    let Ok(parsed) = parse_script(file.path, file.bytes) else { return Vec::new() };
    let script = Script::of(&parsed);
    let mut tally = UnreadTally::default();
    answered(&script, file.path, beside, &mut tally).iter().map(of_answer).collect()
}

/// True when a script has no fault of syntax.
pub(crate) fn is_sound(path: &str, text: &str) -> bool {
    parse_script(path, text.as_bytes()).is_ok_and(|parsed| Script::of(&parsed).fault().is_none())
}

fn of_answer((claim, answer): &Answered<'_>) -> Scripted {
    let written = answer.written;
    let room = written.room.unwrap_or_default();
    let nowhere = Node { value: Value::Computed, line: 0, column: 0, start: room, end: room };
    let body = match answer.body {
        Body::Json(body) => Some((written_of(body), Form::Value)),
        Body::Parts(parts) => Some((composed(&parts, written_of), Form::Parts)),
        Body::Text(body) => Some(of_text(body)),
        _ => None,
    };
    Scripted {
        place: (claim.source.line, claim.source.column),
        init: written.init.map_or(nowhere, written_of),
        status: written.status.map(written_of),
        headers: written.headers.map(written_of),
        body,
    }
}

fn of_text(body: Expression<'_>) -> (Node, Form) {
    match stringified(body) {
        Some(value) => (written_of(value), Form::Value),
        None => (written_of(body), Form::Text),
    }
}

impl Scripted {
    /// Where the parts of the answer are.
    pub(crate) fn site(&self) -> Site<'_> {
        let is_object = |node: &&Node| matches!(node.value, Value::Object(_));
        let headers = self.headers.as_ref().or_else(|| self.init.get("headers"));
        let first = headers.and_then(|headers| headers.entries().first());
        let is_list = first.is_some_and(|(_, value)| !value.items().is_empty());
        let body = match &self.body {
            Some((node, Form::Value)) => BodySite::Tree(node),
            Some((node, Form::Parts)) => BodySite::Parts(node),
            Some((node, Form::Text)) => BodySite::Text(node),
            None => BodySite::Nowhere(&self.init, "content"),
        };
        Site {
            whole: &self.init,
            among: Among::Nothing,
            response: &self.init,
            status: self.status.as_ref().or_else(|| self.init.get("status")),
            keys: ("status", "headers"),
            reason: self.init.get("statusText"),
            headers: Headers::ByName(
                headers.filter(is_object),
                if is_list { Values::List } else { Values::One },
            ),
            body,
            query: AskedQuery::Nowhere,
            asked: Asked::Any,
        }
    }
}

#[cfg(test)]
mod tests;
