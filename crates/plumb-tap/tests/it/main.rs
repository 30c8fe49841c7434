//! The tap between real clients and real upstreams, on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test, whether it is marked as one or used by one"
)]

mod client;
mod origin;
mod tapped;

mod bodies;
mod breaks;
mod captures;
mod closing;
mod headers;
mod protocols;
mod upgrades;
