//! Traffic: readers that turn captured bytes into exchanges, redaction, and the fold into profiles.

pub mod backlog;
pub mod body;
pub mod called;
pub mod exchange;
pub mod fold;
pub mod gor;
pub mod grpc_code;
pub mod har;
mod har_split;
pub mod kombu;
pub mod ndjson;
pub mod otlp;
pub mod reading;
pub mod record;
pub mod redact;
mod route;
pub mod schema;
pub mod text;
pub mod timeline;
