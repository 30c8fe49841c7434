//! Handlers of MSW (Mock Service Worker): `http.get(url, resolver)` of version 2,
//! `rest.get(url, resolver)` of version 1, and those of GraphQL's operations.
//!
//! A handler is an example for each answer that its resolver may return. Refuses to know requests
//! beyond method, path and operation: handlers match by nothing else.

mod graphql;
mod handler;
mod outcome;
mod v1;
mod v2;

use crate::reading::CLAIMS_MAX;
use crate::script::address::{Matched, matched, text_of, title};
use crate::script::answer::{Answered, say_answer};
use crate::script::msw::graphql::{of_graphql, whole};
use crate::script::msw::handler::Handler;
use crate::script::msw::outcome::{Outcome, names_of};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::script::Script;
use plumb_tree::script::expression::{Chain, Expression, Function, Step, calls_of};

const ADDRESS: Why = Why {
    reason: "the address of a handler cannot be told as a path, so it is not read",
    remedy: "write it as text, with `:name` for data, or its beginning as a name given once in \
             the same file",
};
const RESOLVER: Why = Why {
    reason: "the resolver of a handler is computed, so it is not read",
    remedy: "write the function in place, or in the same file",
};
const SOCKETS: Why = Why {
    reason: "handlers of web sockets are not read",
    remedy: "keep them; handlers of `http` and `graphql` are compared",
};

/// The methods by their functions.
const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("all", ""),
];

/// One claim for each answer of each handler, in order.
pub(crate) fn claims_of<'s>(
    script: &'s Script<'s>,
    file: &str,
    tally: &mut UnreadTally,
) -> Vec<Answered<'s>> {
    let mut claims = Vec::new();
    let mut priority = 0;
    // Handlers up to this byte are put before the others while a test runs.
    let mut used_to = 0;
    for call in calls_of(script) {
        let chain = call.chain();
        if chain.steps.iter().any(|step| step.name == "use" && step.arguments.is_some()) {
            used_to = used_to.max(call.range().end);
        }
        let chain = whole(&chain).unwrap_or(chain);
        let Some(names) = names_of(&chain) else { continue };
        let handler = match names.as_slice() {
            ["graphql", ..] => of_graphql(call, &chain, tally),
            ["http" | "rest", ..] => of_http(call, &chain, &names, tally),
            ["ws", ..] => {
                tally.add(call.spot().line, SOCKETS);
                continue;
            }
            _ => continue,
        };
        let handler = handler.filter(|_| claims.len() <= CLAIMS_MAX);
        let Some(handler) = handler else { continue };
        let version: Version = match names.first() {
            Some(&"rest") => v1::outcome,
            Some(&"graphql") if handler.is_of_version_1() => v1::outcome_of_graphql,
            _ => v2::outcome,
        };
        let is_used = call.range().start < used_to;
        say_handler(Reader { file, version, priority, is_used }, &handler, &mut claims, tally);
        priority += 1;
    }
    claims
}

/// How a version of the library answers.
type Version = for<'s> fn(Expression<'s>, &Function<'s>, &mut UnreadTally) -> Outcome<'s>;

/// Where a handler stands and how it is read.
struct Reader<'a> {
    file: &'a str,
    version: Version,
    /// Its position: the first handler that matches answers.
    priority: i32,
    is_used: bool,
}

fn of_http<'s>(
    call: Expression<'s>,
    chain: &Chain<'s>,
    names: &[&str],
    tally: &mut UnreadTally,
) -> Option<Handler<'s>> {
    let (_, method) = METHODS.into_iter().find(|(name, _)| Some(name) == names.get(1))?;
    let called = |step: &&Step<'s>| step.arguments.is_some();
    let arguments = chain.steps.iter().find(called)?.arguments.as_ref()?;
    let address = text_of(*arguments.first()?);
    let matched = address.as_deref().and_then(matched);
    let line = call.spot().line;
    let (matched, address) = tally.need(matched.zip(address), line, ADDRESS)?;
    let shown = if method.is_empty() { "ANY" } else { method };
    Some(Handler {
        spot: call.spot(),
        methods: (!method.is_empty()).then(|| method.to_owned()).into_iter().collect(),
        matched,
        title: title(shown, &address),
        arguments: arguments.clone(),
    })
}

fn say_handler<'s>(
    reader: Reader<'_>,
    handler: &Handler<'s>,
    claims: &mut Vec<Answered<'s>>,
    tally: &mut UnreadTally,
) {
    let line = handler.spot.line;
    let Matched { writer, path } = &handler.matched;
    let function = handler.resolver().and_then(|resolver| resolver.resolved().function());
    let Some(function) = tally.need(function, line, RESOLVER) else { return };
    // Which of several answers a request gets is code.
    let is_choice = function.returned.len() > 1;
    for returned in &function.returned {
        let (answer, is_once) = match (reader.version)(*returned, &function, tally) {
            Outcome::Answer(answer) => (answer, handler.is_once()),
            Outcome::Once(answer) => (answer, true),
            Outcome::Nothing => continue,
            Outcome::Unclear(why) => {
                tally.add(returned.spot().line, why);
                continue;
            }
        };
        let mut said = Said::default();
        said.say_any_body(Side::Request);
        say_answer(&mut said, &answer, tally);
        let spot = if is_choice { returned.spot() } else { handler.spot };
        let claim = Claim {
            source: Source {
                dialect: Dialect::Msw,
                file: reader.file.to_owned(),
                line: spot.line,
                column: spot.column,
                title: handler.title.clone(),
            },
            strength: Strength::Example,
            writer: writer.clone(),
            reader: None,
            request: SaidRequest {
                methods: handler.methods.clone(),
                path: path.clone(),
                query: SaidQuery::Any,
                priority: reader.priority,
                stateful: reader.is_used || is_once || is_choice,
            },
            status: SaidStatus::Exactly(answer.status),
            said,
        };
        claims.push((claim, answer));
    }
}
