//! Taps of real brokers, each started by its test, beside a producer and a real consumer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test, whether it is marked as one or used by one"
)]

mod server;
mod tapping;

mod kafka;
mod nats;
mod rabbitmq;
mod redis;
mod tls;
