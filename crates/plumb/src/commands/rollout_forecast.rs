//! `plumb rollout forecast`: what a canary can show, told before it runs.
//!
//! Refuses to work it out.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::failure::{Code, Failure};
use crate::learned::learned;
use crate::project::project;
use crate::recording::{Asking, asked_for, read_all};
use crate::render_forecast::{Blindness, Foreseen, forecast_document, text};
use crate::rollout_arguments::ForecastArguments;
use crate::terminal::Terminal;
use crate::transition::read;
use plumb_engine::analysis::intake::Arms;
use plumb_plan::transition::{Answer, Component, Kind, Transition};
use plumb_rollout::tick::Arm;
use plumb_wire::harmless::harmless;
use plumb_wire::planned::seam_name;
use std::path::PathBuf;

pub(crate) fn forecast(
    global: &Global,
    arguments: &ForecastArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let blindness = match &arguments.transition {
        None => Blindness::default(),
        Some(file) => {
            let learned = learned(global, false, &arguments.server)?;
            blindness(&read(file, &learned)?.transition)
        }
    };
    let (settings, columns) = asked_for(&arguments.columns, &arguments.sureness, None)?;
    let asking = Asking {
        settings,
        columns,
        of_columns: &arguments.columns,
        arms: Some(Arms { control: "now".to_owned(), canary: "next".to_owned() }),
        began_ms: None,
    };
    let sources: [(&[PathBuf], Option<Arm>); 1] = [(&arguments.files, Some(Arm::Control))];
    let recorded = read_all(&project(global)?, asking, &sources, terminal)?;
    let (first_ms, last_ms) = recorded.judge.span_ms().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a span of years fits")]
    let times = arguments.span as f64 / (last_ms - first_ms).max(1_000) as f64;
    let found = recorded.judge.forecast(arguments.share, times);
    let foreseen = Foreseen {
        forecast: &found,
        recorded: &recorded,
        dimensions: &arguments.columns.by,
        share: arguments.share,
        span_ms: arguments.span,
        blindness: &blindness,
    };
    if document(terminal, global.format, || forecast_document(&foreseen))? == Written::NotYet {
        terminal.text(&text(terminal.out, &foreseen))?;
    }
    Ok(if found.told.is_some() { Code::Pass } else { Code::CannotTell })
}

/// What a canary of a transition does not show: what moves for everybody at once, and seams of
/// which nothing is known.
fn blindness(transition: &Transition) -> Blindness {
    let is_at_once = |component: &Component| {
        matches!(component.kind, Kind::Config | Kind::Schema | Kind::Cache | Kind::ThirdParty)
    };
    let components = transition.components().iter().enumerate();
    let moving = components.filter(|(at, one)| transition.last(*at) > 0 && is_at_once(one));
    let unknown = (0..transition.seams().len()).filter(|at| {
        transition.seams()[*at].pairs.iter().any(|pair| pair.answer == Answer::Unobserved)
    });
    Blindness {
        moving: moving.map(|(_, one)| harmless(&one.name).into_owned()).collect(),
        unknown: unknown.map(|at| seam_name(transition, at)).collect(),
    }
}
