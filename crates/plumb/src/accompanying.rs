//! A command whose calls are looked at on their way: it gets what it asks for, and the shape of
//! that goes to a keeper.
//!
//! Refuses to know who keeps it, and what for.

use crate::bug;
use crate::child::{self, Running};
use crate::failure::{Failure, outside};
use crate::listening::listen_anywhere;
use crate::project::Project;
use crate::tapping::{Tapped, fold_all};
use crate::terminal::Terminal;
use crate::trusting::Trusting;
use plumb_engine::clock::since_epoch;
use plumb_engine::keeper::Keeper;
use plumb_engine::live::{Live, Watch};
use plumb_tap::opening::Opening;
use plumb_tap::options::Options;
use plumb_tap::outward::Outward;
use plumb_tap::queue::{Bounds, Taking, bounded};
use plumb_tap::run::accompany;
use plumb_tap::shutdown::shutdown;
use plumb_tap::tls;
use plumb_traffic::fold::Origin;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How long exchanges may take once the command has ended. What it left behind may still talk, and
/// nobody who ran a command waits for that.
const DRAIN: Duration = Duration::from_secs(2);

/// A command, and what becomes of what it asks.
pub(crate) struct Accompanying<'a> {
    /// The program and its arguments.
    pub(crate) words: &'a [String],
    /// Hosts that it calls directly, unseen.
    pub(crate) direct: Option<&'a str>,
    /// The authority by which its calls through TLS are looked at.
    pub(crate) trusting: Option<&'a Trusting>,
    /// Who keeps what is seen.
    pub(crate) keeper: Box<dyn Keeper>,
    /// The name of the source, for people.
    pub(crate) name: String,
    /// What is known of every exchange.
    pub(crate) origin: Origin,
}

/// How it went.
pub(crate) struct Accompanied {
    /// The command's code, as a shell would give it.
    pub(crate) code: u8,
    /// Where the tap was.
    pub(crate) address: SocketAddr,
    /// What became of the exchanges.
    pub(crate) tapped: Tapped,
}

/// Runs the command to its end.
///
/// # Errors
///
/// When there is no address for the tap, or the command cannot be started. What goes wrong with
/// looking is a warning.
pub(crate) fn accompanied(
    project: &Project,
    accompanying: Accompanying<'_>,
    terminal: Terminal,
) -> Result<Accompanied, Failure> {
    let Accompanying { words, direct, trusting, keeper, name, origin } = accompanying;
    let opening = trusting.map(opening).transpose()?;
    let told_variables = trusting.map(Trusting::variables).unwrap_or_default();
    let (listener, address) = listen_anywhere()?;
    let (queue, taking) = bounded(Bounds::default());
    let tunnels = Arc::new(AtomicU64::new(0));
    let outward = Outward {
        options: Options { drain: DRAIN, ..Options::default() },
        queue: queue.clone(),
        tunnels: Arc::clone(&tunnels),
        opening,
        clock: since_epoch,
    };
    // From here on a bug costs an exchange its evidence, and the command nothing.
    std::panic::set_hook(Box::new(bug::note));
    let (open, closing) = shutdown();
    let running = Arc::new(Running::default());
    let (code, tapped) = std::thread::scope(|scope| {
        let folding = scope.spawn(|| {
            let redaction = project.redaction();
            let name_of = |host: &str| project.name_of(host);
            let watch = Watch { keeper, name, origin, redaction: &redaction, name_of: &name_of };
            fold(taking, watch, terminal)
        });
        let told = Arc::clone(&running);
        let carrying =
            scope.spawn(move || accompany(listener, outward, closing, move |by| told.tell(by)));
        let command = child::command(words, address, direct).told(told_variables);
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
    if let Some(trusting) = trusting {
        trusting.tell(terminal);
    }
    let tapped = Tapped { tunnels: tunnels.load(Ordering::Relaxed), ..tapped };
    Ok(Accompanied { code: code?, address, tapped })
}

/// What it takes to look into TLS: hosts are trusted as the system trusts them.
fn opening(trusting: &Trusting) -> Result<Opening, Failure> {
    let trust = tls::client(None).map_err(|err| outside(err.to_string(), None))?;
    Ok(Opening { issuer: trusting.issuer(), trust })
}

/// Folds what the tap hands over, until it hands over nothing any more.
fn fold(mut taking: Taking, watch: Watch<'_>, terminal: Terminal) -> Tapped {
    match Live::new(watch) {
        // The command has the terminal, and a bar would write across it.
        Ok(live) => fold_all(&mut taking, live, None, &AtomicBool::new(false), terminal.hushed()),
        Err(err) => {
            terminal.complain(&format!("warning: {err}; nothing is observed\n"));
            Tapped::default()
        }
    }
}
