//! One client's connection, from its first byte to its last. It refuses to know how it was
//! accepted, and where exchanges go.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::UpgradeableConnection;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::authority::host_of;
use crate::forward::{Client, forward};
use crate::idle::{self, Over, Until};
use crate::opening::{Inside, Way};
use crate::options::Options;
use crate::peeked::peeked;
use crate::routes::{self, connected};
use crate::shutdown::Closing;
use crate::socket::prepare;
use crate::speech::Server;
use crate::splice::{self, Far, Splice};
use crate::tls::ServerTls;
use crate::upstream::{Protocol, upstream};

/// Serves a connection until it ends, is idle for too long, or the tap closes.
pub(crate) async fn serve(
    stream: TcpStream,
    tls: Option<ServerTls>,
    server: Arc<Server>,
    client: Client,
    closing: Closing,
) {
    // A connection that is no longer there fails at its next use.
    drop(prepare(&stream));
    let Some(ServerTls(config)) = tls else {
        return converse(stream, &server, Arc::new(client), closing).await;
    };
    let handshake = TlsAcceptor::from(config).accept(stream);
    if let Ok(Ok(stream)) = timeout(client.options.handshake, handshake).await {
        converse(stream, &server, Arc::new(client), closing).await;
    }
}

async fn converse<S>(stream: S, server: &Server, client: Arc<Client>, closing: Closing)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| forward(Arc::clone(&client), request));
    let serving = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let activity = Arc::clone(&client.activity);
    let until = Until { activity, idle: client.options.idle, closing: closing.clone() };
    let leave = |serving: Pin<&mut UpgradeableConnection<'_, _, _, _>>| serving.graceful_shutdown();
    if idle::serve(pin!(serving), leave, until).await == Over::Idle {
        return;
    }
    match client.splice() {
        Some(Splice { client: upgrading, upstream: Far::Inside(way) }) => {
            look_inside(upgrading, way, client.options, closing).await;
        }
        Some(splice) => splice::join(splice).await,
        None => {}
    }
}

/// Carries what passes in a tunnel that the tap looks into, until the connection ends.
// Boxed, for what is carried inside may leave HTTP as well.
fn look_inside(
    upgrading: OnUpgrade,
    way: Way,
    options: Options,
    closing: Closing,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let Ok(client) = upgrading.await else { return };
        match timeout(options.handshake, peeked(TokioIo::new(client))).await {
            Ok(Ok((stream, true))) => in_its_name(stream, way, options, closing).await,
            Ok(Ok((stream, false))) => unseen(stream, way, options).await,
            _ => {}
        }
    })
}

/// Speaks TLS with a client in the name of the host it asked for.
async fn in_its_name<S>(stream: S, way: Way, options: Options, closing: Closing)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Inside { opening, capture, server, .. } = way.inside.as_ref();
    let address = format!("https://{}", way.authority);
    let Ok(upstream) = upstream(&address, Protocol::Auto, Some(&opening.trust)) else { return };
    let host = host_of(&way.authority);
    let Some(stream) = opening.issuer.speak(host, stream, options.handshake).await else { return };
    let client = Client {
        options,
        capture: Arc::clone(capture),
        routes: routes::one(Arc::new(upstream), options),
        activity: Arc::default(),
        splice: std::sync::Mutex::default(),
    };
    converse(stream, server, Arc::new(client), closing).await;
}

/// Joins the client with the host, since they speak something else.
async fn unseen<S>(mut stream: S, way: Way, options: Options)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    way.inside.tunnels.fetch_add(1, Relaxed);
    let Ok(mut host) = connected(host_of(&way.authority), way.port, options).await else { return };
    drop(copy_bidirectional(&mut stream, &mut host).await);
}
