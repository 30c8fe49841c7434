//! One client's connection, from its first byte to its last. It refuses to know how it was
//! accepted, and where exchanges go.

use std::pin::{Pin, pin};
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::{Builder, UpgradeableConnection};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::forward::{Client, forward};
use crate::idle::{self, Over, Until};
use crate::options::{Options, STREAMS_MAX};
use crate::shutdown::Closing;
use crate::socket::prepare;
use crate::splice;
use crate::tls::ServerTls;

/// How clients are spoken to.
pub(crate) type Server = Builder<TokioExecutor>;

/// How clients are spoken to: in the protocol they begin with, and with no header of our own.
pub(crate) fn server(options: &Options) -> Server {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .auto_date_header(false)
        .preserve_header_case(true)
        .max_buf_size(options.head_bytes_max)
        // Whoever sends no head, or half of one, is idle.
        .header_read_timeout(None);
    server
        .http2()
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(options.head_bytes_max).unwrap_or(u32::MAX));
    server
}

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
    let until = Until { activity, idle: client.options.idle, closing };
    let leave = |serving: Pin<&mut UpgradeableConnection<'_, _, _, _>>| serving.graceful_shutdown();
    if idle::serve(pin!(serving), leave, until).await == Over::Idle {
        return;
    }
    if let Some(splice) = client.splice() {
        splice::join(splice).await;
    }
}
