//! Asks the upstream which services of gRPC it offers, on a connection of the tap's own. It refuses
//! to know what the answers say, and what they are wanted for.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, TE};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http2;
use plumb_traffic::schema::grpc::Services;
use plumb_traffic::schema::reflection::{BYTES_MAX, Conversation, PATHS};
use plumb_traffic::schema::refusal::SchemaError;
use tokio::time::timeout;

use crate::connect::{Sender, connect};
use crate::options::Options;
use crate::upstream::{Protocol, Upstream};

/// How long all questions may take. Exchanges wait in their queue meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// The outcomes of a call that count here, as `grpc-status` writes them.
const OK: &[u8] = b"0";
const UNIMPLEMENTED: &[u8] = b"12";

const STATUS: &str = "grpc-status";
const ENCODING: &str = "grpc-encoding";
const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");

/// Why nothing is known of the upstream's services.
#[derive(Debug, thiserror::Error)]
pub enum ReflectError {
    /// No connection, or it broke.
    #[error("the upstream cannot be asked for its services: {0}")]
    Unreachable(String),
    /// It took longer than ten seconds.
    #[error("the upstream took too long to tell its services")]
    TimedOut,
    /// It does not answer such questions.
    #[error("the upstream does not tell its services, as server reflection is off there")]
    Unsupported,
    /// It answers them with a failure, as for want of a token.
    #[error("the upstream does not tell its services: `grpc-status: {0}`")]
    Refused(String),
    /// What it answers is no answer.
    #[error("the upstream tells its services in a way that cannot be read: {0}")]
    Broken(&'static str),
    /// What it answers is not whole.
    #[error("the upstream's services cannot be used: {0}")]
    Schema(#[from] SchemaError),
}

/// Asks the upstream for its services; in HTTP/2, whatever else is spoken with it.
///
/// # Errors
/// [`ReflectError`]; nothing but questions has been sent then.
pub(crate) async fn reflect(upstream: &Upstream) -> Result<Services, ReflectError> {
    timeout(PATIENCE, asked(upstream)).await.map_err(|_| ReflectError::TimedOut)?
}

async fn asked(upstream: &Upstream) -> Result<Services, ReflectError> {
    let connected = connect(upstream, &Options::default(), Protocol::Http2).await;
    let Sender::Http2(mut sender) = connected.map_err(unreachable)? else {
        return Err(ReflectError::Unsupported);
    };
    let mut outcome = Err(ReflectError::Unsupported);
    for path in PATHS {
        outcome = converse(&mut sender, upstream, PathAndQuery::from_static(path)).await;
        if !matches!(outcome, Err(ReflectError::Unsupported)) {
            break;
        }
    }
    outcome
}

async fn converse(
    sender: &mut http2::SendRequest<Full<Bytes>>,
    upstream: &Upstream,
    path: PathAndQuery,
) -> Result<Services, ReflectError> {
    let mut conversation = Conversation::default();
    while let Some(question) = conversation.question() {
        sender.ready().await.map_err(unreachable)?;
        let request = request(upstream, path.clone(), question);
        let response = sender.send_request(request).await.map_err(unreachable)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BYTES_MAX).collect().await.map_err(unreachable)?;
        let status = body.trailers().and_then(|trailers| trailers.get(STATUS)).cloned();
        judge(status.as_ref().or_else(|| head.headers.get(STATUS)))?;
        let encoding = told(&head.headers, ENCODING);
        conversation.answered(&body.to_bytes(), encoding).map_err(ReflectError::Broken)?;
    }
    Ok(conversation.services()?)
}

fn request(upstream: &Upstream, path: PathAndQuery, body: Vec<u8>) -> Request<Full<Bytes>> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(upstream.scheme());
    parts.authority = Some(upstream.authority.clone());
    parts.path_and_query = Some(path);
    let mut request = Request::new(Full::new(body.into()));
    *request.method_mut() = Method::POST;
    // INVARIANT: with scheme, authority and path there is nothing left to refuse.
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    request.headers_mut().insert(CONTENT_TYPE, GRPC);
    request.headers_mut().insert(TE, TRAILERS);
    request
}

/// A server that is none of gRPC has no outcome to tell.
fn judge(status: Option<&HeaderValue>) -> Result<(), ReflectError> {
    match status.map(HeaderValue::as_bytes) {
        Some(OK) => Ok(()),
        Some(UNIMPLEMENTED) | None => Err(ReflectError::Unsupported),
        Some(other) => {
            let shown = other.iter().take(3).filter(|byte| byte.is_ascii_digit());
            Err(ReflectError::Refused(shown.map(|byte| char::from(*byte)).collect()))
        }
    }
}

fn told<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn unreachable(error: impl std::fmt::Display) -> ReflectError {
    ReflectError::Unreachable(error.to_string())
}
