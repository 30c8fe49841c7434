//! What every reader of traffic gives back beside exchanges: how much was read, what was not and
//! why, and what was taken with a grain of salt. Also the limits all readers share, and which
//! format a file is in. It refuses to know how any format is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use plumb_shape::ascii::lower;

use crate::body::{self, Cap, Utf8};
use crate::exchange::Pair;
use crate::otlp::head::binary;
use crate::text::{self, Time};

pub(crate) mod lines;
pub(crate) mod window;

/// Places kept word by word; a file broken all over is understood from fewer. The rest is counted.
pub const UNREAD_KEPT: usize = 100;

/// Bytes of a file that [`recognise`] wants to see; it copes with fewer. A HAR's first key, or the
/// first line of the line formats, stands well within.
pub const HEAD_BYTES: usize = 8 * 1024;

/// Note: a time that named no offset.
pub const NOTE_NO_OFFSET: &str = "a time without offset; taken as UTC";
/// Note: text that is no UTF-8.
pub const NOTE_NOT_UTF8: &str = "text that is not UTF-8; read with replacement characters";
/// Note: more query pairs than are kept.
pub const NOTE_QUERY_CUT: &str = "a query with too many pairs; some were left out";
/// Note: a body whose charset is unknown, or did not convert without loss.
pub const NOTE_CHARSET: &str = "a body whose charset could not be turned into UTF-8 without loss";

/// The account of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Exchanges handed to the sink.
    pub exchanges: u64,
    /// Bytes gone through, after decompression.
    pub bytes: u64,
    /// The first [`UNREAD_KEPT`] things that could not be read, in order.
    pub unread: Vec<Unread>,
    /// All things that could not be read, kept or not.
    pub unread_total: u64,
    /// Things read with a reservation, or left out on purpose, and how often.
    pub notes: BTreeMap<&'static str, u64>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where, as a person would look for it: `entry 17, byte 10234`, `line 4`.
    pub place: String,
    /// What is wrong there; lower case, foreign text in backticks.
    pub reason: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Bounds on what one input may cost. [`Limits::default`] gives the values and their reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one entry of a HAR.
    pub entry_bytes_max: usize,
    /// Most bytes of one line of NDJSON, or of one record of GoReplay.
    pub line_bytes_max: usize,
    /// Decompression of one body.
    pub body: Cap,
    /// Decompression of the whole input.
    pub stream: Cap,
    /// Requests that may wait for their response.
    pub waiting_max: usize,
    /// Bytes of all waiting requests.
    pub waiting_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            // Recorders put whole downloads into an entry, in base64; a few copies fit in memory.
            entry_bytes_max: 64 * MIB,
            // Line formats carry API payloads, not downloads.
            line_bytes_max: 16 * MIB,
            // API payloads stay below 8 MiB; 200 is far above what text compresses to.
            body: Cap { bytes_max: 8 * MIB as u64, ratio_max: 200 },
            // Memory is flat here, so only time is at stake. Captures of one repeated call
            // compress several hundredfold; deflate cannot exceed 1,032.
            stream: Cap { bytes_max: 256 * 1024 * MIB as u64, ratio_max: 1_000 },
            // A minute of calls at a thousand a second.
            waiting_max: 65_536,
            waiting_bytes_max: 256 * MIB,
        }
    }
}

/// A format of captured traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HTTP Archive 1.2, from browsers and proxies.
    Har,
    /// GoReplay's record file.
    Gor,
    /// Plumb's own: one exchange per line.
    Ndjson,
    /// Messages as kombu lays them on a queue: one envelope per line.
    Kombu,
    /// Traces of OpenTelemetry, in OTLP's JSON or binary form.
    Otlp,
}

/// The outside failed while reading. Broken data is no error: it is in the [`Reading`].
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The input could not be read any further.
    #[error("cannot read the traffic: {0}")]
    Input(#[from] io::Error),
}

