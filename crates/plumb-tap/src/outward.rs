//! The tap as the proxy that clients are told to use: each exchange goes where it says itself, and
//! what is asked for with `CONNECT` goes through a tunnel, unseen and counted. It refuses to know
//! who its clients are.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::connection;
use crate::options::Options;
use crate::proxy::{Carrying, Closed, capture, carry};
use crate::queue::Queue;
use crate::routes;
use crate::shutdown::Closing;

/// What such a tap is made of.
#[derive(Debug, Clone)]
pub struct Outward {
    /// How it carries traffic.
    pub options: Options,
    /// Where copies go.
    pub queue: Queue,
    /// Tunnels that were asked for; what passes in them is not seen.
    pub tunnels: Arc<AtomicU64>,
    /// The time since 1970-01-01T00:00Z; the finer it is, the finer are latencies.
    pub clock: fn() -> Duration,
}

/// Carries traffic until `closing`, then takes no more connections and gives those it has
/// `options.drain` to finish.
///
/// Clients speak HTTP/1.1, and so do hosts that are called without TLS.
///
/// # Errors
/// No threads to carry it on, before any traffic was carried.
pub async fn serve(
    listener: TcpListener,
    outward: Outward,
    closing: Closing,
) -> io::Result<Closed> {
    let Outward { options, queue, tunnels, clock } = outward;
    let options = options.raised();
    let carrying = Carrying {
        options,
        tls: None,
        server: Arc::new(connection::server(&options).http1_only()),
        capture: capture(&options, "http", queue, (Arc::new(AtomicBool::new(false)), clock)),
    };
    carry(listener, carrying, || routes::anywhere(options, Arc::clone(&tunnels)), closing).await
}
