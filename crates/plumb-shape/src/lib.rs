//! The algebra that carries everything in Plumb: traits, places, behaviours, profiles, claims and
//! differences.
//!
//! Four verbs work on them: `observe` folds an exchange into a profile, `merge` joins two profiles,
//! `diff` compares what is said with what is seen, and every law about them is a property test.
//! Knows values and shapes; refuses to know files, sockets, clocks, severity and any format but
//! JSON as it stands on the wire.

mod arena;
pub mod ascii;
pub mod change;
pub mod claim;
pub mod cover;
pub mod crowd;
pub mod difference;
mod eight;
pub mod example;
pub mod fold;
pub mod format;
pub mod ladder;
pub mod latency;
#[cfg(test)]
mod laws;
pub mod literal;
pub mod operation;
pub mod outcome;
pub mod place;
pub mod profile;
pub mod said;
pub mod scan;
pub mod seen;
mod selection;
mod shortcut;
mod sound;
pub mod speaks;
pub mod synthetic;
pub mod tally;
mod token;
pub mod trait_set;
