//! The whole command from outside: golden cases, documents against their schemas, and secrets that
//! must never come out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test, whether it is marked as one or used by one"
)]

mod broker;
mod canary;
mod celery;
#[cfg(unix)]
mod collectors;
#[cfg(unix)]
mod daemon;
#[cfg(unix)]
mod dashboard;
#[cfg(unix)]
mod database;
mod doctor;
mod doors;
#[cfg(unix)]
mod gate;
mod golden;
mod graphql;
#[cfg(unix)]
mod grpc;
#[cfg(unix)]
mod identity;
#[cfg(unix)]
mod listening;
#[cfg(unix)]
mod messages;
mod mock;
#[cfg(unix)]
mod otlp;
#[cfg(unix)]
mod pages;
mod plan;
mod provider;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
mod rehearse;
#[cfg(unix)]
mod replay;
#[cfg(unix)]
mod rollout;
#[cfg(unix)]
mod running;
mod sandbox;
mod schema;
#[cfg(unix)]
#[path = "../../../plumb-store/src/server.rs"]
mod server;
#[cfg(unix)]
mod story;
mod through_tls;
