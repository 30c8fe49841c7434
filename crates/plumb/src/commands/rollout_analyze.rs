//! `plumb rollout analyze`: judges what was recorded of a rollout.
//!
//! Refuses to judge by itself.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::failure::{Code, Failure, usage};
use crate::learned::learned;
use crate::project::{Project, project};
use crate::recording::{Asking, asked_for, read_all};
use crate::render_judgement;
use crate::rollout_arguments::{AnalyzeArguments, JudgingArguments};
use crate::terminal::Terminal;
use crate::transition::read;
use plumb_engine::analysis::dictionary::value;
use plumb_engine::analysis::evidence::of_windows;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::recorded::Recorded;
use plumb_engine::inventory;
use plumb_engine::transition::planning::planning;
use plumb_plan::plan::Back;
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::Arm;
use plumb_rollout::verdict::Verdict;
use plumb_store::store::Filter;
use plumb_wire::judged::Judged;
use plumb_wire::judgement_v1::{judgement_document, with_unseen};
use plumb_wire::planned::back_words;
use std::path::{Path, PathBuf};

pub(crate) fn analyze(
    global: &Global,
    arguments: &AnalyzeArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let way_back = way_back(global, &arguments.judging)?;
    let recorded = look_at(global, arguments, terminal)?;
    let now_ms = recorded.judge.last_ms().unwrap_or_default();
    let judgement = recorded.judge.judge(now_ms, way_back);
    let dimensions = &arguments.judging.columns.by;
    let value_of = |dimension, number| value(&recorded.dictionaries, dimension, number);
    let judged = Judged {
        control: &recorded.arms.control,
        canary: &recorded.arms.canary,
        unit: recorded.unit(),
        dimensions,
        value_of: &value_of,
        judgement: &judgement,
    };
    let whole = || with_unseen(judgement_document(&judged), recorded.unseen);
    if document(terminal, global.format, whole)? == Written::NotYet {
        terminal.text(&render_judgement::text(terminal.out, &judged))?;
        terminal.text(&render_judgement::unseen(terminal.out, &recorded))?;
    }
    terminal.note(&render_judgement::account(terminal.err, &recorded));
    Ok(match judgement.verdict {
        Verdict::Promote => Code::Pass,
        Verdict::RollBack | Verdict::Freeze => Code::Refuse,
        Verdict::Hold | Verdict::CannotTell => Code::CannotTell,
    })
}

fn look_at(
    global: &Global,
    arguments: &AnalyzeArguments,
    terminal: Terminal,
) -> Result<Recorded, Failure> {
    let project = project(global)?;
    let arms = arguments.control.clone().zip(arguments.canary.clone());
    let judging = &arguments.judging;
    let (settings, columns) = asked_for(&judging.columns, &judging.sureness, judging.share)?;
    let asking = Asking {
        settings,
        columns,
        arms: arms.map(|(control, canary)| Arms { control, canary }),
        began_ms: judging.began,
        of_columns: &judging.columns,
    };
    if let Some(component) = &arguments.seen {
        return seen(&project, asking, component);
    }
    let sources: [(&[PathBuf], Option<Arm>); 3] = [
        (&arguments.files, None),
        (&arguments.control_from, Some(Arm::Control)),
        (&arguments.canary_from, Some(Arm::Canary)),
    ];
    read_all(&project, asking, &sources, terminal)
}

/// The outcomes of both versions that the store holds.
fn seen(project: &Project, asking: Asking<'_>, component: &str) -> Result<Recorded, Failure> {
    let scope = project.scope();
    let filter = Filter {
        since_day: scope.since_day,
        environment: scope.environment.clone(),
        writer: Some(component.to_owned()),
        operation: None,
    };
    let mut windows = match project.shelf_if_there()? {
        Some(shelf) => inventory::windows(&shelf, &filter)?,
        None => Vec::new(),
    };
    windows.retain(|window| scope.takes(&window.key));
    Ok(of_windows(&windows, component, asking.arms, asking.settings)?)
}

/// Whether the plan of a transition leaves a way back.
pub(crate) fn way_back(global: &Global, arguments: &JudgingArguments) -> Result<WayBack, Failure> {
    let Some(file) = &arguments.transition else {
        return Ok(WayBack::Unknown("no transition was named".to_owned()));
    };
    let learned = learned(global, false, &arguments.server)?;
    let transition = read(Path::new(file), &learned)?.transition;
    let found = planning(&transition);
    let Ok(plan) = &found.outcome else {
        return Ok(WayBack::Unknown(found.reason.clone()));
    };
    let waves = &plan.waves;
    let done = arguments.waves.unwrap_or(waves.len());
    if done > waves.len() {
        let help = "count those that are done, or leave `--waves` out for all";
        return Err(usage(format!("the plan has {} waves, not {done}", waves.len()), help));
    }
    let Some(wave) = done.checked_sub(1).and_then(|at| waves.get(at)) else {
        return Ok(WayBack::Open);
    };
    Ok(match &wave.back {
        Back::Open(windows) if windows.is_empty() => WayBack::Open,
        _ => WayBack::Closed(back_words(&transition, plan, wave)),
    })
}
