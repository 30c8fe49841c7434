//! Drivers of traffic: the share that routers send to a new version is set, and read back from
//! what they themselves say.
//!
//! Refuses to know verdicts, statistics, stages and the time of day.

pub mod bucket;
pub mod command;
pub mod driver;
pub mod flagd;
pub mod gateway;
pub mod haproxy;
mod http;
mod kubeconfig;
pub mod nginx;
pub mod program;
pub mod socket;
pub mod tap;
pub mod trouble;
mod whole_file;
