//! `plumb compat`: what two versions of a contract break.

use crate::arguments::{Format, Global};
use crate::compat_arguments::CompatArguments;
use crate::failure::{Code, Failure, outside};
use crate::look::Look;
use crate::project::{Project, project};
use crate::render::{count, field, name};
use crate::report_file::tell_changes;
use crate::terminal::Terminal;
use plumb_contract::change::{Change, Grade, Spot};
use plumb_contract::compare::Asked;
use plumb_contract::compared::Unread;
use plumb_contract::weighed::{Counts, Weighed, counts};
use plumb_engine::clock::{day_of, day_text};
use plumb_engine::contracts::{self, Contracts, Differences, Place};
use plumb_engine::judge::Answer;
use plumb_engine::revision::Revision;
use plumb_gap::finding::Verdict;
use plumb_wire::changed::Changed;
use plumb_wire::compat_v1::{change_entry, compat_document};
use plumb_wire::harmless::harmless_short;
use std::path::Path;
use std::thread;

/// Letters of a reason or a witness on its line; the document has all of it.
const TEXT_LETTERS_MAX: usize = 400;

/// Places that could not be read and are told unless the person asks for all.
const UNREAD_MAX: usize = 10;

/// Stack for schemas that lie deep one in another: what the decision asks for, four times over.
const STACK_BYTES: usize = 32 << 20;

pub(crate) fn compat(
    global: &Global,
    arguments: &CompatArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let [old_name, new_name] = named(arguments);
    let (old, new) = gathered(arguments, [&old_name, &new_name])?;
    let bar = terminal.progress("comparing contracts", 0);
    let found = compared(&old, &new, &asked(&project, arguments))?;
    bar.finish_and_clear();
    let changes = contracts::in_order(found.compared.changes);
    let unread = found.compared.unread;
    let (answer, reason) = contracts::decide(&changes, &unread, arguments.fail_on.into());
    let changed = Changed {
        old: &old_name,
        new: &new_name,
        contracts: found.contracts,
        changes: &changes,
        unread: &unread,
        answer: word(answer),
        reason: &reason,
    };
    tell_changes(&arguments.reports, &changed, &project.config.project, terminal)?;
    tell(global.format, answer, &changed, terminal)?;
    Ok(if arguments.exit_zero { Code::Pass } else { code(answer) })
}

/// Both versions as the person named them.
fn named(arguments: &CompatArguments) -> [String; 2] {
    let here = || ".".to_owned();
    match &arguments.base {
        Some(base) => {
            let path = arguments.old.clone().unwrap_or_else(here);
            let inside = if path == "." { String::new() } else { path.clone() };
            [format!("{base}:{inside}"), path]
        }
        None => {
            [arguments.old.clone().unwrap_or_else(here), arguments.new.clone().unwrap_or_else(here)]
        }
    }
}

fn gathered(
    arguments: &CompatArguments,
    [old, new]: [&str; 2],
) -> Result<(Contracts, Contracts), Failure> {
    let old = match &arguments.base {
        Some(base) => {
            let path = arguments.old.as_deref().filter(|path| *path != ".").unwrap_or_default();
            Place::Revision(Revision::find(Path::new("."), base)?, path.to_owned())
        }
        None => place(old)?,
    };
    Ok((contracts::gather(&old)?, contracts::gather(&place(new)?)?))
}

/// A path, or a revision and a path in it where no such path is there.
fn place(text: &str) -> Result<Place, Failure> {
    if let Some((revision, path)) = text.split_once(':')
        && !Path::new(text).exists()
    {
        let revision = Revision::find(Path::new("."), revision)?;
        return Ok(Place::Revision(revision, path.to_owned()));
    }
    Ok(Place::Disk(text.into()))
}

fn asked(project: &Project, arguments: &CompatArguments) -> Asked {
    Asked {
        reading: arguments.reading.into(),
        flow: arguments.writer.into(),
        protobuf: arguments.protobuf.into(),
        today: Some(day_text(day_of(project.as_of_ms))),
    }
}

/// Compares where there is room for schemas that lie deep one in another.
fn compared(old: &Contracts, new: &Contracts, asked: &Asked) -> Result<Differences, Failure> {
    thread::scope(|scope| {
        let compare = || contracts::compare(old, new, asked);
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, compare);
        let no_thread = |err| outside(format!("no thread can be started: {err}"), None);
        // A panic ends the process where it happens.
        let gone = |_| outside("the comparison did not come to an end".to_owned(), None);
        worker.map_err(no_thread)?.join().map_err(gone)
    })
}

const fn code(answer: Answer) -> Code {
    match answer {
        Answer::Pass => Code::Pass,
        Answer::Refuse => Code::Refuse,
        Answer::CannotTell => Code::CannotTell,
    }
}

