//! The daemon from its start to its end. Refuses to know who started it and where its settings come
//! from.

use crate::access::Access;
use crate::current::keep_current;
use crate::daemon::{Complain, Daemon, room};
use crate::hook::Hook;
use crate::identity::Identities;
use crate::identity::login::Logins;
use crate::listen::listen;
use crate::meter::meter;
use crate::project::{Projects, Quota};
use crate::routes::routes;
use crate::session::Sessions;
use crate::standing::Judge;
use plumb_engine::audit::{self, AuditError};
use plumb_engine::clock::day_of;
use plumb_engine::inventory;
use plumb_engine::location::Location;
use plumb_engine::shelf::{Shelf, ShelfError};
use plumb_engine::tokens::{self, TokenError};
use plumb_pages::desk::Desk;
use plumb_tap::run::interruption;
use plumb_tap::shutdown::{Closing, shutdown};
use plumb_tap::tls::ServerTls;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::interval;

/// How often to look for evidence that has been kept long enough.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);

/// How long to wait, once all is closed, for work on threads of its own.
const LEFT_OVERS: Duration = Duration::from_secs(5);

/// Everything a daemon needs to know.
pub struct Serving {
    /// Where to listen.
    pub listener: TcpListener,
    /// What to show to clients.
    pub tls: Option<ServerTls>,
    /// Who is let in.
    pub access: Access,
    /// Who is told by a token that somebody else made, beside our own.
    pub identities: Option<Identities>,
    /// Where people log in, beside here.
    pub logins: Option<Logins>,
    /// Where the evidence is kept.
    pub location: Location,
    /// How much a project may bring and keep.
    pub quota: Quota,
    /// How long evidence is kept, in milliseconds; for ever without.
    pub retention_ms: Option<i64>,
    /// The secret of the web hook on GitHub.
    pub github_secret: Option<Vec<u8>>,
    /// Works out the gap.
    pub judge: Option<Judge>,
    /// Looks things up for pages.
    pub desk: Arc<dyn Desk>,
    /// Who is told of verdicts that change.
    pub hooks: Vec<Hook>,
    /// Unix milliseconds.
    pub clock: fn() -> i64,
    /// Tells people what cannot be told in an answer.
    pub complain: Complain,
    /// Called once requests are answered.
    pub ready: Box<dyn FnOnce() + Send>,
}

/// Why a daemon does not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Others than this machine could reach it, and it would not be safe.
    #[error("`{0}` can be reached from elsewhere, and {1}")]
    Open(SocketAddr, &'static str),
    /// Tokens are wanted and there is none.
    #[error("no token is in force, so nobody could use the server")]
    NoToken,
    /// No threads, or a listener of no use.
    #[error("the server cannot begin: {0}")]
    Start(#[from] io::Error),
    /// The shelf failed.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The audit log failed, or is not what was written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Tokens cannot be read.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl std::fmt::Debug for Serving {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Serving").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Serves until the process is told to end, or `closing`. Blocks until then.
///
/// # Errors
/// [`ServeError`] before anything was served; never afterwards.
pub fn serve(serving: Serving, closing: Closing) -> Result<(), ServeError> {
    check_safe(serving.listener.local_addr()?, serving.tls.is_some(), serving.access)?;
    let daemon = Daemon {
        access: serving.access,
        identities: serving.identities,
        logins: serving.logins,
        projects: Projects::open(serving.location.clone(), serving.quota)?,
        meter: meter(),
        room: room(),
        standing: Mutex::default(),
        audit: Mutex::new(audit::open(serving.location.folder())?),
        github_secret: serving.github_secret,
        clock: serving.clock,
        complain: serving.complain,
        desk: serving.desk,
        trouble: Mutex::default(),
        sessions: Sessions::default(),
        judged: watch::Sender::new(0),
        closing: OnceLock::new(),
    };
    if serving.access == Access::Tokens && daemon.identities.is_none() && daemon.logins.is_none() {
        check_tokens(&daemon.projects.own.shelf(), (serving.clock)())?;
    }
    let daemon = Arc::new(daemon);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    serving.listener.set_nonblocking(true)?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(serving.listener)?;
        let told = ended_by(closing);
        // Nothing else sets it.
        drop(daemon.closing.set(told.clone()));
        if let Some(judge) = serving.judge {
            let hooks = serving.hooks.into();
            tokio::spawn(keep_current(Arc::clone(&daemon), judge, hooks, told.clone()));
        }
        if let Some(retention_ms) = serving.retention_ms {
            tokio::spawn(prune(Arc::clone(&daemon), retention_ms, told.clone()));
        }
        daemon.note("server", "started", &listener.local_addr()?.to_string());
        (serving.ready)();
        listen(listener, serving.tls, routes(Arc::clone(&daemon)), told).await;
        daemon.note("server", "stopped", "");
        Ok(())
    });
    runtime.shutdown_timeout(LEFT_OVERS);
    served
}

/// Loopback is this machine's own affair. Everything else needs TLS and tokens.
pub(crate) fn check_safe(
    address: SocketAddr,
    has_tls: bool,
    access: Access,
) -> Result<(), ServeError> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    if !has_tls {
        return Err(ServeError::Open(address, "there is no TLS"));
    }
    if access == Access::Loopback {
        return Err(ServeError::Open(address, "no token is asked for"));
    }
    Ok(())
}

/// Where tokens are asked for, one of them has to be in force.
pub(crate) fn check_tokens(shelf: &Shelf, now_ms: i64) -> Result<(), ServeError> {
    let is_in_force = tokens::list(shelf)?.iter().any(|token| token.until_ms > now_ms);
    if is_in_force { Ok(()) } else { Err(ServeError::NoToken) }
}

/// What closes once the process is told to end, or `closing` does.
pub(crate) fn ended_by(mut closing: Closing) -> Closing {
    let (shutdown, ending) = shutdown();
    tokio::spawn(async move {
        tokio::select! {
            () = interruption() => {}
            () = closing.begun() => {}
        }
        shutdown.begin();
    });
    ending
}

async fn prune(daemon: Arc<Daemon>, retention_ms: i64, mut closing: Closing) {
    let mut again = interval(PRUNE_EVERY);
    loop {
        tokio::select! {
            () = closing.begun() => return,
            _ = again.tick() => {}
        }
        let daemon = Arc::clone(&daemon);
        // A panic in there is told by the hook for panics.
        drop(tokio::task::spawn_blocking(move || prune_once(&daemon, retention_ms)).await);
    }
}

fn prune_once(daemon: &Daemon, retention_ms: i64) {
    let before_day = day_of((daemon.clock)().saturating_sub(retention_ms));
    for project in daemon.projects.all() {
        match inventory::prune(&mut project.shelf(), before_day) {
            Ok(pruned) if pruned.windows > 0 => {
                let subject = format!("{} windows of `{}`", pruned.windows, project.name);
                daemon.note("server", "pruned", &subject);
                project.changed();
            }
            Ok(_) => {}
            Err(err) => (daemon.complain)(&format!("cannot prune: {err}")),
        }
    }
}
