//! Until when a connection is served: to its end, or until it has carried nothing for too long, or
//! the tap closes. It refuses to know what it carries.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::shutdown::Closing;

/// What goes on on one connection.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// Exchanges begun so far.
    begun: AtomicU64,
    /// Held by every exchange under way.
    under_way: Arc<()>,
}

/// What ends a connection.
#[derive(Debug)]
pub(crate) struct Until {
    pub(crate) activity: Arc<Activity>,
    /// How long it may stay without an exchange: between this and twice this.
    pub(crate) idle: Duration,
    pub(crate) closing: Closing,
}

/// How serving a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The connection ended; both sides have seen how.
    Ended,
    /// It was asked to end, and did not.
    Idle,
}

impl Activity {
    /// An exchange begins; it is under way until the answer is dropped.
    pub(crate) fn begin(&self) -> Arc<()> {
        self.begun.fetch_add(1, Relaxed);
        Arc::clone(&self.under_way)
    }

    /// Waits until no exchange was there for so long.
    async fn rests(&self, idle: Duration) {
        let mut begun = self.begun.load(Relaxed);
        loop {
            sleep(idle).await;
            if self.is_idle_since(&mut begun) {
                return;
            }
        }
    }

    /// True if no exchange was there since `begun` was taken, which is renewed.
    fn is_idle_since(&self, begun: &mut u64) -> bool {
        let before = std::mem::replace(begun, self.begun.load(Relaxed));
        before == *begun && Arc::strong_count(&self.under_way) == 1
    }
}

/// Serves a connection; `leave` asks it to end once its exchanges have.
///
/// The time is kept by a task beside it: whatever an exchange wakes has one more thing to look at,
/// and not the clock and the tap's closing each time.
pub(crate) async fn serve<C: Future>(
    mut serving: Pin<&mut C>,
    leave: impl Fn(Pin<&mut C>),
    until: Until,
) -> Over {
    let Until { activity, idle, mut closing } = until;
    let mut beside = JoinSet::new();
    beside.spawn({
        let activity = Arc::clone(&activity);
        async move {
            tokio::select! {
                () = closing.begun() => {}
                () = activity.rests(idle) => {}
            }
        }
    });
    tokio::select! {
        biased;
        _ = serving.as_mut() => return Over::Ended,
        _ = beside.join_next() => leave(serving.as_mut()),
    }
    beside.spawn(async move { activity.rests(idle).await });
    tokio::select! {
        biased;
        _ = serving.as_mut() => Over::Ended,
        _ = beside.join_next() => Over::Idle,
    }
}
