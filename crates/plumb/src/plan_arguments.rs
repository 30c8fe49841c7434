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
    /// Write the file of a transition from what is known
    ///
    /// Components, seams and the versions that run come from the evidence; with `--from` and `--to`
    /// old and new versions come from Compose files and manifests of Kubernetes, as they are once
    /// their templates are rendered. Each line says where it comes from, and what nobody told is
    /// left to people. Whether versions bear each other is not in it: that is what `plumb plan`
    /// finds out.
    #[command(after_help = "Example:\n  plumb plan draft -o transition.toml\n  \
                      plumb plan draft --from compose.old.yaml --to compose.yaml\n  \
                      helm template shop > new.yaml && plumb plan draft --to new.yaml")]
    Draft(DraftArguments),
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

/// What `plan draft` takes.
#[derive(Debug, Args)]
pub(crate) struct DraftArguments {
    /// Compose files or manifests of Kubernetes with what runs now
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) from: Vec<PathBuf>,
    /// The same with what is wanted
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) to: Vec<PathBuf>,
    /// The file to write instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the file, also if people wrote in it
    #[arg(long)]
    pub(crate) force: bool,
    /// Draft by the files alone, without evidence
    #[arg(long)]
    pub(crate) no_evidence: bool,
    #[command(flatten)]
    pub(crate) server: ServerArguments,
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
