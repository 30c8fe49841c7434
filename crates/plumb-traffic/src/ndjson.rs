//! Plumb's own exchange format: one JSON object per line, described in
//! `docs/formats/exchange-ndjson.md`. Strict, so that a misspelt key is told and not ignored. It
//! refuses to know profiles and redaction.

use std::borrow::Cow;
use std::io::BufRead;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::body;
use crate::exchange::{Body, Exchange, Message};
use crate::reading::lines::lines;
use crate::reading::{Limits, Reading, TrafficError, Unread};
use crate::text;

use line::{Line, Side, When};

mod line;

/// The version read here.
pub const VERSION: u64 = 1;

const REMEDY: &str = "mend the line; docs/formats/exchange-ndjson.md describes the format";
const REMEDY_NEWER: &str = "read it with the version of Plumb that wrote it, or a newer one";

/// Reads lines; gzip is undone, blank lines are passed over.
///
/// # Errors
/// Failure to read the input. Broken lines are in the [`Reading`].
pub fn read(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
) -> Result<Reading, TrafficError> {
    lines(input, limits, &mut |number, bytes, reading| match parsed(bytes)
        .and_then(|line| exchange(line, reading))
    {
        Ok(exchange) => {
            reading.exchanges += 1;
            sink(exchange);
        }
        Err(Refusal { reason, remedy }) => {
            reading.unread(|| Unread { place: format!("line {number}"), reason, remedy });
        }
    })
}

struct Refusal {
    reason: String,
    remedy: &'static str,
}

fn refusal(reason: impl Into<String>) -> Refusal {
    Refusal { reason: reason.into(), remedy: REMEDY }
}

fn parsed(bytes: &[u8]) -> Result<Line<'_>, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refusal(format!("not UTF-8 from column {} on", error.valid_up_to() + 1))
    })?;
    match line::line(text) {
        Ok(line) if line.v == VERSION => Ok(line),
        Ok(line) => Err(other_version(line.v)),
        // A newer line may well not fit today's fields; its version says more than the misfit.
        Err(error) => match line::version(text) {
            Some(version) if version != VERSION => Err(other_version(version)),
            _ => Err(refusal(line::complaint(&error))),
        },
    }
}

fn other_version(version: u64) -> Refusal {
    let reason = format!("version {version}; version {VERSION} is read here");
    Refusal { reason, remedy: if version > VERSION { REMEDY_NEWER } else { REMEDY } }
}

fn exchange<'a>(line: Line<'a>, reading: &mut Reading) -> Result<Exchange<'a>, Refusal> {
    const STATUS_MAX: u16 = 999;
    let status = line.status.unwrap_or(0);
    if status != 0 && !(100..=STATUS_MAX).contains(&status) {
        return Err(refusal("`status` is neither 0 nor 100 to 999"));
    }
    let latency = line.latency_ms;
    if latency.is_some_and(|latency| latency < 0.0) {
        return Err(refusal("`latency_ms` is negative"));
    }
    let mut exchange = Exchange {
        time_ms: time_ms(line.time, reading)?,
        method: line.method.0,
        status,
        request: message(line.request)?,
        response: message(line.response)?,
        latency_ms: latency,
        caller: line.caller.map(|text| text.0),
        writer: line.writer.map(|text| text.0),
        reader: line.reader.map(|text| text.0),
        version: line.version.map(|text| text.0),
        environment: line.environment.map(|text| text.0),
        ..Exchange::default()
    };
    let query = match (line.url, line.path) {
        (Some(url), None) if line.host.is_none() && line.query.is_none() => {
            let address = text::address(url.0);
            exchange.scheme = address.scheme;
            exchange.host = address.host;
            exchange.path = address.path;
            address.query
        }
        (None, Some(path)) if path.0.starts_with('/') && !path.0.contains(['?', '#']) => {
            exchange.path = path.0;
            exchange.host = line.host.map(|host| text::host(host.0, "")).unwrap_or_default();
            line.query.map(|query| query.0)
        }
        (None, Some(_)) => return Err(refusal("`path` must begin with `/`, without `?` and `#`")),
        _ => return Err(refusal("needs either `url`, or `path` with `host` and `query`")),
    };
    if let Some(query) = query {
        exchange.query = reading.query(query);
    }
    Ok(exchange)
}

fn time_ms(when: Option<When<'_>>, reading: &mut Reading) -> Result<Option<i64>, Refusal> {
    match when {
        None => Ok(None),
        Some(When::Ms(ms)) => Ok(Some(ms)),
        Some(When::Text(text)) => match reading.time_ms(&text) {
            None => Err(refusal("`time` is neither RFC 3339 nor milliseconds")),
            known => Ok(known),
        },
    }
}

fn message(side: Option<Side<'_>>) -> Result<Message<'_>, Refusal> {
    let Some(side) = side else { return Ok(Message::default()) };
    let headers = side.headers.map(|headers| headers.0).unwrap_or_default();
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let mut media_type = named.map(|(_, value)| value.clone());
    let body = match (side.body, side.body_text, side.body_base64, side.body_withheld) {
        (None, None, None, None | Some(false)) => Body::Absent,
        (Some(json), None, None, None | Some(false)) => {
            media_type = media_type.or(Some(Cow::Borrowed("application/json")));
            Body::Bytes(Cow::Borrowed(json.get().as_bytes()))
        }
        (None, Some(text), None, None | Some(false)) => bytes_or_absent(match text.0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }),
        (None, None, Some(base64), None | Some(false)) => {
            match STANDARD.decode(base64.0.as_bytes()) {
                Ok(bytes) => bytes_or_absent(bytes.into()),
                Err(_) => return Err(refusal("`body_base64` is not base64")),
            }
        }
        (None, None, None, Some(true)) => Body::Withheld(body::EVICTED),
        _ => {
            return Err(refusal(
                "one of `body`, `body_text`, `body_base64`, `body_withheld` at most",
            ));
        }
    };
    Ok(Message { headers, media_type, body, ..Message::default() })
}

fn bytes_or_absent(bytes: Cow<'_, [u8]>) -> Body<'_> {
    if bytes.is_empty() { Body::Absent } else { Body::Bytes(bytes) }
}

#[cfg(test)]
mod tests;
