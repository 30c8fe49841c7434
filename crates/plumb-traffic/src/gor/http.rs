//! One raw HTTP/1 message: its head, and its body without framing and encodings. It refuses to
//! know records, ids and pairs.

use std::borrow::Cow;

use httparse::Status;

use crate::body::{self, Cap};
use crate::exchange::{Body, Pair, header};

/// Headers of one message; servers refuse more than about a hundred.
const HEADERS_MAX: usize = 256;

/// Interim responses (`100 Continue`) in front of the real one; two have been seen in practice.
const INTERIM_MAX: usize = 8;

/// What stands before the body, and the bytes after it.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    /// Of a request.
    pub(crate) method: &'a str,
    /// Of a request.
    pub(crate) target: &'a str,
    /// Of a response.
    pub(crate) status: u16,
    pub(crate) headers: Vec<Pair<'a>>,
    /// Header bytes that are no UTF-8 were replaced.
    pub(crate) lossy: bool,
    rest: &'a [u8],
}

/// Whether the method and the status let the message have a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Body,
    NoBody,
}

/// Reads a request's head.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn request(bytes: &[u8]) -> Result<Head<'_>, &'static str> {
    let mut slots = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut slots);
    let length = complete(request.parse(bytes))?;
    let (headers, lossy) = pairs(request.headers);
    Ok(Head {
        method: request.method.unwrap_or_default(),
        target: request.path.unwrap_or_default(),
        status: 0,
        headers,
        lossy,
        rest: &bytes[length..],
    })
}

/// Reads a response's head, past interim responses.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn response(bytes: &[u8]) -> Result<Head<'_>, &'static str> {
    let mut bytes = bytes;
    for _ in 0..INTERIM_MAX {
        let mut slots = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut slots);
        let length = complete(response.parse(bytes))?;
        let status = response.code.unwrap_or_default();
        let rest = &bytes[length..];
        if matches!(status, 100 | 102..=199) && !rest.is_empty() {
            bytes = rest;
            continue;
        }
        let (headers, lossy) = pairs(response.headers);
        return Ok(Head { method: "", target: "", status, headers, lossy, rest });
    }
    Err("too many interim responses")
}

/// The body as it was meant, in its own charset, or why it is withheld.
pub(crate) fn body<'a>(head: &Head<'a>, framing: Framing, cap: Cap) -> Body<'a> {
    if framing == Framing::NoBody {
        return Body::Absent;
    }
    let encoding = header(&head.headers, "content-encoding").unwrap_or_default();
    let decoded = unframed(head, cap).and_then(|bytes| {
        if bytes.is_empty() { Ok(bytes) } else { body::decode(bytes, encoding, cap) }
    });
    match decoded {
        Ok(bytes) if bytes.is_empty() => Body::Absent,
        Ok(bytes) => Body::Bytes(bytes),
        Err(reason) => Body::Withheld(reason),
    }
}

fn complete(parsed: httparse::Result<usize>) -> Result<usize, &'static str> {
    match parsed {
        Ok(Status::Complete(length)) => Ok(length),
        Ok(Status::Partial) => Err("the HTTP head is cut off"),
        Err(httparse::Error::TooManyHeaders) => Err("too many headers"),
        Err(_) => Err("no HTTP/1 message"),
    }
}

fn pairs<'a>(headers: &[httparse::Header<'a>]) -> (Vec<Pair<'a>>, bool) {
    let mut lossy = false;
    let pairs = headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value);
        lossy |= matches!(value, Cow::Owned(_));
        (Cow::Borrowed(header.name), value)
    });
    (pairs.collect(), lossy)
}

/// Without length or chunks the body is all there is: a capture knows where a message ended.
fn unframed<'a>(head: &Head<'a>, cap: Cap) -> Result<Cow<'a, [u8]>, &'static str> {
    let chunked = header(&head.headers, "transfer-encoding")
        .is_some_and(|encoding| encoding.to_ascii_lowercase().contains("chunked"));
    if chunked {
        return unchunked(head.rest, cap);
    }
    let length = header(&head.headers, "content-length").and_then(|text| text.trim().parse().ok());
    let length: usize = length.unwrap_or(head.rest.len());
    head.rest.get(..length).map(Cow::Borrowed).ok_or(body::TRUNCATED)
}

fn unchunked(bytes: &[u8], cap: Cap) -> Result<Cow<'_, [u8]>, &'static str> {
    let mut rest = bytes;
    let mut whole: Vec<u8> = Vec::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(Status::Complete(sized)) => sized,
            Ok(Status::Partial) => return Err(body::TRUNCATED),
            Err(_) => return Err(body::BROKEN_ENCODING),
        };
        if size == 0 {
            return Ok(whole.into());
        }
        if size > cap.bytes_max.saturating_sub(whole.len() as u64) {
            return Err(body::TOO_LARGE);
        }
        let size = usize::try_from(size).map_err(|_| body::TOO_LARGE)?;
        let chunk = rest.get(start..start + size).ok_or(body::TRUNCATED)?;
        whole.extend_from_slice(chunk);
        rest = &rest[start + size..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}
