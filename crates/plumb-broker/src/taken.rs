//! One message as a tap took it, owned, and the view of it that every reader of traffic hands on.
//! Undoing encodings happens here, behind the queue. It refuses to know brokers and how the copy
//! was made.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use plumb_traffic::body::{self, Utf8};
use plumb_traffic::exchange::{Body, Exchange, Message};
use plumb_traffic::reading::Limits;
use plumb_traffic::record::{self, Record};

use crate::options::MESSAGE_BYTES_MAX;

/// Why a payload is withheld that was too large to keep.
pub const TOO_LARGE: &str = "larger than a tap keeps";

/// Why there may have been more headers than are shown.
pub(crate) const HEADERS_NOT_TEXT: &str = "a header that is not text";

/// What a message weighs beside its text and payload: the structures that hold them.
const FRAME_BYTES: usize = 256;

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// When it was published, in milliseconds since 1970-01-01T00:00Z; none if the broker does not
    /// tell.
    pub published_ms: Option<i64>,
    /// When it was taken, in milliseconds since 1970-01-01T00:00Z.
    pub taken_ms: i64,
    /// The broker's host and port.
    pub broker: Arc<str>,
    /// Where it was published to, in parts.
    pub destination: Vec<String>,
    /// Its headers, names as seen.
    pub headers: Vec<(String, String)>,
    /// Why there may have been more headers than these; none if these are all.
    pub headers_withheld: Option<&'static str>,
    /// The media type it says it has.
    pub media_type: Option<String>,
    /// The encodings it says its payload is in.
    pub encoding: Option<String>,
    /// What was published.
    pub payload: Payload,
}

/// What was published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Payload {
    /// Nothing: a message without a payload, or one that deletes.
    #[default]
    Absent,
    /// Something that cannot be shown, with the reason.
    Withheld(&'static str),
    /// The bytes.
    Bytes(Bytes),
}

/// Turns a payload into JSON, or says why it cannot.
pub type Decode<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, &'static str>;

impl Payload {
    /// Bytes as they are, if they are few enough to keep.
    pub(crate) fn kept(bytes: Bytes) -> Self {
        match bytes.len() {
            0 => Self::Absent,
            1..=MESSAGE_BYTES_MAX => Self::Bytes(bytes),
            _ => Self::Withheld(TOO_LARGE),
        }
    }
}

impl Taken {
    /// Bytes that it holds in memory, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let payload = match &self.payload {
            Payload::Bytes(bytes) => bytes.len(),
            Payload::Absent | Payload::Withheld(_) => 0,
        };
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let destination: usize = self.destination.iter().map(String::len).sum();
        FRAME_BYTES + payload + headers + destination
    }

    /// The message as an exchange. `decode` is told where payloads are not JSON already.
    #[must_use]
    pub fn exchange(&self, decode: Option<Decode<'_>>) -> Exchange<'_> {
        let is_decoded = decode.is_some();
        let age_ms = self.published_ms.map(|published| self.taken_ms.saturating_sub(published));
        let media_type = self.media_type.as_deref().filter(|_| !is_decoded).map(Cow::Borrowed);
        let message = Message {
            headers: self.headers.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            headers_withheld: self.headers_withheld,
            body: self.body(decode, media_type.as_deref()),
            media_type,
        };
        record::exchange(Record {
            time_ms: self.published_ms.or(Some(self.taken_ms)),
            broker: Cow::Borrowed(&self.broker),
            destination: self.destination.iter().map(Into::into).collect(),
            message,
            // A clock that is ahead of ours must not make ages negative.
            age_ms: age_ms.map(|age| age.max(0) as f64),
            ..Record::default()
        })
    }

    fn body(&self, decode: Option<Decode<'_>>, media_type: Option<&str>) -> Body<'_> {
        let bytes = match &self.payload {
            Payload::Absent => return Body::Absent,
            Payload::Withheld(why) => return Body::Withheld(why),
            Payload::Bytes(bytes) => Cow::Borrowed(bytes.as_ref()),
        };
        let encoding = self.encoding.as_deref().unwrap_or_default();
        let bytes = match body::decode(bytes, encoding, Limits::default().body) {
            Ok(bytes) => bytes,
            Err(why) => return Body::Withheld(why),
        };
        if let Some(decode) = decode {
            return decode(&bytes).map_or_else(Body::Withheld, |json| Body::Bytes(json.into()));
        }
        match body::utf8(bytes, media_type) {
            Utf8::Same(bytes) | Utf8::Unknown(bytes) => Body::Bytes(bytes),
            Utf8::Converted(bytes) | Utf8::Lossy(bytes) => Body::Bytes(bytes.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(payload: Payload) -> Taken {
        let destination = vec!["orders".to_owned(), "42".to_owned()];
        Taken {
            published_ms: Some(1_000),
            taken_ms: 1_250,
            broker: "host:4222".into(),
            destination,
            headers: vec![("trace".to_owned(), "1".to_owned())],
            payload,
            ..Taken::default()
        }
    }

    #[test]
    fn a_message_is_an_exchange_without_status() {
        let taken = taken(Payload::kept(Bytes::from_static(b"{}")));
        let exchange = taken.exchange(None);
        assert_eq!((&*exchange.host, &*exchange.path), ("host:4222", "/orders/42"));
        assert_eq!((exchange.time_ms, exchange.latency_ms), (Some(1_000), Some(250.0)));
        assert_eq!(exchange.response.body, Body::Bytes(b"{}".as_slice().into()));
    }

    #[test]
    fn what_is_too_large_is_withheld() {
        assert_eq!(Payload::kept(Bytes::new()), Payload::Absent);
        let large = taken(Payload::kept(vec![b' '; MESSAGE_BYTES_MAX + 1].into()));
        assert_eq!(large.exchange(None).response.body, Body::Withheld(TOO_LARGE));
        assert!(large.weight() < 1_000);
    }

    #[test]
    fn what_does_not_decode_is_withheld_with_the_reason() {
        let taken = taken(Payload::kept(Bytes::from_static(b"?")));
        let exchange = taken.exchange(Some(&|_| Err("no such schema")));
        assert_eq!(exchange.response.body, Body::Withheld("no such schema"));
        let exchange = taken.exchange(Some(&|bytes| Ok([b"[", bytes, b"]"].concat())));
        assert_eq!(exchange.response.body, Body::Bytes(b"[?]".as_slice().into()));
    }
}
