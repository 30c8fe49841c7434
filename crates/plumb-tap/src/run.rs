//! The tap for callers that are not asynchronous: its own threads, and an end when the process is
//! told to end. It refuses to know what else the process does.

use std::io;
use std::net::TcpListener;

use plumb_traffic::schema::grpc::Services;
use tokio::runtime::{Builder, Runtime};

use crate::crew::LEFT_OVERS;
use crate::otlp::receiver::{self, Receiver};
use crate::outward::{self, Outward};
use crate::proxy::{self, Closed, Tap};
use crate::reflect::{self, ReflectError};
use crate::shutdown::{Closing, Shutdown, shutdown};
use crate::upstream::Upstream;

/// The tap could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No threads, or a listener of no use.
    #[error("the tap cannot begin: {0}")]
    Start(#[from] io::Error),
}

/// Carries traffic on as many threads as there are processors, until `closing`, or until the
/// process is interrupted (Ctrl-C; on Unix also `SIGTERM`). Blocks until then.
///
/// # Errors
/// [`RunError`] before any traffic was carried; never afterwards.
pub fn run(listener: TcpListener, tap: Tap, closing: Closing) -> Result<Closed, RunError> {
    // It has threads of its own to carry on; this one lets connections in.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    blocking(runtime, closing, async |closing| {
        proxy::serve(taken_over(listener)?, tap, closing).await
    })
}

/// Takes telemetry in the same way, on each of the listeners.
///
/// # Errors
/// [`RunError`] before anything was taken; never afterwards.
pub fn receive(
    listeners: Vec<TcpListener>,
    receiver: Receiver,
    closing: Closing,
) -> Result<Closed, RunError> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    blocking(runtime, closing, async |closing| {
        let listeners = listeners.into_iter().map(taken_over).collect::<io::Result<_>>()?;
        Ok(receiver::serve(listeners, receiver, closing).await)
    })
}

/// By what the process is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// `SIGTERM`, on Unix.
    Terminate,
}

/// Carries what a command's programs ask for in the same way, until `closing` alone: whoever is
/// told to end is told to `heard`, since the command has to end first.
///
/// # Errors
/// [`RunError`] before any traffic was carried; never afterwards.
pub fn accompany(
    listener: TcpListener,
    outward: Outward,
    closing: Closing,
    heard: impl Fn(Signal) + Send + 'static,
) -> Result<Closed, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let closed = runtime.block_on(async {
        let listener = taken_over(listener)?;
        tokio::spawn(hand_on(heard));
        outward::serve(listener, outward, closing).await
    });
    runtime.shutdown_timeout(LEFT_OVERS);
    Ok(closed?)
}

/// Hands on what the process is told, and goes on.
pub async fn hand_on(heard: impl Fn(Signal) + Send + 'static) {
    loop {
        let signal = tokio::select! {
            () = interrupted() => Signal::Interrupt,
            () = terminated() => Signal::Terminate,
        };
        heard(signal);
    }
}

/// Asks the upstream for its services of gRPC. Blocks for ten seconds at most.
///
/// # Errors
/// [`ReflectError`]; nothing but questions has been sent then.
pub fn reflect(upstream: &Upstream) -> Result<Services, ReflectError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|err| ReflectError::Unreachable(err.to_string()))?;
    let services = runtime.block_on(reflect::reflect(upstream));
    runtime.shutdown_timeout(LEFT_OVERS);
    services
}

/// Works until it is done, or until the process is told to end.
fn blocking(
    runtime: Runtime,
    closing: Closing,
    work: impl AsyncFnOnce(Closing) -> io::Result<Closed>,
) -> Result<Closed, RunError> {
    let closed = runtime.block_on(async {
        let (shutdown, interrupted) = shutdown();
        tokio::spawn(tell(shutdown, closing));
        work(interrupted).await
    });
    runtime.shutdown_timeout(LEFT_OVERS);
    Ok(closed?)
}

fn taken_over(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// Tells the tap to close when the caller or the process is told to.
async fn tell(shutdown: Shutdown, mut closing: Closing) {
    tokio::select! {
        () = interruption() => {}
        () = closing.begun() => {}
    }
    shutdown.begin();
}

/// Waits for the process to be told to end. Where that cannot be heard, it waits for ever.
pub async fn interruption() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
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
