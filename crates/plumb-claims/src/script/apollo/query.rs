//! What a script gives as a query: a document that tells its operation, or where it comes from.
//!
//! Refuses to look into other files.

use crate::script::document::operation_in;
use plumb_graphql::call::Called;
use plumb_tree::script::expression::Expression;

/// A module as it is written, and what is taken from it.
pub(super) type Wanted = (String, String);

/// A query as it is given.
pub(super) enum Query {
    /// Its document stands in the file.
    Called(Called),
    /// It is imported.
    Imported(Wanted),
    /// Only running would tell.
    Computed,
}

/// Looks at what is given as a query.
pub(super) fn query_of(given: Expression<'_>) -> Query {
    if let Some(wanted) = wanted(given) {
        return Query::Imported(wanted);
    }
    operation_in(given).map_or(Query::Computed, Query::Called)
}

/// What an expression takes from another module: `ORDERS`, or `queries.ORDERS` of all of them.
fn wanted(given: Expression<'_>) -> Option<Wanted> {
    let of = |module: &str, name: &str| Some((module.to_owned(), name.to_owned()));
    if let Some(import) = given.resolved().import() {
        return of(import.module, import.name);
    }
    let chain = given.resolved().chain();
    let import = chain.head.import().filter(|import| import.name == "*")?;
    match chain.steps.as_slice() {
        [step] if step.arguments.is_none() => of(import.module, step.name),
        _ => None,
    }
}
