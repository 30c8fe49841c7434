//! The doctor: what is there of a project's wiring, and what is missing.
//!
//! Looks and tells facts. Refuses to mend anything, to touch the network, and to word what it
//! finds.

pub mod canary;
pub mod fact;
pub mod names;
pub mod room;
mod silent;
pub mod sources;
