//! A connection to the upstream, with the protocol that both sides agreed on. It refuses to know
//! what is sent there, and when to connect again.

use std::error::Error;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Body;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::options::Options;
use crate::socket::prepare;
use crate::tls::HTTP_2;
use crate::upstream::{Protocol, Upstream};

/// The near end of a connection, on which requests are sent.
#[derive(Debug)]
pub(crate) enum Sender<B> {
    Http1(http1::SendRequest<B>),
    Http2(http2::SendRequest<B>),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the upstream took too long to connect")]
    TimedOut,
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    #[error("the upstream does not speak HTTP: {0}")]
    Handshake(#[from] hyper::Error),
}

/// Connects, offering the protocol.
///
/// # Errors
/// [`ConnectError`]; nothing has been sent then.
pub(crate) async fn connect<B>(
    upstream: &Upstream,
    options: &Options,
    protocol: Protocol,
) -> Result<Sender<B>, ConnectError>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    match timeout(options.connect, connected(upstream, options, protocol)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::TimedOut),
    }
}

async fn connected<B>(
    upstream: &Upstream,
    options: &Options,
    protocol: Protocol,
) -> Result<Sender<B>, ConnectError>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let stream = TcpStream::connect((upstream.host.as_str(), upstream.port)).await?;
    prepare(&stream)?;
    let Some(tls) = &upstream.tls else {
        return spoken(stream, options, protocol).await;
    };
    let config = match protocol {
        Protocol::Auto => &tls.trust.any,
        Protocol::Http1 => &tls.trust.http1,
        Protocol::Http2 => &tls.trust.http2,
    };
    let connector = TlsConnector::from(Arc::clone(config));
    let stream = connector.connect(tls.name.clone(), stream).await?;
    let agreed = match stream.get_ref().1.alpn_protocol() {
        Some(HTTP_2) => Protocol::Http2,
        Some(_) => Protocol::Http1,
        None => protocol,
    };
    spoken(stream, options, agreed).await
}

async fn spoken<S, B>(
    stream: S,
    options: &Options,
    protocol: Protocol,
) -> Result<Sender<B>, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let stream = TokioIo::new(stream);
    if protocol == Protocol::Http2 {
        let head_bytes_max = u32::try_from(options.head_bytes_max).unwrap_or(u32::MAX);
        let (sender, driver) = http2::Builder::new(TokioExecutor::new())
            .max_header_list_size(head_bytes_max)
            .handshake(stream)
            .await?;
        // How it ends is told to whoever waits for a response.
        tokio::spawn(async move { drop(driver.await) });
        return Ok(Sender::Http2(sender));
    }
    let (sender, driver) = http1::Builder::new()
        .preserve_header_case(true)
        .max_buf_size(options.head_bytes_max)
        .handshake(stream)
        .await?;
    tokio::spawn(async move { drop(driver.with_upgrades().await) });
    Ok(Sender::Http1(sender))
}
