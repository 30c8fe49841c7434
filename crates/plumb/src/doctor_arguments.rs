//! The words of `plumb doctor`.
//!
//! Refuses to do anything with them.

use crate::server_arguments::ServerArguments;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `doctor` takes.
#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    #[command(subcommand)]
    pub(crate) about: Option<DoctorCommand>,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What else the doctor knows.
#[derive(Debug, Subcommand)]
pub(crate) enum DoctorCommand {
    /// Write what an OpenTelemetry Collector needs to send its traces to plumb
    #[command(after_help = "Example:\n  plumb doctor collector --print\n  \
                      plumb doctor collector --print --to 10.0.0.7:4317 --token-file tap.token")]
    Collector(CollectorArguments),
    /// Ask only whether the server is ready: 0 when it is, 4 when it is not
    #[command(after_help = "Example:\n  plumb doctor server --server https://plumb.internal:7070")]
    Server(ServerArguments),
}

/// What `doctor collector` takes.
#[derive(Debug, Args)]
pub(crate) struct CollectorArguments {
    /// Write just that, and nothing about what to do with it
    #[arg(long)]
    pub(crate) print: bool,
    /// Where `plumb observe otlp --listen` listens. Anything but loopback is spoken to with TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4317")]
    pub(crate) to: SocketAddr,
    /// Where the collector finds the receiver's token; it is not read here
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}
