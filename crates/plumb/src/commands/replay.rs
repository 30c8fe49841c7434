//! `plumb replay`: asks a candidate what was asked before, and compares how it behaves with what
//! is deployed.
//!
//! Captured values live in this process while they are needed, and come out nowhere.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::bug;
use crate::child::{self, Running};
use crate::failure::{Code, Failure, outside, usage};
use crate::grpc::services;
use crate::listening::small_file;
use crate::mocks::{Staging, check_idle, check_telling, mocks, staged};
use crate::project::{Project, project};
use crate::render::{count_u64, name};
use crate::render_replay;
use crate::replay_arguments::ReplayArguments;
use crate::replay_document::{self, Told};
use crate::server_arguments::ServerArguments;
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use plumb_engine::files;
use plumb_engine::mock::call::Wanted as Answered;
use plumb_engine::replay::reel::{Answers, Methods, Reel, Wanted};
use plumb_engine::replay::report::{Circumstances, Report, Verdict, report};
use plumb_engine::replay::tallies::Withheld;
use plumb_server::client::trusted;
use plumb_server::mock::Mocked;
use plumb_server::replay::{Interrupted, Replayed, Replaying, Targets, targets, turns};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// The variable that holds headers, one to a line.
const HEADERS_VARIABLE: &str = "PLUMB_HEADERS";

/// How long a candidate that was started may take until it listens.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// Hosts of a capture that an error names.
const HOSTS_SHOWN: usize = 5;

pub(crate) fn replay(
    global: &Global,
    arguments: &ReplayArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    if arguments.deployed.len() > 2 {
        let help = "name one address of the deployed version, or two";
        return Err(usage("more than two instances are deployed", help));
    }
    if arguments.command.is_empty() {
        let help = "name the command that starts the candidate, behind `--`";
        check_idle(&arguments.meeting.telling(), help)?;
    }
    let authorities = arguments.ca.as_deref().map(small_file).transpose()?;
    let targets = targets(Replaying {
        deployed: arguments.deployed.clone(),
        candidate: arguments.candidate.clone(),
        headers: headers(arguments)?,
        renamed: arguments.map_header.iter().cloned().collect(),
        jobs: arguments.jobs,
        timeout: Duration::from_millis(arguments.timeout.unsigned_abs()),
        trusted: trusted(authorities.as_deref())?,
        withheld: Withheld::from(&project.redaction()),
    })?;
    let reel = reel(&project, arguments, terminal)?;
    let replay = Replay { project: &project, arguments, targets: &targets, reel: &reel };
    let (replayed, mocked) = if arguments.command.is_empty() {
        let interrupted = Interrupted::default();
        interrupted.listen();
        targets.await_listening(Duration::ZERO, &|| true)?;
        (replay.asked(&interrupted, terminal)?, None)
    } else {
        let (replayed, mocked) = replay.beside_command(terminal)?;
        (replayed, Some(mocked))
    };
    let Replayed { tallies, turns, ended } = replayed;
    let samples_min = project.config.evidence.samples_min;
    let report = report(tallies, Circumstances { basis: targets.basis(), samples_min, ended });
    let told = Told { reel: &reel, turns, report: &report, mocked: mocked.as_ref() };
    if document(terminal, global.format, || replay_document::replayed(&told))? == Written::NotYet {
        terminal.text(&render_replay::replayed(&told, terminal))?;
    }
    Ok(code(&report))
}

const fn code(report: &Report) -> Code {
    match report.verdict {
        Verdict::Same => Code::Pass,
        Verdict::Different => Code::Refuse,
        Verdict::CannotTell(_) => Code::CannotTell,
    }
}

/// What is asked of whom.
struct Replay<'a> {
    project: &'a Project,
    arguments: &'a ReplayArguments,
    targets: &'a Targets,
    reel: &'a Reel,
}

