//! `plumb observe run`: runs a command, and keeps the shape of what its programs ask of others.
//!
//! The command comes first: it has the standard input and output, and its exit code is the answer.

use crate::arguments::{Format, Global};
use crate::bug;
use crate::child::{self, Running};
use crate::documents;
use crate::failure::{Failure, outside};
use crate::listening::listen;
use crate::observe_arguments::RunArguments;
use crate::project::{Project, project};
use crate::remote::remote;
use crate::render::{count_u64, name};
use crate::tapping::{Tapped, fold_all};
use crate::terminal::Terminal;
use plumb_engine::clock::since_epoch;
use plumb_engine::files;
use plumb_engine::keeper::Keeper;
use plumb_engine::live::{Live, Watch};
use plumb_tap::options::Options;
use plumb_tap::outward::Outward;
use plumb_tap::queue::{Bounds, Taking, bounded};
use plumb_tap::run::accompany;
use plumb_tap::shutdown::shutdown;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long exchanges may take once the command has ended. What it left behind may still talk, and
/// nobody who ran a command waits for that.
const DRAIN: Duration = Duration::from_secs(2);

/// Any free port, for this machine alone.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) fn observe_run(
    global: &Global,
    arguments: &RunArguments,
    terminal: Terminal,
) -> Result<ExitCode, Failure> {
    let project = project(global)?;
    let (listener, address) = listen(ADDRESS, "--listen")?;
    let keeper = project.keeper(remote(&arguments.server)?, terminal);
    let (queue, taking) = bounded(Bounds::default());
    let tunnels = Arc::new(AtomicU64::new(0));
    let outward = Outward {
        options: Options { drain: DRAIN, ..Options::default() },
        queue: queue.clone(),
        tunnels: Arc::clone(&tunnels),
        clock: since_epoch,
    };
    // From here on a bug costs an exchange its evidence, and the command nothing.
    std::panic::set_hook(Box::new(bug::note));
    let (open, closing) = shutdown();
    let running = Arc::new(Running::default());
    let (code, tapped) = std::thread::scope(|scope| {
        let folding = scope.spawn(|| fold(taking, keeper, (&project, arguments), terminal));
        let told = Arc::clone(&running);
        let carrying =
            scope.spawn(move || accompany(listener, outward, closing, move |by| told.tell(by)));
        let command = child::command(&arguments.command, address, arguments.no_proxy.as_deref());
        let code = child::run(&running, &command);
        open.begin();
        let carried = carrying.join();
        let counts = queue.counts();
        drop(queue);
        let tapped = folding.join().unwrap_or_default();
        if let Ok(Err(err)) = carried {
            terminal.complain(&format!("warning: {err}; what the command asked was refused\n"));
        }
        (code, Tapped { dropped: counts.dropped, ..tapped })
    });
    let code = code?;
    let tapped = Tapped { tunnels: tunnels.load(Ordering::Relaxed), ..tapped };
    let told = Told { global, arguments, address };
    if let Err(failure) = tell(&told, &tapped, terminal) {
        terminal.complain(&format!("warning: {}\n", failure.what));
    }
    Ok(ExitCode::from(code))
}

/// What was asked for, and where the tap was.
struct Told<'a> {
    global: &'a Global,
    arguments: &'a RunArguments,
    address: SocketAddr,
}

/// Folds what the tap hands over, until it hands over nothing any more.
fn fold(
    mut taking: Taking,
    keeper: Box<dyn Keeper>,
    (project, arguments): (&Project, &RunArguments),
    terminal: Terminal,
) -> Tapped {
    let redaction = project.redaction();
    let name_of = |host: &str| project.name_of(host);
    let live = Live::new(Watch {
        keeper,
        name: format!("run of {}", arguments.program()),
        origin: project.origin(&arguments.known),
        redaction: &redaction,
        name_of: &name_of,
    });
    match live {
        // The command has the terminal, and a bar would write across it.
        Ok(live) => fold_all(&mut taking, live, None, &AtomicBool::new(false), terminal.hushed()),
        Err(err) => {
            terminal.complain(&format!("warning: {err}; nothing is observed\n"));
            Tapped::default()
        }
    }
}

/// Tells how it went: people on the standard error, since the standard output is the command's, and
/// others in a file of their choice.
fn tell(told: &Told<'_>, tapped: &Tapped, terminal: Terminal) -> Result<(), Failure> {
    let Told { global, arguments, address } = told;
    let progress = tapped.progress;
    let not_written = progress.waiting + progress.lost + tapped.left_out;
    let mut parts = vec![
        count_u64(progress.written, "exchange"),
        format!("{} dropped", tapped.dropped),
        "values not kept (shape only)".to_owned(),
    ];
    if not_written > 0 {
        parts.insert(1, format!("{not_written} not written"));
    }
    let look = terminal.err;
    let shown = look.strong(&name(arguments.program()));
    terminal.note(&format!("{shown}  {}\n", parts.join(" · ")));
    if tapped.tunnels > 0 {
        let count = count_u64(tapped.tunnels, "connection");
        terminal.note(&format!("{count} went through TLS; what passed there was not seen\n"));
    }
    if not_written > 0 {
        let what = count_u64(not_written, "exchange");
        terminal.complain(&format!("warning: {what} could not be written\n"));
    }
    let Some(path) = &arguments.answer else { return Ok(()) };
    let document = documents::tapped(&address.to_string(), tapped);
    let text = match global.format {
        Format::Ndjson => format!("{document}\n"),
        Format::Text | Format::Json => format!("{document:#}\n"),
    };
    files::write_whole(path, text.as_bytes())
        .map_err(|err| outside(format!("the answer is not written: {err}"), None))
}
