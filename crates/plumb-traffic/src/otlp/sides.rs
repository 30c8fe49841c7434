//! The two sides of a call, client and server, as one exchange. What the caller saw comes first,
//! since it is the reader; what only the called side knows is added. It refuses to know how the two
//! found each other.

use std::borrow::Cow;

use plumb_shape::ascii::lower;

use super::attribute::{Half, Number, Word};
use super::grpc;
use super::note::{
    NOT_IN_TELEMETRY, NOTE_HEADERS_CUT, NOTE_NO_BODY, NOTE_NO_PATH, NOTE_NO_SERVICE,
    NOTE_NO_STATUS, NOTE_ODD_STATUS,
};
use super::span::{Kind, Span};

use crate::body;
use crate::exchange::{Attribute, Body, Exchange, Message, Pair, header};
use crate::grpc_code::is_failure;
use crate::reading::{NOTE_NOT_UTF8, Reading};
use crate::text;

/// One call as far as it was reported. One side is there at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'s> {
    pub(crate) client: Option<&'s Span<'s>>,
    pub(crate) server: Option<&'s Span<'s>>,
}

impl<'s> Sides<'s> {
    fn each(self) -> impl Iterator<Item = &'s Span<'s>> {
        self.client.into_iter().chain(self.server)
    }

    /// What the client says, or else the server.
    fn word(self, word: Word) -> Option<&'s str> {
        self.each().find_map(|span| span.word(word))
    }
}

/// The call as an exchange; none if nothing says what was called.
pub(crate) fn exchange<'s>(sides: Sides<'s>, reading: &mut Reading) -> Option<Exchange<'s>> {
    let Some(address) = sides.each().find_map(address) else {
        reading.note(NOTE_NO_PATH);
        return None;
    };
    let status = status(sides, reading);
    let outline = sides.each().next()?.outline;
    let reader = sides.client.and_then(|client| service(client, reading));
    let writer = sides.server.and_then(|server| service(server, reading));
    let named = || sides.client.and_then(|client| client.word(Word::PeerService)).map(Cow::from);
    let environment = |span: &'s Span<'s>| span.word(Word::Environment);
    note_losses(sides, reading);
    let method = method(sides);
    let request = message(sides, Half::Request);
    let response = if status == 0 { Message::default() } else { response(sides, &method, status) };
    if matches!(response.body, Body::Withheld(NOT_IN_TELEMETRY)) {
        reading.note(NOTE_NO_BODY);
    }
    Some(Exchange {
        time_ms: time_ms(outline.start_ns),
        scheme: address.scheme,
        host: address.host,
        method,
        path: address.path,
        route: sides.server.and_then(|server| server.word(Word::Route)).map(Cow::from),
        query: address.query.map(|query| reading.query(query)).unwrap_or_default(),
        request,
        status,
        response,
        latency_ms: latency_ms(outline.start_ns, outline.end_ns),
        caller: reader.clone(),
        writer: writer.or_else(named),
        reader,
        version: sides.server.and_then(|server| server.word(Word::Version)).map(Cow::from),
        environment: sides
            .server
            .and_then(environment)
            .or_else(|| sides.client.and_then(environment))
            .map(Cow::from),
        failed: failed(sides, status),
        attributes: asked_of(sides.server.into_iter().chain(sides.client)),
    })
}

/// What was asked for by name; the first span that says it counts.
pub(crate) fn asked_of<'s>(spans: impl Iterator<Item = &'s Span<'s>>) -> Vec<Attribute<'s>> {
    let mut asked: Vec<Attribute<'s>> = Vec::new();
    for (place, text) in spans.flat_map(|span| &span.attributes) {
        if asked.iter().all(|(known, _)| known != place) {
            asked.push((*place, Cow::from(&**text)));
        }
    }
    asked
}

