//! The tap as the proxy that clients are told to use: each exchange goes where it says itself, and
//! what is asked for with `CONNECT` goes through a tunnel, unseen and counted, or is looked into
//! where clients trust an authority of the tap's own. It refuses to know who its clients are.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::opening::{Inside, Opening};
use crate::options::Options;
use crate::proxy::{Carrying, Closed, capture, carry};
use crate::queue::Queue;
use crate::routes;
use crate::shutdown::Closing;
use crate::speech;

/// What such a tap is made of.
#[derive(Debug, Clone)]
pub struct Outward {
    /// How it carries traffic.
    pub options: Options,
    /// Where copies go.
    pub queue: Queue,
    /// Tunnels that were asked for; what passes in them is not seen.
    pub tunnels: Arc<AtomicU64>,
    /// How to look into TLS; without, what passes there is not seen.
    pub opening: Option<Opening>,
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
    let Outward { options, queue, tunnels, opening, clock } = outward;
    let options = options.raised();
    let off = Arc::new(AtomicBool::new(false));
    let inside = opening.map(|opening| {
        let capture = capture(&options, "https", queue.clone(), (Arc::clone(&off), clock));
        let (tunnels, server) = (Arc::clone(&tunnels), speech::server(&options));
        Arc::new(Inside { opening, tunnels, capture, server })
    });
    let carrying = Carrying {
        options,
        tls: None,
        server: Arc::new(speech::server(&options).http1_only()),
        capture: capture(&options, "http", queue, (off, clock)),
    };
    let routes = || routes::anywhere(options, Arc::clone(&tunnels), inside.clone());
    carry(listener, carrying, routes, closing).await
}
