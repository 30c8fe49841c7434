//! Documents of GraphQL: which operation a request calls, and what an operation asks for.
//!
//! One path serves every operation, so the name that a client gives is what tells them apart, on
//! the wire and in mocks alike. Knows the text of GraphQL; refuses to know traffic, claims, disk,
//! and what two versions of a schema change.

pub mod asked;
pub mod call;
pub mod fault;
pub mod introspection;
pub mod schema;
pub mod split;
mod tokens;
