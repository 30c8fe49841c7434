//! Analysing a rollout: what both versions did, read from events or captures and given to the
//! judge.
//!
//! Refuses to know how a judgement is shown, and HTTP.

pub mod captured;
pub mod columns;
pub mod counters;
pub mod dictionary;
pub mod error;
pub mod events;
pub mod evidence;
pub mod exchanged;
pub mod follow;
pub mod glance;
pub mod intake;
mod json_lines;
pub mod live;
mod metrics;
mod metrics_json;
pub mod parquet;
pub mod recorded;
pub mod row;
mod separated;
mod traces;
pub mod unread;