/// Whether a side says that it failed. A caller's span is also an error where the caller is to
/// blame, so that it counts only where nothing was answered.
fn failed(sides: Sides<'_>, status: u16) -> Option<bool> {
    let is_error = |span: Option<&Span<'_>>| span.is_some_and(|span| span.outline.is_error);
    let is_failure = is_error(sides.server)
        || status == 0 && is_error(sides.client)
        || sides.each().find_map(grpc::status).is_some_and(|code| is_failure(&code));
    is_failure.then_some(true)
}

fn note_losses(sides: Sides<'_>, reading: &mut Reading) {
    for span in sides.each() {
        if span.outline.is_lossy {
            reading.note(NOTE_NOT_UTF8);
        }
        if span.outline.is_cut {
            reading.note(NOTE_HEADERS_CUT);
        }
    }
}

pub(crate) fn time_ms(ns: u64) -> Option<i64> {
    const NS_PER_MS: u64 = 1_000_000;
    i64::try_from(ns / NS_PER_MS).ok().filter(|ms| *ms > 0)
}

#[expect(clippy::cast_precision_loss, reason = "a latency needs no more than 53 bits")]
pub(crate) fn latency_ms(start_ns: u64, end_ns: u64) -> Option<f64> {
    const NS_PER_MS: f64 = 1e6;
    let ns = end_ns.checked_sub(start_ns).filter(|_| start_ns > 0)?;
    Some(ns as f64 / NS_PER_MS)
}

/// A service's identity is its namespace and its name. SDKs make up a name where none is set.
pub(crate) fn service<'s>(span: &'s Span<'s>, reading: &mut Reading) -> Option<Cow<'s, str>> {
    let named = span.word(Word::Service).filter(|name| !name.starts_with("unknown_service"));
    let Some(name) = named else {
        reading.note(NOTE_NO_SERVICE);
        return None;
    };
    Some(match span.word(Word::Namespace) {
        Some(namespace) => format!("{namespace}/{name}").into(),
        None => name.into(),
    })
}

fn method<'s>(sides: Sides<'s>) -> Cow<'s, str> {
    const UNKNOWN_TO_SDK: &str = "_OTHER";
    match sides.word(Word::Method) {
        None => "POST".into(),
        Some(UNKNOWN_TO_SDK) => sides.word(Word::MethodOriginal).unwrap_or(UNKNOWN_TO_SDK).into(),
        Some(method) => method.into(),
    }
}

/// Where a span says the call went; none if it does not.
fn address<'s>(span: &'s Span<'s>) -> Option<text::Address<'s>> {
    let mut address = asked(span)?;
    if address.scheme.is_empty() {
        address.scheme = span.word(Word::Scheme).map(lower).unwrap_or_default();
    }
    if address.host.is_empty() {
        address.host = host(span, &address.scheme);
    }
    Some(address)
}

fn asked<'s>(span: &'s Span<'s>) -> Option<text::Address<'s>> {
    let of_path = |path: Cow<'s, str>, query: Option<&'s str>| text::Address {
        scheme: "".into(),
        host: "".into(),
        path,
        query: query.map(Cow::from),
    };
    if span.word(Word::Method).is_none() {
        return grpc::path(span).map(|path| of_path(path, None));
    }
    if let Some(url) = span.word(Word::Url) {
        return Some(text::address(url.into()));
    }
    if let Some(path) = span.word(Word::Path) {
        // Some instrumentation leaves the question mark in.
        let query = span.word(Word::Query).map(|query| query.strip_prefix('?').unwrap_or(query));
        return Some(of_path(path.into(), query));
    }
    if let Some(target) = span.word(Word::Target) {
        return Some(text::address(target.into()));
    }
    span.word(Word::Route).map(|route| of_path(route.into(), None))
}

