//! Messages as kombu, the library beneath Celery, lays them on a queue: one envelope per line, in
//! JSON, as `LRANGE` of a Redis list gives them. It refuses to know tasks, and to look into a
//! payload that is not JSON: unpickling may run anything.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufRead;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use crate::body;
use crate::exchange::{Body, Exchange, Message, Pair, header};
use crate::reading::lines::lines;
use crate::reading::{Limits, Reading, TrafficError, Unread};
use crate::record::{Record, exchange};

/// Headers kept per message; a line with more is refused.
const HEADERS_MAX: usize = 1_024;

const REMEDY: &str = "record the queue again, one message per line; docs/formats/kombu.md \
                      describes the format";

/// Reads lines; gzip is undone, blank lines are passed over.
///
/// # Errors
/// Failure to read the input. Broken lines are in the [`Reading`].
pub fn read(
    input: &mut dyn BufRead,
    sink: &mut dyn FnMut(Exchange<'_>),
    limits: &Limits,
) -> Result<Reading, TrafficError> {
    lines(input, limits, &mut |number, bytes, reading| {
        let record = envelope(bytes).and_then(|envelope| record(envelope, limits, reading));
        match record {
            Ok(record) => {
                reading.exchanges += 1;
                sink(exchange(record));
            }
            Err(reason) => {
                let place = format!("line {number}");
                reading.unread(|| Unread { place, reason, remedy: REMEDY });
            }
        }
    })
}

/// One envelope. Keys that are not here say how the message is delivered, or who awaits its result.
#[derive(Debug, serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    body: Cow<'a, str>,
    #[serde(borrow, rename = "content-type")]
    content_type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "content-encoding")]
    content_encoding: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    headers: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow)]
    properties: Properties<'a>,
}

#[derive(Debug, serde::Deserialize)]
struct Properties<'a> {
    #[serde(borrow, default)]
    body_encoding: Option<Cow<'a, str>>,
    #[serde(borrow)]
    delivery_info: DeliveryInfo<'a>,
}

#[derive(Debug, serde::Deserialize)]
struct DeliveryInfo<'a> {
    #[serde(borrow, default)]
    exchange: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    routing_key: Option<Cow<'a, str>>,
}

/// The envelope of a line, or what is wrong with it, without any value of it.
fn envelope(line: &[u8]) -> Result<Envelope<'_>, String> {
    // A struct alone would also be read from a list of its values.
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err("not a JSON object".to_owned());
    }
    let envelope: Envelope<'_> = serde_json::from_slice(line).map_err(|error| {
        let column = error.column();
        if error.is_data() {
            format!("not an envelope of kombu, at column {column}")
        } else {
            format!("not a JSON object, at column {column}")
        }
    })?;
    if envelope.headers.as_ref().is_some_and(|headers| headers.len() > HEADERS_MAX) {
        return Err(format!("more than {HEADERS_MAX} headers"));
    }
    Ok(envelope)
}

fn record<'a>(
    envelope: Envelope<'a>,
    limits: &Limits,
    reading: &mut Reading,
) -> Result<Record<'a>, String> {
    let Envelope { body, content_type, content_encoding, headers, properties } = envelope;
    let headers = headers.unwrap_or_default();
    let headers: Vec<Pair<'a>> =
        headers.into_iter().map(|(name, value)| (Cow::Owned(name), text_of(value))).collect();
    let bytes = match properties.body_encoding.as_deref() {
        None | Some("") => match body {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        },
        Some("base64") => {
            let decoded = STANDARD.decode(body.as_bytes());
            decoded.map_err(|_| "`body` is not base64, though `body_encoding` says so")?.into()
        }
        Some(_) => return Err("`body_encoding` is not `base64`".to_owned()),
    };
    let bytes = body::decode(bytes, compression(&headers), limits.body);
    let body = match bytes {
        Ok(bytes) if bytes.is_empty() => Body::Absent,
        Ok(bytes) => Body::Bytes(reading.utf8(bytes, charset(content_encoding).as_deref())),
        Err(why) => Body::Withheld(why),
    };
    let message = Message { headers, media_type: content_type, body, ..Message::default() };
    let destination = destination(properties.delivery_info);
    Ok(Record { destination, message, ..Record::default() })
}