const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "pass",
        Answer::Refuse => "refuse",
        Answer::CannotTell => "cannot-tell",
    }
}

fn tell(
    format: Format,
    answer: Answer,
    changed: &Changed<'_>,
    terminal: Terminal,
) -> Result<(), Failure> {
    match format {
        Format::Text => {
            terminal.text(&text(terminal.out, answer, changed, terminal.is_verbose))?;
        }
        Format::Json => {
            terminal.data(format!("{:#}\n", compat_document(changed)).as_bytes())?;
        }
        Format::Ndjson => {
            let mut lines = String::new();
            for one in changed.changes {
                let mut entry = change_entry(one);
                entry["type"] = "change".into();
                lines.push_str(&format!("{entry}\n"));
            }
            let mut last = compat_document(&Changed { changes: &[], ..*changed });
            last["summary"] = compat_document(changed)["summary"].take();
            last["type"] = "answer".into();
            terminal.data(format!("{lines}{last}\n").as_bytes())?;
        }
    }
    Ok(())
}

fn text(look: Look, answer: Answer, changed: &Changed<'_>, is_all: bool) -> String {
    let mut out = format!(
        "{}  {}  {}\n",
        mark(look, answer),
        look.strong(&format!("{} → {}", name(changed.old), name(changed.new))),
        harmless_short(changed.reason, TEXT_LETTERS_MAX),
    );
    let Counts { breaking, risky, safe } = counts(changed.changes);
    let contracts = count(changed.contracts, "contract");
    let hidden = if safe > 0 && !is_all { " (`-v` shows them)" } else { "" };
    out.push_str(&format!(
        "{contracts} · {breaking} breaking · {risky} risky · {safe} safe{hidden}\n"
    ));
    let shown = |one: &&Weighed| is_all || one.change.grade != Grade::Safe;
    let mut grade = None;
    for one in changed.changes.iter().filter(shown) {
        if grade != Some(one.change.grade) {
            grade = Some(one.change.grade);
            out.push('\n');
        }
        out.push_str(&line(look, one));
    }
    out.push_str(&not_read(look, changed.unread, is_all));
    out
}

/// One change in one line, with both places and the witness.
fn line(look: Look, weighed: &Weighed) -> String {
    let change = &weighed.change;
    let short = |text: &str| harmless_short(text, TEXT_LETTERS_MAX).into_owned();
    let mut parts = vec![
        grade(look, change.grade),
        look.strong(&name(&change.subject)),
        name(&change.place),
        short(&change.reason),
    ];
    if let Some(witness) = &change.witness {
        parts.push(format!("for example {}", short(witness)));
    }
    if let Some(usage) = weighed.usage {
        parts.push(format!("seen in {} of {}", usage.seen, usage.of));
    }
    parts.push(look.faint(&places(change)));
    parts.push(look.faint(change.rule));
    format!("{}\n", parts.join("  "))
}

fn places(change: &Change) -> String {
    let at = |spot: &Spot| format!("{}:{}", name(&spot.file), spot.line);
    match (&change.old, &change.new) {
        (Some(old), Some(new)) if old.file == new.file => {
            format!("{} → {}", at(old), new.line)
        }
        (Some(old), Some(new)) => format!("{} → {}", at(old), at(new)),
        (Some(one), None) => format!("{} → gone", at(one)),
        (None, Some(one)) => format!("new → {}", at(one)),
        (None, None) => String::new(),
    }
}

fn grade(look: Look, grade: Grade) -> String {
    let (mark, verdict) = match grade {
        Grade::Breaking => ("✖", Verdict::Broken),
        Grade::Risky => ("▲", Verdict::Drifted),
        Grade::Safe => ("●", Verdict::Holds),
    };
    look.verdict(verdict, &format!("{mark} {}", grade.name()))
}

fn mark(look: Look, answer: Answer) -> String {
    let (mark, verdict, word) = match answer {
        Answer::Pass => ("●", Verdict::Holds, "pass"),
        Answer::Refuse => ("✖", Verdict::Broken, "refuse"),
        Answer::CannotTell => ("◌", Verdict::Unobserved, "cannot tell"),
    };
    look.verdict(verdict, &format!("{mark} {word}"))
}

fn not_read(look: Look, unread: &[Unread], is_all: bool) -> String {
    if unread.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{} could not be read:\n", count(unread.len(), "place"));
    let most = if is_all { usize::MAX } else { UNREAD_MAX };
    for one in unread.iter().take(most) {
        out.push_str(&format!("  {}:{}:{}\n", name(&one.file), one.line, one.column));
        out.push_str(&field(look, "why", &name(&one.reason)));
    }
    let more = unread.len().saturating_sub(most);
    if more > 0 {
        out.push_str(&format!("  and {more} more; `-v` shows all\n"));
    }
    out
}
