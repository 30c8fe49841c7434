//! HTTP Archive 1.2, as browsers, proxies and test tools write it. It refuses to know profiles and
//! redaction, and never guesses: what the recorder left out is withheld, not absent.

use std::borrow::Cow;
use std::io::BufRead;

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};

use crate::body;
use crate::exchange::{Body, Exchange, Message, Pair, header};
use crate::har_split::{Inside, Piece, Place, split};
use crate::reading::window::Window;
use crate::reading::{Limits, NOTE_NOT_UTF8, Reading, TrafficError, Unread};
use crate::text::{self, Address};

use entry::{Content, Entry, Leaf, Pairs, PostData, Response};

mod entry;

/// An entry answered from a browser's cache: nobody outside the browser took part.
pub const NOTE_CACHED: &str = "answered from the browser's cache, not by the server; left out";
/// A WebSocket: its messages are no exchanges.
pub const NOTE_WEB_SOCKET: &str = "a WebSocket conversation; left out";
/// `data:`, `blob:` and the like: no network.
pub const NOTE_LOCAL: &str = "an address inside the browser (`data:`, `blob:`, ...); left out";
/// No `startedDateTime`, or none that can be read.
pub const NOTE_NO_TIME: &str = "no time that can be read";
/// A repeated key in an entry.
pub const NOTE_REPEATED_KEY: &str = "a key twice in one object; the last one was taken";
/// Headers without name or beyond the bound.
pub const NOTE_PAIRS_LOST: &str = "a list with nameless or too many elements; some were left out";

/// Reads a HAR of any size, one entry in memory at a time; gzip is undone. Several HARs in one
/// file are read one after the other.
///
/// Bodies are as the recorder kept them, which for text means decoded already.
///
/// # Errors
/// Failure to read the input. Broken data is in the [`Reading`].
pub fn read(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
) -> Result<Reading, TrafficError> {
    let mut window = Window::new(input, limits)?;
    let mut output = Output { sink, limits, reading: Reading::default() };
    split(&mut window, limits, &mut |piece| match piece {
        Piece::Opening(place, bytes) => entry::leading(bytes).map(|(entry, length)| {
            hand_on(place, Ok(entry), &mut output);
            length
        }),
        Piece::Entry(place, bytes) => {
            read_entry(place, bytes, &mut output);
            None
        }
        other => {
            output.reading.unread(|| unread(&other, limits));
            None
        }
    })?;
    window.account(&mut output.reading);
    Ok(output.reading)
}

/// Where exchanges and the account of them go.
struct Output<'s> {
    sink: &'s mut dyn FnMut(Exchange<'_>),
    limits: &'s Limits,
    reading: Reading,
}

