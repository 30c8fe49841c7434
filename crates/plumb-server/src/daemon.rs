//! What all routes share. Refuses to do anything with it.

use crate::access::{Access, Caller, broken, caller, identity};
use crate::answer::Refusal;
use crate::identity::Identities;
use crate::identity::login::Logins;
use crate::meter::Meter;
use crate::project::{Project, Projects};
use crate::request::joined;
use crate::session::{Began, Sessions};
use crate::standing::Standing;
use axum::http::HeaderMap;
use plumb_engine::audit::{self, Act};
use plumb_engine::tokens::{self, Right};
use plumb_pages::desk::Desk;
use plumb_tap::shutdown::Closing;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{Semaphore, watch};

/// Deltas that are worked on at once. Each may be 64 MiB without compression; who comes later waits
/// with its body unread.
const DELTAS_AT_ONCE: usize = 3;

/// Tells people what cannot be told in an answer.
pub type Complain = Box<dyn Fn(&str) + Send + Sync>;

/// The daemon.
pub(crate) struct Daemon {
    pub(crate) access: Access,
    /// Who is told by a token that somebody else made.
    pub(crate) identities: Option<Identities>,
    /// Where people log in, beside here.
    pub(crate) logins: Option<Logins>,
    pub(crate) projects: Projects,
    pub(crate) meter: Meter,
    pub(crate) room: Semaphore,
    /// The newest judgement; none where nothing was judged yet.
    pub(crate) standing: Mutex<Option<Arc<Standing>>>,
    pub(crate) audit: Mutex<audit::Log>,
    pub(crate) github_secret: Option<Vec<u8>>,
    pub(crate) clock: fn() -> i64,
    pub(crate) complain: Complain,
    /// Looks things up for pages.
    pub(crate) desk: Arc<dyn Desk>,
    /// Why the last judging failed; empty where it did not.
    pub(crate) trouble: Mutex<String>,
    /// Who is logged in.
    pub(crate) sessions: Sessions,
    /// The moment of the newest judgement, for whoever waits for the next one.
    pub(crate) judged: watch::Sender<i64>,
    /// Set once the daemon serves.
    pub(crate) closing: OnceLock<Closing>,
}

/// Room for as many deltas as are worked on at once.
pub(crate) const fn room() -> Semaphore {
    Semaphore::const_new(DELTAS_AT_ONCE)
}

/// Somebody who looks at pages.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    /// What forms must bring; none where nobody logged in.
    pub(crate) ticket: Option<String>,
}

impl Daemon {
    /// Who calls, if they may do this, and the project they do it in.
    /// Tokens and projects lie on the shelf, which may be at work for somebody else, so this waits
    /// where it holds up nobody.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        headers: &HeaderMap,
        right: Right,
        project: Option<String>,
    ) -> Result<(Caller, Arc<Project>), Refusal> {
        let (daemon, headers) = (Arc::clone(self), headers.clone());
        joined(move || daemon.admit_now(&headers, right, project.as_deref())).await
    }

    fn admit_now(
        &self,
        headers: &HeaderMap,
        right: Right,
        project: Option<&str>,
    ) -> Result<(Caller, Arc<Project>), Refusal> {
        let now_ms = (self.clock)();
        let caller = self.caller(headers, now_ms);
        let caller = caller.and_then(|caller| caller.may(right).map(|()| caller));
        let caller = caller.inspect_err(|_| {
            self.meter.turned_away.inc();
        })?;
        let project = match self.access {
            Access::Loopback => project,
            Access::Tokens => caller.project.as_deref(),
        };
        let project = self.projects.named(project)?;
        Ok((caller, project))
    }

    /// Who looks at pages, if they may: by a token, by having logged in, or by being on this
    /// machine. Only what changes nothing may be done so, or what brings the visit's ticket.
    pub(crate) fn visitor_now(&self, headers: &HeaderMap) -> Result<Visit, Refusal> {
        let now_ms = (self.clock)();
        if let Some(session) = self.sessions.of(headers, now_ms) {
            let caller = match session.began {
                Began::Elsewhere(caller) => Some(caller),
                Began::Token(name) => self.holder(&name, now_ms)?,
            };
            if let Some(caller) = caller {
                caller.may(Right::Read)?;
                return Ok(Visit { caller, ticket: Some(session.ticket) });
            }
        }
        let caller = self.caller(headers, now_ms)?;
        caller.may(Right::Read)?;
        Ok(Visit { caller, ticket: None })
    }

    /// Who holds the token of this name; none where it has ended, which ends every visit that began
    /// with it.
    fn holder(&self, name: &str, now_ms: i64) -> Result<Option<Caller>, Refusal> {
        let tokens = tokens::list(&self.projects.own.shelf()).map_err(|err| broken(&err))?;
        let token = tokens.into_iter().find(|token| token.name == name);
        Ok(token.filter(|token| now_ms < token.until_ms).map(Caller::from))
    }

    fn caller(&self, headers: &HeaderMap, now_ms: i64) -> Result<Caller, Refusal> {
        if let (Access::Tokens, Some(identities)) = (self.access, &self.identities)
            && let Some(token) = identity(headers)
        {
            // The provider may be slow, so the shelf is left to others meanwhile.
            return identities.caller(&token, now_ms);
        }
        caller(self.access, headers, &self.projects.own.shelf(), now_ms)
    }

    /// Leaves a trace of what was done.
    pub(crate) fn note(&self, who: &str, action: &str, subject: &str) {
        let act = Act { at_ms: (self.clock)(), who, action, subject };
        let mut log = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(err) = log.add(act) {
            (self.complain)(&err.to_string());
        }
    }

    /// The newest judgement.
    pub(crate) fn standing(&self) -> Option<Arc<Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
