//! One interceptor of nock: what it asks of a request, and what it answers.
//!
//! Refuses to know how interceptors follow each other.

use crate::cassette::say_pairs;
use crate::cassette::url::{COMPUTED, RecordedUrl};
use crate::header_name::is_withheld;
use crate::said_document::{itself, say_document};
use crate::script::address::{text_of, title};
use crate::script::answer::{
    Answer, Answered, Body, Written, headers_of, say_answer, status_of, stringified,
};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::example::say_body;
use plumb_shape::format::string_traits;
use plumb_shape::place::Side;
use plumb_shape::said::{Beneath, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::script::Spot;
use plumb_tree::script::expression::{Expression, Step};
use plumb_tree::script::value::value_of;
use plumb_tree::{Node, Value};

/// What is said of a host and everything intercepted there.
#[derive(Default)]
pub(crate) struct Scope<'s> {
    /// The address before every path; `None` when only running would tell.
    pub(crate) host: Option<String>,
    /// Headers that every answer has.
    pub(crate) headers: Vec<(String, String)>,
    /// Headers that every request has.
    pub(crate) asked_headers: Vec<(String, String)>,
    /// True when paths or bodies are rewritten by code before they are matched.
    pub(crate) is_filtered: bool,
    /// The interceptor that has no answer yet.
    pub(crate) asked: Option<Asked<'s>>,
}

/// What an interceptor asks of a request.
pub(crate) struct Asked<'s> {
    pub(crate) spot: Spot,
    /// In upper case; `None` when only running would tell.
    pub(crate) method: Option<String>,
    pub(crate) address: Option<Expression<'s>>,
    pub(crate) body: Option<Expression<'s>>,
    pub(crate) query: Option<Expression<'s>>,
    pub(crate) headers: Vec<(String, String)>,
}

const ADDRESS: Why = Why {
    reason: "the method or address of an interceptor cannot be told, so it is not read",
    remedy: "write them as text, or keep them in names that are given once in the same file",
};
const STATUS: Why = Why {
    reason: "the status of a reply is computed, so its interceptor is not read",
    remedy: "write it as a number",
};
const QUERY: Why =
    Why { reason: "a query is computed, any is taken to do", remedy: "write it as a literal" };
const FILTERED: Why = Why {
    reason: "a scope rewrites requests by code, so its interceptors are not read",
    remedy: "ask for the requests as they are",
};

impl Asked<'_> {
    /// Nothing asked yet.
    pub(crate) const fn at(spot: Spot) -> Self {
        Self { spot, method: None, address: None, body: None, query: None, headers: Vec::new() }
    }
}

/// Takes a step that narrows what is asked; others say nothing of an exchange.
pub(crate) fn say_asked<'s>(scope: &mut Scope<'s>, name: &str, arguments: &[Expression<'s>]) {
    let first = arguments.first().copied();
    match (name, &mut scope.asked) {
        ("query", Some(asked)) => asked.query = first,
        ("basicAuth", Some(asked)) => {
            asked.headers.push(("authorization".to_owned(), COMPUTED.to_string()));
        }
        ("matchHeader", asked) => {
            let Some(name) = first.and_then(text_of) else { return };
            let value = arguments.get(1).and_then(|value| text_of(*value));
            let headers = match asked {
                Some(asked) => &mut asked.headers,
                None => &mut scope.asked_headers,
            };
            headers.push((name, value.unwrap_or(COMPUTED.to_string())));
        }
        _ => {}
    }
}

/// The claim of an interceptor whose answer is this step; `None`, counted, when it cannot be told.
pub(crate) fn claim_of<'s>(
    scope: &Scope<'s>,
    reply: &Step<'s>,
    file: &str,
    tally: &mut UnreadTally,
) -> Option<Answered<'s>> {
    let asked = scope.asked.as_ref()?;
    let line = asked.spot.line;
    if scope.is_filtered {
        tally.add(line, FILTERED);
        return None;
    }
    let address = address_of(scope, asked);
    let url = address.as_deref().and_then(RecordedUrl::cut);
    let told = url.zip(asked.method.clone());
    let (url, method) = tally.need(told, line, ADDRESS)?;
    let arguments = reply.arguments.as_deref().unwrap_or_default();
    let answer = tally.need(answer_of(scope, reply.name, arguments), reply.spot.line, STATUS)?;
    let answer = answer.with_headers(arguments.get(2), tally);
    let mut said = Said::default();
    let query = say_query(&mut said, asked, &url, tally);
    for (name, value) in scope.asked_headers.iter().chain(&asked.headers) {
        say_asked_header(&mut said, name, value);
    }
    let is_code = say_asked_body(&mut said, asked.body);
    say_answer(&mut said, &answer, tally);
    let claim = Claim {
        source: Source {
            dialect: Dialect::Nock,
            file: file.to_owned(),
            line,
            column: asked.spot.column,
            title: title(&method, &url.shown()),
        },
        strength: Strength::Example,
        writer: url.writer(),
        reader: None,
        request: SaidRequest {
            methods: vec![method],
            path: url.path_pattern(),
            query,
            priority: 0,
            stateful: is_code,
        },
        status: SaidStatus::Exactly(answer.status),
        said,
    };
    Some((claim, answer))
}