/// Why an entry is no exchange.
enum Refusal {
    /// It is none by nature.
    Note(&'static str),
    /// It should be one.
    Unread(String, &'static str),
}

const REMEDY_RECORDER: &str = "record again, or mend the entry";
const REMEDY_ABORTED: &str = "none if the call was meant to fail; else record it again";

fn read_entry(place: Place, bytes: &[u8], output: &mut Output<'_>) {
    // Checking first is much faster than `from_utf8_lossy` on text that is right.
    let text = std::str::from_utf8(bytes).map_or_else(
        |_| {
            output.reading.note(NOTE_NOT_UTF8);
            String::from_utf8_lossy(bytes)
        },
        Cow::Borrowed,
    );
    let parsed =
        entry::entry(&text).map_err(|error| Refusal::Unread(syntax(&error), REMEDY_RECORDER));
    hand_on(place, parsed, output);
}

fn hand_on(place: Place, entry: Result<Entry<'_>, Refusal>, output: &mut Output<'_>) {
    let Output { sink, limits, reading } = output;
    match entry.and_then(|entry| exchange(entry, limits, reading)) {
        Ok(exchange) => {
            reading.exchanges += 1;
            sink(exchange);
        }
        Err(Refusal::Note(note)) => reading.note(note),
        Err(Refusal::Unread(reason, remedy)) => {
            reading.unread(|| Unread { place: shown(place), reason, remedy });
        }
    }
}

fn exchange<'a>(
    entry: Entry<'a>,
    limits: &Limits,
    reading: &mut Reading,
) -> Result<Exchange<'a>, Refusal> {
    if entry.repeated {
        reading.note(NOTE_REPEATED_KEY);
    }
    let missing = |what: &str| Refusal::Unread(format!("no {what}"), REMEDY_RECORDER);
    let request = entry.request.ok_or_else(|| missing("`request`"))?;
    let response = entry.response.ok_or_else(|| missing("`response`"))?;
    let method = request.method.text().ok_or_else(|| missing("`request.method`"))?;
    let url = request.url.text().ok_or_else(|| missing("`request.url`"))?;
    if entry.from_cache.text().is_some() {
        return Err(Refusal::Note(NOTE_CACHED));
    }
    let resource_type = entry.resource_type.text();
    let web_socket = entry.has_web_socket_messages || resource_type.as_deref() == Some("websocket");
    let Address { scheme, host, path, query } = text::address(url);
    if web_socket || matches!(&*scheme, "ws" | "wss") {
        return Err(Refusal::Note(NOTE_WEB_SOCKET));
    }
    if !matches!(&*scheme, "http" | "https" | "") {
        return Err(Refusal::Note(NOTE_LOCAL));
    }
    let status = status(&response)?;
    let (request_headers, authority) = headers(request.headers, reading);
    let host = match authority.or_else(|| host.is_empty().then(|| host_header(&request_headers))?) {
        Some(authority) => text::host(authority, &scheme),
        None => host,
    };
    let query = match query {
        Some(query) => reading.query(query),
        None => listed(request.query_string, reading),
    };
    let sent = Sent { post_data: request.post_data, body_size: request.body_size.number() };
    let request = sent_message(request_headers, sent, limits, reading);
    let (response_headers, _) = headers(response.headers, reading);
    let bodyless = method == "HEAD" || matches!(status, 100..=199 | 204 | 304);
    let seen = Seen { content: response.content, body_size: response.body_size.number(), bodyless };
    let response = seen_message(response_headers, seen, limits, reading);
    Ok(Exchange {
        time_ms: time_ms(entry.started, reading),
        scheme,
        host,
        method,
        path,
        query,
        request,
        status,
        response,
        latency_ms: entry.time.number().filter(|time| *time >= 0.0 && time.is_finite()),
        ..Exchange::default()
    })
}

fn time_ms(started: Leaf<'_>, reading: &mut Reading) -> Option<i64> {
    let time_ms = started.text().and_then(|started| reading.time_ms(&started));
    if time_ms.is_none() {
        reading.note(NOTE_NO_TIME);
    }
    time_ms
}

fn status(response: &Response<'_>) -> Result<u16, Refusal> {
    const STATUS_MAX: f64 = 999.0;
    let status = response.status.number().unwrap_or(-1.0);
    if status == 0.0 {
        let why = match &response.error {
            Leaf::Text(error) if !error.is_empty() => format!(": {}", text::shown(error)),
            _ => String::new(),
        };
        let reason = format!("no response: aborted, blocked or failed{why}");
        return Err(Refusal::Unread(reason, REMEDY_ABORTED));
    }
    if !(100.0..=STATUS_MAX).contains(&status) || status.fract() != 0.0 {
        let reason = "`response.status` is no status code".to_owned();
        return Err(Refusal::Unread(reason, REMEDY_RECORDER));
    }
    #[expect(clippy::cast_possible_truncation, reason = "100 to 999")]
    Ok(status as u16)
}

