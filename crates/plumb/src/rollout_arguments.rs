//! The words of `plumb rollout`.
//!
//! Refuses to do anything with them.

use crate::values::span;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What `rollout` does.
#[derive(Debug, Subcommand)]
pub(crate) enum RolloutCommand {
    /// Walk through the stages, and roll back by itself
    ///
    /// Sets what routers send to the new version, reads it back from what they say, asks the judge,
    /// and goes on to the next stage only when that says so and the stage's time and hours allow
    /// it. Whatever ends it, started again it goes on where it was. Only one runs a rollout at a
    /// time. When it has to wait for people, it keeps looking, and still rolls back. Exit 0 is
    /// promoted, 1 rolled back or frozen, 3 not decided (with `--no-wait`), 4 routers that cannot
    /// be set.
    #[command(after_help = "Example:\n  plumb rollout run\n  \
                      plumb rollout run shop.toml --format ndjson\n  \
                      plumb rollout run shop.toml --no-wait")]
    Run(RunArguments),
    /// Show where a rollout stands
    ///
    /// Reads what its controller keeps, and asks nobody. Exit 0 is promoted, 1 rolled back, on the
    /// way back or frozen, 3 anything else.
    #[command(after_help = "Example:\n  plumb rollout status\n  \
                      plumb rollout status shop.toml --format json")]
    Status(RolloutArguments),
    /// Take all traffic away from the new version, for a reason
    ///
    /// The controller does it at its next look; where none runs, this command does it itself. Exit
    /// 0 once no traffic goes there.
    #[command(
        after_help = "Example:\n  plumb rollout abort --reason 'carts are empty, see SHOP-7'"
    )]
    Abort(OrderArguments),
    /// Go on to the next stage without the judge, for a reason
    ///
    /// Overrules the judge, times and hours, once, from the stage that the rollout is in now.
    /// Where no controller runs, the next one takes it.
    #[command(after_help = "Example:\n  plumb rollout promote --reason 'looked at it with Kim'")]
    Promote(OrderArguments),
    /// Wait until a rollout ends or needs people
    ///
    /// Exit 0 is promoted, 1 rolled back or frozen, 3 that it waits for people, that nobody runs
    /// it, or that the time is over.
    #[command(after_help = "Example:\n  plumb rollout wait --timeout 2h")]
    Wait(WaitArguments),
}

/// Which rollout.
#[derive(Debug, Args)]
pub(crate) struct RolloutArguments {
    /// The file of the rollout; by default rollout.toml in this folder
    #[arg(value_name = "ROLLOUT")]
    pub(crate) file: Option<PathBuf>,
}

/// What `rollout run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// End as soon as there is nothing to do at once, instead of waiting and looking again
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Begin anew what has ended
    #[arg(long)]
    pub(crate) again: bool,
}

/// What `rollout abort` and `rollout promote` take.
#[derive(Debug, Args)]
pub(crate) struct OrderArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// Why; it is kept with the rollout
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
    /// How long to wait for the controller to take it: 30s, 2m
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "60s")]
    pub(crate) timeout: i64,
}

/// What `rollout wait` takes.
#[derive(Debug, Args)]
pub(crate) struct WaitArguments {
    #[command(flatten)]
    pub(crate) rollout: RolloutArguments,
    /// How long to wait at most: 10m, 2h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(crate) timeout: Option<i64>,
}
