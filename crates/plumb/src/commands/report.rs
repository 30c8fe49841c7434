//! `plumb report`: the server's pages as one file.

use crate::arguments::{Global, ReportArguments};
use crate::desk::ProjectDesk;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure, outside};
use crate::project::project;
use crate::survey::survey;
use crate::terminal::Terminal;
use crate::weigh::{seen_where, weigh};
use plumb_engine::files;
use plumb_pages::report::report as pages;
use plumb_wire::grafana::{alert_rules, grafana_dashboard};
use std::path::Path;

pub(crate) fn report(
    global: &Global,
    arguments: &ReportArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    if arguments.grafana.is_some() || arguments.alerts.is_some() {
        return over_metrics(arguments, terminal);
    }
    let project = project(global)?;
    let seen = seen_where(&project, &arguments.server)?;
    let judging = seen.judging();
    let weighed = weigh(&project, &project.folder, seen, terminal)?;
    if !weighed.grounds.is_any_in_scope() {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
    }
    let survey = survey(&project, weighed, judging)?;
    let desk = ProjectDesk::in_stock(project, terminal);
    let text = pages(&survey, &desk);
    match &arguments.html {
        None => terminal.data(text.as_bytes())?,
        Some(path) => write(path, &text, terminal)?,
    }
    Ok(Code::Pass)
}

/// The files by which others show and watch the server's numbers.
fn over_metrics(arguments: &ReportArguments, terminal: Terminal) -> Result<Code, Failure> {
    if let Some(path) = &arguments.grafana {
        write(path, &format!("{:#}\n", grafana_dashboard()), terminal)?;
    }
    if let Some(path) = &arguments.alerts {
        write(path, alert_rules(), terminal)?;
    }
    Ok(Code::Pass)
}

fn write(path: &Path, text: &str, terminal: Terminal) -> Result<(), Failure> {
    let written = files::write_whole(path, text.as_bytes());
    written.map_err(|err| outside(format!("nothing is written: {err}"), None))?;
    let kib = text.len().div_ceil(1_024);
    terminal.note(&format!("wrote  {}  {kib} KiB\n", path.display()));
    Ok(())
}
