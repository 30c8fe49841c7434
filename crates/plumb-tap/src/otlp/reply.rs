//! What a receiver answers, byte by byte: the protocol's own messages in both forms, and the
//! statuses of HTTP and gRPC. It refuses to know why.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::frame::framed;
use super::queue::{Form, Offered};
use super::refusal::{Code, Refusal};

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const GRPC_ACCEPT: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// What a call's message may not hold as it is.
const NOT_IN_A_MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// Why spans were rejected, for whoever sent them.
const NO_ROOM: &str = "spans come faster than they are read; these were left out, do not send them \
                       again";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Http(Form),
    Grpc,
}

/// An answer's payload, with trailers where the protocol has them.
#[derive(Debug)]
pub(crate) struct Reply {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
    /// Counts as in use until the answer has gone.
    _under_way: Arc<()>,
}

/// A response before anybody has it in use.
pub(crate) type Answer = Response<(Bytes, Option<HeaderMap>)>;

/// The answer to a request that was whole.
pub(crate) fn taken(dialect: Dialect, offered: Offered) -> Answer {
    let message = match (dialect, offered) {
        (Dialect::Http(Form::Json), Offered::Taken) => b"{}".to_vec(),
        (_, Offered::Taken) => Vec::new(),
        (Dialect::Http(Form::Json), Offered::Rejected(spans)) => format!(
            "{{\"partialSuccess\":{{\"rejectedSpans\":\"{spans}\",\"errorMessage\":\"{NO_ROOM}\"}}}}"
        )
        .into_bytes(),
        (_, Offered::Rejected(spans)) => field(1, &said(spans, NO_ROOM)),
    };
    match dialect {
        Dialect::Http(form) => answer(StatusCode::OK, media_type(form), message),
        Dialect::Grpc => {
            let message = framed(&message).unwrap_or_default();
            let mut answer = answer(StatusCode::OK, GRPC, message);
            let trailers = [(GRPC_STATUS, HeaderValue::from_static("0"))];
            answer.body_mut().1 = Some(trailers.into_iter().collect());
            answer
        }
    }
}

/// The answer to a request that is refused.
pub(crate) fn refused(dialect: Dialect, refusal: &Refusal) -> Answer {
    let (status, code) = refusal.codes();
    let text = refusal.to_string();
    let mut answer = match dialect {
        Dialect::Http(Form::Json) => {
            let message = text.replace('"', "'");
            let json = format!("{{\"code\":{},\"message\":\"{message}\"}}", code as u8);
            answer(status, media_type(Form::Json), json.into_bytes())
        }
        Dialect::Http(Form::Proto) => {
            answer(status, media_type(Form::Proto), said(code as u64, &text))
        }
        Dialect::Grpc => {
            let mut answer = answer(StatusCode::OK, GRPC, Vec::new());
            let headers = answer.headers_mut();
            headers.insert(GRPC_STATUS, HeaderValue::from(code as u16));
            let message = utf8_percent_encode(&text, NOT_IN_A_MESSAGE).to_string();
            if let Ok(message) = HeaderValue::try_from(message) {
                headers.insert(GRPC_MESSAGE, message);
            }
            headers.insert(GRPC_ACCEPT, HeaderValue::from_static("identity,gzip"));
            answer
        }
    };
    if code == Code::Unauthenticated {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

const GRPC: &str = "application/grpc";

fn media_type(form: Form) -> &'static str {
    match form {
        Form::Proto => "application/x-protobuf",
        Form::Json => "application/json",
    }
}

fn answer(status: StatusCode, media_type: &'static str, payload: Vec<u8>) -> Answer {
    let mut answer = Response::new((payload.into(), None));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// A message of a number and a text: what both a status and a partial success are.
fn said(number: u64, text: &str) -> Vec<u8> {
    let mut message = vec![1 << 3];
    varint(&mut message, number);
    message.extend(field(2, text.as_bytes()));
    message
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    varint(&mut field, bytes.len() as u64);
    field.extend(bytes);
    field
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

impl Reply {
    /// The payload of an answer, in use until it has gone.
    pub(crate) fn new((data, trailers): (Bytes, Option<HeaderMap>), under_way: Arc<()>) -> Self {
        Self { data: Some(data).filter(|data| !data.is_empty()), trailers, _under_way: under_way }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().map(Frame::data);
        Poll::Ready(data.or_else(|| self.trailers.take().map(Frame::trailers)).map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