impl Replay<'_> {
    fn asked(&self, interrupted: &Interrupted, terminal: Terminal) -> Result<Replayed, Failure> {
        let bar = terminal.progress("requests", turns(self.reel));
        let replayed = self.targets.replay(self.reel, interrupted, &|| bar.inc(1));
        bar.finish_and_clear();
        Ok(replayed?)
    }

    /// Asks while the command that starts the candidate runs, among mocks of its dependencies.
    fn beside_command(&self, terminal: Terminal) -> Result<(Replayed, Mocked), Failure> {
        if self.targets.is_candidate_there() {
            let what = format!("somebody listens at `{}` already", self.arguments.candidate);
            return Err(usage(what, "end that first, or leave out the command to ask it"));
        }
        let services = self.arguments.grpc_schema.as_deref().map(services).transpose()?;
        let asked = (&[][..], services.as_ref());
        let mocks = mocks(self.project, asked, &ServerArguments::none())?;
        let telling = self.arguments.meeting.telling();
        check_telling(&telling, &mocks)?;
        // From here on a bug costs one request its answer, and the command nothing.
        std::panic::set_hook(Box::new(bug::note_request));
        let interrupted = Interrupted::default();
        let told = interrupted.clone();
        let trusting = Trusting::wanted(&self.arguments.meeting.trust)?;
        let staging = Staging {
            mocks,
            services,
            trusting: trusting.as_ref(),
            telling,
            wanted: Answered::AsSeen,
            heard: Box::new(move |_| told.now()),
        };
        let (replayed, mocked) = staged(self.project, staging, |proxy, told| {
            let direct = self.arguments.no_proxy.as_deref();
            let command = child::command(&self.arguments.command, proxy, direct).told(told).aside();
            child::run_beside(&Running::default(), &command, |has_ended| {
                let is_over = || has_ended() || interrupted.is();
                let listens = self.targets.await_listening(START_PATIENCE, &is_over);
                listens.map_err(|err| match has_ended() {
                    true => outside("the candidate ended before it was asked".to_owned(), None),
                    false => err.into(),
                })?;
                let replayed = self.asked(&interrupted, terminal)?;
                if has_ended() && !interrupted.is() {
                    terminal.complain("warning: the candidate ended by itself meanwhile\n");
                }
                Ok::<_, Failure>(replayed)
            })
        })?;
        Ok((replayed??, mocked))
    }
}

/// The captured requests.
fn reel(
    project: &Project,
    arguments: &ReplayArguments,
    terminal: Terminal,
) -> Result<Reel, Failure> {
    let is_host = |host: &str| {
        let called = project.name_of(host);
        let mut from = arguments.from.iter();
        arguments.from.is_empty() || from.any(|it| it == host || called.as_ref() == Some(it))
    };
    let wanted = Wanted {
        limit: arguments.limit,
        methods: if arguments.is_unsafe { Methods::All } else { Methods::Safe },
        answers: if arguments.deployed.is_empty() { Answers::All } else { Answers::Created },
        is_host: &is_host,
        redaction: &project.redaction(),
    };
    let mut reel = Reel::default();
    for path in &arguments.captures {
        let (mut input, bytes): (Box<dyn Read>, u64) = if path == "-" {
            (Box::new(io::stdin().lock()), 0)
        } else {
            let file = files::open(Path::new(path))?;
            let bytes = file.metadata().map_or(0, |meta| meta.len());
            (Box::new(file), bytes)
        };
        let bar = terminal.progress(path, bytes);
        let reading = reel.add(path, &wanted, &mut input, &mut |done| bar.set_position(done));
        bar.finish_and_clear();
        let unread = reading?.unread_total;
        if unread > 0 {
            let what = count_u64(unread, "entry");
            terminal.complain(&format!("warning: {what} of {} could not be read\n", name(path)));
        }
    }
    reel.settle();
    one_host(&reel)?;
    Ok(reel)
}

/// Complains of requests that went to several hosts: a candidate is one of them, and the others are
/// no business of it.
fn one_host(reel: &Reel) -> Result<(), Failure> {
    if reel.hosts.len() < 2 {
        return Ok(());
    }
    let hosts = reel.hosts.keys().take(HOSTS_SHOWN).map(|host| format!("`{}`", name(host)));
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    let what = format!("the requests went to {} hosts: {hosts}", reel.hosts.len());
    Err(usage(what, "say with `--from HOST` which of them the candidate is to replace"))
}

/// Headers that every request carries. What is wrong with one is told without what it says.
fn headers(arguments: &ReplayArguments) -> Result<Vec<(String, String)>, Failure> {
    let lines = match &arguments.header_file {
        Some(file) => String::from_utf8(small_file(file)?).map_err(|_| {
            outside(format!("`{}` is no text", file.display()), Some("write it anew"))
        })?,
        None => std::env::var(HEADERS_VARIABLE).unwrap_or_default(),
    };
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let all = lines.chain(arguments.header.iter().map(String::as_str));
    let pair = |line: &str| {
        let pair = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let pair = pair.filter(|(name, _)| !name.is_empty());
        let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| usage("a header has no name", "write it like `x-tenant: blue`"))
    };
    all.map(pair).collect()
}
