//! Answers of MSW 1: `res(ctx.status(201), ctx.json(body))`, put together by transformers; those to
//! operations of GraphQL by `ctx.data(..)`, `ctx.errors(..)` and `ctx.extensions(..)`.
//!
//! Refuses to know which requests they answer.

use crate::cassette::url::COMPUTED;
use crate::script::answer::{Answer, Body, PARTS, Written, headers_of, status_of};
use crate::script::msw::outcome::{Outcome, STATUS};
use crate::unread_tally::{UnreadTally, Why};
use plumb_tree::Value;
use plumb_tree::script::expression::{Expression, Function};
use plumb_tree::script::value::value_of;

const ANSWER: Why = Why {
    reason: "an answer of a handler is computed, so it is not read",
    remedy: "return `res(ctx.status(..), ctx.json(..))` in place",
};
const TRANSFORMER: Why = Why {
    reason: "a transformer is not the library's own, nothing is said about the body",
    remedy: "keep it; status and headers are compared",
};

const MERGED: Why = Why {
    reason: "a transformer adds to what another one wrote, nothing is said about the body",
    remedy: "write `ctx.data`, `ctx.errors` and `ctx.extensions` once each",
};

/// What a handler answers, which tells the transformers that it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Path,
    Operation,
}

/// What becomes of a request where this is returned: by a function of `req`, `res` and `ctx`.
pub(crate) fn outcome<'s>(
    returned: Expression<'s>,
    function: &Function<'s>,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    outcome_of(returned, function, Asked::Path, tally)
}

/// What becomes of an operation of GraphQL.
pub(crate) fn outcome_of_graphql<'s>(
    returned: Expression<'s>,
    function: &Function<'s>,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    outcome_of(returned, function, Asked::Operation, tally)
}

fn outcome_of<'s>(
    returned: Expression<'s>,
    function: &Function<'s>,
    asked: Asked,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    let returned = returned.resolved();
    if returned.is_undefined() {
        return Outcome::Nothing;
    }
    let parameter = |at: usize| function.parameters.get(at).copied().flatten();
    let chain = returned.chain();
    let (Some(head), [step]) = (chain.head.name(), chain.steps.as_slice()) else {
        return Outcome::Unclear(ANSWER);
    };
    let is_request = Some(head) == parameter(0) && step.name == "passthrough";
    let is_answer = Some(head) == parameter(1);
    if is_request || is_answer && step.name == "networkError" {
        return Outcome::Nothing;
    }
    match &step.arguments {
        Some(transformers) if is_answer && ["", "once"].contains(&step.name) => {
            match answer(transformers, parameter(2), asked, tally) {
                Outcome::Answer(answer) if step.name == "once" => Outcome::Once(answer),
                other => other,
            }
        }
        _ => Outcome::Unclear(ANSWER),
    }
}

fn answer<'s>(
    transformers: &[Expression<'s>],
    context: Option<&str>,
    asked: Asked,
    tally: &mut UnreadTally,
) -> Outcome<'s> {
    let mut answer = Answer {
        status: 200,
        headers: Vec::new(),
        media_type: None,
        body: Body::None,
        written: Written::default(),
    };
    for transformer in transformers {
        let line = transformer.spot().line;
        let chain = transformer.resolved().chain();
        let own = match (chain.head.name(), chain.steps.as_slice()) {
            (Some(head), [step]) if Some(head) == context => Some((step.name, &step.arguments)),
            // A context that is taken apart into its transformers.
            (Some(head), [step]) if context.is_none() => Some((head, &step.arguments)),
            _ => None,
        };
        let Some((name, Some(arguments))) = own else {
            tally.add(line, TRANSFORMER);
            answer.body = Body::Unknown;
            continue;
        };
        let first = arguments.first().copied();
        match name {
            "status" => match first.and_then(|status| status_of(&value_of(status))) {
                Some(status) => {
                    answer.status = status;
                    answer.written.status = first;
                }
                None => return Outcome::Unclear(STATUS),
            },
            "set" => {
                answer.headers.extend(set(arguments, tally));
                answer.written.headers = first.filter(|_| arguments.len() == 1);
            }
            "cookie" => answer.headers.push(("set-cookie".to_owned(), COMPUTED.to_string())),
            "delay" => {}
            _ => {
                let why = match asked {
                    Asked::Path => write_body(&mut answer, name, first),
                    Asked::Operation => add_part(&mut answer, name, first),
                };
                if let Err(why) = why {
                    tally.add(line, why);
                    answer.body = Body::Unknown;
                }
            }
        }
    }
    Outcome::Answer(answer)
}

/// Takes a transformer that writes the whole body.
fn write_body<'s>(
    answer: &mut Answer<'s>,
    name: &str,
    first: Option<Expression<'s>>,
) -> Result<(), Why> {
    let (media_type, body): (_, fn(Expression<'s>) -> Body<'s>) = match name {
        "json" => (Some("application/json"), Body::Json),
        "text" => (Some("text/plain"), Body::Text),
        "xml" => (Some("text/xml"), Body::Text),
        "body" => (answer.media_type, Body::Text),
        _ => return Err(TRANSFORMER),
    };
    answer.media_type = media_type;
    answer.body = first.map_or(Body::None, body);
    Ok(())
}

/// Takes a transformer that adds a member to the body.
fn add_part<'s>(
    answer: &mut Answer<'s>,
    name: &str,
    first: Option<Expression<'s>>,
) -> Result<(), Why> {
    let first = first.filter(|value| !value.is_undefined());
    let at = PARTS.iter().position(|part| *part == name);
    let at = at.ok_or(if name == "field" { MERGED } else { TRANSFORMER })?;
    let is_null = |value: &Expression<'s>| value_of(*value).value == Value::Null;
    // No errors are none to tell of, where null is data.
    if name == "errors" && first.as_ref().is_none_or(is_null) {
        return Ok(());
    }
    let mut parts = match answer.body {
        Body::Parts(parts) => parts,
        Body::None => Default::default(),
        // What it is added to is not known.
        _ => return Ok(()),
    };
    if parts[at].is_some() {
        return Err(MERGED);
    }
    parts[at] = first;
    answer.media_type = Some("application/json");
    answer.body = Body::Parts(parts);
    Ok(())
}

/// `ctx.set(name, value)` or `ctx.set({ name: value })`.
fn set(arguments: &[Expression<'_>], tally: &mut UnreadTally) -> Vec<(String, String)> {
    let [name, value] = arguments else {
        let headers = arguments.first().map(|headers| headers_of(&value_of(*headers), tally));
        return headers.unwrap_or_default();
    };
    let text = |one: Expression<'_>| value_of(one).as_str().map(str::to_owned);
    let value = text(*value).unwrap_or(COMPUTED.to_string());
    text(*name).map(|name| (name, value)).into_iter().collect()
}
