//! `plumb run` without anything to run against: which behaviours of production a command's tests
//! meet.
//!
//! The command meets what it always meets; its traffic is looked at on its way, and kept apart from
//! the evidence of production.

use crate::arguments::{AgainstArguments, Format, Global};
use crate::bug;
use crate::child::{self, Running};
use crate::failure::{Failure, outside};
use crate::listening::listen;
use crate::project::Project;
use crate::render::{Column, count, name, table};
use crate::tapping::fold_all;
use crate::terminal::Terminal;
use plumb_engine::clock::since_epoch;
use plumb_engine::exercise::{Exercise, Exercised, exercise};
use plumb_engine::judge::{Scope, evidence};
use plumb_engine::keeper::ShelfKeeper;
use plumb_engine::live::{Live, Watch};
use plumb_engine::location::Location;
use plumb_engine::mock::{Mock, mock};
use plumb_engine::{files, shelf};
use plumb_tap::options::Options;
use plumb_tap::outward::Outward;
use plumb_tap::queue::{Bounds, Taking, bounded};
use plumb_tap::run::accompany;
use plumb_tap::shutdown::shutdown;
use plumb_traffic::fold::Origin;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

/// The version of the document.
const VERSION: u32 = 1;

/// How long exchanges may take once the command has ended.
const DRAIN: Duration = Duration::from_secs(2);

/// Behaviours that no test met which are told of at most, unless more is asked for.
const UNMET_MAX: usize = 20;

/// Letters of a document that are shown.
const BODY_LETTERS_MAX: usize = 60;

/// Any free port, for this machine alone.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Runs the command, and tells how much of what was seen its tests met.
pub(crate) fn cover(
    global: &Global,
    (project, arguments): (&Project, &AgainstArguments),
    production: &BTreeMap<String, Mock>,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let apart = Apart::beside(project.store());
    // From here on a bug costs an exchange its evidence, and the command nothing.
    std::panic::set_hook(Box::new(bug::note));
    let code = looked_at(project, arguments, &apart, terminal)?;
    let tests = apart.seen(project)?;
    tell(global, arguments, &exercise(production, &tests), terminal)?;
    Ok(ExitCode::from(code))
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

fn looked_at(
    project: &Project,
    arguments: &AgainstArguments,
    apart: &Apart,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let (listener, address) = listen(ADDRESS, "--listen")?;
    let (queue, taking) = bounded(Bounds::default());
    let outward = Outward {
        options: Options { drain: DRAIN, ..Options::default() },
        queue: queue.clone(),
        tunnels: Arc::new(AtomicU64::new(0)),
        clock: since_epoch,
    };
    let (open, closing) = shutdown();
    let running = Arc::new(Running::default());
    std::thread::scope(|scope| {
        let folding = scope.spawn(|| fold(taking, project, &apart.0, terminal));
        let told = Arc::clone(&running);
        let carrying =
            scope.spawn(move || accompany(listener, outward, closing, move |by| told.tell(by)));
        let direct = arguments.no_proxy.as_deref();
        let code = child::run(&running, &child::command(&arguments.command, address, direct));
        open.begin();
        drop(carrying.join());
        drop(queue);
        drop(folding.join());
        code
    })
}

fn fold(mut taking: Taking, project: &Project, store: &Path, terminal: Terminal) {
    let redaction = project.redaction();
    let name_of = |host: &str| project.name_of(host);
    let live = Live::new(Watch {
        keeper: Box::new(ShelfKeeper::new(Location::from(store))),
        name: "tests".to_owned(),
        origin: Origin::default(),
        redaction: &redaction,
        name_of: &name_of,
    });
    if let Ok(live) = live {
        // The command has the terminal, and a bar would write across it.
        fold_all(&mut taking, live, None, &AtomicBool::new(false), terminal.hushed());
    }
}

fn tell(
    global: &Global,
    arguments: &AgainstArguments,
    exercise: &Exercise,
    terminal: Terminal,
) -> Result<(), Failure> {
    terminal.note(&told(exercise, terminal));
    let Some(path) = &arguments.answer else { return Ok(()) };
    let document = exercised_document(exercise);
    let text = match global.format {
        Format::Ndjson => format!("{document}\n"),
        Format::Text | Format::Json => format!("{document:#}\n"),
    };
    files::write_whole(path, text.as_bytes())
        .map_err(|err| outside(format!("the answer is not written: {err}"), None))
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
