//! Reads what was recorded of a rollout, as the words of its commands say.
//!
//! Refuses to judge.

use crate::failure::{Failure, usage};
use crate::project::Project;
use crate::rollout_arguments::{ColumnArguments, SurenessArguments};
use crate::terminal::Terminal;
use plumb_engine::analysis::columns::Columns;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::recorded::{Asked, Recorded, Source, recorded};
use plumb_engine::files;
use plumb_rollout::cohort::DIMENSIONS_MAX;
use plumb_rollout::judge::Settings;
use plumb_rollout::tick::Arm;
use plumb_rollout::watch::Counting;
use std::path::PathBuf;

/// What is asked of the files.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) settings: Settings,
    pub(crate) columns: Columns,
    pub(crate) of_columns: &'a ColumnArguments,
    pub(crate) arms: Option<Arms>,
    pub(crate) began_ms: Option<i64>,
}

/// How sure an answer must be, and who is who among columns.
pub(crate) fn asked_for(
    columns: &ColumnArguments,
    sureness: &SurenessArguments,
    share: Option<f64>,
) -> Result<(Settings, Columns), Failure> {
    if columns.by.len() > DIMENSIONS_MAX {
        let help = "name those that a fault is likely to follow";
        return Err(usage("more than eight columns after `--by`", help));
    }
    let settings = Settings {
        alpha: sureness.alpha,
        bearable: sureness.bearable,
        negligible: sureness.negligible,
        share,
        counting: if columns.unit.is_some() { Counting::Units } else { Counting::Requests },
        ..Settings::default()
    };
    let columns = Columns {
        dimensions: columns.by.clone(),
        unit: columns.unit.clone(),
        version: columns.version_column.clone(),
        failed: columns.failed.clone(),
        component: columns.component.clone(),
    };
    Ok((settings, columns))
}

/// Reads files, each group of them of one arm where that is said.
pub(crate) fn read_all(
    project: &Project,
    asking: Asking<'_>,
    groups: &[(&[PathBuf], Option<Arm>)],
    terminal: Terminal,
) -> Result<Recorded, Failure> {
    let redaction = project.redaction();
    let version_header = &asking.of_columns.version_header;
    let asked = Asked {
        settings: asking.settings,
        columns: asking.columns,
        arms: asking.arms,
        version_header: version_header.as_ref().map(|name| name.to_ascii_lowercase()),
        redaction: &redaction,
        began_ms: asking.began_ms,
        tick_ms: asking.of_columns.tick,
        received_ms: project.as_of_ms,
    };
    let of_arm = |(paths, arm): &(&[PathBuf], Option<Arm>)| {
        let named = |path: &PathBuf| (path.display().to_string(), path.clone(), *arm);
        paths.iter().map(named).collect::<Vec<_>>()
    };
    let files: Vec<(String, PathBuf, Option<Arm>)> = groups.iter().flat_map(of_arm).collect();
    let mut sources = Vec::new();
    let mut bytes = 0;
    for (name, path, arm) in &files {
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
