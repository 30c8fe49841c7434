//! Rollouts: a file of stages, walked through with a driver and a judge, one controller at a time,
//! and whoever comes after a crash goes on.
//!
//! Refuses to know how anything of it is shown.

pub mod by_command;
pub mod controller;
mod driver_file;
pub mod drivers;
pub mod error;
pub mod event;
pub mod file;
mod forms;
pub mod hours;
pub mod judge;
pub mod kept;
pub mod lease;
pub mod metrics_file;
pub mod orders;
pub mod rests;
pub mod room;
pub mod spec;
pub mod way_back;
