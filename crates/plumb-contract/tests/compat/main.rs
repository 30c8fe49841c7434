//! The catalog of pairs: what one edit makes of a contract, decided as its label says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, wherever the code stands"
)]

mod asyncapi;
mod edits;
mod graphql;
mod json_schema;
mod openapi;
mod pairs;
mod sql;
