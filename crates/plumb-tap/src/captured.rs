//! One exchange as the tap saw it, owned, and the view of it that every reader of traffic hands on.
//! Undoing encodings happens here, behind the queue, never on the path. It refuses to know sockets
//! and how the copy was made.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Method, Uri, Version};
use plumb_traffic::body::{self, Utf8};
use plumb_traffic::exchange::{Body, Exchange, Message, Pair};
use plumb_traffic::reading::Limits;
use plumb_traffic::text;

use crate::fields::Fields;

/// One exchange as it passed.
#[derive(Debug, Clone)]
pub struct Captured {
    /// When the request's head had arrived, since 1970-01-01T00:00Z.
    pub time: Duration,
    /// From the request's head to the response's head; none if there was no response.
    pub latency: Option<Duration>,
    /// `http` or `https`, as the client spoke to the tap.
    pub scheme: &'static str,
    /// The method as sent.
    pub method: Method,
    /// The host that the target names, if it is a whole address (HTTP/2, absolute form).
    pub authority: Option<Box<str>>,
    /// The target's path as sent, with its query.
    pub path: Box<str>,
    /// The protocol between client and tap.
    pub version: Version,
    /// The version of whoever answered, where the tap chose it.
    pub writer_version: Option<Arc<str>>,
    /// What the client sent.
    pub request: Side,
    /// The status of the upstream's response; 0 if there was none, also when the tap answered in
    /// its stead.
    pub status: u16,
    /// What the upstream sent.
    pub response: Side,
    /// How it ended.
    pub ending: Ending,
}

/// One direction of an exchange.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// As they came, before anything that concerns one connection only was taken out.
    pub headers: Fields,
    /// The payload, as far as it was kept.
    pub payload: Payload,
    /// What came after the payload.
    pub trailers: Option<Fields>,
}

/// A payload, with content encoding and without transfer encoding.
#[derive(Debug, Clone, Default)]
pub struct Payload {
    /// In order; where one ends means nothing.
    pub chunks: Vec<Bytes>,
    /// How much of it this is.
    pub extent: Extent,
}

/// How much of a payload was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// None: it was longer than the tap keeps, or there was no room for it.
    Cut,
    /// It ended early, or never came.
    #[default]
    Broken,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The response was delivered to its end.
    Complete,
    /// The client went away, or the tap closed while the exchange was under way.
    ClientGone,
    /// The upstream could not be reached, or broke off.
    UpstreamFailed,
    /// The upstream took too long to answer.
    TimedOut,
}

/// What one exchange costs beside its text, in bytes: the structures that hold it.
const FIXED_BYTES: usize = 1_024;

/// Trailers that say how the exchange went, and so are shown as headers of the response.
const GRPC_STATUS: &str = "grpc-status";

/// What browsers write when they do not know.
const UNKNOWN_MEDIA_TYPE: &str = "x-unknown";

impl Captured {
    /// The exchange as every reader of traffic hands it on. Payloads that were cut, ended early, or
    /// do not decode are withheld; charsets are turned into UTF-8.
    #[must_use]
    pub fn exchange(&self) -> Exchange<'_> {
        let mut response = message(&self.response);
        let status = self.response.trailers.as_ref().and_then(|trailers| trailers.get(GRPC_STATUS));
        response.headers.extend(status.map(|status| (Cow::Borrowed(GRPC_STATUS), lossy(status))));
        if self.status == 0 {
            response.body = Body::Absent;
        }
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        Exchange {
            time_ms: i64::try_from(self.time.as_millis()).ok(),
            scheme: Cow::Borrowed(self.scheme),
            host: text::host(self.authority(), self.scheme),
            method: Cow::Borrowed(self.method.as_str()),
            path: Cow::Borrowed(if path.is_empty() { "/" } else { path }),
            query: text::query(Cow::Borrowed(query)).pairs,
            request: message(&self.request),
            status: self.status,
            response,
            version: self.writer_version.as_deref().map(Cow::Borrowed),
            latency_ms: self.latency.map(|latency| latency.as_secs_f64() * 1_000.0),
            ..Exchange::default()
        }
    }

    /// Roughly the memory this takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        FIXED_BYTES + self.path.len() + self.request.weight() + self.response.weight()
    }

    fn authority(&self) -> Cow<'_, str> {
        match (&self.authority, self.request.headers.get("host")) {
            (Some(authority), _) => Cow::Borrowed(authority),
            (None, Some(host)) => lossy(host),
            (None, None) => Cow::Borrowed(""),
        }
    }
}

/// What is kept of a target: the host it names, if it does, and its path with the query. Copied,
/// for the same reason as [`Fields`] are.
pub(crate) fn target(uri: &Uri) -> (Option<Box<str>>, Box<str>) {
    let path = uri.path_and_query().map_or("", PathAndQuery::as_str);
    (uri.authority().map(|authority| authority.as_str().into()), path.into())
}

impl Side {
    fn weight(&self) -> usize {
        self.payload.chunks.iter().map(Bytes::len).sum::<usize>()
            + self.headers.weight()
            + self.trailers.as_ref().map_or(0, Fields::weight)
    }
}

impl Payload {
    /// No payload at all.
    pub(crate) const NONE: Self = Self { chunks: Vec::new(), extent: Extent::Whole };

    fn bytes(&self) -> Cow<'_, [u8]> {
        match self.chunks.as_slice() {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(only),
            chunks => Cow::Owned(chunks.concat()),
        }
    }
}

