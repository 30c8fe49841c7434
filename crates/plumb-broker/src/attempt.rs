//! Coming back when a connection breaks. It refuses to know any broker.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::sleep;

use crate::hand::{Ending, Hand};
use crate::note::BROKE;

/// How long to wait before the first try to come back, and at most: soon for a restart, seldom for
/// a broker that is gone.
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(15);

/// Why nothing was tapped.
#[derive(Debug, thiserror::Error)]
pub enum TapError {
    /// What was asked for cannot be had.
    #[error("the broker refuses: {0}")]
    Refused(String),
    /// The broker was never reached.
    #[error("cannot reach the broker at `{address}`: {why}")]
    Unreachable {
        /// Its host and port.
        address: String,
        /// Why, in the client's words.
        why: String,
    },
    /// No threads.
    #[error("the tap cannot begin: {0}")]
    Start(#[from] std::io::Error),
}

/// Runs sessions until the tap is to end. A session that never stood ends the tap; after one that
/// stood, the next is tried, ever more patiently.
///
/// # Errors
/// [`TapError`] if nothing can be tapped.
pub(crate) async fn keep_up(
    hand: &Hand,
    mut session: impl AsyncFnMut() -> Result<(), Ending>,
) -> Result<(), TapError> {
    let mut wait = RETRY_MIN;
    while !hand.closing.has_begun() {
        let sessions = hand.sessions.load(Relaxed);
        let why = match session().await {
            Ok(()) => return Ok(()),
            Err(Ending::Refused(why)) => return Err(TapError::Refused(why)),
            Err(Ending::Broke(why)) => why,
        };
        match hand.sessions.load(Relaxed) {
            0 => return Err(TapError::Unreachable { address: hand.endpoint.address(), why }),
            stood if stood > sessions => {
                hand.note(BROKE, Some(why));
                wait = RETRY_MIN;
            }
            _ => wait = (wait * 2).min(RETRY_MAX),
        }
        tokio::select! {
            () = hand.closing.begun() => {}
            () = sleep(wait) => {}
        }
    }
    Ok(())
}