/// The query as the list beside an address that has none.
fn listed<'a>(
    query_string: Option<&'a serde_json::value::RawValue>,
    reading: &mut Reading,
) -> Vec<Pair<'a>> {
    let Some(list) = query_string.map(|raw| raw.get()).filter(|text| *text != "[]") else {
        return Vec::new();
    };
    let list = entry::pairs(list).unwrap_or(Pairs { pairs: Vec::new(), lost: true });
    if list.lost {
        reading.note(NOTE_PAIRS_LOST);
    }
    list.pairs
}

/// Headers without pseudo headers, and what `:authority` said.
fn headers<'a>(list: Pairs<'a>, reading: &mut Reading) -> (Vec<Pair<'a>>, Option<Cow<'a, str>>) {
    let Pairs { pairs: mut headers, lost } = list;
    if lost {
        reading.note(NOTE_PAIRS_LOST);
    }
    let pseudo = |(name, _): &Pair<'_>| name.starts_with(':');
    if !headers.iter().any(pseudo) {
        return (headers, None);
    }
    let authority = header(&headers, ":authority").filter(|value| !value.is_empty());
    let authority = authority.map(|value| Cow::Owned(value.to_owned()));
    headers.retain(|pair| !pseudo(pair));
    (headers, authority)
}

fn host_header<'a>(headers: &[Pair<'a>]) -> Option<Cow<'a, str>> {
    header(headers, "host").map(|host| Cow::Owned(host.to_owned()))
}

/// What is known of a payload's length; negative means unknown.
struct Sizes {
    body: Option<f64>,
    content: Option<f64>,
}

/// No bytes were kept: was there anything to keep?
fn empty<'a>(sizes: &Sizes, headers: &[Pair<'_>]) -> Body<'a> {
    let said = [sizes.content, sizes.body].into_iter().flatten().find(|size| *size >= 0.0);
    let said = said.or_else(|| header(headers, "content-length")?.trim().parse().ok());
    if said.is_some_and(|size| size > 0.0) { Body::Withheld(body::EVICTED) } else { Body::Absent }
}

/// What the recorder kept of a request's payload.
struct Sent<'a> {
    post_data: Option<PostData<'a>>,
    body_size: Option<f64>,
}

fn sent_message<'a>(
    headers: Vec<Pair<'a>>,
    sent: Sent<'a>,
    limits: &Limits,
    reading: &mut Reading,
) -> Message<'a> {
    let PostData { mime_type, text, params, encoding, .. } = sent.post_data.unwrap_or_default();
    let media_type = media_type(&headers, mime_type);
    if params.lost {
        reading.note(NOTE_PAIRS_LOST);
    }
    let body = match text.text() {
        Some(text) => {
            let kept = Text { text, encoding: encoding.text(), media_type: media_type.as_deref() };
            payload(kept, &headers, limits, reading)
        }
        None if params.pairs.is_empty() => {
            empty(&Sizes { body: sent.body_size, content: None }, &headers)
        }
        None if media_type.as_deref().is_some_and(|kind| kind.starts_with("multipart/")) => {
            Body::Withheld(body::FORM_PARTS)
        }
        None => Body::Bytes(text::form(&params.pairs).into_bytes().into()),
    };
    Message { headers, media_type, body, ..Message::default() }
}

/// What the recorder kept of a response's payload.
struct Seen<'a> {
    content: Option<Content<'a>>,
    body_size: Option<f64>,
    /// The method or the status rules a payload out.
    bodyless: bool,
}

fn seen_message<'a>(
    headers: Vec<Pair<'a>>,
    seen: Seen<'a>,
    limits: &Limits,
    reading: &mut Reading,
) -> Message<'a> {
    let Content { size, mime_type, text, encoding, .. } = seen.content.unwrap_or_default();
    let media_type = media_type(&headers, mime_type);
    let body = match text.text() {
        Some(text) => {
            let kept = Text { text, encoding: encoding.text(), media_type: media_type.as_deref() };
            payload(kept, &headers, limits, reading)
        }
        None if seen.bodyless => Body::Absent,
        None => empty(&Sizes { body: seen.body_size, content: size.number() }, &headers),
    };
    Message { headers, media_type, body, ..Message::default() }
}

