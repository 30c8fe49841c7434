//! Interceptors of nock: `nock(host).get(path).query(..).reply(status, body, headers)`.
//!
//! An interceptor is an example: it answers just this request, once, unless it persists. Refuses to
//! know what nock recorded into files, which is a cassette's business.

mod interceptor;

use crate::reading::CLAIMS_MAX;
use crate::script::address::text_of;
use crate::script::answer::{Answered, headers_of};
use crate::script::nock::interceptor::{Asked, Scope, claim_of, say_asked};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Claim;
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::script::Script;
use plumb_tree::script::expression::{Chain, Step, calls_of};
use plumb_tree::script::value::value_of;
use std::collections::BTreeMap;

const SCOPE: Why = Why {
    reason: "the host of an interceptor cannot be told, so it is not read",
    remedy: "write it as text, or keep it in a name that is given once in the same file",
};

/// One claim for each interceptor that answers, in order.
pub(crate) fn claims_of<'s>(
    script: &'s Script<'s>,
    file: &str,
    tally: &mut UnreadTally,
) -> Vec<Answered<'s>> {
    let mut claims = Vec::new();
    let is_imported = script.imports(|module| module == "nock");
    for call in calls_of(script).filter(|_| is_imported) {
        let chain = call.chain();
        let named = chain.head.resolved().chain();
        let before = is_scope(&named).then_some(named).filter(|_| chain.head.name().is_some());
        if before.is_none() && !is_scope(&chain) {
            if !is_nock(&chain) && is_intercepting(&chain.steps) {
                tally.add(call.spot().line, SCOPE);
            }
            continue;
        }
        let mut scope = Scope::default();
        // What the name itself intercepts is read where it is given.
        for step in before.iter().flat_map(|before| &before.steps) {
            let _ = intercept(&mut scope, step, &mut UnreadTally::default());
        }
        scope.asked = None;
        for step in &chain.steps {
            let Some(step) = intercept(&mut scope, step, tally) else { continue };
            if claims.len() <= CLAIMS_MAX {
                claims.extend(claim_of(&scope, step, file, tally));
            }
            scope.asked = None;
        }
    }
    mark_repeated(&mut claims);
    claims
}

/// True for what is done with the library itself.
fn is_nock(chain: &Chain<'_>) -> bool {
    let is_own = |name| ["default", "*"].contains(&name);
    chain.head.import().is_some_and(|import| import.module == "nock" && is_own(import.name))
}

/// True for `nock(host)` and what follows it.
fn is_scope(chain: &Chain<'_>) -> bool {
    is_nock(chain) && chain.steps.first().is_some_and(|step| step.name.is_empty())
}

/// True for steps like those of an interceptor.
fn is_intercepting(steps: &[Step<'_>]) -> bool {
    let is_asked = |step: &Step<'_>| step.arguments.is_some() && method_of(step.name).is_some();
    let is_answered = |step: &Step<'_>| ["reply", "replyWithFile"].contains(&step.name);
    let asked = steps.iter().position(is_asked);
    asked.is_some_and(|at| steps[at..].iter().any(is_answered))
}

fn method_of(name: &str) -> Option<&'static str> {
    match name {
        "get" => Some("GET"),
        "post" => Some("POST"),
        "put" => Some("PUT"),
        "patch" => Some("PATCH"),
        "delete" => Some("DELETE"),
        "head" => Some("HEAD"),
        "options" => Some("OPTIONS"),
        "merge" => Some("MERGE"),
        _ => None,
    }
}

/// Takes one step; gives it back when it is the answer of an interceptor.
fn intercept<'a, 's>(
    scope: &mut Scope<'s>,
    step: &'a Step<'s>,
    tally: &mut UnreadTally,
) -> Option<&'a Step<'s>> {
    let arguments = step.arguments.as_deref()?;
    let first = arguments.first().copied();
    let name = step.name;
    if let Some(method) = method_of(name) {
        let method = Some(method.to_owned());
        let body = arguments.get(1).copied();
        scope.asked = Some(Asked { method, address: first, body, ..Asked::at(step.spot) });
        return None;
    }
    match name {
        "" => {
            scope.host = first.and_then(text_of);
            let options = arguments.get(1).map(|options| value_of(*options));
            let asked = options.as_ref().and_then(|options| options.get("reqheaders"));
            let asked = asked.map(|headers| headers_of(headers, tally));
            scope.asked_headers.extend(asked.unwrap_or_default());
        }
        "intercept" => {
            let method = arguments.get(1).and_then(|method| text_of(*method));
            let method = method.map(|method| method.to_ascii_uppercase());
            let body = arguments.get(2).copied();
            scope.asked = Some(Asked { method, address: first, body, ..Asked::at(step.spot) });
        }
        "defaultReplyHeaders" => {
            let headers = first.map(|headers| headers_of(&value_of(headers), tally));
            scope.headers.extend(headers.unwrap_or_default());
        }
        "filteringPath" | "filteringRequestBody" => scope.is_filtered = true,
        "reply" | "replyWithFile" if scope.asked.is_some() => return Some(step),
        "replyWithError" => scope.asked = None,
        _ => say_asked(scope, name, arguments),
    }
    None
}

/// Of interceptors that match the same requests the first is used up first: only their order tells
/// the answers apart.
fn mark_repeated(claims: &mut [Answered<'_>]) {
    let identity = |claim: &Claim| {
        let asked = claim.said.places.iter().filter(|(place, _)| place.side == Side::Request);
        let asked = asked.map(|(place, expected)| (place.clone(), expected.clone()));
        let request = &claim.request;
        let said = Said { places: asked.collect() };
        (claim.writer.clone(), request.methods.clone(), request.path.clone(), request.query, said)
    };
    let mut times = BTreeMap::new();
    for (claim, _) in claims.iter() {
        *times.entry(identity(claim)).or_insert(0_usize) += 1;
    }
    for (claim, _) in claims {
        claim.request.stateful |= times.get(&identity(claim)).is_some_and(|times| *times > 1);
    }
}
