//! What becomes of a request, and what the library's own things are called.
//!
//! Refuses to know handlers, and how either version writes its answers.

use crate::script::answer::Answer;
use crate::unread_tally::Why;
use plumb_tree::script::expression::Chain;

/// Why an answer is unclear whose status only running would tell.
pub(crate) const STATUS: Why = Why {
    reason: "the status of an answer is computed, so it is not read",
    remedy: "write it as a number",
};

/// What becomes of a request as far as one `return` goes.
pub(crate) enum Outcome<'s> {
    /// It is answered.
    Answer(Answer<'s>),
    /// The first such request is answered, later ones go on to other handlers.
    Once(Answer<'s>),
    /// It fails, or goes on to somebody else: nothing is said.
    Nothing,
    /// The answer cannot be told.
    Unclear(Why),
}

/// True for the modules of the library.
fn is_module(module: &str) -> bool {
    module == "msw" || module.starts_with("msw/")
}

/// What an expression and the members asked of it are called in the library: `http`, `get`.
pub(crate) fn names_of<'s>(chain: &Chain<'s>) -> Option<Vec<&'s str>> {
    let import = chain.head.import().filter(|import| is_module(import.module))?;
    let own = (!["*", "default"].contains(&import.name)).then_some(import.name);
    let members = chain.steps.iter().map(|step| step.name).filter(|name| !name.is_empty());
    Some(own.into_iter().chain(members).collect())
}
