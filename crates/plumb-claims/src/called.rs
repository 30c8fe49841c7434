//! Which operation of GraphQL a claim speaks of, where the request that it asks for tells.
//!
//! Whatever the dialect, such a request has a body or a query with the operation's name or its
//! document. Refuses to know any dialect.

use plumb_graphql::call::{called_by_body, called_by_document, is_name};
use plumb_shape::claim::Claim;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::Presence;

/// Names the operation in the path of each claim that asks for just one.
pub(crate) fn name_calls(claims: &mut [Claim]) {
    for claim in claims.iter_mut().filter(|claim| claim.request.path.name.is_none()) {
        let may_call = |method: &String| ["GET", "POST"].contains(&method.as_str());
        if claim.request.methods.iter().any(may_call) || claim.request.methods.is_empty() {
            claim.request.path.name = name_of(claim);
        }
    }
}

/// The same path, of the operation that a body calls.
pub(crate) fn called_by(path: PathPattern, body: &[u8]) -> PathPattern {
    PathPattern { name: called_by_body(body), ..path }
}

fn name_of(claim: &Claim) -> Option<String> {
    let text = |place: Place| {
        let said = claim.said.get(&place).filter(|said| said.presence == Presence::Always)?;
        let words = said.words.as_ref().filter(|words| words.len() == 1)?;
        words.first().map(String::as_str)
    };
    let in_body: Named =
        |name| Place::root(Side::Request, Part::Body).child(Step::Key(name.into()));
    let in_query: Named = |name| Place::named(Side::Request, Part::Query, name);
    [in_body, in_query].into_iter().find_map(|place| {
        let name = text(place("operationName")).filter(|name| is_name(name));
        name.map(str::to_owned).or_else(|| called_by_document(text(place("query"))?))
    })
}

/// The place of what has a name.
type Named = fn(&str) -> Place;