/// The server's authority, from whichever attributes name it for this kind of span.
pub(crate) fn host<'s>(span: &'s Span<'s>, scheme: &str) -> Cow<'s, str> {
    let previous = match span.outline.kind {
        Kind::Server => (Word::Own, Number::OwnPort),
        _ => (Word::Other, Number::OtherPort),
    };
    let named = [(Word::Server, Number::ServerPort), previous];
    for (name, port) in named {
        let Some(name) = span.word(name) else { continue };
        let is_bare_ipv6 = name.contains(':') && !name.starts_with('[');
        let port = span.number(port).filter(|port| *port > 0);
        let authority: Cow<'_, str> = match (port, is_bare_ipv6) {
            (Some(port), true) => format!("[{name}]:{port}").into(),
            (Some(port), false) => format!("{name}:{port}").into(),
            (None, true) => format!("[{name}]").into(),
            (None, false) => name.into(),
        };
        return text::host(authority, scheme);
    }
    span.word(Word::Authority).map(|host| text::host(host.into(), scheme)).unwrap_or_default()
}

/// The status that the caller saw; the server's if the caller saw an answer and not its status.
fn status(sides: Sides<'_>, reading: &mut Reading) -> u16 {
    const HTTP: std::ops::RangeInclusive<i64> = 100..=999;
    for span in sides.each() {
        let said = match span.word(Word::Method) {
            Some(_) => span.number(Number::Status),
            None => grpc::status(span).map(|_| 200),
        };
        match said {
            Some(status) if HTTP.contains(&status) => {
                return u16::try_from(status).unwrap_or_default();
            }
            Some(0) | None => {}
            Some(_) => reading.note(NOTE_ODD_STATUS),
        }
        if span.outline.is_error {
            return 0;
        }
    }
    reading.note(NOTE_NO_STATUS);
    0
}

fn response<'s>(sides: Sides<'s>, method: &str, status: u16) -> Message<'s> {
    let mut response = message(sides, Half::Response);
    if let Some(code) = sides.each().find_map(grpc::status)
        && header(&response.headers, grpc::STATUS).is_none()
    {
        response.headers.push((grpc::STATUS.into(), code));
    }
    // The protocol allows no body here, so that one is known to be absent.
    if method.eq_ignore_ascii_case("HEAD") || matches!(status, 100..=199 | 204 | 304) {
        response.body = Body::Absent;
    }
    response
}

fn message<'s>(sides: Sides<'s>, half: Half) -> Message<'s> {
    let bytes = match half {
        Half::Request => Number::RequestBytes,
        Half::Response => Number::ResponseBytes,
    };
    let size = sides.each().find_map(|span| span.number(bytes));
    let content = sides.each().find_map(|span| span.captured(half).body.as_deref());
    let headers = headers(sides, half);
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let media_type = named.map(|(_, value)| value.clone()).filter(|kind| !kind.is_empty());
    let body = payload(content, size);
    Message { headers, headers_withheld: Some(NOT_IN_TELEMETRY), media_type, body }
}

/// The headers that either side captured, each once.
fn headers<'s>(sides: Sides<'s>, half: Half) -> Vec<Pair<'s>> {
    let mut headers: Vec<Pair<'s>> = Vec::new();
    for span in sides.each() {
        let known = headers.len();
        for (name, value) in &span.captured(half).headers {
            if header(&headers[..known], name).is_none() {
                headers.push((Cow::from(&**name), Cow::from(&**value)));
            }
        }
    }
    headers
}

/// Bodies may be cut off by the SDK: told by the size, or by JSON that ends early.
fn payload(content: Option<&[u8]>, size: Option<i64>) -> Body<'_> {
    let Some(bytes) = content else {
        return if size == Some(0) { Body::Absent } else { Body::Withheld(NOT_IN_TELEMETRY) };
    };
    let is_short = size.and_then(|size| usize::try_from(size).ok()).is_some_and(|size| {
        // A size may be that of the encoded body, which is smaller.
        size > bytes.len()
    });
    if bytes.is_empty() && !is_short {
        return Body::Absent;
    }
    if is_short || ends_early(bytes) {
        return Body::Withheld(body::TRUNCATED);
    }
    Body::Bytes(bytes.into())
}

fn ends_early(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}
