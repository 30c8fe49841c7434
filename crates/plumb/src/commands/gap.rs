//! `plumb gap`: where what is seen and what is said differ.

use crate::answer::next;
use crate::arguments::{Format, GapArguments, Global};
use crate::empty::{no_claims, no_evidence};
use crate::failure::{Code, Failure};
use crate::project::{Project, project};
use crate::render::count;
use crate::render_gap::{FINDINGS_MAX, findings, headline};
use crate::terminal::Terminal;
use crate::weigh::{Seen, Weighed, seen, seen_where, weigh};
use plumb_wire::gap_v1::gap_document;
use plumb_wire::harmless::shell_word;
use plumb_wire::headline;
use plumb_wire::ndjson::ndjson;

pub(crate) fn gap(
    global: &Global,
    arguments: &GapArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let seen = seen_where(&project, &arguments.server)?;
    let most = if terminal.is_verbose { usize::MAX } else { FINDINGS_MAX };
    tell(global, &project, seen, most, terminal)
}

/// The same with at most so many findings told in full.
pub(crate) fn gap_of(global: &Global, most: usize, terminal: Terminal) -> Result<Code, Failure> {
    let project = project(global)?;
    let seen = seen(&project)?;
    tell(global, &project, seen, most, terminal)
}

fn tell(
    global: &Global,
    project: &Project,
    seen: Seen,
    most: usize,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let weighed = weigh(project, &project.folder, seen, terminal)?;
    write(global.format, &weighed, most, terminal)?;
    if weighed.claims.is_empty() {
        terminal.note(&no_claims(terminal.err, &weighed, &project.folder));
    } else if !weighed.grounds.is_any_in_scope() {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
    } else {
        suggest(&weighed, terminal);
    }
    Ok(if weighed.can_compare() { Code::Pass } else { Code::CannotTell })
}

fn write(
    format: Format,
    weighed: &Weighed,
    most: usize,
    terminal: Terminal,
) -> Result<(), Failure> {
    let unread = weighed.unread();
    let reported = weighed.reported(&unread);
    match format {
        Format::Json => terminal.data(gap_document(&reported).to_json().as_bytes())?,
        Format::Ndjson => terminal.data(ndjson(&reported).as_bytes())?,
        Format::Text if weighed.claims.is_empty() => {}
        Format::Text => {
            let look = terminal.out;
            let mut text = headline(look, &headline::headline(&weighed.report));
            text.push_str(&findings(look, weighed, most));
            terminal.text(&text)?;
        }
    }
    Ok(())
}

fn suggest(weighed: &Weighed, terminal: Terminal) {
    if !weighed.unread.is_empty() {
        let places = count(weighed.unread.len(), "place");
        terminal.note(&format!("\n{places} could not be read; `plumb scan` tells why\n"));
    }
    let open = weighed.report.findings.iter().map(plumb_gap::finding::Finding::key);
    match open.into_iter().find(|key| !weighed.accepted.contains_key(key)) {
        Some(key) => next(terminal, &format!("plumb explain {}", shell_word(&key))),
        None => next(terminal, "plumb check"),
    }
}
