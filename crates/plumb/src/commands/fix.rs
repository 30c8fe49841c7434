//! `plumb fix`: makes claims say what is seen, as a diff or in the files.

use super::explain::unknown;
use crate::answer::{Written, document, next};
use crate::arguments::{FixArguments, Global};
use crate::documents;
use crate::empty::{no_claims, no_evidence};
use crate::failure::{Code, Failure};
use crate::look::Look;
use crate::project::{Project, project};
use crate::render::{count, name};
use crate::render_fix::{diff, patch};
use crate::terminal::Terminal;
use crate::weigh::{Weighed, seen_where, weigh};
use plumb_engine::files::{self, FileError};
use plumb_engine::fix::{Fix, Fixed, Stuck};
use plumb_engine::{fix, judge};
use plumb_gap::finding::Finding;

/// Findings that stay told of at most, unless more is asked for.
const STAYING_MAX: usize = 10;

pub(crate) fn fix(
    global: &Global,
    arguments: &FixArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let seen = seen_where(&project, &arguments.server)?;
    let judging = seen.judging();
    let weighed = weigh(&project, &project.folder, seen, terminal)?;
    for key in &arguments.keys {
        if !weighed.report.findings.iter().any(|finding| finding.key() == *key) {
            return Err(unknown(&weighed, key));
        }
    }
    if !weighed.can_compare() {
        tell_nothing(global, &project, &weighed, terminal);
        return Ok(Code::CannotTell);
    }
    let is_named = |key: &String| arguments.keys.is_empty() || arguments.keys.contains(key);
    let wants = |finding: &Finding| {
        let key = finding.key();
        is_named(&key) && !weighed.accepted.contains_key(&key)
    };
    let bar = terminal.progress("mending claims", 0);
    let fixed = fix::fix(Fix {
        folder: &project.folder,
        claims: &weighed.claims,
        is_judged: &|_| true,
        judge: &|claims| {
            bar.inc(1);
            let (evidence, releases) = (judging.evidence.clone(), &judging.releases);
            let name_of = &|host: &str| project.name_of(host);
            judge::judge(claims, evidence, releases, &project.policy(), &judging.key, name_of)
        },
        key: &judging.key,
        wants: &wants,
        cases_max: arguments.cases.unwrap_or_default(),
    });
    bar.finish_and_clear();
    if arguments.write {
        write(&project, &fixed)?;
    }
    tell(global, arguments, &fixed, terminal)?;
    let is_all = fixed.stuck.is_empty() && fixed.wanting.is_empty();
    Ok(if is_all { Code::Pass } else { Code::Refuse })
}

fn tell_nothing(global: &Global, project: &Project, weighed: &Weighed, terminal: Terminal) {
    if weighed.claims.is_empty() {
        terminal.note(&no_claims(terminal.err, weighed, &project.folder));
    } else {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
    }
}

fn write(project: &Project, fixed: &Fixed) -> Result<(), FileError> {
    for (path, file) in &fixed.files {
        files::write_whole(&project.folder.join(path), file.after.as_bytes())?;
    }
    Ok(())
}

fn tell(
    global: &Global,
    arguments: &FixArguments,
    fixed: &Fixed,
    terminal: Terminal,
) -> Result<(), Failure> {
    let is_written = arguments.write;
    let told = document(terminal, global.format, || documents::fixed(fixed, is_written))?;
    if told == Written::Done {
        return Ok(());
    }
    match is_written {
        // A diff is for other programs too, so nothing else goes where it goes.
        false => terminal.data(patch(terminal.out, fixed).as_bytes())?,
        true => terminal.text(&changed(fixed))?,
    }
    let look = terminal.err;
    terminal.note(&staying(look, "not mended", &fixed.stuck, terminal.is_verbose));
    terminal.note(&staying(look, "wants a case of its own", &fixed.wanting, terminal.is_verbose));
    terminal.note(&summary(look, fixed));
    if !fixed.wanting.is_empty() && arguments.cases.is_none() {
        next(terminal, "plumb fix --cases");
    } else if !fixed.files.is_empty() {
        next(terminal, if is_written { "plumb gap" } else { "plumb fix --write" });
    }
    Ok(())
}

fn changed(fixed: &Fixed) -> String {
    let line = |(path, file): (&String, &fix::FixedFile)| {
        let (more, fewer) = diff(file);
        let what = if file.before.is_none() { "new" } else { "mended" };
        format!("{what}  {}  +{more} -{fewer}\n", name(path))
    };
    fixed.files.iter().map(line).collect()
}

fn staying(look: Look, what: &str, all: &[Stuck], is_verbose: bool) -> String {
    let most = if is_verbose { usize::MAX } else { STAYING_MAX };
    let head = |stuck: &Stuck| format!("{what}: {}", name(&stuck.key));
    let one = |stuck: &Stuck| format!("{}\n  {}\n", head(stuck), look.faint(&name(&stuck.reason)));
    let mut out: String = all.iter().take(most).map(one).collect();
    if all.len() > most {
        out.push_str(&format!("and {} more {what}; `plumb fix -v` tells all\n", all.len() - most));
    }
    out
}

fn summary(look: Look, fixed: &Fixed) -> String {
    let Some((before, after)) = &fixed.reports else { return String::new() };
    let share = |report: &plumb_gap::report::Report| {
        let (point, ..) = report.gap.shares();
        format!("{:.1} %", point * 100.0)
    };
    let counts = [
        count(fixed.changes, "change"),
        count(fixed.cases, "new case"),
        count(fixed.files.len(), "file"),
    ];
    let gap = format!("gap {} → {}", share(before), share(after));
    format!("\n{} · {}\n", counts.join(" · "), look.strong(&gap))
}
