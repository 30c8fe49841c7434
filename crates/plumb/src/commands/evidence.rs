//! `plumb evidence`: what lies on the shelf, and how to carry it or let go of it.

use crate::answer::{Written, document, next};
use crate::arguments::{
    EvidenceCommand, ExportArguments, Global, ImportArguments, PruneArguments, ShowArguments,
};
use crate::documents;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure};
use crate::project::{Project, project};
use crate::remote::{patience, remote};
use crate::render::{Column, count, day, moment, name, table, thousands};
use crate::render_evidence::{self, window};
use crate::render_failure::failure;
use crate::terminal::Terminal;
use crate::weigh::{Grounds, fetch};
use plumb_engine::backlogs::backlogs;
use plumb_engine::bundle;
use plumb_engine::files;
use plumb_engine::inventory::{self, Kept};
use plumb_engine::judge::Scope;
use plumb_engine::shelf::Shelf;
use plumb_store::store::{Applied, Filter};
use plumb_wire::evidence_v1::{SeenWindow, evidence_document};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

pub(crate) fn evidence(
    global: &Global,
    command: &EvidenceCommand,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    match command {
        EvidenceCommand::Ls => ls(global, &project, terminal),
        EvidenceCommand::Show(arguments) => show(global, &project, arguments, terminal),
        EvidenceCommand::Export(arguments) => export(&project, arguments, terminal),
        EvidenceCommand::Import(arguments) => import(&project, arguments, terminal),
        EvidenceCommand::Prune(arguments) => prune(&project, arguments, terminal),
    }
}

fn ls(global: &Global, project: &Project, terminal: Terminal) -> Result<Code, Failure> {
    let (sources, backlogs) = match project.shelf_if_there()? {
        Some(shelf) => (inventory::sources(&shelf)?, backlogs(&shelf)?),
        None => (Vec::new(), Vec::new()),
    };
    let written = document(terminal, global.format, || documents::sources(&sources, &backlogs))?;
    if sources.is_empty() && backlogs.is_empty() {
        return nothing(terminal);
    }
    if written == Written::NotYet {
        let heading = [
            ("SOURCE", Column::Left),
            ("READ", Column::Left),
            ("EXCHANGES", Column::Right),
            ("WINDOWS", Column::Right),
        ];
        let rows = sources.iter().map(|one| {
            vec![
                name(&one.name),
                moment(one.received_ms),
                thousands(one.exchanges),
                thousands(one.windows),
            ]
        });
        let text = table(terminal.out, &heading, &rows.collect::<Vec<_>>());
        if !sources.is_empty() {
            terminal.text(&text)?;
        }
        if !backlogs.is_empty() {
            terminal.text(&render_evidence::backlogs(terminal.out, &backlogs))?;
        }
    }
    next(terminal, "plumb evidence show");
    Ok(Code::Pass)
}

fn nothing(terminal: Terminal) -> Result<Code, Failure> {
    terminal.note(&no_evidence(terminal.err, &Grounds::Nothing, None));
    Ok(Code::Pass)
}

fn show(
    global: &Global,
    project: &Project,
    arguments: &ShowArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let scope = project.scope();
    let filter = Filter {
        since_day: scope.since_day,
        environment: scope.environment,
        writer: arguments.writer.clone(),
        operation: arguments.operation.clone(),
    };
    let shelf = project.shelf_if_there()?;
    let kept = match &shelf {
        Some(shelf) => inventory::windows(shelf, &filter)?,
        None => Vec::new(),
    };
    let written = document(terminal, global.format, || {
        let days: Vec<String> = kept.iter().map(|one| day(one.key.day)).collect();
        let windows: Vec<SeenWindow<'_>> =
            kept.iter().zip(&days).map(|(one, day)| seen_window(one, day)).collect();
        serde_json::to_value(evidence_document(&windows)).unwrap_or_default()
    })?;
    if shelf.is_none() {
        return nothing(terminal);
    }
    if kept.is_empty() {
        terminal
            .note("Nothing was seen of this. `plumb evidence show` shows everything there is.\n");
    } else if written == Written::NotYet {
        let text: String =
            kept.iter().map(|one| window(terminal.out, one, terminal.is_verbose)).collect();
        terminal.text(&text)?;
    }
    Ok(Code::Pass)
}

fn seen_window<'a>(one: &'a Kept, day: &'a str) -> SeenWindow<'a> {
    SeenWindow {
        writer: &one.key.writer,
        reader: &one.key.reader,
        operation: &one.key.operation,
        version: &one.key.version,
        environment: &one.key.environment,
        day,
        profile: &one.profile,
    }
}

fn export(
    project: &Project,
    arguments: &ExportArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let mut bytes = Vec::new();
    if let Some(remote) = remote(&arguments.server)? {
        fetch(&remote, project, patience(&arguments.server), &mut bytes)?;
    } else {
        let Some(shelf) = project.shelf_if_there()? else {
            terminal.complain(&no_evidence(terminal.err, &Grounds::Nothing, None));
            return Ok(Code::CannotTell);
        };
        let Scope { since_day, environment, .. } = project.scope();
        let filter = Filter { since_day, environment, ..Filter::default() };
        bundle::export(&shelf, &filter, &mut bytes)?;
    }
    // A bundle is a header and a line for each window.
    let windows = bytes.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
    if arguments.bundle == "-" {
        terminal.data(&bytes)?;
    } else {
        files::write_whole(Path::new(&arguments.bundle), &bytes)?;
    }
    let to = if arguments.bundle == "-" { "the standard output" } else { &arguments.bundle };
    terminal.note(&format!("{} written to {}\n", count(windows, "window"), name(to)));
    next(terminal, "plumb check --evidence BUNDLE, wherever there is no store");
    Ok(Code::Pass)
}

fn import(
    project: &Project,
    arguments: &ImportArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let mut shelf = project.shelf()?;
    let mut code = Code::Pass;
    for path in &arguments.bundles {
        match import_one(&mut shelf, project, path) {
            Ok(applied) => terminal.note(&format!("{}  {}\n", name(path), told(applied))),
            Err(err) => {
                code = code.max(err.code);
                terminal.complain(&failure(terminal.err, &err, &|_| None));
            }
        }
    }
    if code == Code::Pass {
        next(terminal, "plumb gap");
    }
    Ok(code)
}

fn import_one(shelf: &mut Shelf, project: &Project, path: &str) -> Result<Applied, Failure> {
    let mut input: Box<dyn BufRead> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(files::open(Path::new(path))?))
    };
    Ok(bundle::import(shelf, path, project.as_of_ms, &mut input)?)
}

fn told(applied: Applied) -> String {
    match applied {
        Applied::New { entries_late: 0 } => "imported".to_owned(),
        Applied::New { entries_late } => {
            format!("imported, but for {} of days that were pruned", count(entries_late, "window"))
        }
        Applied::Already => "known already, counted once".to_owned(),
        Applied::Late => "of days that were pruned before, left out".to_owned(),
    }
}

fn prune(
    project: &Project,
    arguments: &PruneArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let before = match (arguments.before, arguments.older_than) {
        (Some(day), _) => day,
        (None, Some(span)) => project.day_before(span),
        // INVARIANT: the command line asks for one of both.
        (None, None) => return Ok(Code::Usage),
    };
    if project.shelf_if_there()?.is_none() {
        return nothing(terminal);
    }
    let pruned = inventory::prune(&mut project.shelf()?, before)?;
    terminal.note(&format!(
        "{} and {} let go of; days before {} are not taken in again\n",
        count(pruned.windows, "window"),
        count(pruned.deltas, "source"),
        day(before),
    ));
    Ok(Code::Pass)
}
