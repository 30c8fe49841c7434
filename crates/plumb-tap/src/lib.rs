//! The tap: a proxy, reverse or forward, that passes every exchange untouched and hands on a
//! bounded copy, and a receiver of telemetry.
//!
//! Start at [`proxy::serve`] or [`outward::serve`], which carry the traffic, and
//! [`queue::bounded`], where the copies come out; or at [`otlp::receiver::serve`] and
//! [`otlp::queue::bounded`]. The tap fails open: whatever happens to a copy, the exchange it was
//! made from goes on. This crate refuses to know what the copies are kept for.

pub mod authority;
pub mod captured;
mod connect;
mod connection;
mod copied;
mod crew;
pub mod fields;
mod forward;
mod gate;
pub mod hop;
mod idle;
pub mod issuer;
mod keeping;
mod lanes;
pub mod opening;
pub mod options;
pub mod otlp;
pub mod outward;
mod page;
pub mod peeked;
pub mod proxy;
pub mod queue;
pub mod record;
mod recording;
pub mod reflect;
pub mod routes;
pub mod run;
pub mod shutdown;
mod socket;
mod speech;
mod splice;
pub mod split;
#[cfg(unix)]
pub mod steering;
mod target;
pub mod tls;
pub mod upstream;
