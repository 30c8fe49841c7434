//! The tap between real clients and real upstreams, and the receiver of telemetry, on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test, whether it is marked as one or used by one"
)]

mod client;
mod origin;
mod received;
mod tapped;

mod bodies;
mod breaks;
mod captures;
mod closing;
mod grpc;
mod headers;
mod otlp;
mod otlp_bounds;
mod protocols;
mod upgrades;
