//! `plumb rollout abort` and `promote`: people overrule, and say why.
//!
//! Refuses to overrule without a reason, or while nothing is under way.

use crate::arguments::Global;
use crate::by_plan::ByPlan;
use crate::commands::rollout_run::{failure, judge, news, tools};
use crate::failure::{Code, Failure, outside};
use crate::rollout_arguments::OrderArguments;
use crate::rollout_standing::{LOOK, named, tell};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use plumb_engine::clock::{now_ms, since_epoch};
use plumb_engine::rollout::controller::{Controller, Opening, Turn};
use plumb_engine::rollout::error::RolloutError;
use plumb_engine::rollout::judge::{Asked, Judge, Judged};
use plumb_engine::rollout::kept::{Kept, PhaseWord};
use plumb_engine::rollout::orders::{Ordered, Word};
use plumb_engine::rollout::room::Room;
use plumb_engine::rollout::spec::Rollout;
use plumb_engine::rollout::way_back::{Untold, Ways};
use std::time::Duration;

pub(crate) fn abort(
    global: &Global,
    arguments: &OrderArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (rollout, room) = named(global, &arguments.rollout)?;
    order(global, (&rollout, &room), (Word::Abort, arguments))?;
    let now = || global.as_of.unwrap_or_else(now_ms);
    let kept = if room.owner()?.is_some() {
        waited(&room, arguments, |kept| kept.state().is_end())?
    } else {
        let server = ServerArguments::none();
        let beside =
            (judge(&rollout).unwrap_or(Box::new(Nobody)), known_ways(global, &server, &rollout));
        let tools = tools(&rollout, beside, Opening::ToAbort)?;
        let mut controller = Controller::open(&rollout, room.clone(), tools, now())?;
        loop {
            let turn = controller.turn(now());
            news(global, &mut controller, terminal)?;
            match turn? {
                Turn::Ended => break controller.kept().clone(),
                Turn::Failed(trouble) => return Err(failure(&trouble)),
                Turn::Moved | Turn::Waits(_) => {}
            }
        }
    };
    tell(global, (&rollout, &room, Some(&kept)), terminal)?;
    Ok(if kept.phase == PhaseWord::RolledBack { Code::Pass } else { Code::Refuse })
}

pub(crate) fn promote(
    global: &Global,
    arguments: &OrderArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (rollout, room) = named(global, &arguments.rollout)?;
    let taken = order(global, (&rollout, &room), (Word::Promote, arguments))?;
    let kept = if room.owner()?.is_some() {
        waited(&room, arguments, |kept| kept.orders_taken > taken)?
    } else {
        terminal.note("Nobody runs it now; whoever runs it next goes on.\n");
        begun(&rollout, &room)?
    };
    tell(global, (&rollout, &room, Some(&kept)), terminal)?;
    Ok(Code::Pass)
}

/// Whoever judges cannot be made ready, which keeps nobody from aborting.
#[derive(Debug)]
struct Nobody;

impl Judge for Nobody {
    fn judge(&mut self, _asked: &Asked<'_>) -> Judged {
        Judged::cannot_tell("whoever judges cannot be asked".to_owned())
    }
}

/// The way back as far as it is known here: people abort whatever it is.
fn known_ways<'a>(
    global: &'a Global,
    server: &'a ServerArguments,
    rollout: &Rollout,
) -> Box<dyn Ways + 'a> {
    let spec = rollout.transition.clone();
    match spec.and_then(|spec| ByPlan::new(global, server, spec).ok()) {
        Some(ways) => Box::new(ways),
        None => Box::new(Untold),
    }
}

/// Adds the order. Gives how many were there before it.
fn order(
    global: &Global,
    (rollout, room): (&Rollout, &Room),
    (order, arguments): (Word, &OrderArguments),
) -> Result<usize, Failure> {
    let kept = begun(rollout, room)?;
    if kept.state().is_end() {
        let how = kept.phase.words();
        return Err(RolloutError::Ended { name: rollout.name.clone(), how }.into());
    }
    let before = room.orders()?.len();
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    room.order(&Ordered {
        order,
        reason: arguments.reason.clone(),
        by: name.unwrap_or_else(|| "somebody".to_owned()),
        at_ms: global.as_of.unwrap_or_else(now_ms),
        stage: kept.stage,
        began_ms: kept.began_ms,
    })?;
    Ok(before)
}

fn begun(rollout: &Rollout, room: &Room) -> Result<Kept, Failure> {
    let kept = room.kept()?;
    Ok(kept.ok_or_else(|| RolloutError::NotBegun { name: rollout.name.clone() })?)
}

/// Waits for whoever runs it.
fn waited(
    room: &Room,
    arguments: &OrderArguments,
    is_there: impl Fn(&Kept) -> bool,
) -> Result<Kept, Failure> {
    let patience = Duration::from_millis(arguments.timeout.unsigned_abs());
    let begun = since_epoch();
    loop {
        if let Some(kept) = room.kept()?.filter(&is_there) {
            return Ok(kept);
        }
        if since_epoch().saturating_sub(begun) >= patience {
            let what =
                "the order is given, and whoever runs the rollout has not carried it out yet";
            let help = "look with `plumb rollout status`; stop the controller and order again, and \
                        it is carried out from here";
            return Err(outside(what.to_owned(), Some(help)));
        }
        std::thread::sleep(LOOK);
    }
}
