//! What PostgreSQL's answers mean to the people who meet them.
//!
//! Refuses to know what was being done when the answer came, and to pass on anything but the
//! server's first line, since its details may quote what is stored.

use std::error::Error as _;

use thiserror::Error;
use tokio_postgres::Error as Answer;
use tokio_postgres::error::SqlState;

use crate::bounds::{ANSWER_WAIT, BUSY_WAIT, OutOfBounds, STATEMENT_WAIT};
use crate::place::StorePlace;
use crate::postgres::tls::TlsError;
use crate::store::StoreError;

/// Why work inside a connection ended: the server answered, or the work itself came to an error.
#[derive(Debug, Error)]
pub(crate) enum Stop {
    #[error(transparent)]
    Engine(#[from] Answer),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Work(#[from] StoreError),
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    #[error("{0}")]
    Damaged(&'static str),
    #[error("it gave no sign for {} s", ANSWER_WAIT.as_secs())]
    Silent,
    #[error("no thread of its own: {0}")]
    NoThread(std::io::Error),
}

impl Stop {
    /// Whether the connection is of no use any more.
    pub(crate) fn is_loss(&self) -> bool {
        match self {
            Self::Engine(answer) => is_lost(answer),
            Self::Silent => true,
            _ => false,
        }
    }

    /// Whether others were in the way, so that the same work done again may come to its end.
    pub(crate) fn is_collision(&self) -> bool {
        let Self::Engine(answer) = self else { return false };
        let collisions = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        answer.code().is_some_and(|state| collisions.contains(state))
    }
}

/// The error people see for work that ended inside the store at `place`.
pub(crate) fn explain(place: &StorePlace, stop: Stop) -> StoreError {
    let place = place.clone();
    match stop {
        Stop::Work(error) => error,
        Stop::Bounds(error) => StoreError::OutOfBounds(error),
        Stop::Tls(error) => StoreError::Unreachable { place, detail: error.to_string() },
        Stop::Damaged(detail) => StoreError::Damaged { place, detail: detail.to_owned() },
        Stop::Silent => StoreError::Lost { place, detail: stop.to_string() },
        Stop::NoThread(_) => StoreError::Unreachable { place, detail: stop.to_string() },
        Stop::Engine(answer) => match answer.code() {
            Some(state) => explain_state(place, state, words(&answer)),
            // Everything without a state is about the connection, but for what we asked wrongly.
            None if is_lost(&answer) => StoreError::Lost { place, detail: words(&answer) },
            None => StoreError::Unforeseen { place, detail: words(&answer) },
        },
    }
}

/// The error people see when no connection came about.
pub(crate) fn explain_connecting(place: &StorePlace, answer: &Answer) -> StoreError {
    let (place, detail) = (place.clone(), words(answer));
    match answer.code() {
        Some(state) if state.code().starts_with("28") => StoreError::Refused { place, detail },
        Some(state) if *state == SqlState::INVALID_CATALOG_NAME => {
            StoreError::Refused { place, detail }
        }
        // A password that is missing, or a way to prove it that is not known here.
        None if !is_lost(answer) && !detail.contains("TLS") => {
            StoreError::Refused { place, detail }
        }
        _ => StoreError::Unreachable { place, detail },
    }
}

fn explain_state(place: StorePlace, state: &SqlState, detail: String) -> StoreError {
    match state.code() {
        "53100" => StoreError::Full { place },
        // A lock was not to be had, or others kept colliding with every try.
        "55P03" | "40001" | "40P01" => StoreError::Busy { place, waited_s: BUSY_WAIT.as_secs() },
        "57014" => StoreError::Slow { place, waited_s: STATEMENT_WAIT.as_secs() },
        "25006" | "42501" => StoreError::Refused { place, detail },
        _ if is_end(state) => StoreError::Lost { place, detail },
        "58030" => StoreError::Disk { place, detail },
        // A table or column that the format promises is not there.
        "42P01" | "42703" | "3F000" => StoreError::Damaged { place, detail },
        code => match code.get(..2) {
            Some("XX") => StoreError::Damaged { place, detail },
            Some("53") => StoreError::Unreachable { place, detail },
            _ => StoreError::Unforeseen { place, detail },
        },
    }
}

fn is_lost(answer: &Answer) -> bool {
    let io = |error: &(dyn std::error::Error + 'static)| error.is::<std::io::Error>();
    answer.is_closed() || answer.source().is_some_and(io) || answer.code().is_some_and(is_end)
}

/// Whether the server says with this that it ends the connection.
fn is_end(state: &SqlState) -> bool {
    let code = state.code();
    code == "25P03" || code.starts_with("08") || code.starts_with("57P")
}

/// The driver's words and, behind them, their cause.
fn words(answer: &Answer) -> String {
    match (answer.as_db_error(), answer.source()) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(cause)) => format!("{answer}: {cause}"),
        (None, None) => answer.to_string(),
    }
}
