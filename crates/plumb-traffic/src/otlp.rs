//! OpenTelemetry traces: requests of OTLP 1, as files and as a receiver gets them. Calls,
//! messages and statements become exchanges; what telemetry does not carry (bodies, most headers)
//! is withheld, never absent. It refuses to know sockets, profiles and redaction.

use std::io::BufRead;

use memchr::memmem;

use crate::exchange::Exchange;
use crate::reading::window::{Part, Window};
use crate::reading::{HEAD_BYTES, Limits, Reading, TrafficError, Unread};

use calls::Calls;
use frames::{Frame, frames};
use head::{Binary, binary};
use wanted::Wanted;
use wire::Broken;

pub mod attribute;
pub mod calls;
pub mod database;
mod frames;
mod grpc;
pub(crate) mod head;
mod json;
mod message_sides;
mod messages;
pub mod note;
mod proto;
mod sides;
pub mod span;
mod waiting;
pub mod wanted;
pub mod wire;
mod words;

const REMEDY: &str = "export again as OTLP/JSON, one request a line";
const REMEDY_LONG: &str = "export smaller batches, one request a line";
const REMEDY_PROTO: &str = "export as OTLP 1";
const REMEDY_SPAN: &str = "update the exporter; docs/formats/otlp.md says what is read";

/// Reads a file of OTLP: in JSON one request a line, or one request printed over many lines; in
/// binary form one request, or each behind its length. Gzip is undone, blank lines are passed over.
///
/// # Errors
/// Failure to read the input. Broken data is in the [`Reading`].
pub fn read(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
) -> Result<Reading, TrafficError> {
    read_asking(input, sink, limits, &Wanted::default())
}

/// The same, with attributes that are handed on with each exchange.
///
/// # Errors
/// As [`read`].
pub fn read_asking(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
    wanted: &Wanted,
) -> Result<Reading, TrafficError> {
    let mut window = Window::new(input, limits)?;
    let mut calls = Calls::new(limits).asking(wanted.clone());
    let mut reading = Reading::default();
    while window.bytes().len() < HEAD_BYTES && window.grow()? {}
    let mut out = Out { sink, reading: &mut reading };
    match binary(window.bytes()) {
        Some(form) => read_binary((&mut window, form), limits, &mut calls, &mut out)?,
        None => read_lines(&mut window, limits, &mut calls, &mut out)?,
    }
    calls.finish(sink, &mut reading);
    window.account(&mut reading);
    Ok(reading)
}

