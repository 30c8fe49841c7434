//! `plumb rollout run`: turn after turn, until it ends.
//!
//! Refuses to decide what a turn does.

use crate::arguments::{Format, Global};
use crate::by_events::ByEvents;
use crate::by_plan::ByPlan;
use crate::by_prometheus::ByPrometheus;
use crate::failure::{Code, Failure, outside};
use crate::render_rollout;
use crate::rollout_arguments::RunArguments;
use crate::rollout_document::event_document;
use crate::rollout_standing::{LOOK, code, named, tell};
use crate::terminal::Terminal;
use plumb_drive::trouble::Trouble;
use plumb_engine::analysis::columns::Columns;
use plumb_engine::clock::now_ms;
use plumb_engine::rollout::by_command::ByCommand;
use plumb_engine::rollout::controller::{Controller, Opening, Tools, Turn};
use plumb_engine::rollout::drivers::drivers;
use plumb_engine::rollout::error::RolloutError;
use plumb_engine::rollout::judge::Judge;
use plumb_engine::rollout::spec::{JudgeSpec, Rollout};
use plumb_engine::rollout::way_back::{Untold, Ways};
use plumb_rollout::walk::Waiting;
use std::time::Duration;

pub(crate) fn run(
    global: &Global,
    arguments: &RunArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let (rollout, room) = named(global, &arguments.rollout)?;
    let now = || global.as_of.unwrap_or_else(now_ms);
    let opening = if arguments.again { Opening::Again } else { Opening::GoOn };
    let ways: Box<dyn Ways> = match rollout.transition.clone() {
        None => Box::new(Untold),
        Some(spec) => Box::new(ByPlan::new(global, &arguments.server, spec)?),
    };
    let tools = tools(&rollout, (judge(&rollout)?, ways), opening)?;
    let mut controller = Controller::open(&rollout, room.clone(), tools, now())?;
    let bar = terminal.progress("rollout", 0);
    let ended = loop {
        let turn = controller.turn(now());
        bar.suspend(|| news(global, &mut controller, terminal))?;
        match turn? {
            Turn::Moved => continue,
            Turn::Ended => break Ok(code(controller.kept())),
            Turn::Failed(trouble) if arguments.no_wait || trouble.is_lasting() => {
                break Err(failure(&trouble));
            }
            Turn::Waits(waiting) if arguments.no_wait => {
                let words = words(&controller, waiting);
                terminal.note(&format!("Nothing to do now: {words}.\n"));
                break Ok(code(controller.kept()));
            }
            Turn::Waits(waiting) => bar.set_message(words(&controller, waiting)),
            Turn::Failed(_) => bar.set_message("a router cannot be set or read".to_owned()),
        }
        rest(&controller, rollout.every)?;
    };
    bar.finish_and_clear();
    let kept = controller.kept().clone();
    drop(controller);
    tell(global, (&rollout, &room, Some(&kept)), terminal)?;
    ended
}

/// Waits for the next look, or until people order something.
fn rest(controller: &Controller<'_>, every: Duration) -> Result<(), Failure> {
    let mut left = every;
    while !left.is_zero() && !controller.is_ordered()? {
        let slice = left.min(LOOK);
        std::thread::sleep(slice);
        left = left.saturating_sub(slice);
    }
    Ok(())
}

/// What a rollout is run with.
pub(crate) fn tools<'a>(
    rollout: &Rollout,
    (judge, ways): (Box<dyn Judge>, Box<dyn Ways + 'a>),
    opening: Opening,
) -> Result<Tools<'a>, Failure> {
    let drivers = drivers(rollout).map_err(RolloutError::from)?;
    Ok(Tools { drivers, judge, ways, opening })
}

/// Who judges.
pub(crate) fn judge(rollout: &Rollout) -> Result<Box<dyn Judge>, Failure> {
    Ok(match &rollout.judge {
        JudgeSpec::Command { words, patience } => {
            Box::new(ByCommand::new(words.clone(), *patience))
        }
        JudgeSpec::Events { files, by, unit, failed } => Box::new(ByEvents {
            files: files.clone(),
            columns: Columns {
                dimensions: by.clone(),
                unit: unit.clone(),
                failed: failed.clone(),
                version: None,
            },
        }),
        JudgeSpec::Prometheus(spec) => Box::new(ByPrometheus::new(spec)?),
    })
}

/// Tells what happened, where that is not one document at the end.
pub(crate) fn news(
    global: &Global,
    controller: &mut Controller<'_>,
    terminal: Terminal,
) -> Result<(), Failure> {
    for event in controller.news() {
        match global.format {
            Format::Text => terminal.text(&render_rollout::event(terminal.out, &event))?,
            Format::Ndjson => terminal.data(format!("{}\n", event_document(&event)).as_bytes())?,
            Format::Json => {}
        }
    }
    Ok(())
}

/// Routers that are not what they should be.
pub(crate) fn failure(trouble: &Trouble) -> Failure {
    outside(trouble.to_string(), Some(trouble.help()))
}

fn words(controller: &Controller<'_>, waiting: Waiting) -> String {
    let kept = controller.kept();
    let stage = kept.stage.map_or("before the first stage".to_owned(), |at| {
        format!("stage {} of {}", at + 1, controller.stages())
    });
    let what = match waiting {
        Waiting::Evidence => "waits for evidence",
        Waiting::Time(_) => "waits for its least time",
        Waiting::Hours => "waits for the hours of the next stage",
        Waiting::People => "waits for people",
    };
    format!("{stage}, {what}")
}
