//! A tap that runs, and what comes out of its queue.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use plumb_tap::captured::Captured;
use plumb_tap::options::Options;
use plumb_tap::proxy::{self, Closed, Tap};
use plumb_tap::queue::{self, Bounds, Queue, Taking};
use plumb_tap::shutdown::{self, Shutdown};
use plumb_tap::tls::{self, ClientTls};
use plumb_tap::upstream::{Protocol, Upstream, upstream};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes: what is waited for longer never comes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const AUTHORITY: &[u8] = include_bytes!("pki/authority.pem");
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("pki/certificate.pem");
pub(crate) const KEY: &[u8] = include_bytes!("pki/key.pem");

/// A tap that runs.
pub(crate) struct Tapped {
    pub(crate) address: SocketAddr,
    pub(crate) queue: Queue,
    pub(crate) off: Arc<AtomicBool>,
    pub(crate) shutdown: Shutdown,
    pub(crate) closed: JoinHandle<Closed>,
    captured: mpsc::UnboundedReceiver<Captured>,
}

impl Tapped {
    /// The next exchange that comes out of the queue.
    pub(crate) async fn captured(&mut self) -> Captured {
        within(self.captured.recv()).await.unwrap()
    }
}

/// Waits for what has to come.
pub(crate) async fn within<T>(event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.expect("it never came")
}

/// Trust in the tests' own authority.
pub(crate) fn trust() -> ClientTls {
    tls::client(Some(AUTHORITY)).unwrap()
}

/// An upstream without TLS.
pub(crate) fn to(origin: SocketAddr, protocol: Protocol) -> Upstream {
    upstream(&format!("http://{origin}"), protocol, None).unwrap()
}

/// A tap in front of an origin that speaks HTTP/1.1, with everything as usual.
pub(crate) async fn tapped(origin: SocketAddr) -> Tapped {
    started(usual(to(origin, Protocol::Auto)).await).await
}

/// A tap that is about to run.
pub(crate) struct Prepared {
    pub(crate) tap: Tap,
    pub(crate) taking: Option<Taking>,
    listener: TcpListener,
}

/// A tap with everything as usual, and the end of its queue.
pub(crate) fn unstarted(upstream: Upstream) -> (Tap, Taking) {
    let (queue, taking) = queue::bounded(Bounds::default());
    let off = Arc::new(AtomicBool::new(false));
    (
        Tap { upstream, second: None, tls: None, options: Options::default(), queue, off, clock },
        taking,
    )
}

/// A tap with everything as usual, and a place to listen at.
pub(crate) async fn usual(upstream: Upstream) -> Prepared {
    let (tap, taking) = unstarted(upstream);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Prepared { tap, taking: Some(taking), listener }
}

/// Runs a tap.
pub(crate) async fn started(prepared: Prepared) -> Tapped {
    let Prepared { tap, taking, listener } = prepared;
    let (sender, captured) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        taking.into_iter().flatten().for_each(|captured| drop(sender.send(captured)));
    });
    let address = listener.local_addr().unwrap();
    let (queue, off) = (tap.queue.clone(), Arc::clone(&tap.off));
    let (shutdown, closing) = shutdown::shutdown();
    let closed =
        tokio::spawn(async { proxy::serve(listener, tap, closing).await.expect("threads") });
    Tapped { address, queue, off, shutdown, closed, captured }
}

/// A clock that goes on by a millisecond each time it is asked.
fn clock() -> Duration {
    static NOW_MS: AtomicU64 = AtomicU64::new(1_795_220_766_000);
    Duration::from_millis(NOW_MS.fetch_add(1, Ordering::Relaxed))
}
