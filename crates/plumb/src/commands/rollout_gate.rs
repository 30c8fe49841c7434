//! `plumb rollout gate`: keeps a judgement current for platforms that ask for it.
//!
//! One thread takes events in and judges; whoever answers only reads what it hung up. Refuses to
//! judge by itself, and to know who asks.

use crate::arguments::Global;
use crate::bug;
use crate::commands::rollout_analyze::way_back;
use crate::door::{access, certificate, who};
use crate::failure::{Code, Failure, outside};
use crate::listening::listen;
use crate::project::project;
use crate::recording::asked_for;
use crate::rollout_arguments::GateArguments;
use crate::terminal::Terminal;
use plumb_engine::analysis::dictionary::value;
use plumb_engine::analysis::follow::Follow;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::live::{Asking, Live};
use plumb_engine::clock::{now_ms, since_epoch};
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::Arm;
use plumb_server::gate::board::Board;
use plumb_server::gate::lines::Told;
use plumb_server::gate::{Gating, gate as run};
use plumb_tap::shutdown::shutdown;
use plumb_wire::gated::{Beside, Gated, gated};
use plumb_wire::judged::Judged;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Requests with events that wait to be taken in, of at most 4 MiB each.
const TOLD_MAX: usize = 32;

/// How many times as long as it took to judge it takes at least until it is judged again, so that
/// most of the time is left for taking events in.
const REST_TIMES: u32 = 4;

/// Whoever renews the judgement.
struct Keeper {
    live: Live,
    followed: Vec<(Follow, Option<Arm>)>,
    way_back: WayBack,
    dimensions: Vec<String>,
    alpha: f64,
    terminal: Terminal,
    complained: String,
}

pub(crate) fn gate(
    global: &Global,
    arguments: &GateArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let tls = certificate(&arguments.door)?;
    let mut keeper = keeper(global, arguments, terminal)?;
    let (listener, address) = listen(arguments.listen, "--listen")?;
    let access = access(&arguments.door, address);
    let scheme = if tls.is_some() { "https" } else { "http" };
    // From here on a bug costs one request its answer, and no other.
    std::panic::set_hook(Box::new(bug::note_request));
    let board = Arc::new(Board::new(keeper.judged(now_ms()), arguments.every));
    let (told, inbox) = sync_channel(TOLD_MAX);
    let every = Duration::from_millis(arguments.every.unsigned_abs());
    let shared = Arc::clone(&board);
    thread::Builder::new()
        .name("judge".to_owned())
        .spawn(move || keeper.keep(&inbox, &shared, every))
        .map_err(|err| outside(format!("the gate cannot begin: {err}"), None))?;
    let (_open, closing) = shutdown();
    let mut labels: BTreeMap<String, String> = arguments.label.iter().cloned().collect();
    labels.entry("control".to_owned()).or_insert_with(|| arguments.control.clone());
    labels.entry("canary".to_owned()).or_insert_with(|| arguments.canary.clone());
    let location = project.store().clone();
    run(
        Gating {
            listener,
            tls,
            access,
            location,
            labels,
            board,
            told,
            clock: now_ms,
            ready: Box::new(move || {
                let word = terminal.err.strong("answering");
                let who = who(access);
                terminal.note(&format!("{word} {scheme}://{address} for {who}; Ctrl-C ends\n"));
            }),
        },
        closing,
    )?;
    Ok(Code::Pass)
}

fn keeper(
    global: &Global,
    arguments: &GateArguments,
    terminal: Terminal,
) -> Result<Keeper, Failure> {
    let judging = &arguments.judging;
    let way_back = way_back(global, judging)?;
    let (settings, columns) = asked_for(&judging.columns, &judging.sureness, judging.share)?;
    let (alpha, dimensions) = (settings.alpha, columns.dimensions.clone());
    let arms = Arms { control: arguments.control.clone(), canary: arguments.canary.clone() };
    let (began_ms, tick_ms) = (judging.began, judging.columns.tick);
    let all = [
        (&arguments.events, None),
        (&arguments.control_from, Some(Arm::Control)),
        (&arguments.canary_from, Some(Arm::Canary)),
    ];
    let followed = all
        .into_iter()
        .flat_map(|(paths, arm)| paths.iter().map(move |path| (Follow::new(path), arm)));
    Ok(Keeper {
        live: Live::new(Asking { settings, columns, arms, began_ms, tick_ms }),
        followed: followed.collect(),
        way_back,
        dimensions,
        alpha,
        terminal: terminal.hushed(),
        complained: String::new(),
    })
}

impl Keeper {
    /// Judges again and again, until nobody can send events any more.
    fn keep(&mut self, inbox: &Receiver<Told>, board: &Board, every: Duration) {
        loop {
            let begun = since_epoch();
            self.look(now_ms());
            let judged = self.judged(now_ms());
            let took = since_epoch().saturating_sub(begun);
            let pause = every.max(took * REST_TIMES);
            board.put(judged, i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
            let due = begun + pause;
            loop {
                let left = due.saturating_sub(since_epoch());
                match inbox.recv_timeout(left) {
                    Ok(told) => self.take(&told),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                if left.is_zero() {
                    break;
                }
            }
        }
    }

    fn take(&mut self, told: &Told) {
        let arm = match told.arm.as_deref() {
            Some("control") => Some(Arm::Control),
            Some("canary") => Some(Arm::Canary),
            _ => None,
        };
        self.live.take(&told.lines, arm, now_ms());
    }

    /// Takes in what was added to files.
    fn look(&mut self, now_ms: i64) {
        let mut failed = String::new();
        for (follow, arm) in &mut self.followed {
            match follow.look() {
                Ok(grown) => {
                    self.live.take(&grown.lines, *arm, now_ms);
                    (0..grown.too_long).for_each(|_| self.live.unread("a line is too long"));
                }
                Err(err) => failed = format!("cannot read `{}`: {err}", follow.path().display()),
            }
        }
        if !failed.is_empty() && failed != self.complained {
            self.terminal.complain(&format!("warning: {failed}\n"));
        }
        self.complained = failed;
    }

    fn judged(&self, now_ms: i64) -> Gated {
        let so_far = self.live.so_far(now_ms);
        let judgement = so_far.judge.judge(now_ms, self.way_back.clone());
        let value_of = |dimension, number| value(&so_far.dictionaries, dimension, number);
        let arms = self.live.arms();
        let judged = Judged {
            control: &arms.control,
            canary: &arms.canary,
            unit: so_far.unit(),
            dimensions: &self.dimensions,
            value_of: &value_of,
            judgement: &judgement,
        };
        let beside = Beside {
            of_failures: so_far.judge.of_failures(),
            alpha: self.alpha,
            at_ms: now_ms,
            notes: self.live.notes(&so_far.account),
            caution: self.live.caution(&so_far.account).or_else(|| self.unread_file()),
        };
        gated(&judged, beside)
    }

    /// A file that is there and cannot be read may hold what is worse.
    fn unread_file(&self) -> Option<String> {
        (!self.complained.is_empty()).then(|| self.complained.clone())
    }
}
