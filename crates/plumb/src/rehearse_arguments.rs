//! The words of `plumb rehearse`.
//!
//! Refuses to do anything with them.

use crate::report_request::ReportRequest;
use clap::{Args, Subcommand};
use plumb_rehearse::ledger::Tool;
use std::path::PathBuf;

/// Rows of a table at most: beyond that the copy is no sample any more.
const ROWS_MAX: u64 = 10_000_000;

/// What `rehearse` does: a migration, unless something else is named.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct RehearseWords {
    #[command(subcommand)]
    pub(crate) command: Option<RehearseCommand>,
    #[command(flatten)]
    pub(crate) migration: Option<RehearseArguments>,
}

/// What else `rehearse` does.
#[derive(Debug, Subcommand)]
pub(crate) enum RehearseCommand {
    /// Let the old worker take messages of the new version from a real queue
    ///
    /// Starts a Redis of its own, lays the captured messages on a list as a producer would, and
    /// runs the worker. An empty queue and a living worker say nothing, since a worker may delete
    /// what it cannot read; so what counts is what it finished, beside what the new worker
    /// finishes of the same messages. The workers are told the queue's address in BROKER_URL,
    /// CELERY_BROKER_URL, REDIS_URL and BROKER. Exit 0 when nothing is lost, 1 when something is,
    /// 3 when it cannot tell.
    #[command(after_help = "Example:\n  plumb rehearse messages new-messages.ndjson \\\n    \
                      --old 'venv-old/bin/celery -A tasks worker -l info' \\\n    \
                      --new 'venv-new/bin/celery -A tasks worker -l info'")]
    Messages(MessageArguments),
}

/// What `rehearse messages` takes.
#[derive(Debug, Args)]
pub(crate) struct MessageArguments {
    /// The messages as they lay on the queue, one on each line, oldest first
    #[arg(value_name = "FILE")]
    pub(crate) messages: PathBuf,
    /// The old worker, as a command of the shell
    #[arg(long, value_name = "COMMAND")]
    pub(crate) old: String,
    /// The new worker, which says how much there is to finish; without it each message is one
    /// piece of work
    #[arg(long, value_name = "COMMAND")]
    pub(crate) new: Option<String>,
    /// What a line of a worker's output holds when a piece of work was finished
    #[arg(long, value_name = "TEXT", default_value = "succeeded in")]
    pub(crate) done: String,
    /// The list that workers take from
    #[arg(long, value_name = "LIST", default_value = "celery")]
    pub(crate) queue: String,
    /// A worker that has said nothing for so many seconds, with nothing left on the queue, is done
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) silence: u64,
    /// Seconds that a worker is watched at most
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) wait: u64,
    /// Where Redis' server is; found in the search path unless told
    #[arg(long, value_name = "FILE")]
    pub(crate) redis_server: Option<PathBuf>,
    /// Also write the answer as a document to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
}

/// What `rehearse` takes.
#[derive(Debug, Args)]
pub(crate) struct RehearseArguments {
    /// The old schema: a script of SQL, or a folder of migrations that are run in order
    #[arg(long, value_name = "FILE|DIR", required_unless_present = "copy")]
    pub(crate) schema: Option<PathBuf>,
    /// A database to copy instead: its schema, sizes and a sample of rows; it is only read
    #[arg(long, value_name = "URL", conflicts_with = "schema")]
    pub(crate) copy: Option<String>,
    /// Rows of each table: sampled from the copy, or made up
    #[arg(long, value_name = "N", default_value_t = 10_000, help_heading = "The copy")]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=ROWS_MAX))]
    pub(crate) rows: u64,
    /// The migration: a script, or a folder; files that the old schema's folder has too are left
    /// out
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) migrate: PathBuf,
    /// The way back; by default what lies beside the migration, as in 2_x.down.sql
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) down: Option<PathBuf>,
    /// Run each file in one transaction, as the migration tool does
    #[arg(long)]
    pub(crate) single_transaction: bool,
    /// The time zone of the application; by default that of the source, or UTC
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Statements of the old version: SQL, or NDJSON or CSV with `query`, `calls`, `component`,
    /// `version` and `parameters`
    #[arg(long, value_name = "FILE", help_heading = "Who breaks")]
    pub(crate) statements: Option<PathBuf>,
    /// Take them from pg_stat_statements of this database; it is only read
    #[arg(long, value_name = "URL", help_heading = "Who breaks")]
    pub(crate) statements_from: Option<String>,
    /// Statements of the new version, tried on the old schema: may the code come first?
    #[arg(long, value_name = "FILE", help_heading = "Who breaks")]
    pub(crate) new_statements: Option<PathBuf>,
    /// Statements that the new version writes with; the old one then reads what they wrote
    #[arg(long, value_name = "FILE", help_heading = "Who breaks")]
    pub(crate) new_writes: Option<PathBuf>,
    /// The role that statements run as; by default one with the ordinary rights of an application
    #[arg(long, value_name = "ROLE", help_heading = "Who breaks")]
    pub(crate) role: Option<String>,
    /// Do not look at what waiting behind an idle transaction does to readers
    #[arg(long, help_heading = "Locks")]
    pub(crate) no_behind_idle: bool,
    /// The lock_timeout to try there, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200, help_heading = "Locks")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub(crate) lock_timeout: u64,
    /// The folder of migrations that the old version ships: would it start on the new ledger?
    #[arg(long, value_name = "DIR", help_heading = "The old version")]
    pub(crate) old_migrations: Option<PathBuf>,
    /// Whose ledger it is; by default found out by its table
    #[arg(long, value_name = "TOOL", value_parser = tool, help_heading = "The old version")]
    pub(crate) ledger: Option<Tool>,
    /// Start the old version with this command of the shell, DATABASE_URL leading to the copy
    #[arg(long, value_name = "COMMAND", help_heading = "The old version")]
    pub(crate) old_command: Option<String>,
    /// How long it has to stay up, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, help_heading = "The old version")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) old_command_wait: u64,
    /// The folder of PostgreSQL's programs; by default the newest that is installed
    #[arg(long, value_name = "DIR", help_heading = "The server")]
    pub(crate) postgres: Option<PathBuf>,
    /// The major version of the private server
    #[arg(long, value_name = "VERSION", help_heading = "The server")]
    pub(crate) server_version: Option<u32>,
    /// Make the copies on this server instead of a private one, and drop them afterwards
    #[arg(long, value_name = "URL", help_heading = "The server")]
    #[arg(conflicts_with_all = ["postgres", "server_version"])]
    pub(crate) server: Option<String>,
    /// Also write the document here after every stage, so that it is there however this ends
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
    /// Also write a report: markdown or json, and where to
    #[arg(long = "report", value_name = "KIND=PATH")]
    pub(crate) reports: Vec<ReportRequest>,
    /// Answer 0 even when it is not a pass
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

fn tool(text: &str) -> Result<Tool, String> {
    Tool::parse(text).ok_or_else(|| format!("it is none of {}", Tool::names().join(", ")))
}
