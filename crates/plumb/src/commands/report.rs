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

pub(crate) fn report(
    global: &Global,
    arguments: &ReportArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
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
        Some(path) => {
            let written = files::write_whole(path, text.as_bytes());
            written.map_err(|err| outside(format!("nothing is written: {err}"), None))?;
            let kib = text.len().div_ceil(1_024);
            terminal.note(&format!("wrote  {}  {kib} KiB, needs nothing else\n", path.display()));
        }
    }
    Ok(Code::Pass)
}
