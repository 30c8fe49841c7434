//! `plumb release`: which version of a component went where.

use crate::answer::{Written, document, next};
use crate::arguments::{Global, RecordArguments, ReleaseCommand};
use crate::documents;
use crate::failure::{Code, Failure};
use crate::project::{Project, project};
use crate::render::{Column, moment, name, table};
use crate::terminal::Terminal;
use plumb_engine::releases::{record as keep, releases};
use plumb_gap::release::Release;

pub(crate) fn release(
    global: &Global,
    command: &ReleaseCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    match command {
        ReleaseCommand::Record(arguments) => record(global, &project, arguments, terminal),
        ReleaseCommand::Ls => ls(global, &project, terminal),
    }
}

fn record(
    global: &Global,
    project: &Project,
    arguments: &RecordArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let release = Release {
        at_ms: arguments.at.unwrap_or(project.as_of_ms),
        component: arguments.component.clone(),
        version: arguments.version.clone(),
        environment: project.config.evidence.environment.clone().unwrap_or_default(),
    };
    keep(&mut project.shelf()?, &release)?;
    let recorded = || documents::releases(std::slice::from_ref(&release));
    if document(terminal, global.format, recorded)? == Written::NotYet {
        let place = match release.environment.as_str() {
            "" => String::new(),
            place => format!(" in {}", name(place)),
        };
        let (component, version) = (name(&release.component), name(&release.version));
        let since = moment(release.at_ms);
        terminal.text(&format!("{component} is at {version}{place} since {since}\n"))?;
        next(terminal, "plumb gap");
    }
    Ok(Code::Pass)
}

fn ls(global: &Global, project: &Project, terminal: Terminal) -> Result<Code, Failure> {
    let releases = match project.shelf_if_there()? {
        Some(shelf) => releases(&shelf, &project.scope())?,
        None => Vec::new(),
    };
    if document(terminal, global.format, || documents::releases(&releases))? == Written::Done {
        return Ok(Code::Pass);
    }
    if releases.is_empty() {
        terminal.note("No release was recorded yet.\n");
        next(terminal, "plumb release record COMPONENT VERSION");
        return Ok(Code::Pass);
    }
    let heading = [
        ("LIVE SINCE", Column::Left),
        ("COMPONENT", Column::Left),
        ("VERSION", Column::Left),
        ("ENVIRONMENT", Column::Left),
    ];
    let row = |one: &Release| {
        vec![moment(one.at_ms), name(&one.component), name(&one.version), name(&one.environment)]
    };
    let rows: Vec<_> = releases.iter().map(row).collect();
    terminal.text(&table(terminal.out, &heading, &rows))?;
    Ok(Code::Pass)
}