impl Reading {
    /// Counts something unread, and keeps it if it is among the first [`UNREAD_KEPT`].
    pub(crate) fn unread(&mut self, unread: impl FnOnce() -> Unread) {
        self.unread_total += 1;
        if self.unread.len() < UNREAD_KEPT {
            self.unread.push(unread());
        }
    }

    /// Counts a reservation.
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.notes.entry(what).or_default() += 1;
    }

    /// A query decoded, with reservations noted.
    pub(crate) fn query<'a>(&mut self, text: Cow<'a, str>) -> Vec<Pair<'a>> {
        let query = text::query(text);
        if query.lossy {
            self.note(NOTE_NOT_UTF8);
        }
        if query.cut {
            self.note(NOTE_QUERY_CUT);
        }
        query.pairs
    }

    /// A time in milliseconds since 1970-01-01T00:00Z, with reservations noted.
    pub(crate) fn time_ms(&mut self, text: &str) -> Option<i64> {
        match text::time(text) {
            Time::Known(ms) => Some(ms),
            Time::WithoutOffset(ms) => {
                self.note(NOTE_NO_OFFSET);
                Some(ms)
            }
            Time::Unknown => None,
        }
    }

    /// Bytes of a declared charset as UTF-8 where possible, with reservations noted.
    pub(crate) fn utf8<'a>(
        &mut self,
        bytes: Cow<'a, [u8]>,
        media_type: Option<&str>,
    ) -> Cow<'a, [u8]> {
        match body::utf8(bytes, media_type) {
            Utf8::Same(bytes) => bytes,
            Utf8::Converted(bytes) => bytes.into(),
            Utf8::Lossy(bytes) => {
                self.note(NOTE_CHARSET);
                bytes.into()
            }
            Utf8::Unknown(bytes) => {
                self.note(NOTE_CHARSET);
                bytes
            }
        }
    }
}

/// Tells the format from the first bytes (see [`HEAD_BYTES`]; gzip is looked into), and from the
/// name only where they are not enough. None means that no reader here would understand it.
pub fn recognise(first_bytes: &[u8], file_name: &str) -> Option<Format> {
    if first_bytes.starts_with(&body::GZIP_MAGIC) {
        return recognise_plain(&body::gzip_head(first_bytes, HEAD_BYTES), file_name);
    }
    recognise_plain(first_bytes, file_name)
}

fn recognise_plain(head: &[u8], file_name: &str) -> Option<Format> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    if binary(head).is_some() {
        return Some(Format::Otlp);
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match head.first() {
        Some(b'{') => recognise_json(head, by_name(file_name)),
        Some(b'1'..=b'3') if is_gor_header(head) => Some(Format::Gor),
        // Nothing to judge by, or another text encoding: the reader will say what is wrong.
        None | Some(0xff | 0xfe) => by_name(file_name),
        Some(_) => None,
    }
}

fn recognise_json(head: &[u8], named: Option<Format>) -> Option<Format> {
    let has = |text: &[u8], key: &[u8]| memchr::memmem::find(text, key).is_some();
    match first_key(head) {
        Some(b"log") => return Some(Format::Har),
        Some(b"resourceSpans" | b"resource_spans") => return Some(Format::Otlp),
        // A collector may write all signals into one file.
        Some(b"resourceMetrics" | b"resourceLogs") if has(head, b"\"resourceSpans\"") => {
            return Some(Format::Otlp);
        }
        _ => {}
    }
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or(head);
    if has(line, b"\"v\"") && (has(line, b"\"url\"") || has(line, b"\"path\"")) {
        return Some(Format::Ndjson);
    }
    let is_whole = line.len() < head.len() || head.len() < HEAD_BYTES;
    if has(line, b"\"body\"") && has(line, b"\"properties\"") && has(line, b"\"content-type\"")
        // A long body commonly stands before everything else.
        || first_key(head) == Some(b"body") && !is_whole && named == Some(Format::Ndjson)
    {
        return Some(Format::Kombu);
    }
    match named {
        Some(Format::Har) if has(head, b"\"log\"") => named,
        Some(Format::Ndjson) if has(line, b"\"v\"") => named,
        _ => None,
    }
}

