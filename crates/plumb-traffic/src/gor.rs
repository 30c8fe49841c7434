//! GoReplay record files: raw HTTP/1 messages between separators, requests and responses paired by
//! id. It refuses to know profiles and redaction, and how the capture was made.

use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use memchr::{memchr, memmem};

use crate::exchange::{Body, Exchange, Message, header};
use crate::reading::window::{Part, Window};
use crate::reading::{Limits, NOTE_NOT_UTF8, Reading, TrafficError, Unread};
use crate::text;

use http::{Framing, Head};

mod http;

/// A response that some replay received: it says nothing about production.
pub const NOTE_REPLAYED: &str = "a replayed response; left out";
/// A request nobody answered within the file.
pub const NOTE_UNANSWERED: &str =
    "a request without response; were responses captured (`--input-raw-track-response`)?";
/// A request given up early, because too many waited.
pub const NOTE_CROWDED: &str = "a request given up because too many others waited for responses";

const SEPARATOR: &str = "\n🐵🙈🙉\n";

const REMEDY: &str = "capture again, or remove the record";

/// Reads a file of records; gzip is undone. A request is paired with the response of the same id;
/// one that stays without response becomes an exchange with status 0 at the end, in order of
/// arrival.
///
/// # Errors
/// Failure to read the input. Broken data is in the [`Reading`].
pub fn read(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
) -> Result<Reading, TrafficError> {
    let mut window = Window::new(input, limits)?;
    let mut pairing =
        Pairing { sink, limits, reading: Reading::default(), waiting: Waiting::default() };
    let separator = memmem::Finder::new(SEPARATOR);
    let mut number = 0;
    loop {
        let place = Place { record: number + 1, at: window.at() };
        match window.part(&separator, limits.line_bytes_max)? {
            Part::End => break,
            Part::TooLong => pairing.unread(place, "the record is too long", REMEDY),
            Part::Whole { content, past } => {
                pairing.record(place, &window.bytes()[..content]);
                window.pass(past);
            }
        }
        number += 1;
    }
    while let Some(request) = pairing.waiting.take_oldest() {
        pairing.unanswered(&request, NOTE_UNANSWERED);
    }
    window.account(&mut pairing.reading);
    Ok(pairing.reading)
}

#[derive(Debug, Clone, Copy)]
struct Place {
    record: u64,
    at: u64,
}

/// A record taken apart: `<kind> <id> <ns> [<ns>]`, a line end, raw HTTP.
struct Record<'a> {
    kind: u8,
    id: &'a [u8],
    time_ns: i64,
    duration_ns: Option<i64>,
    http: &'a [u8],
}

/// A request that waits for its response.
struct Request {
    place: Place,
    time_ns: i64,
    http: Box<[u8]>,
}

/// Requests by id and by order of arrival.
#[derive(Default)]
struct Waiting {
    by_id: HashMap<Box<[u8]>, u64>,
    by_order: BTreeMap<u64, (Box<[u8]>, Request)>,
    next: u64,
    bytes: usize,
}

impl Waiting {
    fn add(&mut self, id: &[u8], request: Request) {
        self.bytes += request.http.len() + id.len();
        self.by_id.insert(id.into(), self.next);
        self.by_order.insert(self.next, (id.into(), request));
        self.next += 1;
    }

    fn take(&mut self, id: &[u8]) -> Option<Request> {
        let order = self.by_id.remove(id)?;
        let (id, request) = self.by_order.remove(&order)?;
        self.bytes -= request.http.len() + id.len();
        Some(request)
    }

    fn take_oldest(&mut self) -> Option<Request> {
        let (_, (id, request)) = self.by_order.pop_first()?;
        self.by_id.remove(&id);
        self.bytes -= request.http.len() + id.len();
        Some(request)
    }
}

struct Pairing<'s> {
    sink: &'s mut dyn FnMut(Exchange<'_>),
    limits: &'s Limits,
    reading: Reading,
    waiting: Waiting,
}

