//! Why a request is refused, in the codes of both protocols. All but two of them are for good: the
//! same request would be refused again. It refuses to know how the codes are written.

use http::StatusCode;
use plumb_traffic::otlp::wire::Broken;

use super::room::NoRoom;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this receiver asks for a token, in a header `authorization: Bearer`")]
    NoToken,
    #[error("the content type is none of those that carry traces")]
    MediaType,
    #[error("the content is compressed in a way that is not read; send gzip or none")]
    Encoding,
    #[error("requests are sent with POST")]
    Method,
    #[error("there is nothing here; traces go to /v1/traces, or to the TraceService of gRPC")]
    Path,
    #[error("this receiver takes traces only; send {0} elsewhere")]
    OtherSignal(&'static str),
    #[error("calls of gRPC need HTTP/2")]
    Protocol,
    #[error("the request has more than {0} bytes once decompressed")]
    TooLarge(usize),
    #[error("the request took too long to arrive")]
    Late,
    #[error("the request ended early")]
    BrokenOff,
    #[error("the compressed bytes are broken")]
    BrokenEncoding,
    #[error("the call has not just one message")]
    BrokenFrame,
    #[error("the request is broken: {0}")]
    Broken(#[from] Broken),
    #[error("too much arrives at once; send again later")]
    Busy,
}

/// The codes of gRPC that are answered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Unavailable = 14,
    Unauthenticated = 16,
}

impl Refusal {
    /// What it is in HTTP, and in gRPC.
    pub(crate) fn codes(&self) -> (StatusCode, Code) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, Code::Unauthenticated),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument),
            Self::Encoding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::Unimplemented),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented),
            Self::Path | Self::OtherSignal(_) => (StatusCode::NOT_FOUND, Code::Unimplemented),
            Self::Protocol => (StatusCode::HTTP_VERSION_NOT_SUPPORTED, Code::Unimplemented),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, Code::ResourceExhausted),
            Self::Late => (StatusCode::REQUEST_TIMEOUT, Code::DeadlineExceeded),
            Self::BrokenOff | Self::BrokenEncoding | Self::BrokenFrame | Self::Broken(_) => {
                (StatusCode::BAD_REQUEST, Code::InvalidArgument)
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
        }
    }
}

impl From<NoRoom> for Refusal {
    fn from(_: NoRoom) -> Self {
        Self::Busy
    }
}