/// The words of the routing key, as it names the queue on every exchange that is not a fanout. The
/// exchange is not part of it: the same queue is published to through the default exchange, which
/// has no name, and through one of its own.
fn destination(info: DeliveryInfo<'_>) -> Vec<Cow<'_, str>> {
    let key = info.routing_key.unwrap_or_default();
    let words = key.split('.').filter(|word| !word.is_empty());
    let words: Vec<Cow<'_, str>> = words.map(|word| Cow::Owned(word.to_owned())).collect();
    let exchange = info.exchange.filter(|exchange| !exchange.is_empty());
    if words.is_empty() { exchange.into_iter().collect() } else { words }
}

/// A header's value: a text as it is, anything else as it stands in the envelope.
fn text_of(value: &RawValue) -> Cow<'_, str> {
    let text = value.get();
    if !text.starts_with('"') {
        return Cow::Borrowed(text);
    }
    serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The content encoding that undoes kombu's compression. What it calls gzip is zlib.
fn compression<'h>(headers: &'h [Pair<'_>]) -> &'h str {
    match header(headers, "compression").unwrap_or_default() {
        "application/x-gzip" | "gzip" | "zlib" => "deflate",
        "null" => "",
        other => other,
    }
}

/// Kombu names the charset of a text as its content encoding, and `binary` for what is none.
fn charset(content_encoding: Option<Cow<'_, str>>) -> Option<String> {
    let charset = content_encoding.filter(|name| !matches!(&**name, "binary" | "8bit"))?;
    Some(format!("text/plain; charset={charset}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &[u8]) -> (Vec<String>, Reading) {
        let mut told = Vec::new();
        let mut sink = |exchange: Exchange<'_>| told.push(line(&exchange));
        let reading = read(&mut &*text, &mut sink, &Limits::default()).unwrap();
        (told, reading)
    }

    fn line(exchange: &Exchange<'_>) -> String {
        let Exchange { method, path, status, response, .. } = exchange;
        let headers: Vec<_> = response.headers.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let media_type = response.media_type.as_deref().unwrap_or("-");
        let body = match &response.body {
            Body::Absent => "-".to_owned(),
            Body::Withheld(why) => format!("({why})"),
            Body::Document(_) => unreachable!(),
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        };
        format!("{method} {path} {status} [{}] {media_type} {body}", headers.join(" "))
    }

    fn check(body: &str, rest: &str, properties: &str, expected: &str) {
        let text = format!(
            r#"{{"body":"{body}","content-type":"application/json",{rest}"properties":{{{properties}}}}}"#
        );
        let (lines, reading) = told(text.as_bytes());
        assert_eq!(lines, [expected], "{text}: {:?}", reading.unread);
    }

    const TO_A: &str = r#""body_encoding":"base64","delivery_info":{"routing_key":"a"}"#;

    #[test]
    fn a_message_stands_where_a_response_stands() {
        let json = "application/json";
        check(
            "W10=",
            r#""headers":{"task":"t","eta":null,"timelimit":[null, 1]},"#,
            TO_A,
            &format!("MESSAGE /a 0 [eta=null task=t timelimit=[null, 1]] {json} []"),
        );
        let info = r#""delivery_info":{"exchange":"x","routing_key":"a.b"}"#;
        check("[1]", "", info, &format!("MESSAGE /a/b 0 [] {json} [1]"));
        let info = r#""delivery_info":{"exchange":"x","routing_key":""}"#;
        check("", r#""headers":null,"#, info, &format!("MESSAGE /x 0 [] {json} -"));
    }

    #[test]
    fn compression_is_undone_and_charsets_become_utf8() {
        let json = "MESSAGE /a 0 [";
        check(
            "eJyLNowFAAHTAOo=",
            r#""headers":{"compression":"application/x-gzip"},"#,
            TO_A,
            &format!("{json}compression=application/x-gzip] application/json [1]"),
        );
        check(
            "QlpoOQ==",
            r#""headers":{"compression":"application/x-bz2"},"#,
            TO_A,
            &format!(
                "{json}compression=application/x-bz2] application/json ({})",
                body::UNKNOWN_ENCODING
            ),
        );
        let latin = r#""content-encoding":"latin1","#;
        check("6Q==", latin, TO_A, &format!("{json}] application/json é"));
    }

    fn check_refused(line: &str, expected: &str) {
        let (lines, reading) = told(line.as_bytes());
        assert_eq!(lines, [""; 0], "{line}");
        let unread: Vec<_> =
            reading.unread.iter().map(|one| format!("{}: {}", one.place, one.reason)).collect();
        assert_eq!(unread, [expected], "{line}");
    }

    #[test]
    fn what_is_no_envelope_is_told_by_its_line() {
        let kinds = "line 1: not an envelope of kombu, at column";
        check_refused(r#"{"body":"secret"}"#, &format!("{kinds} 17"));
        check_refused(r#"{"body":{"a":1}}"#, &format!("{kinds} 8"));
        check_refused("\n[]", "line 2: not a JSON object");
        check_refused(r#"{"body":"#, "line 1: not a JSON object, at column 8");
        let with = |body: &str, encoding: &str| {
            let properties = format!(r#"{{"body_encoding":"{encoding}","delivery_info":{{}}}}"#);
            format!(r#"{{"body":"{body}","content-type":null,"properties":{properties}}}"#)
        };
        let base64 = "line 1: `body` is not base64, though `body_encoding` says so";
        check_refused(&with("?", "base64"), base64);
        check_refused(&with("?", "hex"), "line 1: `body_encoding` is not `base64`");
    }

    proptest! {
        #[test]
        fn any_line_is_an_exchange_or_unread(bytes: Vec<u8>) {
            let (lines, reading) = told(&bytes);
            prop_assert_eq!(lines.len() as u64, reading.exchanges);
        }
    }
}
