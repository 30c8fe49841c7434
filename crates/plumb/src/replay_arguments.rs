//! The words of `plumb replay`.
//!
//! Refuses to do anything with them.

use crate::meeting_arguments::MeetingArguments;
use crate::values::{renamed, span};
use clap::Args;
use std::path::PathBuf;

/// What `replay` takes.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// Captures of requests, in any format that is read; `-` is the standard input
    #[arg(value_name = "CAPTURE", required = true)]
    pub(crate) captures: Vec<String>,
    /// Where the deployed version is; twice for two instances, which are then asked once each.
    /// Without, the recorded answers stand for it
    #[arg(long, value_name = "URL")]
    pub(crate) deployed: Vec<String>,
    /// Where the candidate is
    #[arg(long, value_name = "URL")]
    pub(crate) candidate: String,
    /// Only requests to this host, or to this dependency as `plumb.toml` names it
    #[arg(long, value_name = "HOST")]
    pub(crate) from: Vec<String>,
    /// Send requests that may change something too: everything but GET, HEAD and OPTIONS. They are
    /// compared when two instances are deployed, and otherwise sent once for their effect
    #[arg(long = "unsafe")]
    pub(crate) is_unsafe: bool,
    /// Send so many of the requests at most, the first ones
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub(crate) limit: usize,
    /// Send so many at a time, 64 at most
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    pub(crate) jobs: usize,
    /// A header that every request carries instead of the recorded one: `x-tenant: blue`. Secrets
    /// rather come from PLUMB_HEADERS, or a file
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// A file with such headers, one to a line; otherwise PLUMB_HEADERS has them, one to a line
    #[arg(long, value_name = "FILE", env = "PLUMB_HEADERS_FILE")]
    pub(crate) header_file: Option<PathBuf>,
    /// Send a recorded header under another name, or not at all: `x-user=x-test-user`, `x-user=`
    #[arg(long, value_name = "OLD=NEW", value_parser = renamed)]
    pub(crate) map_header: Vec<(String, String)>,
    /// How long an answer may take
    #[arg(long, value_name = "SPAN", default_value = "5s", value_parser = span)]
    pub(crate) timeout: i64,
    /// Further authorities to trust, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) meeting: MeetingArguments,
    /// Answer calls of gRPC by this schema: a source (`.proto`) with what it imports beside it, or
    /// a set of descriptors. Needs evidence that was observed with one
    #[arg(long, value_name = "FILE", requires = "command")]
    pub(crate) grpc_schema: Option<PathBuf>,
    /// Hosts that the command calls directly: what it finds in `NO_PROXY`, which is taken away
    /// otherwise
    #[arg(long, value_name = "HOSTS", requires = "command")]
    pub(crate) no_proxy: Option<String>,
    /// The command that starts the candidate, and its arguments. It is ended afterwards
    #[arg(value_name = "COMMAND", last = true)]
    pub(crate) command: Vec<String>,
}
