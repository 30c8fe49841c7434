//! One request: looked at, counted, handed over if there is room, and answered. It refuses to know
//! connections, and how answers are written.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderName, Method, Version};
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::time::timeout;

use super::arrival::gather;
use super::frame::{Flag, PREFIX_BYTES, only_message};
use super::inflate::{Compression, compression, inflated};
use super::options::Options;
use super::queue::{Form, Offered, Queue};
use super::refusal::Refusal;
use super::reply::{self, Dialect, Reply};
use super::room::{Claim, Room};
use super::token::Token;
use crate::idle::Activity;

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Where the calls of gRPC go.
const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) queue: Queue,
    pub(crate) token: Option<Token>,
    pub(crate) options: Options,
    /// Room for what arrives.
    pub(crate) arriving: Arc<Room>,
}

/// A request's head, read.
#[derive(Debug)]
struct Asked {
    form: Form,
    compression: Option<Compression>,
}

/// Answers a request.
pub(crate) async fn answer(
    desk: Arc<Desk>,
    activity: Arc<Activity>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Infallible> {
    let under_way = activity.begin();
    let (parts, body) = request.into_parts();
    let dialect = dialect(&parts);
    let offered = match asked(&desk, &parts, dialect) {
        Ok(asked) => taken(&desk, asked, dialect, body).await,
        Err(refusal) => Err(refusal),
    };
    let answer = match offered {
        Ok(offered) => reply::taken(dialect, offered),
        Err(refusal) => {
            desk.queue.refused();
            reply::refused(dialect, &refusal)
        }
    };
    Ok(answer.map(|payload| Reply::new(payload, under_way)))
}

/// How the sender wants to be answered: in the form of its request.
fn dialect(parts: &Parts) -> Dialect {
    let kind = media_type(parts);
    if kind.starts_with("application/grpc") {
        Dialect::Grpc
    } else if kind == "application/x-protobuf" {
        Dialect::Http(Form::Proto)
    } else {
        Dialect::Http(Form::Json)
    }
}

/// The media type without parameters, in lower case.
fn media_type(parts: &Parts) -> String {
    let value = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn asked(desk: &Desk, parts: &Parts, dialect: Dialect) -> Result<Asked, Refusal> {
    if desk.token.as_ref().is_some_and(|token| !token.is_shown(&parts.headers)) {
        return Err(Refusal::NoToken);
    }
    match dialect {
        Dialect::Grpc => asked_grpc(parts),
        Dialect::Http(form) => asked_http(parts, form),
    }
}

fn asked_http(parts: &Parts, form: Form) -> Result<Asked, Refusal> {
    match parts.uri.path() {
        "/v1/traces" => {}
        "/v1/metrics" => return Err(Refusal::OtherSignal("metrics")),
        "/v1/logs" => return Err(Refusal::OtherSignal("logs")),
        _ => return Err(Refusal::Path),
    }
    if parts.method != Method::POST {
        return Err(Refusal::Method);
    }
    if form == Form::Json && media_type(parts) != "application/json" {
        return Err(Refusal::MediaType);
    }
    let compression = compression(parts.headers.get(CONTENT_ENCODING))?;
    Ok(Asked { form, compression })
}

fn asked_grpc(parts: &Parts) -> Result<Asked, Refusal> {
    if parts.version != Version::HTTP_2 {
        return Err(Refusal::Protocol);
    }
    match parts.uri.path() {
        EXPORT => {}
        path if path.contains(".metrics.") => return Err(Refusal::OtherSignal("metrics")),
        path if path.contains(".logs.") => return Err(Refusal::OtherSignal("logs")),
        _ => return Err(Refusal::Path),
    }
    if !matches!(&*media_type(parts), "application/grpc" | "application/grpc+proto") {
        return Err(Refusal::MediaType);
    }
    let compression = compression(parts.headers.get(GRPC_ENCODING))?;
    Ok(Asked { form: Form::Proto, compression })
}

async fn taken(
    desk: &Desk,
    asked: Asked,
    dialect: Dialect,
    body: Incoming,
) -> Result<Offered, Refusal> {
    let bytes_max = desk.options.request_bytes_max;
    let prefix = if dialect == Dialect::Grpc { PREFIX_BYTES } else { 0 };
    let gathering = gather(body, desk.arriving.claim(), bytes_max.saturating_add(prefix));
    let gathered = timeout(desk.options.arrival, gathering).await;
    let (bytes, claim) = gathered.unwrap_or(Err(Refusal::Late))?;
    let (bytes, compression) = match dialect {
        Dialect::Http(_) => (bytes, asked.compression),
        Dialect::Grpc => message(&bytes, asked.compression)?,
    };
    let (bytes, _claim) = plain(desk, bytes, claim, compression)?;
    Ok(desk.queue.offer(bytes, asked.form)?)
}

/// The message of a call, and how it is compressed.
fn message(
    bytes: &Bytes,
    named: Option<Compression>,
) -> Result<(Bytes, Option<Compression>), Refusal> {
    match (only_message(bytes).ok_or(Refusal::BrokenFrame)?, named) {
        ((Flag::Plain, message), _) => Ok((bytes.slice_ref(message), None)),
        ((Flag::Compressed, message), Some(named)) => Ok((bytes.slice_ref(message), Some(named))),
        ((Flag::Compressed, _), None) => Err(Refusal::BrokenFrame),
    }
}

fn plain(
    desk: &Desk,
    bytes: Bytes,
    claim: Claim,
    compression: Option<Compression>,
) -> Result<(Bytes, Claim), Refusal> {
    match compression {
        None => Ok((bytes, claim)),
        Some(compression) => {
            let plain = desk.arriving.claim();
            inflated(&bytes, compression, plain, desk.options.request_bytes_max)
        }
    }
}