fn read_binary(
    (window, form): (&mut Window<'_>, Binary),
    limits: &Limits,
    calls: &mut Calls,
    out: &mut Out<'_, '_>,
) -> Result<(), TrafficError> {
    frames(window, form, limits.entry_bytes_max, &mut |number, frame| {
        let place = Place::Message(number);
        match frame {
            // What is broken is in the reading.
            Frame::Whole(bytes) => drop(message(bytes, place, calls, out)),
            Frame::TooLong => out.reading.unread(|| too_long(place, limits.entry_bytes_max)),
            Frame::Cut => out.reading.unread(|| Unread {
                place: format!("request {number}"),
                reason: "the file ends inside it".to_owned(),
                remedy: "copy the file again",
            }),
        }
    })
}

fn read_lines(
    window: &mut Window<'_>,
    limits: &Limits,
    calls: &mut Calls,
    out: &mut Out<'_, '_>,
) -> Result<(), TrafficError> {
    let line_end = memmem::Finder::new("\n");
    let mut number: u64 = 0;
    let mut is_first = true;
    loop {
        number += 1;
        let place = Place::Line(number);
        match window.part(&line_end, limits.line_bytes_max)? {
            Part::End => return Ok(()),
            Part::TooLong => out.reading.unread(|| too_long(place, limits.line_bytes_max)),
            Part::Whole { content, .. } if is_first && opens_more(&window.bytes()[..content]) => {
                return document(window, limits, calls, out);
            }
            Part::Whole { content, past } => {
                let line = without_mark(&window.bytes()[..content]);
                if !line.trim_ascii().is_empty() {
                    is_first = false;
                    // What is broken is in the reading.
                    request(line, place, calls, out).ok();
                }
                window.pass(past);
            }
        }
    }
}

/// Takes a request in binary form (`application/x-protobuf`), without compression.
///
/// # Errors
/// Where the bytes stop being a request; it is in the `reading` too. What stood before that place
/// has been taken, so the request must not be sent again.
pub fn request_proto(
    bytes: &[u8],
    calls: &mut Calls,
    sink: &mut dyn FnMut(Exchange<'_>),
    reading: &mut Reading,
) -> Result<(), Broken> {
    reading.bytes += bytes.len() as u64;
    message(bytes, Place::Request, calls, &mut Out { sink, reading })
}

/// Takes a request in JSON (`application/json`), without compression.
///
/// # Errors
/// Where the text stops being a request; it is in the `reading` too. Spans that are broken in
/// themselves are in the `reading` only.
pub fn request_json(
    bytes: &[u8],
    calls: &mut Calls,
    sink: &mut dyn FnMut(Exchange<'_>),
    reading: &mut Reading,
) -> Result<(), Broken> {
    reading.bytes += bytes.len() as u64;
    request(bytes, Place::Request, calls, &mut Out { sink, reading })
}

/// Counts the spans of a request in binary form, without decoding them.
///
/// # Errors
/// Where the bytes stop being a request: [`request_proto`] takes all others whole.
pub fn count_proto(bytes: &[u8]) -> Result<u64, Broken> {
    proto::count(bytes)
}

/// Counts the spans of a request in JSON, without decoding them.
///
/// # Errors
/// Where the text stops being a request: [`request_json`] takes all others to their end.
pub fn count_json(bytes: &[u8]) -> Result<u64, Broken> {
    let text = utf8(bytes)?;
    json::count(text).map_err(|error| broken(text, &error))
}

/// Where the exchanges and the account go.
struct Out<'o, 's> {
    sink: &'o mut (dyn FnMut(Exchange<'_>) + 's),
    reading: &'o mut Reading,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// On a line of its own, counted from 1.
    Line(u64),
    /// Among others in a binary file, counted from 1.
    Message(u64),
    /// Nowhere else than in itself.
    Request,
}

impl Place {
    fn of_byte(self, at: usize) -> String {
        match self {
            Self::Line(number) => format!("line {number}, column {}", at + 1),
            Self::Message(number) => format!("request {number}, byte {at}"),
            Self::Request => format!("byte {at}"),
        }
    }

    fn of_span(self, span: u64) -> String {
        match self {
            Self::Line(number) => format!("line {number}, span {span}"),
            Self::Message(number) => format!("request {number}, span {span}"),
            Self::Request => format!("span {span}"),
        }
    }
}

/// One request in binary form, told where it breaks.
fn message(
    bytes: &[u8],
    place: Place,
    calls: &mut Calls,
    out: &mut Out<'_, '_>,
) -> Result<(), Broken> {
    let Out { sink, reading } = out;
    let wanted = calls.wanted();
    let mut take = |span: &span::Span<'_>, reading: &mut Reading| calls.take(span, sink, reading);
    proto::spans(bytes, &wanted, reading, &mut take).inspect_err(|broken| {
        let of_request = if matches!(place, Place::Request) { " of the request" } else { "" };
        reading.unread(|| Unread {
            place: format!("{}{of_request}", place.of_byte(broken.at)),
            reason: broken.what.to_owned(),
            remedy: REMEDY_PROTO,
        });
    })
}

/// One request in JSON, told where it breaks.
fn request(
    bytes: &[u8],
    place: Place,
    calls: &mut Calls,
    out: &mut Out<'_, '_>,
) -> Result<(), Broken> {
    let Out { sink, reading } = out;
    let taken = match utf8(bytes) {
        Err(broken) => Err(broken),
        Ok(text) => json::spans(text, &calls.wanted(), reading, &mut |met, reading| match met {
            Ok(span) => calls.take(span, sink, reading),
            Err((number, _)) => reading.unread(|| Unread {
                place: place.of_span(number),
                reason: "a value of the wrong kind".to_owned(),
                remedy: REMEDY_SPAN,
            }),
        })
        .map_err(|error| broken(text, &error)),
    };
    taken.inspect_err(|broken| {
        reading.unread(|| Unread {
            place: place.of_byte(broken.at),
            reason: broken.what.to_owned(),
            remedy: REMEDY,
        });
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, Broken> {
    let what = "text that is not UTF-8";
    std::str::from_utf8(bytes).map_err(|error| Broken { at: error.valid_up_to(), what })
}

/// What is wrong, without quoting any value.
fn broken(text: &str, error: &serde_json::Error) -> Broken {
    if !text.trim_ascii_start().starts_with('{') {
        return Broken { at: 0, what: "not a JSON object" };
    }
    if error.is_data() {
        return Broken { at: 0, what: "not a request of OTLP: a value of the wrong kind" };
    }
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line_at: usize = before.map(str::len).sum();
    let at = line_at + error.column().saturating_sub(1);
    let what = if error.is_eof() { "the JSON ends early" } else { "not JSON" };
    Broken { at, what }
}

/// True for the first line of a request that is printed over many.
fn opens_more(line: &[u8]) -> bool {
    let line = without_mark(line).trim_ascii();
    line.starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// The whole input as one request.
fn document(
    window: &mut Window<'_>,
    limits: &Limits,
    calls: &mut Calls,
    out: &mut Out<'_, '_>,
) -> Result<(), TrafficError> {
    while window.bytes().len() <= limits.entry_bytes_max && window.grow()? {}
    let count = window.bytes().len();
    if count > limits.entry_bytes_max {
        out.reading.unread(|| too_long(Place::Request, limits.entry_bytes_max));
    } else {
        // What is broken is in the reading.
        request(without_mark(window.bytes()), Place::Request, calls, out).ok();
    }
    window.pass(count);
    Ok(())
}

fn too_long(place: Place, bytes_max: usize) -> Unread {
    let place = match place {
        Place::Line(number) => format!("line {number}"),
        Place::Message(number) => format!("request {number}"),
        Place::Request => "byte 0".to_owned(),
    };
    Unread { place, reason: format!("longer than {bytes_max} bytes"), remedy: REMEDY_LONG }
}

#[cfg(test)]
mod tests;
