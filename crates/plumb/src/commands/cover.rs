//! `plumb run` without anything to run against: which behaviours of production a command's tests
//! meet.
//!
//! The command meets what it always meets; its traffic is looked at on its way, and kept apart from
//! the evidence of production.

use crate::accompanying::{Accompanying, accompanied};
use crate::answer::document_in;
use crate::arguments::{AgainstArguments, Global};
use crate::failure::Failure;
use crate::project::Project;
use crate::render::{Column, count, name, table};
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use plumb_engine::exercise::{Exercise, Exercised, exercise};
use plumb_engine::exercised::{self, Met};
use plumb_engine::judge::{Scope, evidence};
use plumb_engine::keeper::ShelfKeeper;
use plumb_engine::location::Location;
use plumb_engine::mock::{Mock, mock};
use plumb_engine::shelf;
use plumb_traffic::fold::Origin;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

/// The version of the document.
const VERSION: u32 = 1;

/// Behaviours that no test met which are told of at most, unless more is asked for.
const UNMET_MAX: usize = 20;

/// Letters of a document that are shown.
const BODY_LETTERS_MAX: usize = 60;

/// Runs the command, and tells how much of what was seen its tests met.
pub(crate) fn cover(
    global: &Global,
    (project, arguments): (&Project, &AgainstArguments),
    production: &BTreeMap<String, Mock>,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let apart = Apart::beside(project.store());
    let trusting = Trusting::wanted(&arguments.meeting.trust)?;
    let accompanying = Accompanying {
        words: &arguments.command,
        direct: arguments.no_proxy.as_deref(),
        trusting: trusting.as_ref(),
        keeper: Box::new(ShelfKeeper::new(Location::from(apart.0.as_path()))),
        name: "tests".to_owned(),
        origin: Origin::default(),
    };
    let code = accompanied(project, accompanying, terminal)?.code;
    let tests = apart.seen(project)?;
    let exercise = exercise(production, &tests);
    if let Err(failure) = keep(project, &exercise) {
        terminal.complain(&format!("warning: what was met is not kept: {}\n", failure.what));
    }
    tell(global, arguments, &exercise, terminal)?;
    Ok(ExitCode::from(code))
}

/// Keeps what the tests met, for whoever looks at the project's pages.
fn keep(project: &Project, exercise: &Exercise) -> Result<(), Failure> {
    let Some(mut shelf) = project.shelf_if_there()? else { return Ok(()) };
    Ok(exercised::keep(&mut shelf, &Met::of(exercise, project.as_of_ms))?)
}

/// A store of its own for one run, gone afterwards.
struct Apart(PathBuf);

impl Apart {
    fn beside(store: &Location) -> Self {
        Self(store.folder().join(format!("run-{}", std::process::id())))
    }

    fn seen(&self, project: &Project) -> Result<BTreeMap<String, Mock>, Failure> {
        let shelf = shelf::open(&Location::from(self.0.as_path()))?;
        let evidence = evidence(&shelf, &Scope::default())?;
        let writers: BTreeSet<&str> = evidence.iter().map(|one| one.writer.as_str()).collect();
        let named = |writer: &str| project.name_of(writer).unwrap_or_else(|| writer.to_owned());
        Ok(writers.into_iter().map(|it| (named(it), mock(&evidence, it))).collect())
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // What cannot be taken away lies in the store's own folder, and harms nobody there.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn tell(
    global: &Global,
    arguments: &AgainstArguments,
    exercise: &Exercise,
    terminal: Terminal,
) -> Result<(), Failure> {
    terminal.note(&told(exercise, terminal));
    document_in(arguments.answer.as_deref(), global.format, || exercised_document(exercise))
}

/// Everything in words, on the standard error: the standard output is the command's.
fn told(exercise: &Exercise, terminal: Terminal) -> String {
    let (met, of) = exercise.share();
    let behaviours = exercise.behaviours.len();
    let unmet: Vec<&Exercised> = exercise.behaviours.iter().filter(|one| !one.is_met).collect();
    let mut text = format!(
        "behaviour coverage {} of exchanges · {} of {} met\n",
        percent(met, of),
        behaviours - unmet.len(),
        count(behaviours, "behaviour"),
    );
    if !unmet.is_empty() {
        text.push_str("No test has met these:\n");
        let heading = [
            ("SHARE", Column::Right),
            ("DEPENDENCY", Column::Left),
            ("OPERATION", Column::Left),
            ("STATUS", Column::Right),
            ("ID", Column::Left),
            ("BEHAVES AS", Column::Left),
        ];
        let most = if terminal.is_verbose { usize::MAX } else { UNMET_MAX };
        let row = |one: &&Exercised| {
            let body: String = one.body.chars().take(BODY_LETTERS_MAX).collect();
            let more = if body.len() < one.body.len() { "…" } else { "" };
            vec![
                percent(one.seen, of),
                name(&one.dependency),
                name(&one.operation),
                one.status.to_string(),
                one.id.clone(),
                format!("{}{more}", name(&body)),
            ]
        };
        let rows: Vec<Vec<String>> = unmet.iter().take(most).map(row).collect();
        text.push_str(&table(terminal.err, &heading, &rows));
        if unmet.len() > most {
            text.push_str(&format!("and {} more; `-v` shows all\n", unmet.len() - most));
        }
    }
    for operation in &exercise.unseen {
        text.push_str(&format!("asked for, and never seen: {}\n", name(operation)));
    }
    text
}

fn percent(part: u64, of: u64) -> String {
    let share = plumb_gap::policy::to_f64(part) / plumb_gap::policy::to_f64(of.max(1));
    format!("{:.1} %", share * 100.0)
}

fn exercised_document(exercise: &Exercise) -> Value {
    let (met, of) = exercise.share();
    let one = |one: &Exercised| {
        json!({
            "dependency": harmless(&one.dependency),
            "operation": harmless(&one.operation),
            "status": one.status,
            "id": one.id,
            "body": harmless(&one.body),
            "seen": one.seen,
            "is_met": one.is_met,
        })
    };
    let unseen: Vec<_> = exercise.unseen.iter().map(|operation| harmless(operation)).collect();
    json!({
        "version": VERSION,
        "exchanges": { "met": met, "of": of },
        "behaviours": exercise.behaviours.iter().map(one).collect::<Vec<_>>(),
        "unseen": unseen,
    })
}
