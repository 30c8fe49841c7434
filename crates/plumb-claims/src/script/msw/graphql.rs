//! Handlers of MSW for operations of GraphQL: `graphql.query(name, resolver)`, at any address or at
//! that of a `graphql.link(url)`.
//!
//! Refuses to know how they answer.

use crate::script::address::{Matched, matched, text_of};
use crate::script::document::operation_in;
use crate::script::msw::handler::Handler;
use crate::unread_tally::{UnreadTally, Why};
use plumb_graphql::call::is_name;
use plumb_shape::operation::PathPattern;
use plumb_tree::script::expression::{Chain, Expression, Step};

const NAME: Why = Why {
    reason: "which operation a handler of GraphQL answers is computed, so it is not read",
    remedy: "name the operation as text, or its document in the same file",
};
const EVERY: Why = Why {
    reason: "a handler of every operation of GraphQL is not read",
    remedy: "keep it; handlers of `graphql.query` and `graphql.mutation` are compared",
};
const ADDRESS: Why = Why {
    reason: "the address of `graphql.link` cannot be told as a path, so its handlers are not read",
    remedy: "write it as text, or its beginning as a name given once in the same file",
};

/// Reads a handler; nothing where a call makes none, or one that cannot be told.
pub(super) fn of_graphql<'s>(
    call: Expression<'s>,
    chain: &Chain<'s>,
    tally: &mut UnreadTally,
) -> Option<Handler<'s>> {
    let line = call.spot().line;
    let Step { name: kind, arguments, .. } = chain.steps.last()?;
    let arguments = arguments.as_ref()?;
    let methods = match *kind {
        "query" => Vec::new(),
        "mutation" => vec!["POST".to_owned()],
        "operation" => {
            tally.add(line, EVERY);
            return None;
        }
        _ => return None,
    };
    let name = tally.need(name_of(*arguments.first()?), line, NAME)?;
    let Matched { writer, path } = tally.need(at(chain), line, ADDRESS)?;
    let title = format!("{kind} {name}");
    let path = PathPattern { name: Some(name), ..path };
    let matched = Matched { writer, path };
    Some(Handler { spot: call.spot(), methods, matched, title, arguments: arguments.clone() })
}

/// The name of an operation, as text or by its document.
fn name_of(said: Expression<'_>) -> Option<String> {
    let name = text_of(said).filter(|text| is_name(text));
    name.or_else(|| operation_in(said).map(|called| called.name))
}

/// The chain of a handler, also where what it is asked of has a name of its own:
/// `const api = graphql.link(url); api.query(..)`.
pub(super) fn whole<'s>(chain: &Chain<'s>) -> Option<Chain<'s>> {
    let [asked] = chain.steps.as_slice() else { return None };
    let is_kind = ["query", "mutation", "operation"].contains(&asked.name);
    is_kind.then_some(())?;
    let Chain { head, mut steps } = chain.head.resolved().chain();
    steps.last().filter(|link| link.name == "link")?;
    steps.push(asked.clone());
    Some(Chain { head, steps })
}

/// Where the operation is called: anywhere, or at the address of a link.
fn at(chain: &Chain<'_>) -> Option<Matched> {
    let anywhere = || Matched { writer: None, path: PathPattern::any() };
    match chain.steps.iter().rev().nth(1).filter(|step| step.name == "link") {
        None => Some(anywhere()),
        Some(link) => matched(&text_of(*link.arguments.as_ref()?.first()?)?),
    }
}
