//! `plumb probe`: learns from a command's own tests which changes of its dependencies they take.
//!
//! What is learned is kept after every run, so that a probe that was interrupted goes on.

use crate::answer::{Written, document};
use crate::arguments::{Global, ProbeArguments};
use crate::bug;
use crate::child::{self, Ended, Running};
use crate::failure::{Code, Failure, outside};
use crate::grpc::services;
use crate::mocks::{Staging, check_telling, mocks, staged};
use crate::project::{Project, project};
use crate::render::{Column, count, count_u64, name, table};
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use plumb_engine::files;
use plumb_engine::mock::Mock;
use plumb_engine::mock::call::Wanted;
use plumb_engine::probe::{Learned, Ran, Taken, Try, probe as learn, tries};
use plumb_engine::tolerance::FILE_PREFIX;
use plumb_server::mock::Mocked;
use plumb_tap::run::Signal;
use plumb_traffic::schema::grpc::Services;
use plumb_wire::harmless::harmless;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The version of the document.
const VERSION: u32 = 1;

/// How often tests have to pass on answers as they are seen before they are believed.
const BASELINES: usize = 2;

/// The exit code of a command that was interrupted.
const INTERRUPTED: i32 = 130;

/// A run may take as long as the slowest that passed, so many times over, before it is ended:
/// mutations make tests wait and try again.
const PATIENCE_TIMES: u32 = 5;

/// And this long at least: a slow answer alone takes two seconds.
const PATIENCE_LEAST: Duration = Duration::from_secs(30);

pub(crate) fn probe(
    global: &Global,
    arguments: &ProbeArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let services = arguments.grpc_schema.as_deref().map(services).transpose()?;
    let mocks = mocks(&project, (&[], services.as_ref()), &arguments.server)?;
    check_telling(&arguments.meeting.telling(), &mocks)?;
    // From here on a bug costs one request its answer, and the command nothing.
    std::panic::set_hook(Box::new(bug::note_request));
    let trusting = Trusting::wanted(&arguments.meeting.trust)?;
    let trusting = trusting.as_ref();
    let probing = Probing { project: &project, arguments, mocks: &mocks, services, trusting };
    let (asked, patience) = match probing.baseline(terminal)? {
        Some(baseline) => baseline,
        None => return Ok(Code::CannotTell),
    };
    let asked = asked.answered.into_keys().collect();
    let tries = tries(&mocks, &asked);
    let known = probing.known_file();
    let mut learned = if arguments.again { Learned::default() } else { read(&known)? };
    learned.runs = 0;
    let bar = terminal.progress("runs", 0);
    bar.set_length(u64::try_from(tries.len()).unwrap_or_default());
    let done = learn(
        &tries,
        &mut learned,
        arguments.runs,
        &mut |one| probing.ran(Some(one), patience).map(|(ran, _, _)| ran),
        &mut |learned| {
            bar.set_position(learned.runs);
            write(&known, learned)
        },
    );
    bar.finish_and_clear();
    done?;
    tell(global, &tries, &learned, terminal)
}

/// A command and what it is probed with.
struct Probing<'a> {
    project: &'a Project,
    arguments: &'a ProbeArguments,
    mocks: &'a BTreeMap<String, Mock>,
    services: Option<Services>,
    trusting: Option<&'a Trusting>,
}