impl Pairing<'_> {
    fn record(&mut self, place: Place, bytes: &[u8]) {
        if bytes.trim_ascii().is_empty() {
            return;
        }
        let Some(record) = taken_apart(bytes) else {
            let reason = "no record header (`1 <id> <nanoseconds>`)";
            return self.unread(
                place,
                reason,
                "capture again; middleware's hex lines are not read",
            );
        };
        match record.kind {
            b'1' => self.request(place, &record),
            b'2' => self.response(place, &record),
            _ => self.reading.note(NOTE_REPLAYED),
        }
    }

    fn request(&mut self, place: Place, record: &Record<'_>) {
        if let Some(earlier) = self.waiting.take(record.id) {
            self.unanswered(&earlier, NOTE_UNANSWERED);
        }
        let request = Request { place, time_ns: record.time_ns, http: record.http.into() };
        self.waiting.add(record.id, request);
        while self.waiting.by_order.len() > self.limits.waiting_max
            || self.waiting.bytes > self.limits.waiting_bytes_max
        {
            let Some(oldest) = self.waiting.take_oldest() else { break };
            self.unanswered(&oldest, NOTE_CROWDED);
        }
    }

    fn response(&mut self, place: Place, record: &Record<'_>) {
        let Some(request) = self.waiting.take(record.id) else {
            let reason = "a response without request";
            return self.unread(place, reason, "capture from before the first call on");
        };
        let head = match http::response(record.http) {
            Ok(head) => head,
            Err(reason) => {
                self.unread(place, reason, REMEDY);
                return self.unanswered(&request, NOTE_UNANSWERED);
            }
        };
        let Some(mut exchange) = self.asked(&request) else { return };
        let bodyless = exchange.method == "HEAD" || matches!(head.status, 100..=199 | 204 | 304);
        let framing = if bodyless { Framing::NoBody } else { Framing::Body };
        exchange.status = head.status;
        exchange.response = self.message(head, framing);
        exchange.latency_ms = latency_ms(&request, record);
        self.emit(exchange);
    }

    fn unanswered(&mut self, request: &Request, note: &'static str) {
        let Some(exchange) = self.asked(request) else { return };
        self.reading.note(note);
        self.emit(exchange);
    }

    fn emit(&mut self, exchange: Exchange<'_>) {
        self.reading.exchanges += 1;
        (self.sink)(exchange);
    }

    /// The request's side of an exchange; tells if it cannot be read.
    fn asked<'a>(&mut self, request: &'a Request) -> Option<Exchange<'a>> {
        let head = match http::request(&request.http) {
            Ok(head) => head,
            Err(reason) => {
                self.unread(request.place, reason, REMEDY);
                return None;
            }
        };
        let address = text::address(head.target.into());
        // What is captured from the wire in readable form was not encrypted.
        let scheme = if address.scheme.is_empty() { "http".into() } else { address.scheme };
        let host = match header(&head.headers, "host") {
            Some(host) if address.host.is_empty() => text::host(host.to_owned().into(), &scheme),
            _ => address.host,
        };
        let query = address.query.map(|query| self.reading.query(query)).unwrap_or_default();
        Some(Exchange {
            time_ms: Some(request.time_ns.div_euclid(NS_PER_MS)),
            scheme,
            host,
            method: head.method.into(),
            path: address.path,
            query,
            request: self.message(head, Framing::Body),
            ..Exchange::default()
        })
    }

    fn message<'a>(&mut self, head: Head<'a>, framing: Framing) -> Message<'a> {
        if head.lossy {
            self.reading.note(NOTE_NOT_UTF8);
        }
        let body = http::body(&head, framing, self.limits.body);
        let named = head.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media_type = named.map(|(_, value)| value.clone()).filter(|kind| !kind.is_empty());
        let body = match body {
            Body::Bytes(bytes) => Body::Bytes(self.reading.utf8(bytes, media_type.as_deref())),
            other => other,
        };
        Message { headers: head.headers, media_type, body, ..Message::default() }
    }

    fn unread(&mut self, place: Place, reason: &str, remedy: &'static str) {
        self.reading.unread(|| Unread {
            place: format!("record {}, byte {}", place.record, place.at),
            reason: reason.to_owned(),
            remedy,
        });
    }
}

const NS_PER_MS: i64 = 1_000_000;

/// From the request's first byte to the response's; failing that, what the record says.
#[expect(clippy::cast_precision_loss, reason = "a latency needs no more than 53 bits")]
fn latency_ms(request: &Request, record: &Record<'_>) -> Option<f64> {
    let between = record.time_ns.saturating_sub(request.time_ns);
    let ns = if between > 0 { Some(between) } else { record.duration_ns.filter(|ns| *ns > 0) };
    ns.map(|ns| ns as f64 / NS_PER_MS as f64)
}

fn taken_apart(bytes: &[u8]) -> Option<Record<'_>> {
    let bytes = bytes.trim_ascii_start();
    let end = memchr(b'\n', bytes)?;
    let line = std::str::from_utf8(bytes[..end].trim_ascii_end()).ok()?;
    let mut words = line.split(' ');
    let kind = match words.next()? {
        "1" => b'1',
        "2" => b'2',
        "3" => b'3',
        _ => return None,
    };
    let id = words.next().filter(|id| !id.is_empty())?.as_bytes();
    let time_ns = words.next()?.parse().ok()?;
    let duration_ns = words.next().and_then(|duration| duration.parse().ok());
    Some(Record { kind, id, time_ns, duration_ns, http: &bytes[end + 1..] })
}

#[cfg(test)]
mod tests;
