//! Findings for people: what is said with its file and line, what was seen with its times, who is
//! affected, and what to do.
//!
//! Refuses to choose which findings are shown.

use crate::look::Look;
use crate::render::{command, field, moment, name, name_or, span, verdict};
use plumb_gap::finding::{Finding, SaidText, Seam, SeenText};
use plumb_gap::rule::Rule;
use plumb_wire::harmless::{harmless_short, shell_word};
use plumb_wire::reported::Acceptance;

/// Letters of what is said or seen; what is longer is cut.
const TEXT_LETTERS_MAX: usize = 300;

/// Untested consumers that are named; the rest is counted.
const READERS_MAX: usize = 5;

/// Affected claims that are named; the rest is counted.
const AFFECTS_MAX: usize = 3;

/// A finding in full, for a list.
pub(crate) fn finding(look: Look, one: &Finding, acceptance: Option<&Acceptance>) -> String {
    let mut out = title(look, one);
    out.push_str(&field(look, "at", &name(&one.place)));
    out.push_str(&field(look, "said", &said(&one.said)));
    out.push_str(&field(look, "seen", &seen(one)));
    if let Some(text) = since(&one.seen) {
        out.push_str(&field(look, "since", &text));
    }
    if let Some(text) = untested(&one.seen) {
        out.push_str(&field(look, "untested", &text));
    }
    if let Some(text) = affects(&one.affects(), AFFECTS_MAX) {
        out.push_str(&field(look, "affects", &text));
    }
    out.push_str(&field(look, "fix", &short(&one.fix)));
    if let Some(acceptance) = acceptance {
        out.push_str(&field(look, "accepted", &accepted(acceptance)));
    }
    let explain = format!("plumb explain {}", shell_word(&one.key()));
    out.push_str(&command(look, "more", &explain));
    out
}

/// A finding in one line.
pub(crate) fn line(look: Look, one: &Finding) -> String {
    let seam = seam(&one.seam);
    format!("  {}  {seam}  {}  {}\n", verdict(look, one.verdict), name(&one.place), one.rule.id())
}

/// The first line of a finding.
pub(crate) fn title(look: Look, one: &Finding) -> String {
    let seam = look.strong(&seam(&one.seam));
    format!("{}  {seam}  {}\n", verdict(look, one.verdict), look.faint(one.rule.id()))
}

/// A seam in words: provider and operation, and the consumer where it is known.
pub(crate) fn seam(seam: &Seam) -> String {
    let operation = name(&seam.operation);
    let writer = if seam.writer.is_empty() {
        operation
    } else {
        format!("{} {operation}", name(&seam.writer))
    };
    if seam.reader.is_empty() { writer } else { format!("{writer} → {}", name(&seam.reader)) }
}

/// What is assumed, and where.
pub(crate) fn said(said: &SaidText) -> String {
    let Some(dialect) = said.dialect else { return short(&said.text) };
    let place = format!("{}:{}", name_or(&said.file, "a file"), said.line);
    format!("{}  {place} ({})", short(&said.text), dialect.name())
}

/// What was observed, and when.
pub(crate) fn seen(one: &Finding) -> String {
    let seen = &one.seen;
    let mut parts = vec![short(&seen.text)];
    parts.extend(times(seen));
    let version = seen.writer_version.as_deref().filter(|_| one.rule != Rule::ClaimsContradict);
    parts.extend(version.map(|version| format!("version {}", name(version))));
    if seen.are_literals_withheld {
        parts.push("values withheld".to_owned());
    }
    parts.join(", ")
}

/// The times between which something was seen.
pub(crate) fn times(seen: &SeenText) -> Option<String> {
    Some(span(seen.first_ms?, seen.last_ms?))
}

/// Since when it is so, where that is known: the version that brought it, its first exchange, and
/// the last one that was as said.
pub(crate) fn since(seen: &SeenText) -> Option<String> {
    let good = format!("as said until {}", moment(seen.last_good_ms?));
    let version = seen.since_version.as_deref().map(|version| format!("version {}", name(version)));
    let parts = version.into_iter().chain(seen.first_ms.map(moment)).chain([good]);
    Some(parts.collect::<Vec<_>>().join(", "))
}

/// Consumers that nobody has seen with the writer's newest version: some by name.
pub(crate) fn untested(seen: &SeenText) -> Option<String> {
    let readers = &seen.untested_readers;
    let named: Vec<String> = readers.iter().take(READERS_MAX).map(|reader| name(reader)).collect();
    let more = readers.len().saturating_sub(READERS_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text = format!("{}{more}, not seen with the newest version", named.join(", "));
    (!readers.is_empty()).then_some(text)
}

/// Other claims that say the same: some by name, the rest counted.
pub(crate) fn affects(places: &[String], named_max: usize) -> Option<String> {
    let named: Vec<String> = places.iter().take(named_max).map(|place| name(place)).collect();
    let more = places.len().saturating_sub(named_max);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let noun = if places.len() == 1 { "claim" } else { "claims" };
    let all = format!("{} more {noun}: {}{more}", places.len(), named.join(", "));
    (!places.is_empty()).then_some(all)
}

/// Why somebody lives with it, and until when.
pub(crate) fn accepted(acceptance: &Acceptance) -> String {
    let until = acceptance.until.map_or(String::new(), |day| format!(", until {day}"));
    format!("{}{until}", short(&acceptance.reason))
}

fn short(text: &str) -> String {
    harmless_short(text, TEXT_LETTERS_MAX).into_owned()
}
