//! `plumb rollout`: which of its commands was asked for, and those that only look.
//!
//! Refuses to set anything.

use crate::arguments::Global;
use crate::commands::rollout_analyze::analyze;
use crate::commands::rollout_forecast::forecast;
use crate::commands::rollout_gate::gate;
use crate::commands::rollout_generate::generate;
use crate::commands::rollout_lint::lint;
use crate::commands::rollout_order::{abort, promote};
use crate::commands::rollout_run::run;
use crate::commands::rollout_watch::watch;
use crate::failure::{Code, Failure};
use crate::rollout_arguments::{RolloutArguments, RolloutCommand, WaitArguments};
use crate::rollout_standing::{LOOK, code, named, tell};
use crate::terminal::Terminal;
use plumb_engine::clock::since_epoch;
use plumb_engine::rollout::kept::PhaseWord;
use std::time::Duration;

/// How often in a row nobody has to run a rollout for that to count: one that was killed may be
/// about to be started again.
const NOBODY_MAX: u32 = 25;

pub(crate) fn rollout(
    global: &Global,
    command: &RolloutCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match command {
        RolloutCommand::Run(arguments) => run(global, arguments, terminal),
        RolloutCommand::Status(arguments) => status(global, arguments, terminal),
        RolloutCommand::Abort(arguments) => abort(global, arguments, terminal),
        RolloutCommand::Promote(arguments) => promote(global, arguments, terminal),
        RolloutCommand::Analyze(arguments) => analyze(global, arguments, terminal),
        RolloutCommand::Forecast(arguments) => forecast(global, arguments, terminal),
        RolloutCommand::Gate(arguments) => gate(global, arguments, terminal),
        RolloutCommand::Generate(arguments) => generate(global, arguments, terminal),
        RolloutCommand::Lint(arguments) => lint(global, arguments, terminal),
        RolloutCommand::Watch(arguments) => watch(global, arguments, terminal),
        RolloutCommand::Wait(arguments) => wait(global, arguments, terminal),
    }
}

fn status(
    global: &Global,
    arguments: &RolloutArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (rollout, room) = named(global, arguments)?;
    let kept = room.kept()?;
    tell(global, (&rollout, &room, kept.as_ref()), terminal)?;
    Ok(kept.as_ref().map_or(Code::CannotTell, code))
}

fn wait(global: &Global, arguments: &WaitArguments, terminal: Terminal) -> Result<Code, Failure> {
    let (rollout, room) = named(global, &arguments.rollout)?;
    let patience = arguments.timeout.map(|ms| Duration::from_millis(ms.unsigned_abs()));
    let begun = since_epoch();
    let bar = terminal.progress("waiting", 0);
    let mut nobody = 0;
    let kept = loop {
        let kept = room.kept()?;
        let is_moving = kept
            .as_ref()
            .is_none_or(|kept| matches!(kept.phase, PhaseWord::Walking | PhaseWord::RollingBack));
        nobody = if room.owner()?.is_some() { 0 } else { nobody + 1 };
        let is_late =
            patience.is_some_and(|patience| since_epoch().saturating_sub(begun) >= patience);
        if !is_moving || is_late || nobody >= NOBODY_MAX {
            break kept;
        }
        std::thread::sleep(LOOK);
    };
    bar.finish_and_clear();
    tell(global, (&rollout, &room, kept.as_ref()), terminal)?;
    Ok(match kept {
        // On the way back is not back.
        Some(kept) if kept.phase != PhaseWord::RollingBack => code(&kept),
        _ => Code::CannotTell,
    })
}
