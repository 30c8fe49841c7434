//! What every tap does alike: hand messages on, say what happens to it, and take no step that it
//! would wait for too long. It refuses to know any broker.

use std::fmt::Display;
use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use plumb_traffic::backlog::Backlog;
use tokio::time::{sleep, timeout};

use crate::authority::Authority;
use crate::note::{Note, TAPPING};
use crate::options::{ANSWER, Options};
use crate::queue::{Came, Queue};
use crate::shutdown::{Closing, Shutdown};
use crate::source::Endpoint;
use crate::taken::Taken;

/// How long to wait for the reader of the queue, where the broker keeps what is not asked for.
const ROOM: Duration = Duration::from_millis(5);

/// How long to wait for a broker when taking leave of it; what is left then goes with the
/// connection.
const FAREWELL: Duration = Duration::from_secs(2);

/// Characters of a broker's own words that are handed on.
const WORDS_MAX: usize = 200;

/// Why a tap's session ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// What was asked for cannot be had; trying again does not help.
    Refused(String),
    /// The connection did not come to be, or broke.
    Broke(String),
}

/// What a tap's sessions share.
#[derive(Debug)]
pub(crate) struct Hand {
    pub(crate) endpoint: Endpoint,
    pub(crate) authority: Option<Authority>,
    pub(crate) options: Options,
    pub(crate) broker: Arc<str>,
    pub(crate) closing: Closing,
    pub(crate) shutdown: Shutdown,
    pub(crate) queue: Queue,
    pub(crate) clock: fn() -> Duration,
    pub(crate) sessions: AtomicU64,
    pub(crate) taken: AtomicU64,
}

impl Hand {
    /// Milliseconds since 1970-01-01T00:00Z.
    pub(crate) fn now_ms(&self) -> i64 {
        i64::try_from((self.clock)().as_millis()).unwrap_or(i64::MAX)
    }

    /// Milliseconds since that moment, not negative.
    pub(crate) fn age_ms(&self, then_ms: i64) -> u64 {
        u64::try_from(self.now_ms().saturating_sub(then_ms)).unwrap_or(0)
    }

    /// Hands a message on. Breaks off once it was the last one wanted.
    pub(crate) fn take(&self, taken: Taken) -> ControlFlow<()> {
        let count_max = self.options.count_max.unwrap_or(u64::MAX);
        if self.taken.load(Relaxed) >= count_max {
            return ControlFlow::Break(());
        }
        self.queue.offer(taken);
        if self.taken.fetch_add(1, Relaxed) + 1 >= count_max {
            self.shutdown.begin();
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    pub(crate) fn tell_backlog(&self, backlog: Backlog) {
        self.queue.tell(Came::Backlog(Box::new(backlog)));
    }

    pub(crate) fn note(&self, what: &'static str, why: Option<String>) {
        self.queue.tell(Came::Note(Note { what, why }));
    }

    /// The session stands: from here on every message is taken.
    pub(crate) fn stands(&self) {
        self.sessions.fetch_add(1, Relaxed);
        self.note(TAPPING, None);
    }

    /// What a step of the session answers, unless it takes too long or the tap is to end, which is
    /// none.
    pub(crate) async fn step<T, E: Display>(
        &self,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<T>, Ending> {
        tokio::select! {
            biased;
            () = self.closing.begun() => Ok(None),
            done = timeout(ANSWER, step) => match done {
                Ok(done) => done.map(Some).map_err(|err| Ending::Broke(self.words(err))),
                Err(_) => Err(Ending::Broke("it took too long to answer".to_owned())),
            },
        }
    }

    /// Takes the last step of a session, for which the broker is not waited long.
    pub(crate) async fn last<T>(&self, step: impl Future<Output = T>) {
        timeout(FAREWELL, step).await.ok();
    }

    /// Waits for room in the queue. Whether the tap still runs then.
    pub(crate) async fn room(&self) -> bool {
        while !self.queue.has_room() && !self.closing.has_begun() {
            sleep(ROOM).await;
        }
        !self.closing.has_begun()
    }

    /// A client's words on one line, shortened, and without the password if it should be in them.
    pub(crate) fn words(&self, words: impl Display) -> String {
        let mut words = words.to_string();
        if let Some(password) = &self.endpoint.password {
            words = words.replace(password.text(), "***");
        }
        words.chars().map(|it| if it.is_control() { ' ' } else { it }).take(WORDS_MAX).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::queue::{Bounds, Taking, bounded};
    use crate::shutdown::shutdown;
    use crate::source::source;

    pub(crate) fn hand(url: &str, options: Options) -> (Hand, Taking) {
        let (queue, taking) = bounded(Bounds { count_max: 2, ..Bounds::default() });
        let (shutdown, closing) = shutdown();
        let hand = Hand {
            endpoint: source(url).unwrap().endpoint,
            authority: None,
            options,
            broker: Arc::from("host:1"),
            closing,
            shutdown,
            queue,
            clock: || Duration::from_secs(7),
            sessions: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        };
        (hand, taking)
    }

    #[test]
    fn the_last_message_wanted_ends_the_tap() {
        let options = Options { count_max: Some(2), ..Options::default() };
        let (hand, _taking) = hand("nats://h/a", options);
        assert_eq!(hand.take(Taken::default()), ControlFlow::Continue(()));
        assert_eq!(hand.take(Taken::default()), ControlFlow::Break(()));
        assert_eq!(hand.take(Taken::default()), ControlFlow::Break(()));
        assert!(hand.closing.has_begun());
        assert_eq!(hand.queue.counts().offered, 2);
    }

    #[test]
    fn words_are_short_and_hold_no_password() {
        let (hand, _taking) = hand("nats://me:hunter2@h/a", Options::default());
        assert_eq!(hand.words("no `hunter2`\nhere"), "no `***` here");
        assert_eq!(hand.words("x".repeat(WORDS_MAX + 1)).len(), WORDS_MAX);
    }

    #[test]
    fn ages_are_not_negative() {
        let (hand, _taking) = hand("nats://h/a", Options::default());
        assert_eq!((hand.age_ms(6_000), hand.age_ms(8_000)), (1_000, 0));
    }

    #[tokio::test]
    async fn a_step_ends_with_the_tap() {
        let (hand, _taking) = hand("nats://h/a", Options::default());
        hand.shutdown.begin();
        let step = hand.step(std::future::pending::<Result<(), String>>()).await;
        assert!(matches!(step, Ok(None)));
        assert!(!hand.room().await);
    }
}
