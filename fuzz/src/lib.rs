//! What must hold of every reader of foreign bytes, whatever the bytes are.
//!
//! No function here panics unless a promise of the product is broken: that is what a fuzzer finds.

pub mod claims;
pub mod contract;
pub mod description;
pub mod engine;
pub mod fold;
pub mod promise;
pub mod rollout;
pub mod schema;
pub mod target;
pub mod traffic;
pub mod transition;
pub mod tree;
