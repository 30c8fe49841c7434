//! The words of `plumb plan`.
//!
//! Refuses to do anything with them.

use crate::server_arguments::ServerArguments;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What `plan` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct PlanArguments {
    #[command(subcommand)]
    pub(crate) command: Option<PlanCommand>,
    #[command(flatten)]
    pub(crate) transition: TransitionArguments,
    /// Also write the runbook, as Markdown, to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) runbook: Option<PathBuf>,
    /// Also draw the plan to this file: SVG, or Mermaid when it ends in .mmd or .mermaid
    #[arg(long, value_name = "FILE")]
    pub(crate) diagram: Option<PathBuf>,
}

/// Which transition, and what is known of it.
#[derive(Debug, Args)]
pub(crate) struct TransitionArguments {
    /// The file of the transition; by default transition.toml in this folder
    #[arg(value_name = "TRANSITION")]
    pub(crate) file: Option<PathBuf>,
    /// Plan by what the file names alone, without evidence
    #[arg(long)]
    pub(crate) no_evidence: bool,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// What else `plan` does.
#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Try every interleaving of a plan, whoever wrote it
    ///
    /// Walks through everything that may happen while the plan is carried out, with moves that
    /// stop half way and are tried again, and shows the shortest way to a moment in which two
    /// versions meet that must not. Takes what `plumb plan --format json` wrote, or the same words
    /// in TOML. Exit 0 is safe, 1 refused.
    #[command(after_help = "Example:\n  plumb plan --format json > plan.json\n  \
                      plumb plan verify plan.json\n  plumb plan verify ours.toml release.toml")]
    Verify(VerifyArguments),
}

/// What `plan verify` takes.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The plan: the document of `plumb plan`, or a file in TOML
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) transition: TransitionArguments,
}
