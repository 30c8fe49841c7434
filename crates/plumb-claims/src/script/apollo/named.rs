//! What tells that a script mocks Apollo Client: the modules and the names that it imports.
//!
//! Refuses to know scripts.

/// Where the library keeps what tests need, in its present versions and in those before.
pub(crate) const MODULES: [&str; 3] =
    ["@apollo/client/testing", "@apollo/react-testing", "react-apollo/test-utils"];

/// What takes mocks, also where a project passes it on from a module of its own, and their type.
pub(crate) const NAMES: [&str; 3] = ["MockedProvider", "MockLink", "MockedResponse"];

/// True for a module of the library's, and for one below it.
pub(super) fn is_module(module: &str) -> bool {
    MODULES.iter().any(|own| {
        let rest = module.strip_prefix(own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
