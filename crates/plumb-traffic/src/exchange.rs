//! One observed use of a seam, as every reader of traffic hands it on: borrowed, flat, in the order
//! it was seen. It knows HTTP's nouns; it refuses to know any file format, any value's meaning, and
//! whether anything here may be kept.

use std::borrow::Cow;

/// A name and its value, as seen.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Something that was asked for by name: its place among the names, and the value as text.
pub type Attribute<'a> = (usize, Cow<'a, str>);

/// One request and what came back.
///
/// Text is borrowed from the reader's buffer where it stood there unescaped, so an exchange lives
/// only as long as the call that receives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange<'a> {
    /// When the request was sent, in milliseconds since 1970-01-01T00:00Z; none if unknown.
    pub time_ms: Option<i64>,
    /// `http`, `https`, or empty if unknown; lower case.
    pub scheme: Cow<'a, str>,
    /// The authority without user and password, lower case, without the scheme's default port;
    /// empty if unknown.
    pub host: Cow<'a, str>,
    /// The method as seen.
    pub method: Cow<'a, str>,
    /// The path as seen (percent-encoded), without query and fragment; at least `/`.
    pub path: Cow<'a, str>,
    /// The template that the writer's router matched, in the router's own style, when the source
    /// says so: `/users/:id`.
    pub route: Option<Cow<'a, str>>,
    /// The query in order, percent- and plus-decoded; bytes that are no UTF-8 are replaced.
    pub query: Vec<Pair<'a>>,
    /// What the caller sent.
    pub request: Message<'a>,
    /// The status code; 0 if no response was seen.
    pub status: u16,
    /// What came back; empty if no response was seen.
    pub response: Message<'a>,
    /// Milliseconds from sending the request to the response, not negative; none if unknown.
    pub latency_ms: Option<f64>,
    /// Who called, when the source says so.
    pub caller: Option<Cow<'a, str>>,
    /// The component that wrote the response, when the source says so.
    pub writer: Option<Cow<'a, str>>,
    /// The component that read the response, when the source says so.
    pub reader: Option<Cow<'a, str>>,
    /// The writer's version, when the source says so.
    pub version: Option<Cow<'a, str>>,
    /// The environment it was seen in, when the source says so.
    pub environment: Option<Cow<'a, str>>,
    /// Whether it failed, when the source says so itself and not by the status alone.
    pub failed: Option<bool>,
    /// What the source says beside the exchange and was asked for, each with its place among what
    /// was asked for, and each place once.
    pub attributes: Vec<Attribute<'a>>,
}

/// One direction of an exchange.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message<'a> {
    /// Headers in order, names as seen; HTTP/2 pseudo headers removed, repeated headers kept as
    /// separate entries.
    pub headers: Vec<Pair<'a>>,
    /// Why there may have been more headers, or a media type, than are here; none if all are.
    /// A header that is not here is then not known to be absent.
    pub headers_withheld: Option<&'static str>,
    /// The media type with its parameters: the `content-type` header, else what the format says.
    pub media_type: Option<Cow<'a, str>>,
    /// The payload, without transfer and content encoding.
    pub body: Body<'a>,
}

/// A payload, or why there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Body<'a> {
    /// Nothing was sent: no body and an empty body are one on the wire.
    #[default]
    Absent,
    /// Something was sent and cannot be shown, with the reason. It is never counted as absent.
    Withheld(&'static str),
    /// The payload.
    Bytes(Cow<'a, [u8]>),
    /// What a schema made of the payload, in JSON, whatever the media type says.
    Document(Vec<u8>),
}

/// The first value of a header, its name compared without regard to case.
pub fn header<'h>(headers: &'h [Pair<'_>], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let headers = [
            (Cow::from("Set-Cookie"), Cow::from("a=1")),
            (Cow::from("set-cookie"), Cow::from("b=2")),
        ];
        assert_eq!(header(&headers, name), expected);
    }

    #[test]
    fn headers_are_found_without_regard_to_case() {
        check("SET-COOKIE", Some("a=1"));
        check("cookie", None);
    }
}
