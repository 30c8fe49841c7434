//! The words of `plumb observe`: where traffic comes from, and what is known about it.
//!
//! Refuses to do anything with them.

use clap::{Args, Subcommand};

/// Where traffic comes from.
#[derive(Debug, Subcommand)]
pub(crate) enum ObserveCommand {
    /// HTTP Archives, from browsers and proxies
    #[command(after_help = "Example:\n  plumb observe har checkout.har")]
    Har(FileArguments),
    /// Records of GoReplay
    #[command(after_help = "Example:\n  plumb observe gor capture.gor.gz\n  \
                      gor --input-file capture.gor --output-stdout | plumb observe gor -")]
    Gor(FileArguments),
    /// Files of any kind, exchanges in NDJSON among them
    #[command(after_help = "Example:\n  plumb observe file captures/* --env staging")]
    File(FileArguments),
}

/// What the commands that read files take.
#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// Files with captured traffic, also gzipped; `-` is the standard input. One that cannot be
    /// read does not keep the others from being read
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) known: Known,
}

/// What the person knows about the traffic.
#[derive(Debug, Args)]
pub(crate) struct Known {
    /// The provider that answered, where the traffic does not say it better than by its host
    #[arg(long, value_name = "NAME")]
    pub(crate) writer: Option<String>,
    /// The consumer that asked
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
    /// The version of the provider that answered
    #[arg(long, value_name = "VERSION")]
    pub(crate) release: Option<String>,
}
