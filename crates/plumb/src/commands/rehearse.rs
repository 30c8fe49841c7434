//! `plumb rehearse`: a migration on a copy, before it matters.

use crate::arguments::{Format, Global};
use crate::commands::rehearse_messages::messages;
use crate::failure::{Code, Failure, outside, usage};
use crate::project::project;
use crate::rehearsal_document::{rehearsal_document, stage_word};
use crate::rehearsal_page::rehearsal_page;
use crate::rehearse_arguments::{RehearseArguments, RehearseCommand, RehearseWords};
use crate::render_rehearsal;
use crate::report_request::ReportKind;
use crate::terminal::Terminal;
use plumb_engine::clock::now_ms;
use plumb_engine::files;
use plumb_engine::judge;
use plumb_engine::rehearsals;
use plumb_rehearse::host::{Server, Stop};
use plumb_rehearse::interrupt::on_signal;
use plumb_rehearse::programs::Wanted;
use plumb_rehearse::rehearsal::{Plan, rehearse as hold};
use plumb_rehearse::report::{Answer, Report};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

/// What the thread that rehearses and the one that hears signals tell.
enum Told {
    Draft(Box<Report>),
    Ended(Result<Box<Report>, Failure>),
    Interrupted,
}

pub(crate) fn rehearse(
    global: &Global,
    words: &RehearseWords,
    terminal: Terminal,
) -> Result<Code, Failure> {
    match (&words.command, &words.migration) {
        (Some(RehearseCommand::Messages(arguments)), _) => messages(global, arguments, terminal),
        (None, Some(arguments)) => migration(global, arguments, terminal),
        (None, None) => Err(usage("nothing is named to be rehearsed", "`plumb rehearse --help`")),
    }
}

fn migration(
    global: &Global,
    arguments: &RehearseArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let plan = plan_of(arguments)?;
    let at_ms = global.as_of.unwrap_or_else(now_ms);
    let (stop, (telling, told)) = (Stop::default(), channel());
    let (stopping, heard) = (stop.clone(), telling.clone());
    on_signal(move || {
        stopping.stop();
        // When the rehearsal has ended by itself, nobody listens any more.
        heard.send(Told::Interrupted).ok();
    })
    .map_err(|err| outside(format!("cannot listen for signals: {err}"), None))?;
    let hold_it = move || {
        let draft = telling.clone();
        let mut tell = |report: &Report| {
            draft.send(Told::Draft(Box::new(report.clone()))).ok();
        };
        let held = hold(&plan, &stop, &mut tell).map(Box::new).map_err(Failure::from);
        // A rehearsal that was cut short fails because of that.
        if !stop.is_stopped() {
            telling.send(Told::Ended(held)).ok();
        }
    };
    let worker = std::thread::Builder::new().name("rehearsal".to_owned()).spawn(hold_it);
    worker.map_err(|err| outside(format!("no thread can be started: {err}"), None))?;
    let bar = terminal.progress("rehearsing", 0);
    let mut last = Box::new(Report::default());
    loop {
        match told.recv() {
            Ok(Told::Draft(report)) => {
                last = report;
                bar.set_message(format!("rehearsing: {}", stage_word(last.stage)));
                write_answer(arguments.answer.as_deref(), &last, at_ms)?;
            }
            Ok(Told::Ended(held)) => {
                bar.finish_and_clear();
                let report = held?;
                if let Err(failure) = keep(global, &report, at_ms) {
                    terminal.complain(&format!("warning: it is not kept: {}\n", failure.what));
                }
                return tell((global.format, at_ms), arguments, &report, terminal);
            }
            Ok(Told::Interrupted) | Err(_) => {
                bar.finish_and_clear();
                write_answer(arguments.answer.as_deref(), &last, at_ms)?;
                return Err(interrupted(&last));
            }
        }
    }
}

/// What is to be rehearsed. A rehearsal is not written as every kind of report.
fn plan_of(asked: &RehearseArguments) -> Result<Plan, Failure> {
    if asked.reports.iter().any(|one| !matches!(one.kind, ReportKind::Markdown | ReportKind::Json))
    {
        let what = "a rehearsal is written as `markdown` or `json` only";
        return Err(usage(what, "write `--report markdown=rehearsal.md`"));
    }
    let wanted = Wanted { folder: asked.postgres.clone(), version: asked.server_version };
    Ok(Plan {
        server: asked.server.clone().map_or(Server::Private(wanted), Server::At),
        schema: asked.schema.clone(),
        copy: asked.copy.clone(),
        rows: asked.rows,
        migrate: asked.migrate.clone(),
        down: asked.down.clone(),
        is_single_transaction: asked.single_transaction,
        timezone: asked.timezone.clone(),
        statements: asked.statements.clone(),
        statements_from: asked.statements_from.clone(),
        new_statements: asked.new_statements.clone(),
        new_writes: asked.new_writes.clone(),
        role: asked.role.clone(),
        has_freeze: !asked.no_behind_idle,
        lock_timeout: Duration::from_millis(asked.lock_timeout),
        old_migrations: asked.old_migrations.clone(),
        ledger: asked.ledger,
        old_command: asked.old_command.clone(),
        old_command_wait: Duration::from_secs(asked.old_command_wait),
    })
}

fn interrupted(last: &Report) -> Failure {
    let what = format!("interrupted after the stage `{}`", stage_word(last.stage));
    let help = "the copies are gone; `--answer FILE` keeps what was found until then";
    Failure { code: Code::CannotTell, what, place: None, help: Some(help.to_owned()) }
}

fn write_answer(path: Option<&Path>, report: &Report, at_ms: i64) -> Result<(), Failure> {
    if let Some(path) = path {
        files::write_whole(path, format!("{:#}\n", rehearsal_document(report, at_ms)).as_bytes())?;
    }
    Ok(())
}

fn tell(
    (format, at_ms): (Format, i64),
    arguments: &RehearseArguments,
    report: &Report,
    terminal: Terminal,
) -> Result<Code, Failure> {
    for request in &arguments.reports {
        let text = match request.kind {
            ReportKind::Json => format!("{:#}\n", rehearsal_document(report, at_ms)),
            _ => rehearsal_page(report),
        };
        files::write_whole(&request.path, text.as_bytes())?;
    }
    match format {
        Format::Text => {
            let text = render_rehearsal::rehearsal(terminal.out, report, terminal.is_verbose);
            terminal.text(&text)?;
        }
        Format::Json => {
            terminal.data(format!("{:#}\n", rehearsal_document(report, at_ms)).as_bytes())?;
        }
        Format::Ndjson => {
            terminal.data(format!("{}\n", rehearsal_document(report, at_ms)).as_bytes())?;
        }
    }
    Ok(if arguments.exit_zero { Code::Pass } else { judged(report.answer().0).into() })
}

/// Keeps the rehearsal where a project keeps evidence, for whoever looks at the project's pages.
fn keep(global: &Global, report: &Report, at_ms: i64) -> Result<(), Failure> {
    let Some(mut shelf) = project(global)?.shelf_if_there()? else { return Ok(()) };
    let document = rehearsal_document(report, at_ms);
    Ok(rehearsals::keep(&mut shelf, rehearsals::Kept { at_ms, document })?)
}

/// The answer in the words of every gate.
pub(crate) const fn judged(answer: Answer) -> judge::Answer {
    match answer {
        Answer::Pass => judge::Answer::Pass,
        Answer::Refuse => judge::Answer::Refuse,
        Answer::CannotTell => judge::Answer::CannotTell,
    }
}
