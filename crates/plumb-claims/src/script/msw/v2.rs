//! Answers of MSW 2: `HttpResponse.json(body, init)`, `new HttpResponse(body, init)`, and the
//! `Response` of the platform.
//!
//! Refuses to know which requests they answer.

use crate::cassette::url::COMPUTED;
use crate::script::answer::{Answer, Body, Written, headers_of, status_of};
use crate::script::msw::outcome::{Outcome, STATUS, names_of};
use crate::unread_tally::{UnreadTally, Why};
use plumb_tree::script::expression::{Chain, Expression, Function};
use plumb_tree::script::value::value_of;
use plumb_tree::{Node, Value};

const ANSWER: Why = Why {
    reason: "an answer of a handler is computed, so it is not read",
    remedy: "return `HttpResponse.json(..)` or `new HttpResponse(..)` in place",
};

/// What becomes of a request where this is returned.
pub(crate) fn outcome<'s>(
    returned: Expression<'s>,
    _: &Function<'s>,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    let returned = returned.resolved();
    if returned.is_undefined() {
        return Outcome::Nothing;
    }
    if let Some((class, arguments)) = returned.construction() {
        let is_response = is_response(&class.chain());
        return if is_response { constructed(&arguments, tally) } else { Outcome::Unclear(ANSWER) };
    }
    let chain = returned.chain();
    let called = chain.steps.last().and_then(|step| Some((step.name, step.arguments.as_ref()?)));
    let Some((name, arguments)) = called else { return Outcome::Unclear(ANSWER) };
    if names_of(&chain).as_deref() == Some(&["passthrough"]) {
        return Outcome::Nothing;
    }
    let receiver = Chain { head: chain.head, steps: chain.steps[..chain.steps.len() - 1].to_vec() };
    if !is_response(&receiver) {
        return Outcome::Unclear(ANSWER);
    }
    let first = arguments.first().copied();
    let (media_type, body) = match name {
        "json" => ("application/json", first.map_or(Body::None, Body::Json)),
        "text" => ("text/plain", first.map_or(Body::None, Body::Text)),
        "html" => ("text/html", first.map_or(Body::None, Body::Text)),
        "xml" => ("text/xml", first.map_or(Body::None, Body::Text)),
        "arrayBuffer" => ("application/octet-stream", Body::Opaque),
        "formData" => ("multipart/form-data", Body::Opaque),
        "error" => return Outcome::Nothing,
        "redirect" => return redirect(arguments.get(1)),
        _ => return Outcome::Unclear(ANSWER),
    };
    answer(arguments, Some(media_type), body, tally)
}

/// True for the class of answers, of the library or of the platform.
fn is_response(chain: &Chain<'_>) -> bool {
    let own = names_of(chain).is_some_and(|names| names == ["HttpResponse"]);
    let platform = chain.head.name() == Some("Response") && chain.head.import().is_none();
    own || platform && chain.steps.is_empty()
}

fn constructed<'s>(arguments: &[Expression<'s>], tally: &mut UnreadTally) -> Outcome<'s> {
    let body = arguments.first().filter(|body| !body.is_undefined());
    let value = body.map(|body| value_of(*body).value);
    let (media_type, body) = match (body, value) {
        (None, _) | (_, Some(Value::Null)) => (None, Body::None),
        // A text is sent as one where the headers do not tell better.
        (Some(body), Some(Value::String(_))) => (Some("text/plain"), Body::Text(*body)),
        (Some(body), _) => (None, Body::Text(*body)),
    };
    answer(arguments, media_type, body, tally)
}

fn answer<'s>(
    arguments: &[Expression<'s>],
    media_type: Option<&'static str>,
    body: Body<'s>,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    let given = arguments.get(1).copied().filter(|init| !init.is_undefined());
    let room = arguments.first().map(|body| body.range().end).filter(|_| arguments.len() == 1);
    let written = Written { init: given, room, ..Written::default() };
    let init = given.map(value_of);
    let status = match &init {
        None => Some(200),
        Some(Node { value: Value::Object(_), .. }) => {
            init.as_ref().and_then(|init| init.get("status")).map_or(Some(200), status_of)
        }
        Some(_) => None,
    };
    let Some(status) = status else { return Outcome::Unclear(STATUS) };
    let headers = init.as_ref().and_then(|init| init.get("headers"));
    let headers = headers.map(|headers| headers_of(headers, tally)).unwrap_or_default();
    Outcome::Answer(Answer { status, headers, media_type, body, written })
}

fn redirect<'s>(status: Option<&Expression<'s>>) -> Outcome<'s> {
    /// The platform's own, where none is given.
    const FOUND: u16 = 302;
    let status = status.map_or(Some(FOUND), |status| status_of(&value_of(*status)));
    let Some(status) = status else { return Outcome::Unclear(STATUS) };
    let headers = vec![("location".to_owned(), COMPUTED.to_string())];
    let written = Written::default();
    Outcome::Answer(Answer { status, headers, media_type: None, body: Body::None, written })
}