fn message(side: &Side) -> Message<'_> {
    let mut headers: Vec<Pair<'_>> = Vec::with_capacity(side.headers.count());
    headers.extend(side.headers.texts().map(|(name, value)| (name.into(), value)));
    let all = |wanted| headers.iter().filter(move |(name, _)| name == wanted);
    let media_type = all("content-type").next().map(|(_, kind)| kind.clone());
    let media_type = media_type.filter(|kind| !kind.is_empty() && kind != UNKNOWN_MEDIA_TYPE);
    let encodings: Vec<&str> = all("content-encoding").map(|(_, coding)| coding.as_ref()).collect();
    let body = shown(&side.payload, &encodings, media_type.as_deref());
    Message { headers, media_type, body, ..Message::default() }
}

fn lossy(value: &[u8]) -> Cow<'_, str> {
    // Most values are ASCII, which this tells much sooner.
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(value),
    }
}

fn shown<'a>(payload: &'a Payload, encodings: &[&str], media_type: Option<&str>) -> Body<'a> {
    let bytes = match payload.extent {
        Extent::Whole => payload.bytes(),
        Extent::Cut => return Body::Withheld(body::EVICTED),
        Extent::Broken => return Body::Withheld(body::TRUNCATED),
    };
    if bytes.is_empty() {
        return Body::Absent;
    }
    let decoded = match body::decode(bytes, &encodings.join(","), Limits::default().body) {
        Ok(decoded) if decoded.is_empty() => return Body::Absent,
        Ok(decoded) => decoded,
        Err(reason) => return Body::Withheld(reason),
    };
    Body::Bytes(match body::utf8(decoded, media_type) {
        Utf8::Same(bytes) | Utf8::Unknown(bytes) => bytes,
        Utf8::Converted(bytes) | Utf8::Lossy(bytes) => Cow::Owned(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn side(headers: &[(&'static str, &'static str)], chunks: &[&'static str]) -> Side {
        let pair = |&(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let chunks = chunks.iter().map(|chunk| Bytes::from_static(chunk.as_bytes())).collect();
        Side {
            headers: Fields::from(&headers.iter().map(pair).collect::<HeaderMap>()),
            payload: Payload { chunks, extent: Extent::Whole },
            trailers: None,
        }
    }

    fn captured(uri: &'static str, request: Side, response: Side) -> Captured {
        let (authority, path) = target(&Uri::from_static(uri));
        Captured {
            time: Duration::from_millis(1_795_220_766_318),
            latency: Some(Duration::from_micros(1_500)),
            scheme: "https",
            method: Method::POST,
            authority,
            path,
            version: Version::HTTP_11,
            writer_version: None,
            request,
            status: 200,
            response,
            ending: Ending::Complete,
        }
    }

    fn check_address(uri: &'static str, host: &'static str, expected: (&str, &str, usize)) {
        let captured = captured(uri, side(&[("host", host)], &[]), Side::default());
        let exchange = captured.exchange();
        assert_eq!((&*exchange.host, &*exchange.path, exchange.query.len()), expected, "{uri}");
    }

    #[test]
    fn addresses_are_those_of_other_readers() {
        check_address("/a%20b?x=1&y", "Shop.example:443", ("shop.example", "/a%20b", 2));
        check_address("https://me@Shop.example:8443", "other", ("shop.example:8443", "/", 0));
        check_address("*", "h", ("h", "*", 0));
    }

    fn check_body(side: &Side, expected: &Body<'_>) {
        let captured = captured("/", Side::default(), side.clone());
        assert_eq!(captured.exchange().response.body, *expected);
    }

    #[test]
    fn payloads_are_shown_whole_or_withheld() {
        check_body(&side(&[], &[]), &Body::Absent);
        check_body(&side(&[], &["a", "bc"]), &Body::Bytes(b"abc".into()));
        let latin1 = [("content-type", "text/plain; charset=latin1")];
        check_body(&side(&latin1, &["abc"]), &Body::Bytes(b"abc".into()));
        let encoded = side(&[("content-encoding", "br")], &["?"]);
        check_body(&encoded, &Body::Withheld(body::UNKNOWN_ENCODING));
        let broken = side(&[("content-encoding", "gzip")], &["no gzip at all"]);
        check_body(&broken, &Body::Withheld(body::BROKEN_ENCODING));
        for (extent, reason) in [(Extent::Cut, body::EVICTED), (Extent::Broken, body::TRUNCATED)] {
            let mut side = side(&[], &["a"]);
            side.payload.extent = extent;
            check_body(&side, &Body::Withheld(reason));
        }
    }

    #[test]
    fn the_status_of_a_call_is_shown_as_a_header() {
        let mut response = side(&[("content-type", "application/grpc")], &["a"]);
        response.trailers = Some(side(&[("grpc-status", "5"), ("x-other", "1")], &[]).headers);
        let captured = captured("/", Side::default(), response);
        let exchange = captured.exchange();
        let names: Vec<_> = exchange.response.headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["content-type", "grpc-status"]);
        assert_eq!((exchange.time_ms, exchange.latency_ms), (Some(1_795_220_766_318), Some(1.5)));
    }

    #[test]
    fn without_a_response_there_is_nothing_to_withhold() {
        let request = side(&[], &["a"]);
        let captured = Captured { status: 0, ..captured("/", request, Side::default()) };
        assert_eq!(captured.exchange().response, Message::default());
    }
}
