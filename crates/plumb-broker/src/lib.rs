//! Taps of message brokers: copies of messages as they are published, and how far behind their
//! consumers are.
//!
//! Start at [`source::source`], which reads where to tap, and [`run::run`], which taps. What comes
//! out of [`queue::bounded`] is all there is. A tap takes copies: it acknowledges nothing that
//! belongs to somebody else, joins no group, and leaves nothing behind. This crate refuses to know
//! what the copies are kept for.

mod amqp;
mod amqp_message;
pub mod attempt;
pub mod authority;
mod hand;
mod kafka;
mod kafka_ask;
mod kafka_groups;
mod kafka_words;
mod nats;
mod nats_lag;
mod nats_stream;
pub mod note;
pub mod options;
pub mod queue;
mod redis_entry;
mod redis_stream;
pub mod run;
pub mod shutdown;
pub mod source;
pub mod taken;
mod url;