fn media_type<'a>(headers: &[Pair<'a>], said: Leaf<'a>) -> Option<Cow<'a, str>> {
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let named = named.map(|(_, value)| value.clone()).or_else(|| said.text());
    // What browsers write when they do not know.
    named.filter(|kind| !kind.is_empty() && kind != "x-unknown")
}

struct Text<'a, 'm> {
    text: Cow<'a, str>,
    encoding: Option<Cow<'a, str>>,
    media_type: Option<&'m str>,
}

fn payload<'a>(
    kept: Text<'a, '_>,
    headers: &[Pair<'_>],
    limits: &Limits,
    reading: &mut Reading,
) -> Body<'a> {
    match kept.encoding.as_deref() {
        None => {
            return Body::Bytes(match kept.text {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            });
        }
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {}
        Some(_) => return Body::Withheld(body::UNKNOWN_ENCODING),
    }
    let mut bytes: Cow<'_, [u8]> = match BASE64.decode(kept.text.as_bytes()) {
        Ok(bytes) => Cow::Owned(bytes),
        Err(_) => return Body::Withheld(body::BROKEN_ENCODING),
    };
    if bytes.starts_with(&body::GZIP_MAGIC) && header(headers, "content-encoding") == Some("gzip") {
        // Some recorders keep what was on the wire.
        bytes = match body::decode(bytes, "gzip", limits.body) {
            Ok(bytes) => bytes,
            Err(reason) => return Body::Withheld(reason),
        };
    }
    Body::Bytes(reading.utf8(bytes, kept.media_type))
}

/// Standard base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is wrong with an entry's text, without quoting any of it.
fn syntax(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "a part of the wrong kind" } else { "not valid JSON" };
    format!("{what}, at line {} column {} of the entry", error.line(), error.column())
}

fn shown(place: Place) -> String {
    format!("entry {}, byte {}", place.entry, place.at)
}

fn unread(piece: &Piece<'_>, limits: &Limits) -> Unread {
    let (place, reason, remedy) = match piece {
        Piece::Opening(place, _) | Piece::Entry(place, _) => {
            (shown(*place), String::new(), REMEDY_RECORDER)
        }
        Piece::NotObject(place, found) => {
            (shown(*place), format!("{found}, where an object was expected"), REMEDY_RECORDER)
        }
        Piece::TooLong(place) => (
            shown(*place),
            format!("longer than {} bytes", limits.entry_bytes_max),
            "record without large downloads, or remove the entry",
        ),
        Piece::NoEntries { at, found } => (
            format!("byte {at}"),
            format!(
                "not a HAR: found {found}, expected an object with `log`, which holds `entries`"
            ),
            "export as HAR 1.2, or name the format if it is another one",
        ),
        Piece::Broken { at, found, expected } => (
            format!("byte {at}"),
            format!("found {found}, expected {expected}; nothing after this place was read"),
            "export the file again, or mend it at this place",
        ),
        Piece::Cut { at, inside: Inside::Entry(entry) } => (
            shown(Place { entry: *entry, at: *at }),
            "the file ends inside this entry; everything before it was read".to_owned(),
            "export the file again",
        ),
        Piece::Cut { at, inside: Inside::Document } => (
            format!("byte {at}"),
            "the file ends before the HAR does; everything before this place was read".to_owned(),
            "export the file again",
        ),
        Piece::Utf16 => (
            "byte 0".to_owned(),
            "the text is UTF-16, and HAR is UTF-8".to_owned(),
            "convert it: `iconv -f UTF-16 -t UTF-8 IN > OUT`",
        ),
    };
    Unread { place, reason, remedy }
}

#[cfg(test)]
mod tests;
