//! One sender's connection, from its first byte to its last. It refuses to know how it was accepted
//! and how requests are answered.

use std::pin::{Pin, pin};
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::{Builder, Connection};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::answer::{Desk, answer};
use super::options::{READ_BYTES_MAX, STREAMS_MAX, WINDOW_BYTES};
use crate::idle::{self, Activity, Until};
use crate::shutdown::Closing;
use crate::socket::prepare;
use crate::tls::ServerTls;

/// How senders are spoken to.
pub(crate) type Server = Builder<TokioExecutor>;

/// How senders are spoken to: in the protocol they begin with.
pub(crate) fn server() -> Server {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .max_buf_size(READ_BYTES_MAX)
        // Whoever sends no head, or half of one, is idle.
        .header_read_timeout(None);
    server
        .http2()
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_header_list_size(u32::try_from(READ_BYTES_MAX).unwrap_or(u32::MAX));
    server
}

/// Serves a connection until it ends, is idle for too long, or the receiver closes.
pub(crate) async fn serve(
    stream: TcpStream,
    tls: Option<ServerTls>,
    server: Arc<Server>,
    desk: Arc<Desk>,
    closing: Closing,
) {
    // A connection that is no longer there fails at its next use.
    drop(prepare(&stream));
    let Some(ServerTls(config)) = tls else {
        return converse(stream, &server, desk, closing).await;
    };
    let handshake = TlsAcceptor::from(config).accept(stream);
    if let Ok(Ok(stream)) = timeout(desk.options.handshake, handshake).await {
        converse(stream, &server, desk, closing).await;
    }
}

async fn converse<S>(stream: S, server: &Server, desk: Arc<Desk>, closing: Closing)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let until = Until { activity: Arc::clone(&activity), idle: desk.options.idle, closing };
    let service = service_fn(|request| answer(Arc::clone(&desk), Arc::clone(&activity), request));
    let serving = server.serve_connection(TokioIo::new(stream), service);
    let leave = |serving: Pin<&mut Connection<'_, _, _, _>>| serving.graceful_shutdown();
    idle::serve(pin!(serving), leave, until).await;
}
