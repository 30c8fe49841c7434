//! Rehearsals: what a migration does to a copy on a real PostgreSQL, who of the old version breaks,
//! and whether there is a way back.
//!
//! The source is only ever read, in read-only transactions. Only Unix has what a private server
//! needs; elsewhere there are the types of its report. Refuses to know severity, exit codes,
//! and how an answer is written.

pub mod asked;
pub mod back;
#[cfg(unix)]
mod boot;
mod clock;
mod column;
pub mod description;
pub mod fill;
pub mod freeze;
#[cfg(unix)]
pub mod host;
#[cfg(unix)]
pub mod interrupt;
pub mod ledger;
pub mod link;
pub mod lock;
mod measure;
#[cfg(unix)]
pub mod messages;
mod migration;
#[cfg(unix)]
mod origin;
mod parameter;
#[cfg(unix)]
mod private_server;
pub mod probe;
pub mod programs;
#[cfg(unix)]
mod queue;
mod quote;
#[cfg(unix)]
pub mod rehearsal;
pub mod report;
mod script;
mod snapshot;
#[cfg(unix)]
mod source;
pub mod step;
pub mod trial;
pub mod trouble;
pub mod walk;
#[cfg(unix)]
mod watched;
#[cfg(unix)]
mod worker;

#[cfg(test)]
#[cfg(unix)]
mod fill_tests;
#[cfg(test)]
#[cfg(unix)]
mod levels_tests;
#[cfg(test)]
#[cfg(unix)]
mod matrix_tests;
#[cfg(test)]
#[cfg(unix)]
mod measure_tests;
#[cfg(test)]
#[cfg(unix)]
mod messages_tests;