fn first_key(object: &[u8]) -> Option<&[u8]> {
    let key = object.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    key.split(|&byte| byte == b'"').next()
}

/// `<1|2|3> <hex id> <digits>`, as the first line.
fn is_gor_header(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or(head).trim_ascii_end();
    let mut words = line.split(|&byte| byte == b' ');
    let kind = words.next().is_some_and(|word| matches!(word, b"1" | b"2" | b"3"));
    let id = words.next().is_some_and(|w| !w.is_empty() && w.iter().all(u8::is_ascii_hexdigit));
    kind && id && words.next().is_some_and(|w| !w.is_empty() && w.iter().all(u8::is_ascii_digit))
}

fn by_name(file_name: &str) -> Option<Format> {
    let name = lower(file_name);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("har") => Some(Format::Har),
        Some("gor") => Some(Format::Gor),
        Some("ndjson" | "jsonl") => Some(Format::Ndjson),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn check(head: &[u8], file_name: &str, expected: Option<Format>) {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(head).unwrap();
        let shown = String::from_utf8_lossy(head);
        assert_eq!(recognise(head, file_name), expected, "{shown}");
        assert_eq!(recognise(&gzip.finish().unwrap(), file_name), expected, "gzip of {shown}");
    }

    #[test]
    fn content_tells_the_format() {
        check(b"{\"log\":{}}", "x", Some(Format::Har));
        check(b"\xef\xbb\xbf \n{ \"log\" : {", "x.json", Some(Format::Har));
        check(b"{\"v\":1,\"method\":\"GET\",\"url\":\"http://h/\"}\n", "x", Some(Format::Ndjson));
        check(b"{\"path\":\"/\",\"v\":1}", "-", Some(Format::Ndjson));
        check(b"1 932079936fa4306fc308d67588178d17d823647c 143 22\r\nGET", "x", Some(Format::Gor));
        let envelope = b"{\"body\":\"e30=\",\"content-type\":\"a/b\",\"properties\":{}}\n";
        check(envelope, "x", Some(Format::Kombu));
        check(b"2 aa 17\nHTTP/1.1", "x.har", Some(Format::Gor));
        check(b"{\"resourceSpans\":[]}", "x.ndjson", Some(Format::Otlp));
        check(b"{\n  \"resource_spans\": [", "x.json", Some(Format::Otlp));
        check(&[0, 0, 0, 6, 0x0a, 4, 0x12, 2, 0xff, 0], "x", Some(Format::Otlp));
        check(b"{\"resourceLogs\":[]}\n{\"resourceSpans\":[]}", "x", Some(Format::Otlp));
    }

    #[test]
    fn the_name_helps_only_where_the_content_allows_it() {
        check(b"{\"comment\":\"c\",\"log\":{}}", "x.har", Some(Format::Har));
        check(b"{\"comment\":\"c\",\"log\":{}}", "x.json", None);
        check(b"{\"v\":2}", "x.jsonl", Some(Format::Ndjson));
        check(b"{\"resourceMetrics\":[]}", "x.ndjson", None);
        let long = format!("{{\"body\":\"{}", "A".repeat(HEAD_BYTES));
        check(long.as_bytes(), "x.ndjson", Some(Format::Kombu));
        check(long.as_bytes(), "x.json", None);
        check(&long.as_bytes()[..99], "x.ndjson", None);
        check(b"", "X.HAR", Some(Format::Har));
        check(b"\xff\xfe{\0", "x.har.gz", Some(Format::Har));
        check(b"1 not a header", "x.gor", None);
        check(b"<html>", "x.har", None);
        check(b"", "x", None);
    }

    #[test]
    fn unread_places_are_kept_up_to_a_number_and_counted_beyond() {
        let mut reading = Reading::default();
        for line in 0..UNREAD_KEPT + 5 {
            reading.unread(|| Unread {
                place: format!("line {line}"),
                reason: String::new(),
                remedy: "",
            });
        }
        assert_eq!((reading.unread.len(), reading.unread_total), (UNREAD_KEPT, 105));
    }
}
