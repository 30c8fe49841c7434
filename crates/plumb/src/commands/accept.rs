//! `plumb accept`: findings that are lived with until a day, for a reason.

use super::explain::unknown;
use crate::answer::{Written, document, next};
use crate::arguments::{AcceptArguments, Global};
use crate::documents;
use crate::empty::no_evidence;
use crate::failure::{Code, Failure, usage};
use crate::project::{Project, project};
use crate::render::{count, day, name};
use crate::terminal::Terminal;
use crate::weigh::{Weighed, seen, weigh};
use plumb_engine::clock::day_of;
use plumb_engine::config::accept::Accept;
use plumb_engine::config::accept_text::with_accept;
use plumb_engine::files::{self, FileError};
use plumb_gap::finding::{Finding, Verdict};
use std::collections::BTreeSet;

/// Days that a baseline lives: a quarter, in which somebody should have looked at it.
const BASELINE_DAYS: i64 = 90;

pub(crate) fn accept(
    global: &Global,
    arguments: &AcceptArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let weighed = weigh(&project, &project.folder, seen(&project)?, terminal)?;
    let accepts = accepts(&project, &weighed, arguments)?;
    if accepts.is_empty() {
        if !weighed.grounds.is_any_in_scope() {
            let environment = global.environment.as_deref();
            terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
        }
        terminal.note("There is no finding to accept.\n");
    } else {
        write(&project, &accepts)?;
    }
    let file = project.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let written = document(terminal, global.format, || documents::accepted(&accepts, &file))?;
    if written == Written::NotYet && !accepts.is_empty() {
        let mut text = String::new();
        for one in &accepts {
            let until = day(one.until_day);
            text.push_str(&format!("accepted until {until}  {}\n", name(&one.finding)));
        }
        text.push_str(&format!("{} in {}\n", count(accepts.len(), "acceptance"), name(&file)));
        terminal.text(&text)?;
    }
    next(terminal, "plumb check");
    Ok(Code::Pass)
}

fn accepts(
    project: &Project,
    weighed: &Weighed,
    arguments: &AcceptArguments,
) -> Result<Vec<Accept>, Failure> {
    let until_day = arguments.until.unwrap_or_else(|| project.day_after(BASELINE_DAYS));
    let today = day_of(project.as_of_ms);
    if until_day < today {
        let text = format!("an acceptance until {} has ended already", day(until_day));
        return Err(usage(text, format!("name a day from {} on", day(today))));
    }
    let reason = arguments.reason.clone();
    let reason = reason.unwrap_or_else(|| format!("baseline of {}", day(today)));
    let keys: BTreeSet<String> = if arguments.all_current {
        let findings = weighed.report.findings.iter();
        let bad = findings.filter(|one| one.verdict >= Verdict::Drifted);
        bad.map(Finding::key).filter(|key| !weighed.accepted.contains_key(key)).collect()
    } else {
        arguments.keys.iter().cloned().collect()
    };
    for key in &keys {
        if !weighed.report.findings.iter().any(|one| one.key() == *key) {
            return Err(unknown(weighed, key));
        }
    }
    let by = arguments.by.clone();
    let accept = |finding| Accept { finding, reason: reason.clone(), until_day, by: by.clone() };
    Ok(keys.into_iter().map(accept).collect())
}

fn write(project: &Project, accepts: &[Accept]) -> Result<(), Failure> {
    let path = &project.file;
    let failed = |source| FileError { doing: "read", path: path.clone(), source };
    let mut text = files::read_text(path).map_err(failed)?.unwrap_or_default();
    for accept in accepts {
        text = with_accept(&text, accept)?;
    }
    Ok(files::write_whole(path, text.as_bytes())?)
}
