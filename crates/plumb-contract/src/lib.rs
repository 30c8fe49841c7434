//! Contracts in their own formats: what the two sides of an interface promise each other, and what
//! two versions of it change.
//!
//! Knows formats of contracts and which side of each seam writes; refuses to know disk, evidence
//! and how a change is shown.

pub mod asyncapi;
pub mod avro;
pub mod change;
pub mod compare;
pub mod compared;
pub mod graphql;
pub mod interface;
pub mod json_schema;
pub mod kind;
pub mod openapi;
pub mod protobuf;
pub mod reference;
mod rule;
pub(crate) mod shown;
pub mod sql;
pub mod weighed;
