//! A receiver of OpenTelemetry traces, over HTTP and over gRPC. Requests are checked, counted and
//! answered at once; what is in them is read behind a queue.

mod answer;
mod arrival;
mod connection;
pub mod frame;
mod inflate;
pub mod options;
pub mod queue;
pub mod receiver;
mod refusal;
mod reply;
mod room;
pub mod token;
