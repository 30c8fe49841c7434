//! Connections: how many, how long, with or without TLS. Refuses to know what is asked on them.

use axum::Router;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use plumb_tap::shutdown::Closing;
use plumb_tap::tls::ServerTls;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// Connections at once. Whoever comes later waits in the system's queue.
const CONNECTIONS_MAX: usize = 1_024;

/// How long a handshake, or the head of a request, may take.
pub(crate) const HEAD_WAIT: Duration = Duration::from_secs(10);

/// How long requests under way may take once the daemon is to close.
const DRAIN: Duration = Duration::from_secs(20);

/// How long to leave a listener alone that failed: it is out of file handles, most likely.
const FAILED_PAUSE: Duration = Duration::from_millis(100);

/// Serves until the daemon is to close, and until what is under way has been answered.
pub(crate) async fn listen(
    listener: TcpListener,
    tls: Option<ServerTls>,
    routes: Router,
    mut closing: Closing,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let tls = tls.map(|tls| TlsAcceptor::from(tls.config()));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = closing.begun() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            sleep(FAILED_PAUSE).await;
            continue;
        };
        let (tls, routes, closing) = (tls.clone(), routes.clone(), closing.clone());
        connections.spawn(async move {
            connection(stream, tls, routes, closing).await;
            drop(permit);
        });
    }
    // Nobody new gets in while the others finish.
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    drop(timeout(DRAIN, finished).await);
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, routes: Router, closing: Closing) {
    // It matters for speed only.
    drop(stream.set_nodelay(true));
    match tls {
        None => converse(stream, routes, closing).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HEAD_WAIT, tls.accept(stream)).await {
                converse(stream, routes, closing).await;
            }
        }
    }
}

/// Answers what is asked on a connection until it ends, or the daemon is to close.
pub(crate) async fn converse<S>(stream: S, routes: Router, mut closing: Closing)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WAIT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEAD_WAIT));
    let routes =
        routes.map_request(|request: Request<Incoming>| hosted(request).map(axum::body::Body::new));
    let service = TowerToHyperService::new(routes);
    let mut serving = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    tokio::select! {
        // Both sides have seen how it ended.
        _ = serving.as_mut() => return,
        () = closing.begun() => serving.as_mut().graceful_shutdown(),
    }
    drop(serving.await);
}

/// HTTP/2 names the host beside the headers. Whoever asks where a request was meant to go asks the
/// headers, so it is written there; what stood there instead does not count.
fn hosted<B>(mut request: Request<B>) -> Request<B> {
    if request.version() == Version::HTTP_2 {
        let authority = request.uri().authority();
        let host = authority.and_then(|name| HeaderValue::from_str(name.as_str()).ok());
        match host {
            Some(host) => drop(request.headers_mut().insert(HOST, host)),
            None => drop(request.headers_mut().remove(HOST)),
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(version: Version, written: Option<&str>, expected: Option<&str>) {
        let mut request = Request::get("https://here.test/a").version(version);
        if let Some(host) = written {
            request = request.header(HOST, host);
        }
        let request = hosted(request.body(()).unwrap());
        let host = request.headers().get(HOST).map(|host| host.to_str().unwrap());
        assert_eq!(host, expected);
    }

    #[test]
    fn a_request_says_where_it_was_meant_to_go() {
        check(Version::HTTP_2, None, Some("here.test"));
        check(Version::HTTP_2, Some("localhost"), Some("here.test"));
        check(Version::HTTP_11, Some("localhost"), Some("localhost"));
        check(Version::HTTP_11, None, None);
    }
}
