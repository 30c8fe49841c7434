//! One exchange as the tap saw it, and the view of it that every reader of traffic hands on.
//! Undoing encodings happens here, behind the queue, never on the path. It refuses to know sockets
//! and how the copy was made.

use std::borrow::Cow;
use std::sync::Arc;

use http::Version;
use plumb_traffic::body::{self, Utf8};
use plumb_traffic::exchange::{Body, Exchange, Message, Pair};
use plumb_traffic::reading::Limits;
use plumb_traffic::text;

use crate::fields::Fields;
use crate::page::Page;
use crate::record::{Ending, Extent, Half, Payload, Record, Span};

/// One exchange as it passed. It holds on to the page it was written on.
#[derive(Debug, Clone)]
pub struct Captured {
    page: Arc<Page>,
    /// Less than what the page holds.
    number: usize,
}

/// One direction of an exchange.
#[derive(Debug, Clone, Default)]
pub struct Side<'a> {
    /// As they came, before anything that concerns one connection only was taken out.
    pub headers: Fields<'a>,
    /// The payload with content encoding and without transfer encoding, as far as it was kept.
    pub payload: Cow<'a, [u8]>,
    /// How much of the payload that is.
    pub extent: Extent,
    /// What came after the payload.
    pub trailers: Option<Fields<'a>>,
}

/// Trailers that say how the exchange went, and so are shown as headers of the response.
const GRPC_STATUS: &str = "grpc-status";

/// What browsers write when they do not know.
const UNKNOWN_MEDIA_TYPE: &str = "x-unknown";

impl Captured {
    /// The exchange of this number on a page, if there are as many.
    pub(crate) fn on(page: &Arc<Page>, number: usize) -> Option<Self> {
        (number < page.count()).then(|| Self { page: Arc::clone(page), number })
    }

    /// The exchange as every reader of traffic hands it on. Payloads that were cut, ended early, or
    /// do not decode are withheld; charsets are turned into UTF-8.
    #[must_use]
    pub fn exchange(&self) -> Exchange<'_> {
        let record = self.record();
        let response = self.response();
        let status = response.trailers.and_then(|trailers| trailers.get(GRPC_STATUS));
        let (request, mut response) = (message(self.request()), message(response));
        let status = status.map(|status| (GRPC_STATUS.into(), String::from_utf8_lossy(status)));
        response.headers.extend(status);
        if record.status == 0 {
            response.body = Body::Absent;
        }
        let host = text::host(self.authority(&request), record.scheme);
        let (path, query) = self.path().split_once('?').unwrap_or((self.path(), ""));
        Exchange {
            time_ms: i64::try_from(record.time.as_millis()).ok(),
            scheme: Cow::Borrowed(record.scheme),
            host,
            method: Cow::Borrowed(record.method.as_str()),
            path: Cow::Borrowed(if path.is_empty() { "/" } else { path }),
            query: text::query(Cow::Borrowed(query)).pairs,
            request,
            status: record.status,
            response,
            version: record.writer_version.as_deref().map(Cow::Borrowed),
            latency_ms: record.latency.map(|latency| latency.as_secs_f64() * 1_000.0),
            ..Exchange::default()
        }
    }

    /// The target's path as sent, with its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.told(self.record().path)
    }

    /// The protocol between client and tap.
    #[must_use]
    pub fn version(&self) -> Version {
        self.record().version
    }

    /// The status of the upstream's response; 0 if there was none, also when the tap answered in
    /// its stead.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.record().status
    }

    /// How it ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.record().ending
    }

    /// What the client sent.
    #[must_use]
    pub fn request(&self) -> Side<'_> {
        self.side(&self.record().request)
    }

    /// What the upstream sent.
    #[must_use]
    pub fn response(&self) -> Side<'_> {
        self.side(&self.record().response)
    }

    fn record(&self) -> &Record {
        self.page.record(self.number)
    }

    fn text(&self, span: Span) -> &[u8] {
        self.page.text(self.number, span)
    }

    fn told(&self, span: Span) -> &str {
        // INVARIANT: it was text when it was written.
        std::str::from_utf8(self.text(span)).unwrap_or_default()
    }

    fn side<'a>(&'a self, half: &'a Half) -> Side<'a> {
        let Payload { short, pieces, extent } = &half.payload;
        Side {
            headers: Fields::read(self.text(half.headers)),
            payload: match pieces.as_slice() {
                [] => Cow::Borrowed(self.text(*short)),
                [only] => Cow::Borrowed(only),
                pieces => Cow::Owned(pieces.concat()),
            },
            extent: *extent,
            trailers: half.trailers.map(|trailers| Fields::read(self.text(trailers))),
        }
    }

    /// The host that the target names, or else the header.
    fn authority<'a>(&'a self, request: &Message<'a>) -> Cow<'a, str> {
        match self.record().authority {
            Some(authority) => Cow::Borrowed(self.told(authority)),
            None => {
                let host = request.headers.iter().find(|(name, _)| name == "host");
                host.map(|(_, host)| host.clone()).unwrap_or_default()
            }
        }
    }
}

