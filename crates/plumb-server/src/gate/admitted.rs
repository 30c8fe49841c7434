//! What all routes of a gate share: who may ask, and what is known now.
//!
//! Refuses to know any route.

use crate::access::{Access, caller, loopback};
use crate::answer::{Refusal, refusal};
use crate::gate::board::Board;
use crate::gate::lines::Told;
use crate::request::joined;
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use plumb_engine::shelf::Shelf;
use plumb_engine::tokens::Right;
use plumb_wire::gated::Gated;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The gate.
pub(crate) struct Gate {
    /// Where tokens are kept; none where whoever is on this machine may ask.
    pub(crate) shelf: Option<Mutex<Shelf>>,
    pub(crate) scheme: &'static str,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) board: Arc<Board>,
    pub(crate) told: SyncSender<Told>,
    pub(crate) clock: fn() -> i64,
    /// Rollouts of Flagger whose first traffic was let through.
    pub(crate) begun: Mutex<BTreeSet<String>>,
    /// Room for series that are judged.
    pub(crate) room: Semaphore,
}

impl Gate {
    /// Lets in who may do this.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        headers: &HeaderMap,
        right: Right,
    ) -> Result<(), Refusal> {
        if self.shelf.is_none() {
            return loopback(headers)?.may(right);
        }
        let (gate, headers) = (Arc::clone(self), headers.clone());
        joined(move || gate.admit_by_token(&headers, right)).await
    }

    fn admit_by_token(&self, headers: &HeaderMap, right: Right) -> Result<(), Refusal> {
        let Some(shelf) = &self.shelf else { return Ok(()) };
        let shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = caller(Access::Tokens, headers, &shelf, (self.clock)())?;
        caller.may(right)?;
        match caller.project {
            None => Ok(()),
            Some(_) => Err(refusal(
                StatusCode::FORBIDDEN,
                "the token is good for another project",
                "make one without `--project`",
            )),
        }
    }

    /// What is known now.
    pub(crate) fn now(&self) -> Arc<Gated> {
        self.board.now((self.clock)())
    }

    /// The address of a path here, as the caller names this machine.
    pub(crate) fn url(&self, headers: &HeaderMap, path: &str) -> String {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("{}://{host}{path}", self.scheme)
    }

    /// After how many seconds to ask again.
    pub(crate) fn poll_s(&self) -> u64 {
        u64::try_from(self.board.every_ms() / 1_000).unwrap_or_default().max(1)
    }
}
