//! A statement to a database as an exchange: the database answers as the writer, and the service
//! that asked is the reader. One operation is one verb on one table. It refuses to know what stands
//! in a statement.

use std::borrow::Cow;

use super::attribute::Word;
use super::note::{NOT_IN_TELEMETRY, NOTE_NO_STATEMENT};
use super::sides::{asked_of, host, latency_ms, service, time_ms};
use super::span::{Kind, Span};
use crate::exchange::{Body, Exchange, Message};
use crate::reading::Reading;

/// Why a statement is not there: it holds values, whatever its form.
pub const STATEMENT_NOT_READ: &str = "statements are not read";

/// The header under which the database's own code of an outcome is shown.
pub(crate) const STATUS: &str = "db-status";

/// The status of a statement that went well, as that of a call that was answered.
const DONE: u16 = 200;

/// The status of a statement that failed, as that of a call that the writer failed.
const FAILED: u16 = 500;

/// Bytes kept of a verb; the longest of any system are half as long.
const VERB_BYTES_MAX: usize = 48;

/// True for a span of a database.
pub(crate) fn is_database(span: &Span<'_>) -> bool {
    matches!(span.outline.kind, Kind::Client | Kind::Internal)
        && span.word(Word::Database).is_some()
}

/// The statement as an exchange; none if nothing says what it did.
pub(crate) fn exchange<'s>(span: &'s Span<'s>, reading: &mut Reading) -> Option<Exchange<'s>> {
    let Some((verb, table)) = statement(span) else {
        reading.note(NOTE_NO_STATEMENT);
        return None;
    };
    let outline = &span.outline;
    let host = host(span, "");
    let reader = service(span, reading);
    // Without an address the system's name is all that tells the database.
    let named = if host.is_empty() { Word::Database } else { Word::PeerService };
    let writer = span.word(Word::PeerService).or_else(|| span.word(named)).map(Cow::from);
    let request = Message { body: Body::Withheld(STATEMENT_NOT_READ), ..withheld() };
    let mut response = withheld();
    if let Some(code) = span.word(Word::DatabaseStatus) {
        response.headers.push((STATUS.into(), code.into()));
    }
    Some(Exchange {
        time_ms: time_ms(outline.start_ns),
        host,
        method: verb,
        path: path(table),
        request,
        status: if outline.is_error { FAILED } else { DONE },
        response,
        latency_ms: latency_ms(outline.start_ns, outline.end_ns),
        caller: reader.clone(),
        writer,
        reader,
        environment: span.word(Word::Environment).map(Cow::from),
        attributes: asked_of(std::iter::once(span)),
        ..Exchange::default()
    })
}

fn withheld() -> Message<'static> {
    Message {
        headers_withheld: Some(NOT_IN_TELEMETRY),
        body: Body::Withheld(NOT_IN_TELEMETRY),
        ..Message::default()
    }
}

/// Verb and table: each from its own name, or else from the summary, which begins with them.
fn statement<'s>(span: &'s Span<'s>) -> Option<(Cow<'s, str>, Option<&'s str>)> {
    let mut summary = span.word(Word::Summary).unwrap_or_default().split_ascii_whitespace();
    let (first, second) = (summary.next(), summary.next());
    let verb = span.word(Word::Statement).or(first)?;
    Some((method(verb), span.word(Word::Collection).or(second)))
}

/// A verb in the form of a method: one word, in upper case.
fn method(verb: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    if verb.len() <= VERB_BYTES_MAX && verb.chars().all(is_plain) {
        return verb.into();
    }
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => letter.to_ascii_uppercase(),
        _ => '_',
    };
    verb.chars().take(VERB_BYTES_MAX).map(plain).collect()
}

/// A table's name without the quotes of its dialect, as the only segment.
fn path(table: Option<&str>) -> Cow<'_, str> {
    let quotes = ['"', '`', '[', ']'];
    let plain: String = table.unwrap_or_default().split(quotes).collect();
    crate::record::path(&[plain.into()]).into()
}
