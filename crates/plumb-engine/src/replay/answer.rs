//! An answer as it came back, while it is compared. Holds values, and so tells nobody what it
//! holds.

use plumb_traffic::body;
use plumb_traffic::exchange::{Body, Exchange, header};
use plumb_traffic::reading::Limits;
use std::fmt;

/// One answer, or that there was none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0 when no answer came.
    pub status: u16,
    /// Its headers, or `None` when not all of them are known.
    pub headers: Option<Vec<(String, String)>>,
    /// The media type with its parameters, where one is known.
    pub media_type: Option<String>,
    /// What it carried.
    pub payload: Payload,
}

/// What an answer carried.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    #[default]
    Absent,
    /// These bytes, without content encoding.
    Bytes(Vec<u8>),
    /// Something that cannot be compared, with the reason.
    Withheld(&'static str),
}

/// Why a body is not compared: it has more bytes than are read.
pub const TOO_LARGE: &str = "bodies beyond what is read";

/// Why a body is not compared: a content encoding that is unknown, or does not decode.
pub const ENCODED: &str = "bodies whose content encoding is not undone";

/// Why a body is not compared: the capture does not hold it.
pub const NOT_RECORDED: &str = "bodies that the capture does not hold";

impl fmt::Debug for Payload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Absent => "Absent",
            Self::Bytes(_) => "Bytes",
            Self::Withheld(_) => "Withheld",
        })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// An answer as it came over the wire, its content encoding undone as far as it is known.
    #[must_use]
    pub fn received(status: u16, headers: Vec<(String, String)>, bytes: Vec<u8>) -> Self {
        let named = |name: &str| {
            headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it.clone())
        };
        let encoding = named("content-encoding").unwrap_or_default();
        let payload = if bytes.is_empty() {
            Payload::Absent
        } else {
            match body::decode(bytes.into(), &encoding, Limits::default().body) {
                Ok(plain) => Payload::Bytes(plain.into_owned()),
                Err(_) => Payload::Withheld(ENCODED),
            }
        };
        Self { status, media_type: named("content-type"), headers: Some(headers), payload }
    }

    /// An answer whose body is too large to be read.
    #[must_use]
    pub fn too_large(status: u16, headers: Vec<(String, String)>) -> Self {
        let answer = Self::received(status, headers, Vec::new());
        Self { payload: Payload::Withheld(TOO_LARGE), ..answer }
    }

    /// The answer that was recorded; `None` when there is none.
    #[must_use]
    pub fn recorded(exchange: &Exchange<'_>) -> Option<Self> {
        let response = &exchange.response;
        if exchange.status == 0 {
            return None;
        }
        // Every answer has some; a capture without any left them out.
        let are_known = response.headers_withheld.is_none() && !response.headers.is_empty();
        let headers = response.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_string()));
        let payload = match &response.body {
            Body::Absent => Payload::Absent,
            Body::Withheld(_) => Payload::Withheld(NOT_RECORDED),
            Body::Bytes(bytes) => Payload::Bytes(bytes.to_vec()),
            Body::Document(json) => Payload::Bytes(json.clone()),
        };
        let media_type = response.media_type.as_deref();
        Some(Self {
            status: exchange.status,
            headers: are_known.then(|| headers.collect()),
            media_type: media_type.or(header(&response.headers, "content-type")).map(str::to_owned),
            payload,
        })
    }

    /// The bytes it carried, where they are known.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.payload {
            Payload::Bytes(bytes) => bytes,
            Payload::Absent | Payload::Withheld(_) => &[],
        }
    }

    /// How much memory it holds, about, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let headers = self.headers.iter().flatten();
        headers.map(|(name, value)| name.len() + value.len()).sum::<usize>() + self.bytes().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_encoding_is_no_body_to_compare() {
        let headers = vec![("Content-Encoding".to_owned(), "br".to_owned())];
        let answer = Answer::received(200, headers, vec![1, 2, 3]);
        assert!(answer.payload == Payload::Withheld(ENCODED));
    }

    #[test]
    fn an_answer_tells_nobody_what_it_holds() {
        let headers = vec![("x-secret".to_owned(), "hush".to_owned())];
        let answer = Answer::received(200, headers, b"hush".to_vec());
        assert_eq!(format!("{answer:?}"), "Answer { status: 200, .. }");
    }
}
