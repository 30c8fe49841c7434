//! What all routes share. Refuses to do anything with it.

use crate::access::{Access, Caller, caller};
use crate::answer::Refusal;
use crate::meter::Meter;
use crate::project::{Project, Projects};
use crate::request::joined;
use crate::standing::Standing;
use axum::http::HeaderMap;
use plumb_engine::audit::{self, Act};
use plumb_engine::tokens::Right;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Deltas that are worked on at once. Each may be 64 MiB without compression; who comes later waits
/// with its body unread.
const DELTAS_AT_ONCE: usize = 3;

/// Tells people what cannot be told in an answer.
pub type Complain = Box<dyn Fn(&str) + Send + Sync>;

/// The daemon.
pub(crate) struct Daemon {
    pub(crate) access: Access,
    pub(crate) projects: Projects,
    pub(crate) meter: Meter,
    pub(crate) room: Semaphore,
    /// The newest judgement; none where nothing was judged yet.
    pub(crate) standing: Mutex<Option<Arc<Standing>>>,
    pub(crate) audit: Mutex<audit::Log>,
    pub(crate) github_secret: Option<Vec<u8>>,
    pub(crate) clock: fn() -> i64,
    pub(crate) complain: Complain,
}

/// Room for as many deltas as are worked on at once.
pub(crate) const fn room() -> Semaphore {
    Semaphore::const_new(DELTAS_AT_ONCE)
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
        let caller = caller(self.access, headers, &self.projects.own.shelf(), now_ms);
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
