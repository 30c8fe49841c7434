//! The words of `plumb serve`, `plumb token` and `plumb audit`, and of every command that can speak
//! with a server.
//!
//! Refuses to do anything with them.

use crate::values::{day, span};
use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Bytes of deltas that a project may bring in a day: 10 GiB, some hundred collectors at full
/// speed.
const QUOTA_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// Windows that a project may keep: a million, a month of some thirty thousand seams.
const QUOTA_WINDOWS: u64 = 1_000_000;

/// A server to speak with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerArguments {
    /// The server that keeps the evidence, instead of the store
    #[arg(long, value_name = "URL", env = "PLUMB_SERVER")]
    pub(crate) server: Option<String>,
    /// A file with the token to show it; otherwise PLUMB_TOKEN is shown
    #[arg(long, value_name = "FILE", env = "PLUMB_TOKEN_FILE")]
    pub(crate) server_token_file: Option<PathBuf>,
    /// Further authorities to trust for the server, in PEM
    #[arg(long, value_name = "FILE", env = "PLUMB_SERVER_CA")]
    pub(crate) server_ca: Option<PathBuf>,
    /// How long to wait for the server
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = span)]
    pub(crate) timeout: i64,
}

impl ServerArguments {
    /// No server: the store has the evidence.
    pub(crate) const fn none() -> Self {
        Self { server: None, server_token_file: None, server_ca: None, timeout: 0 }
    }
}

/// What a daemon shows to whoever calls, and asks of them.
#[derive(Debug, Args)]
pub(crate) struct DoorArguments {
    /// The certificate to show, with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Ask for a token on loopback too
    #[arg(long)]
    pub(crate) tokens: bool,
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Where to listen; port 0 takes a free one. Anything but loopback needs TLS and tokens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) door: DoorArguments,
    /// A file that says whose tokens of an identity provider (OpenID Connect) are taken beside our
    /// own, and what they allow
    #[arg(long, value_name = "FILE")]
    pub(crate) oidc: Option<PathBuf>,
    /// Further authorities to trust for the provider, in PEM
    #[arg(long, value_name = "FILE", requires = "oidc")]
    pub(crate) oidc_ca: Option<PathBuf>,
    /// How long evidence is kept
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = span)]
    pub(crate) retention: i64,
    /// Bytes of evidence that a project may bring in a day
    #[arg(long, value_name = "BYTES", default_value_t = QUOTA_BYTES)]
    pub(crate) quota_bytes: u64,
    /// Windows that a project may keep: one for each seam, version, environment and day
    #[arg(long, value_name = "COUNT", default_value_t = QUOTA_WINDOWS)]
    pub(crate) quota_windows: u64,
    /// A file with the address to tell when a verdict changes class
    #[arg(long, value_name = "FILE")]
    pub(crate) hook_url_file: Option<PathBuf>,
    /// A file with the secret that signs what is told
    #[arg(long, value_name = "FILE", requires = "hook_url_file")]
    pub(crate) hook_secret_file: Option<PathBuf>,
    /// A file with the secret of the web hook on GitHub that tells deployments
    #[arg(long, value_name = "FILE")]
    pub(crate) github_secret_file: Option<PathBuf>,
}

/// What `token` does.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and show it, this once
    #[command(after_help = "Example:\n  plumb token new collector --allow ingest --for 90d\n  \
                      plumb token new ci --allow read --env production")]
    New(TokenNewArguments),
    /// List tokens; their secrets cannot be shown again
    #[command(after_help = "Example:\n  plumb token ls")]
    Ls,
    /// End a token now
    #[command(after_help = "Example:\n  plumb token revoke ci")]
    Revoke(TokenRevokeArguments),
}

/// What `token new` takes.
#[derive(Debug, Args)]
pub(crate) struct TokenNewArguments {
    /// What to call it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it allows
    #[arg(long, value_name = "RIGHTS", value_enum, value_delimiter = ',', required = true)]
    pub(crate) allow: Vec<Allowed>,
    /// The project it is good for, instead of the server's own
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// The last day it is good
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "span")]
    pub(crate) until: Option<i32>,
    /// How long it is good
    #[arg(long = "for", id = "span", value_name = "SPAN")]
    #[arg(default_value = "90d", value_parser = span)]
    pub(crate) span: i64,
}

/// What a token can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Allowed {
    /// To send evidence
    Ingest,
    /// To read evidence and verdicts
    Read,
    /// To tell releases
    Release,
    /// To order rollouts to go on or back
    Operate,
    /// To see who did what
    Admin,
}

/// What `token revoke` takes.
#[derive(Debug, Args)]
pub(crate) struct TokenRevokeArguments {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// What `audit` does.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List what was done at the server, oldest first
    #[command(after_help = "Example:\n  plumb audit ls --format ndjson")]
    Ls,
    /// Prove that nothing in the log was changed or taken out
    #[command(after_help = "Example:\n  plumb audit verify")]
    Verify,
}
