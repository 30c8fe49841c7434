//! A tap for callers that are not asynchronous: its own thread, and an end when the process is told
//! to end. It refuses to know what else the process does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::attempt::{TapError, keep_up};
use crate::authority::Authority;
use crate::hand::Hand;
use crate::options::Options;
use crate::queue::Queue;
use crate::shutdown::{Closing, Shutdown, shutdown};
use crate::source::{Source, Subject};
use crate::{amqp, kafka, kafka_groups, nats, redis_stream};

/// How long to wait, once all is closed, for what clients left under way.
const LEFT_OVERS: Duration = Duration::from_secs(1);

/// A tap that is about to run.
#[derive(Debug)]
pub struct Tap {
    /// Where messages are taken.
    pub source: Source,
    /// Whom to trust, where the source wants TLS.
    pub authority: Option<Authority>,
    /// How.
    pub options: Options,
    /// Where they go.
    pub queue: Queue,
    /// The time since 1970-01-01T00:00Z.
    pub clock: fn() -> Duration,
}

/// Taps on one thread, until `closing`, until what the options say, or until the process is
/// interrupted (Ctrl-C; on Unix also `SIGTERM`). Blocks until then.
///
/// # Errors
/// [`TapError`] if nothing can be tapped. A connection that breaks later is no error.
pub fn run(tapped: Tap, closing: Closing) -> Result<(), TapError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let (shutdown, ends) = shutdown();
        tokio::spawn(tell(shutdown.clone(), closing, tapped.options.time_max));
        tap(tapped, shutdown, ends).await
    });
    runtime.shutdown_timeout(LEFT_OVERS);
    ended
}

async fn tap(tap: Tap, shutdown: Shutdown, closing: Closing) -> Result<(), TapError> {
    let Tap { source, authority, options, queue, clock } = tap;
    let hand = Hand {
        broker: Arc::from(source.endpoint.address()),
        endpoint: source.endpoint,
        authority,
        options,
        closing,
        shutdown,
        queue,
        clock,
        sessions: AtomicU64::new(0),
        taken: AtomicU64::new(0),
    };
    let hand = &hand;
    match &source.subject {
        Subject::Nats { .. } => {
            let mut position = None;
            keep_up(hand, async || nats::session(&source.subject, hand, &mut position).await).await
        }
        Subject::Amqp { .. } => {
            keep_up(hand, async || amqp::session(&source.subject, hand).await).await
        }
        Subject::Redis { .. } => {
            let mut position = redis_stream::Position::default();
            keep_up(hand, async || {
                redis_stream::session(&source.subject, hand, &mut position).await
            })
            .await
        }
        Subject::Kafka { topic, groups } => {
            let tapped = kafka_groups::Tapped { topic, groups };
            let mut position = kafka::Position::default();
            keep_up(hand, async || kafka::session(tapped, hand, &mut position).await).await
        }
    }
}

/// Tells the tap to end when the caller, the clock or the process says so.
async fn tell(shutdown: Shutdown, closing: Closing, time_max: Option<Duration>) {
    tokio::select! {
        () = heard(tokio::signal::ctrl_c()) => {}
        () = terminated() => {}
        () = closing.begun() => {}
        () = elapsed(time_max) => {}
    }
    shutdown.begin();
}

async fn elapsed(time_max: Option<Duration>) {
    match time_max {
        Some(time_max) => tokio::time::sleep(time_max).await,
        None => std::future::pending().await,
    }
}

/// Where a signal cannot be heard, this waits for ever.
async fn heard(signal: impl Future<Output = io::Result<()>>) {
    if signal.await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