/// The whole address; `None` when its host or the beginning of its path is computed.
fn address_of(scope: &Scope<'_>, asked: &Asked<'_>) -> Option<String> {
    let host = scope.host.as_deref().filter(|host| !host.starts_with(COMPUTED))?;
    let path = text_of(asked.address?).filter(|path| path.starts_with('/'))?;
    Some(format!("{}{path}", host.trim_end_matches('/')))
}

/// The answer without the headers that it names itself; `None` when its status is computed.
fn answer_of<'s>(
    scope: &Scope<'s>,
    name: &str,
    arguments: &[Expression<'s>],
) -> Option<Answer<'s>> {
    let status = match arguments.first() {
        None => 200,
        Some(status) => status_of(&value_of(*status))?,
    };
    let body = arguments.get(1).copied().filter(|body| !body.is_undefined());
    let (media_type, body) = match body {
        None => (None, Body::None),
        Some(file) if name == "replyWithFile" => (None, Body::Computed(file.spot().line)),
        Some(body) => match value_of(body).value {
            Value::String(_) | Value::Null => (None, Body::Text(body)),
            Value::Computed if stringified(body).is_some() => (None, Body::Text(body)),
            Value::Computed => (None, Body::Computed(body.spot().line)),
            _ => (Some("application/json"), Body::Json(body)),
        },
    };
    let given = |at: usize| arguments.get(at).copied().filter(|one| !one.is_undefined());
    let written = Written { status: given(0), headers: given(2), ..Written::default() };
    Some(Answer { status, headers: scope.headers.clone(), media_type, body, written })
}

impl Answer<'_> {
    fn with_headers(mut self, own: Option<&Expression<'_>>, tally: &mut UnreadTally) -> Self {
        let own = own.filter(|own| !own.is_undefined());
        self.headers.extend(own.into_iter().flat_map(|own| headers_of(&value_of(*own), tally)));
        self
    }
}

/// Says the query of the path and the one beside it.
fn say_query(
    said: &mut Said,
    asked: &Asked<'_>,
    url: &RecordedUrl,
    tally: &mut UnreadTally,
) -> SaidQuery {
    let mut pairs = url.query_pairs();
    let query = match asked.query {
        None => SaidQuery::Exactly,
        Some(query) if query.is_true() => SaidQuery::Any,
        Some(query) => match value_of(query) {
            node @ Node { value: Value::Object(_), .. } => {
                flatten(&node, String::new(), &mut pairs);
                SaidQuery::Exactly
            }
            node => {
                tally.add(node.line, QUERY);
                SaidQuery::Any
            }
        },
    };
    say_pairs(said, &pairs);
    query
}

/// Names and values of a query; members of members are named in brackets.
// Recursive; no deeper than a tree.
fn flatten(node: &Node, name: String, pairs: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            let inside = match name.as_str() {
                "" => key.text.clone(),
                name => format!("{name}[{}]", key.text),
            };
            flatten(value, inside, pairs);
        }),
        Value::Array(items) => {
            items.iter().for_each(|item| flatten(item, name.clone(), pairs));
        }
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Null => pairs.push((name, String::new())),
        Value::Computed => pairs.push((name, COMPUTED.to_string())),
        _ => pairs.push((name, node.to_json_text())),
    }
}

fn say_asked_header(said: &mut Said, name: &str, value: &str) {
    let name = name.to_ascii_lowercase();
    if name == "content-type" {
        if !value.contains(COMPUTED) {
            said.say_media_type(Side::Request, value);
        }
        return;
    }
    let is_told = !value.contains(COMPUTED) && !is_withheld(&name);
    let traits = if is_told { string_traits(value.as_bytes()) } else { TraitSet::STRING };
    let withheld = if is_withheld(&name) { TraitSet::WITHHELD } else { TraitSet::NONE };
    said.say_header(Side::Request, &name, traits | withheld);
}

/// Says the body that is asked for; true when code decides.
fn say_asked_body(said: &mut Said, body: Option<Expression<'_>>) -> bool {
    let Some(body) = body.filter(|body| !body.is_undefined()) else {
        said.say_any_body(Side::Request);
        return false;
    };
    let node = value_of(stringified(body).unwrap_or(body));
    match &node.value {
        Value::Object(_) | Value::Array(_) => {
            // Just this body matches, no member more.
            say_document(said, Side::Request, &node, Beneath::Closed, &mut itself);
        }
        Value::String(text) => say_body(said, Side::Request, None, text.as_bytes()),
        _ => said.say_any_body(Side::Request),
    }
    body.resolved().function().is_some()
}