fn message(side: Side<'_>) -> Message<'_> {
    let mut headers: Vec<Pair<'_>> = Vec::with_capacity(side.headers.count());
    let (mut media_type, mut encodings) = (None, String::new());
    for (name, value) in side.headers.texts() {
        match name {
            "content-type" => media_type = media_type.or_else(|| Some(value.clone())),
            "content-encoding" if encodings.is_empty() => encodings.push_str(&value),
            "content-encoding" => encodings.extend([",", &value]),
            _ => {}
        }
        headers.push((name.into(), value));
    }
    let media_type = media_type.filter(|kind| !kind.is_empty() && kind != UNKNOWN_MEDIA_TYPE);
    let body = shown(side, &encodings, media_type.as_deref());
    Message { headers, media_type, body, ..Message::default() }
}

fn shown<'a>(side: Side<'a>, encodings: &str, media_type: Option<&str>) -> Body<'a> {
    match side.extent {
        Extent::Whole => {}
        Extent::Cut => return Body::Withheld(body::EVICTED),
        Extent::Broken => return Body::Withheld(body::TRUNCATED),
    }
    if side.payload.is_empty() {
        return Body::Absent;
    }
    let decoded = match body::decode(side.payload, encodings, Limits::default().body) {
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
    use crate::fields;
    use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
    use std::time::Duration;

    type Fields = &'static [(&'static str, &'static str)];

    /// What one side said.
    #[derive(Clone, Copy, Default)]
    struct Saying {
        headers: Fields,
        pieces: &'static [&'static str],
        trailers: Option<Fields>,
    }

    fn put(fields: Fields, text: &mut Vec<u8>) -> Span {
        let pair = |&(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers: HeaderMap = fields.iter().map(pair).collect();
        Span::of(text, |text| fields::write(&headers, text))
    }

    fn half(saying: Saying, extent: Extent, text: &mut Vec<u8>) -> Half {
        let pieces = saying.pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        Half {
            headers: put(saying.headers, text),
            payload: Payload { short: Span::default(), pieces, extent },
            trailers: saying.trailers.map(|trailers| put(trailers, text)),
        }
    }

    fn record(uri: &'static str, request: Saying, text: &mut Vec<u8>) -> Record {
        let uri = Uri::from_static(uri);
        let mut put = |part: &str| Span::of(text, |text| text.extend(part.bytes()));
        Record {
            time: Duration::from_millis(1_795_220_766_318),
            latency: Some(Duration::from_micros(1_500)),
            scheme: "https",
            method: Method::POST,
            version: Version::HTTP_11,
            authority: uri.authority().map(|authority| put(authority.as_str())),
            path: put(uri.path_and_query().unwrap().as_str()),
            request: half(request, Extent::Whole, text),
            status: 0,
            response: Half::default(),
            writer_version: None,
            ending: Ending::Complete,
        }
    }

    fn on_page(record: Record, text: &[u8]) -> Captured {
        let mut page = Page::default();
        assert!(page.add(record, text, usize::MAX));
        Captured::on(&Arc::new(page), 0).unwrap()
    }

    fn answered(response: Saying, extent: Extent) -> Captured {
        let mut text = Vec::new();
        let record = record("/", Saying::default(), &mut text);
        let response = half(response, extent, &mut text);
        on_page(Record { status: 200, response, ..record }, &text)
    }

    fn check_address(uri: &'static str, host: Fields, expected: (&str, &str, usize)) {
        let mut text = Vec::new();
        let request = Saying { headers: host, ..Saying::default() };
        let captured = on_page(record(uri, request, &mut text), &text);
        let exchange = captured.exchange();
        assert_eq!((&*exchange.host, &*exchange.path, exchange.query.len()), expected, "{uri}");
    }

    #[test]
    fn addresses_are_those_of_other_readers() {
        let host = &[("host", "Shop.example:443")];
        check_address("/a%20b?x=1&y", host, ("shop.example", "/a%20b", 2));
        check_address("https://me@Shop.example:8443", host, ("shop.example:8443", "/", 0));
        check_address("*", &[("host", "h")], ("h", "*", 0));
        check_address("/", &[], ("", "/", 0));
    }

    fn check_body(headers: Fields, pieces: &'static [&'static str], expected: &Body<'_>) {
        let captured = answered(Saying { headers, pieces, trailers: None }, Extent::Whole);
        assert_eq!(captured.exchange().response.body, *expected);
    }

    #[test]
    fn payloads_are_shown_whole_or_withheld() {
        check_body(&[], &[], &Body::Absent);
        check_body(&[], &["abc"], &Body::Bytes(b"abc".into()));
        check_body(&[], &["a", "bc"], &Body::Bytes(b"abc".into()));
        let latin1 = &[("content-type", "text/plain; charset=latin1")];
        check_body(latin1, &["abc"], &Body::Bytes(b"abc".into()));
        let unknown = &Body::Withheld(body::UNKNOWN_ENCODING);
        check_body(&[("content-encoding", "br")], &["?"], unknown);
        check_body(
            &[("content-encoding", "identity"), ("content-encoding", "br")],
            &["?"],
            unknown,
        );
        let broken = &Body::Withheld(body::BROKEN_ENCODING);
        check_body(&[("content-encoding", "gzip")], &["no gzip at all"], broken);
        for (extent, reason) in [(Extent::Cut, body::EVICTED), (Extent::Broken, body::TRUNCATED)] {
            let captured = answered(Saying { pieces: &["a"], ..Saying::default() }, extent);
            assert_eq!(captured.exchange().response.body, Body::Withheld(reason));
        }
    }

    #[test]
    fn the_status_of_a_call_is_shown_as_a_header() {
        let saying = Saying {
            headers: &[("content-type", "application/grpc")],
            pieces: &["a"],
            trailers: Some(&[("grpc-status", "5"), ("x-other", "1")]),
        };
        let captured = answered(saying, Extent::Whole);
        let exchange = captured.exchange();
        let names: Vec<_> = exchange.response.headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["content-type", "grpc-status"]);
        assert_eq!((exchange.time_ms, exchange.latency_ms), (Some(1_795_220_766_318), Some(1.5)));
    }

    #[test]
    fn without_a_response_there_is_nothing_to_withhold() {
        let mut text = Vec::new();
        let request = Saying { pieces: &["a"], ..Saying::default() };
        let captured = on_page(record("/", request, &mut text), &text);
        assert_eq!(captured.exchange().response, Message::default());
    }
}
