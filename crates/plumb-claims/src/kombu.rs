//! Reads messages recorded from a queue of kombu, the library beneath Celery: one envelope per
//! line. What a worker's tests replay is what it takes for granted of its producers.
//!
//! One claim for each distinct message, at the first line that holds it. Refuses to know tasks, and
//! to look into a payload that is not JSON.

use crate::cassette::body::decompressed;
use crate::cassette::say_header;
use crate::reading::{Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::example::say_body;
use plumb_shape::operation::{PathPattern, Segment};
use plumb_shape::place::Side;
use plumb_shape::said::Said;
use plumb_tree::read::parse;
use plumb_tree::{Node, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The method under which messages are observed.
const METHOD: &str = "MESSAGE";

/// The status under which messages are observed: nobody answers them.
const NO_STATUS: u16 = 0;

/// Distinct messages read from one file: a queue carries a handful of kinds.
const DISTINCT_MAX: usize = 1_000;

/// Longest title in characters.
const TITLE_CHARS_MAX: usize = 200;

/// What is encoded in the path of an observed message.
const NOT_IN_A_SEGMENT: &AsciiSet = &CONTROLS.add(b'/').add(b'?').add(b'#').add(b'%').add(b' ');

const NO_ENVELOPE: Why = Why {
    reason: "a line is no envelope of kombu",
    remedy: "record the queue again, one message per line",
};
const NOT_BASE64: Why = Why {
    reason: "a body marked as base64 is not base64, nothing is said about it",
    remedy: "record the queue again",
};
const COMPRESSED: Why = Why {
    reason: "a body is compressed in a way that is not undone, nothing is said about it",
    remedy: "record messages that are published without compression, or with zlib",
};
const TOO_MANY: Why = Why {
    reason: "the file holds more than 1000 distinct messages, the rest is not read",
    remedy: "observe it as traffic",
};

/// Reads every line.
pub(crate) fn read(file: &SourceFile<'_>) -> Reading {
    let mut tally = UnreadTally::default();
    let mut claims: Vec<Claim> = Vec::new();
    let mut known = BTreeSet::new();
    let text = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.bytes);
    for (number, line) in (1_u32..).zip(text.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        // Held as JSON whatever the file is called.
        let parsed = parse("line.json", line).ok();
        let envelope = parsed.as_ref().and_then(|parsed| parsed.documents.first());
        let message = envelope.and_then(|envelope| message(envelope, number, &mut tally));
        let Some(message) = tally.need(message, number, NO_ENVELOPE) else { continue };
        if !known.insert((message.path.named(), message.said.clone())) {
            continue;
        }
        if claims.len() == DISTINCT_MAX {
            tally.add(number, TOO_MANY);
            break;
        }
        claims.push(claim(file.path, number, message));
    }
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// A recorded message.
struct Message {
    title: String,
    path: PathPattern,
    said: Said,
}

fn message(envelope: &Node, line: u32, tally: &mut UnreadTally) -> Option<Message> {
    let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
    let body = envelope.get("body")?.as_str()?;
    let media_type = envelope.get("content-type")?;
    let properties = envelope.get("properties")?;
    let info = properties.get("delivery_info")?;
    let headers = envelope.get("headers").map(Node::entries).unwrap_or_default();
    let header = |name| envelope.path(&["headers", name]);
    let destination = destination(&text(info.get("routing_key")), &text(info.get("exchange")));
    let mut said = Said::default();
    said.say_media_type(Side::Response, &text(Some(media_type)));
    said.say_no_other_header(Side::Response);
    for (name, value) in headers {
        let held = value.as_str().map_or_else(|| value.to_json_text().into(), Cow::Borrowed);
        say_header(&mut said, &name.text, &held);
    }
    let is_base64 = match properties.get("body_encoding").map(|node| &node.value) {
        None | Some(Value::Null) => false,
        Some(Value::String(name)) if name.is_empty() => false,
        Some(Value::String(name)) if name == "base64" => true,
        Some(_) => return None,
    };
    let bytes = if is_base64 { STANDARD.decode(body).ok() } else { Some(body.into()) };
    let bytes = tally.need(bytes, line, NOT_BASE64);
    let bytes = bytes.and_then(|bytes| {
        let plain = plain(bytes, header("compression").and_then(Node::as_str));
        tally.need(plain, line, COMPRESSED)
    });
    match bytes {
        Some(bytes) => say_body(&mut said, Side::Response, media_type.as_str(), &bytes),
        None => said.say_any_body(Side::Response),
    }
    let what = header("task").and_then(Node::as_str).unwrap_or("message");
    let title = format!("{what} to {}", destination.join("."));
    let title = title.chars().take(TITLE_CHARS_MAX).collect();
    let segment =
        |word: String| Segment::Literal(utf8_percent_encode(&word, NOT_IN_A_SEGMENT).to_string());
    let segments = destination.into_iter().map(segment).collect();
    Some(Message { title, path: PathPattern::of_segments(segments), said })
}

/// The words of the routing key, or the exchange of a message that has none: where such messages
/// are observed.
fn destination(key: &str, exchange: &str) -> Vec<String> {
    let words = key.split('.').filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    if words.is_empty() && !exchange.is_empty() { vec![exchange.to_owned()] } else { words }
}

/// The body without kombu's compression, whose gzip is zlib; `None` when it cannot be undone.
fn plain(bytes: Vec<u8>, compression: Option<&str>) -> Option<Vec<u8>> {
    match compression {
        None => Some(bytes),
        Some("application/x-gzip" | "gzip" | "zlib") => decompressed("deflate", &bytes),
        Some(_) => None,
    }
}

fn claim(file: &str, line: u32, message: Message) -> Claim {
    let Message { title, path, said } = message;
    Claim {
        source: Source { dialect: Dialect::Kombu, file: file.to_owned(), line, column: 1, title },
        strength: Strength::Example,
        writer: None,
        reader: None,
        request: SaidRequest {
            methods: vec![METHOD.to_owned()],
            path,
            query: SaidQuery::Any,
            priority: 0,
            // Nothing was asked for, so nothing tells which message comes next.
            stateful: true,
        },
        status: SaidStatus::Exactly(NO_STATUS),
        said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::read as read_file;
    use crate::tests_print::print;
    use plumb_shape::place::{Part, Place};
    use plumb_shape::said::Beneath;

    #[track_caller]
    fn check(lines: &str, expected: &str) {
        let file = SourceFile { path: "tests/recorded.ndjson", bytes: lines.as_bytes() };
        assert_eq!(print(&read_file(&file, &|_| None)), expected, "{lines}");
    }

    fn envelope(body: &str, headers: &str, properties: &str) -> String {
        format!(
            "{{\"body\":\"{body}\",\"content-type\":\"application/json\",\"headers\":{headers},\
             \"properties\":{{{properties}}}}}\n"
        )
    }

    const TO_A: &str =
        r#""body_encoding":"base64","delivery_info":{"exchange":"","routing_key":"a"}"#;

    #[test]
    fn each_distinct_message_is_a_claim_at_its_first_line() {
        let plain = envelope("W10=", "{}", TO_A);
        let headed = envelope("W10=", r#"{"task":"t.add","eta":null,"retries":0}"#, TO_A);
        let said = "  response media-type application/json: always present\n  \
                    response $: always empty array\n";
        let headers = "  response header eta: always text\n  \
                       response header retries: always digits\n  \
                       response header task: always text\n";
        check(
            &format!("{plain}\n{plain}{headed}"),
            &format!(
                "1:1 example MESSAGE /a -> 0, stateful\n  called message to a\n  \
                 response header: sometimes\n{said}\
                 4:1 example MESSAGE /a -> 0, stateful\n  called t.add to a\n  \
                 response header: sometimes\n{headers}{said}"
            ),
        );
    }

    #[test]
    fn what_cannot_be_read_is_counted() {
        let broken = envelope("?", "{}", TO_A);
        let packed = envelope("W10=", r#"{"compression":"application/x-bz2"}"#, TO_A);
        let lines = format!("{broken}{packed}{{}}\nno\n");
        let reading = read(&SourceFile { path: "a.ndjson", bytes: lines.as_bytes() });
        let body = Place::root(Side::Response, Part::Body);
        let said = |claim: &Claim| claim.said.get(&body).map(|body| body.beneath);
        assert!(reading.claims.iter().all(|claim| said(claim) == Some(Beneath::Anything)));
        let unread: Vec<_> =
            reading.unread.iter().map(|one| (one.line, one.reason.as_str())).collect();
        let twice = "a line is no envelope of kombu (2 times)";
        assert_eq!(unread, [(1, NOT_BASE64.reason), (2, COMPRESSED.reason), (3, twice)]);
    }

    #[test]
    fn the_exchange_names_what_has_no_key() {
        assert_eq!(destination("a.b", "x"), ["a", "b"]);
        assert_eq!(destination("", "x.y"), ["x.y"]);
        assert_eq!(destination("", ""), [""; 0]);
    }

    #[test]
    fn traffic_on_lines_is_no_claim() {
        check("{\"v\":1,\"method\":\"MESSAGE\",\"path\":\"/a\",\"response\":{\"body\":1}}\n", "");
    }
}
