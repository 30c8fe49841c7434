//! `plumb rollout analyze`: judges what was recorded of a rollout.
//!
//! Refuses to judge by itself.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::failure::{Code, Failure, usage};
use crate::learned::learned;
use crate::project::project;
use crate::render_judgement;
use crate::rollout_arguments::{AnalyzeArguments, JudgingArguments};
use crate::terminal::Terminal;
use crate::transition::read;
use plumb_engine::analysis::columns::Columns;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::recorded::{Asked, Recorded, Source, recorded};
use plumb_engine::files;
use plumb_engine::transition::planning::planning;
use plumb_plan::plan::Back;
use plumb_rollout::cohort::DIMENSIONS_MAX;
use plumb_rollout::judge::Settings;
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::Arm;
use plumb_rollout::verdict::Verdict;
use plumb_wire::judged::Judged;
use plumb_wire::judgement_v1::judgement_document;
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
    let value_of = |dimension: usize, value: u16| {
        let dictionary = recorded.dictionaries.get(dimension);
        dictionary.map_or_else(String::new, |known| known.name(value).to_owned())
    };
    let judged = Judged {
        control: &recorded.arms.control,
        canary: &recorded.arms.canary,
        unit: recorded.unit(),
        dimensions,
        value_of: &value_of,
        judgement: &judgement,
    };
    if document(terminal, global.format, || judgement_document(&judged))? == Written::NotYet {
        terminal.text(&render_judgement::text(terminal.out, &judged))?;
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
    let judging = &arguments.judging;
    let columns = &judging.columns;
    let (settings, known_columns) = asked_for(judging)?;
    let arms = arguments.control.clone().zip(arguments.canary.clone());
    let redaction = project.redaction();
    let asked = Asked {
        settings,
        columns: known_columns,
        arms: arms.map(|(control, canary)| Arms { control, canary }),
        version_header: columns.version_header.as_ref().map(|name| name.to_ascii_lowercase()),
        redaction: &redaction,
        began_ms: judging.began,
        tick_ms: columns.tick,
        received_ms: project.as_of_ms,
    };
    let names = named(arguments);
    let mut sources = Vec::new();
    let mut bytes = 0;
    for (name, path, arm) in &names {
        let file = files::open(path)?;
        bytes += file.metadata().map_or(0, |meta| meta.len());
        sources.push(Source { name, arm: *arm, input: Box::new(file) });
    }
    let bar = terminal.progress("reading", bytes);
    let found = recorded(&asked, sources, &mut |name, bytes| {
        bar.set_message(name.to_owned());
        bar.inc(bytes);
    });
    bar.finish_and_clear();
    Ok(found?)
}

/// What is asked for, and who is who among columns.
pub(crate) fn asked_for(judging: &JudgingArguments) -> Result<(Settings, Columns), Failure> {
    let columns = &judging.columns;
    if columns.by.len() > DIMENSIONS_MAX {
        let help = "name those that a fault is likely to follow";
        return Err(usage("more than eight columns after `--by`", help));
    }
    let settings = Settings {
        alpha: judging.sureness.alpha,
        bearable: judging.sureness.bearable,
        negligible: judging.sureness.negligible,
        share: judging.share,
        ..Settings::default()
    };
    let columns = Columns {
        dimensions: columns.by.clone(),
        unit: columns.unit.clone(),
        version: columns.version_column.clone(),
        failed: columns.failed.clone(),
    };
    Ok((settings, columns))
}

/// The files, with their names and the arm that they are of.
fn named(arguments: &AnalyzeArguments) -> Vec<(String, &PathBuf, Option<Arm>)> {
    let all = [
        (&arguments.files, None),
        (&arguments.control_from, Some(Arm::Control)),
        (&arguments.canary_from, Some(Arm::Canary)),
    ];
    all.into_iter()
        .flat_map(|(paths, arm)| {
            paths.iter().map(move |path| (path.display().to_string(), path, arm))
        })
        .collect()
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