impl Probing<'_> {
    /// Runs the command on answers as they are seen; gives what it asked for, and how long to wait
    /// for it from now on. `None`, and the reason told, when there is nothing to learn from it.
    fn baseline(&self, terminal: Terminal) -> Result<Option<(Mocked, Duration)>, Failure> {
        let mut asked = Mocked::default();
        let mut longest = Duration::ZERO;
        for _ in 0..BASELINES {
            let (ran, mocked, took) = self.ran(None, Duration::MAX)?;
            if ran == Ran::Red {
                terminal.complain(
                    "The command fails on answers as they are seen, so nothing can be learned from \
                     it.\n  next      plumb run --against today -- COMMAND\n",
                );
                return Ok(None);
            }
            asked.answered.extend(mocked.answered);
            longest = longest.max(took);
        }
        if asked.answered.is_empty() {
            terminal.complain(
                "The command asked for nothing, so nothing can be learned from it.\n  next      \
                 --as VARIABLE=DEPENDENCY tells it where a dependency is\n",
            );
            return Ok(None);
        }
        Ok(Some((asked, longest.saturating_mul(PATIENCE_TIMES).max(PATIENCE_LEAST))))
    }

    /// Runs the command once.
    fn ran(
        &self,
        mutated: Option<&Try>,
        patience: Duration,
    ) -> Result<(Ran, Mocked, Duration), Failure> {
        let mut mocks = self.mocks.clone();
        if let Some(Try { dependency, mutation }) = mutated
            && let Some(mock) = mocks.get_mut(dependency)
        {
            mock.mutate(mutation.clone());
        }
        let running = Arc::new(Running::default());
        let told = Arc::clone(&running);
        let staging = Staging {
            mocks,
            services: self.services.clone(),
            trusting: self.trusting,
            telling: self.arguments.meeting.telling(),
            wanted: Wanted::AsSeen,
            heard: Box::new(move |signal| interrupted(&told, signal)),
        };
        let (ended, mocked) = staged(self.project, staging, |proxy, told| {
            let direct = self.arguments.no_proxy.as_deref();
            let command = child::command(&self.arguments.command, proxy, direct).told(told);
            child::run_within(&running, &command.quietly(), patience)
        })?;
        let Ended { code, took } = ended?;
        Ok((if code == Some(0) { Ran::Green } else { Ran::Red }, mocked, took))
    }

    /// Where what is learned of this very command is kept.
    fn known_file(&self) -> PathBuf {
        let words = self.arguments.command.join("\0");
        let id = plumb_engine::probe::id_of(&words);
        self.project.store().folder().join(format!("{FILE_PREFIX}{id}.json"))
    }
}

/// Ends the command and this process: what was learned before is kept, and the next probe goes on.
fn interrupted(running: &Running, signal: Signal) {
    running.tell(signal);
    std::process::exit(INTERRUPTED);
}

fn read(path: &Path) -> Result<Learned, Failure> {
    let shown = path.display();
    let text = files::read_text(path)
        .map_err(|err| outside(format!("cannot read `{shown}`: {err}"), None))?;
    let Some(text) = text else { return Ok(Learned::default()) };
    serde_json::from_str(&text).map_err(|err| {
        outside(format!("`{shown}` is not what was written: {err}"), Some("start with `--again`"))
    })
}

fn write(path: &Path, learned: &Learned) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(learned).unwrap_or_default();
    Ok(files::write_whole(path, format!("{text}\n").as_bytes())?)
}

fn tell(
    global: &Global,
    tries: &[Try],
    learned: &Learned,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let of = |wanted: Taken| -> Vec<&Try> {
        tries.iter().filter(|one| learned.taken.get(&one.key()) == Some(&wanted)).collect()
    };
    let (taken, not, flaky) = (of(Taken::Yes), of(Taken::No), of(Taken::Flaky));
    let left = tries.len() - taken.len() - not.len() - flaky.len();
    let as_document = || {
        let one = |one: &Try| {
            json!({
                "dependency": harmless(&one.dependency),
                "operation": harmless(&one.mutation.operation),
                "place": harmless(&one.mutation.place.at_status(one.mutation.status)),
                "change": one.mutation.kind.name(),
            })
        };
        let all = |tries: &[&Try]| tries.iter().map(|it| one(it)).collect::<Vec<Value>>();
        json!({
            "version": VERSION,
            "runs": learned.runs,
            "left": left,
            "not_taken": all(&not),
            "taken": all(&taken),
            "flaky": all(&flaky),
        })
    };
    if document(terminal, global.format, as_document)? == Written::NotYet {
        let heading = [
            ("CHANGE", Column::Left),
            ("DEPENDENCY", Column::Left),
            ("OPERATION", Column::Left),
            ("PLACE", Column::Left),
        ];
        let row = |word: &str, one: &Try| {
            let Try { dependency, mutation } = one;
            let place = mutation.place.at_status(mutation.status);
            let change = format!("{word}{}", mutation.kind.name());
            vec![change, name(dependency), name(&mutation.operation), name(&place)]
        };
        let mut rows: Vec<Vec<String>> = not.iter().map(|one| row("", one)).collect();
        rows.extend(flaky.iter().map(|one| row("flaky: ", one)));
        let mut text = String::new();
        if !rows.is_empty() {
            text.push_str("The tests fail on these, and on nothing else that was tried:\n");
            text.push_str(&table(terminal.out, &heading, &rows));
        }
        text.push_str(&format!(
            "{} taken · {} not · {} · {left} left to try\n",
            count(taken.len(), "change"),
            not.len(),
            count_u64(learned.runs, "run"),
        ));
        terminal.text(&text)?;
    }
    Ok(Code::Pass)
}
