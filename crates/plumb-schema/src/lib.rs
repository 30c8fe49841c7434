//! Sets of JSON documents as schemas draw them, and the one question about them: can a reader take
//! whatever a writer may write?
//!
//! The answer is a decision, not a list of edits: yes, no with a document that the writer may write
//! and the reader refuses, or that it cannot be told and why. Knows JSON Schema, drafts 4 to
//! 2020-12, and exact numbers, regular languages and validators; refuses to know files, sockets,
//! which contract a schema belongs to, and what a break is worth.

pub mod answer;
mod blame;
pub mod breaks;
mod bundle;
mod circle;
#[cfg(test)]
mod circle_laws;
mod constant;
pub mod decide;
mod duty;
mod evaluate;
mod exact;
mod format;
mod glance;
mod graph;
#[cfg(test)]
mod laws;
pub mod library;
mod literal;
mod node;
mod nodes;
mod numbers;
mod pair;
mod place;
mod reach;
mod read;
mod refusals;
mod search;
mod speaks;
mod texts;
