//! Mocks of Apollo Client: objects of `request` and `result`, which its `MockedProvider` and
//! `MockLink` take.
//!
//! A mock is an example of one operation for each result that it may give. Refuses to know
//! variables: with which of them a mock is met is told by the test that asks.

mod imported;
pub(crate) mod named;
mod query;

use crate::reading::{Beside, CLAIMS_MAX};
use crate::script::answer::{Answer, Answered, Body, Written, say_answer};
use crate::script::apollo::imported::called_elsewhere;
use crate::script::apollo::named::{NAMES, is_module};
use crate::script::apollo::query::{Query, query_of};
use crate::unread_tally::{UnreadTally, Why};
use plumb_graphql::call::Called;
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::operation::PathPattern;
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::script::expression::{Expression, objects_of};
use plumb_tree::script::{Script, Spot};
use std::collections::BTreeMap;

/// What a mock has beside its request: without any of them an object is something else.
const ANSWERS: [&str; 4] = ["result", "error", "newData", "delay"];

const QUERY: Why = Why {
    reason: "which operation a mock of Apollo Client answers is computed, so it is not read",
    remedy: "name a document with one operation, in the same file or in one that it imports",
};
const IMPORTED: Why = Why {
    reason: "the document of a mock of Apollo Client is imported from what is not found, so the \
             mock is not read",
    remedy: "import it by a relative path from a file that is scanned, as text or as a template \
             with one operation",
};

/// A mock whose operation is known.
struct Mock<'s> {
    object: Expression<'s>,
    called: Called,
}

/// One claim for each result of each mock, in order.
pub(crate) fn claims_of<'s>(
    script: &'s Script<'s>,
    file: &str,
    beside: Beside<'_>,
    tally: &mut UnreadTally,
) -> Vec<Answered<'s>> {
    let is_named = || NAMES.iter().any(|name| script.imports_name(name));
    if !script.imports(is_module) && !is_named() {
        return Vec::new();
    }
    let mocks = mocks_of(script, file, beside, tally);
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for mock in &mocks {
        *times.entry(mock.called.name.as_str()).or_default() += 1;
    }
    let mut claims = Vec::new();
    for mock in &mocks {
        // Each is used up, and variables choose: the operation alone tells no two apart.
        let is_one_of_many = times.get(mock.called.name.as_str()).is_some_and(|times| *times > 1);
        say_mock(file, mock, is_one_of_many, &mut claims, tally);
        if claims.len() > CLAIMS_MAX {
            break;
        }
    }
    claims
}

/// The mocks whose operation is told, here or in a file that is imported.
fn mocks_of<'s>(
    script: &'s Script<'s>,
    file: &str,
    beside: Beside<'_>,
    tally: &mut UnreadTally,
) -> Vec<Mock<'s>> {
    let mut found = Vec::new();
    for object in objects_of(script) {
        let Some(request) = object.member("request") else { continue };
        if ANSWERS.iter().any(|name| object.member(name).is_some()) {
            let asked = request.member("query").map(query_of);
            // An object without a query asks somebody else.
            let asked = asked.or_else(|| (!request.is_object()).then_some(Query::Computed));
            found.extend(asked.map(|asked| (object, asked)));
        }
    }
    let wanted = found.iter().filter_map(|(_, asked)| match asked {
        Query::Imported(wanted) => Some(wanted.clone()),
        _ => None,
    });
    let elsewhere = called_elsewhere(file, wanted.collect(), beside);
    let mut mocks = Vec::new();
    for (object, asked) in found {
        let (called, why) = match asked {
            Query::Called(called) => (Some(called), QUERY),
            Query::Imported(wanted) => (elsewhere.get(&wanted).cloned(), IMPORTED),
            Query::Computed => (None, QUERY),
        };
        let called = tally.need(called, object.spot().line, why);
        mocks.extend(called.map(|called| Mock { object, called }));
    }
    mocks
}

fn say_mock<'s>(
    file: &str,
    mock: &Mock<'s>,
    is_one_of_many: bool,
    claims: &mut Vec<Answered<'s>>,
    tally: &mut UnreadTally,
) {
    let given = |name: &str| mock.object.member(name).filter(|it| !it.is_undefined());
    // An error of the network goes before any result.
    let Some(result) = given("result").or_else(|| given("newData")) else { return };
    if given("error").is_some() {
        return;
    }
    let function = called_back(result).resolved().function();
    let results = function.map_or_else(|| vec![result], |function| function.returned);
    let is_choice = results.len() > 1;
    for result in results.into_iter().filter(|result| !result.is_undefined()) {
        let answer = Answer {
            status: 200,
            headers: Vec::new(),
            media_type: None,
            body: Body::Json(result),
            written: Written::default(),
        };
        let spot = if is_choice { result.spot() } else { mock.object.spot() };
        let mut claim = claim_of(file, mock, spot);
        claim.request.stateful = is_choice || is_one_of_many;
        say_answer(&mut claim.said, &answer, tally);
        claims.push((claim, answer));
    }
}

/// The function that is watched while it is called: `jest.fn(f)`, `vi.fn(f)`.
fn called_back(result: Expression<'_>) -> Expression<'_> {
    let chain = result.resolved().chain();
    let watched = match chain.steps.as_slice() {
        [step] if step.name == "fn" => step.arguments.as_ref().and_then(|all| all.first().copied()),
        _ => None,
    };
    watched.unwrap_or(result)
}

fn claim_of(file: &str, mock: &Mock<'_>, spot: Spot) -> Claim {
    let Called { kind, name } = &mock.called;
    let mut said = Said::default();
    said.say_any_body(Side::Request);
    let methods = if *kind == "mutation" { vec!["POST".to_owned()] } else { Vec::new() };
    Claim {
        source: Source {
            dialect: Dialect::Apollo,
            file: file.to_owned(),
            line: spot.line,
            column: spot.column,
            title: format!("{kind} {name}"),
        },
        strength: Strength::Example,
        writer: None,
        reader: None,
        request: SaidRequest {
            methods,
            path: PathPattern { name: Some(name.clone()), ..PathPattern::any() },
            query: SaidQuery::Any,
            priority: 0,
            stateful: false,
        },
        status: SaidStatus::Exactly(200),
        said,
    }
}

#[cfg(test)]
mod tests;
