//! A handler as it is written: which requests it takes, and the arguments it was made with.
//!
//! Refuses to know of which kind it is, and how it answers.

use crate::script::address::Matched;
use plumb_tree::Value;
use plumb_tree::script::Spot;
use plumb_tree::script::expression::Expression;
use plumb_tree::script::value::value_of;

/// A handler.
pub(super) struct Handler<'s> {
    pub(super) spot: Spot,
    /// The methods that it takes; none means any.
    pub(super) methods: Vec<String>,
    pub(super) matched: Matched,
    pub(super) title: String,
    /// What it takes, what answers, and options.
    pub(super) arguments: Vec<Expression<'s>>,
}

impl<'s> Handler<'s> {
    /// What answers.
    pub(super) fn resolver(&self) -> Option<Expression<'s>> {
        self.arguments.get(1).copied()
    }

    /// Whether what answers is a function of `req`, `res` and `ctx`, as in version 1.
    pub(super) fn is_of_version_1(&self) -> bool {
        let function = self.resolver().and_then(|resolver| resolver.resolved().function());
        function.is_some_and(|function| function.parameters.len() > 1)
    }

    /// Whether the options say that it answers once.
    pub(super) fn is_once(&self) -> bool {
        let once = self.arguments.get(2).map(|options| value_of(*options));
        let once = once.and_then(|options| options.get("once").map(|node| node.value.clone()));
        once.is_some_and(|once| once != Value::Bool(false))
    }
}
