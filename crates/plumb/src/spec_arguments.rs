//! The words of `plumb spec`.
//!
//! Refuses to do anything with them.

use crate::server_arguments::ServerArguments;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What `spec` does.
#[derive(Debug, Subcommand)]
pub(crate) enum SpecCommand {
    /// Write the interface of a dependency as it was seen, as OpenAPI 3.1
    ///
    /// Says what was seen and how often, and nothing more: what was never absent is required only
    /// from enough exchanges on, values are withheld, and every saying carries its strength under
    /// `x-plumb`. The same evidence gives the same bytes. A file that was written so before keeps
    /// what people wrote into it: whatever has no `x-plumb` of its own. YAML, or JSON with
    /// `--format json` or into a file that ends in `.json`. Tells what is lost.
    #[command(after_help = "Example:\n  plumb spec infer payments-api -o openapi.yaml\n  \
                      plumb spec infer payments-api --counts --since 14d\n  \
                      plumb spec infer payments-api --format json")]
    Infer(InferArguments),
}

/// What `spec infer` takes.
#[derive(Debug, Args)]
pub(crate) struct InferArguments {
    /// The dependency to describe; may be left out where only one was seen
    #[arg(value_name = "DEPENDENCY")]
    pub(crate) dependency: Option<String>,
    /// The title of the document; the dependency's name unless told
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// The file to write instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write exact counts and days instead of powers of ten, which change less often
    #[arg(long)]
    pub(crate) counts: bool,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}
