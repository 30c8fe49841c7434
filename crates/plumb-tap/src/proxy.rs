//! The tap itself: takes connections, a bounded number at once, and lets them finish when it
//! closes. It refuses to know what passes on them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection;
use crate::crew::crew;
use crate::forward::Client;
use crate::options::Options;
use crate::queue::Queue;
use crate::recording::Capture;
use crate::routes::{self, Routes, Second};
use crate::shutdown::Closing;
use crate::speech::{self, Server};
use crate::tls::ServerTls;
use crate::upstream::Upstream;

/// How long to wait when no connection can be taken, commonly for want of descriptors: long enough
/// not to spin, short for a client.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a tap is made of.
#[derive(Debug, Clone)]
pub struct Tap {
    /// Where the traffic goes.
    pub upstream: Upstream,
    /// A new version that gets a part of it; none for a tap that divides nothing.
    pub second: Option<Second>,
    /// What the tap shows to its clients; none for plain connections.
    pub tls: Option<ServerTls>,
    /// How it carries traffic.
    pub options: Options,
    /// Where copies go.
    pub queue: Queue,
    /// The kill switch. While it is set nothing is copied, and traffic goes on.
    pub off: Arc<AtomicBool>,
    /// The time since 1970-01-01T00:00Z; the finer it is, the finer are latencies.
    pub clock: fn() -> Duration,
}

/// How a tap closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Connections that did not finish in time and were cut.
    pub cut: usize,
}

/// Carries traffic until `closing`, then takes no more connections and gives those it has
/// `options.drain` to finish.
///
/// Bounds are in [`Options`]. Nothing that happens to a copy or its reader is felt by the traffic.
///
/// # Errors
/// No threads to carry it on, before any traffic was carried.
pub async fn serve(listener: TcpListener, tap: Tap, closing: Closing) -> io::Result<Closed> {
    let options = tap.options.raised();
    let (upstream, second) = (Arc::new(tap.upstream), tap.second);
    let scheme = if tap.tls.is_some() { "https" } else { "http" };
    let carrying = Carrying {
        options,
        tls: tap.tls,
        server: Arc::new(speech::server(&options)),
        capture: capture(&options, scheme, tap.queue, (tap.off, tap.clock)),
    };
    let routes = || match &second {
        None => routes::one(Arc::clone(&upstream), options),
        Some(second) => routes::two(Arc::clone(&upstream), second, options),
    };
    carry(listener, carrying, routes, closing).await
}

/// What every connection of a tap shares.
#[derive(Debug)]
pub(crate) struct Carrying {
    pub(crate) options: Options,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) server: Arc<Server>,
    pub(crate) capture: Arc<Capture>,
}

/// What all recordings of a tap share: its kill switch and its clock come last.
pub(crate) fn capture(
    options: &Options,
    scheme: &'static str,
    queue: Queue,
    (off, clock): (Arc<AtomicBool>, fn() -> Duration),
) -> Arc<Capture> {
    Arc::new(Capture {
        queue,
        clock,
        off,
        body_bytes_max: options.body_bytes_max,
        held_bytes_max: options.held_bytes_max,
        held_bytes: AtomicUsize::new(0),
        scheme,
    })
}

/// Carries what comes, each connection with routes of its own, until `closing`.
///
/// # Errors
/// No threads to carry it on.
pub(crate) async fn carry(
    listener: TcpListener,
    carrying: Carrying,
    routes: impl Fn() -> Routes,
    mut closing: Closing,
) -> io::Result<Closed> {
    let Carrying { options, tls, server, capture } = carrying;
    let crew = crew()?;
    let permits = Arc::new(Semaphore::new(options.connections_max));
    let mut connections = JoinSet::new();
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = closing.begun() => break,
        };
        while connections.try_join_next().is_some() {}
        let client = Client {
            options,
            capture: Arc::clone(&capture),
            routes: routes(),
            activity: Arc::default(),
            splice: std::sync::Mutex::default(),
        };
        let (tls, server, closing) = (tls.clone(), Arc::clone(&server), closing.clone());
        // Whoever carries it has to wait for it, too. One that is no longer there needs nobody.
        let Ok(stream) = stream.into_std() else { continue };
        crew.carry(&mut connections, async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                connection::serve(stream, tls, server, client, closing).await;
            }
            drop(permit);
        });
    }
    drop(listener);
    Ok(drain(connections, options.drain).await)
}

/// Gives connections this long to finish, and cuts those that do not.
pub(crate) async fn drain(mut connections: JoinSet<()>, wait: Duration) -> Closed {
    let finished = async { while connections.join_next().await.is_some() {} };
    let finished = timeout(wait, finished).await;
    let cut = if finished.is_ok() { 0 } else { connections.len() };
    connections.shutdown().await;
    Closed { cut }
}

/// The next connection, once there is room for it.
pub(crate) async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a permit in the end.
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}
