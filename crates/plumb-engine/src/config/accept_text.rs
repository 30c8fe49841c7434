//! Writes acceptances into a project's file and leaves everything else as it is.
//!
//! Refuses to reformat: what it does not have to change stays, byte for byte.

use crate::clock::day_text;
use crate::config::accept::Accept;
use crate::config::error::ConfigError;
use crate::config::file::PROJECT_FILE;
use crate::config::layer::read_accepts;
use crate::config::origin::{Place, quoted};
use crate::config::table::{Source, Table, parse};
use std::ops::Range;

/// The project's file with this acceptance in it. One of the same finding is renewed in place: its
/// reason, day and person change, comments and formatting stay. A new one goes to the end.
///
/// # Errors
/// [`ConfigError`] if the file is no TOML, if an acceptance in it is wrong, if they are written as
/// one inline list, or if the new one is empty somewhere.
pub fn with_accept(project_toml: &str, accept: &Accept) -> Result<String, ConfigError> {
    is_whole(accept)?;
    let source = Source { file: PROJECT_FILE, text: project_toml };
    let entries = parse(source)?;
    let tables = Table::root(source, &entries).tables("accept")?;
    let there = read_accepts(&tables)?;
    if let Some(list) = entries.get("accept")
        && !project_toml[list.span()].starts_with("[[")
    {
        return Err(ConfigError::Inline { place: source.place(&list.span()), path: "accept" });
    }
    let same = there.iter().position(|put| put.accept.finding == accept.finding);
    Ok(match same.and_then(|at| Some((tables.get(at)?, &there.get(at)?.accept))) {
        Some((table, old)) => renewed(table, old, accept),
        None => appended(project_toml, accept),
    })
}

fn is_whole(accept: &Accept) -> Result<(), ConfigError> {
    let by = accept.by.as_deref().unwrap_or("nobody");
    let texts = [("finding", accept.finding.as_str()), ("reason", &accept.reason), ("by", by)];
    match texts.iter().find(|(_, text)| text.trim().is_empty()) {
        None => Ok(()),
        Some((key, _)) => Err(ConfigError::Empty {
            place: Place::Named("the new acceptance".to_owned()),
            path: format!("accept.{key}"),
        }),
    }
}

/// The text with a section at its end.
fn appended(text: &str, accept: &Accept) -> String {
    let newline = newline_of(text);
    let mut out = text.to_owned();
    if !text.is_empty() {
        out.push_str(if text.ends_with('\n') { "" } else { newline });
        out.push_str(newline);
    }
    let by = accept.by.as_ref().map(|by| format!("by = {}", quoted(by)));
    let lines = [
        "[[accept]]".to_owned(),
        format!("finding = {}", quoted(&accept.finding)),
        format!("reason = {}", quoted(&accept.reason)),
        format!("until = {}", day_text(accept.until_day)),
    ];
    for line in lines.into_iter().chain(by) {
        out.push_str(&line);
        out.push_str(newline);
    }
    out
}

/// A stretch of the text and what comes in its place.
type Edit = (Range<usize>, String);

/// The text with a section's values changed where they differ.
fn renewed(table: &Table<'_>, old: &Accept, new: &Accept) -> String {
    let mut edits: Vec<Edit> = Vec::new();
    if old.reason != new.reason {
        edits.extend(value_edit(table, "reason", quoted(&new.reason)));
    }
    if old.until_day != new.until_day {
        edits.extend(value_edit(table, "until", day_text(new.until_day)));
    }
    match (&old.by, &new.by) {
        (Some(_), None) => edits.extend(removal(table, "by")),
        (None, Some(by)) => edits.push(addition(table, &format!("by = {}", quoted(by)))),
        (Some(before), Some(by)) if before != by => {
            edits.extend(value_edit(table, "by", quoted(by)));
        }
        _ => {}
    }
    // From the end, so that an edit does not move those before it.
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = table.source.text.to_owned();
    for (range, text) in edits {
        out.replace_range(range, &text);
    }
    out
}

fn value_edit(table: &Table<'_>, key: &str, text: String) -> Option<Edit> {
    table.entries.get(key).map(|value| (value.span(), text))
}

/// Takes a key's lines away. In a section nothing else stands on them but a comment on it.
fn removal(table: &Table<'_>, key: &str) -> Option<Edit> {
    let (name, value) = table.entries.get_key_value(key)?;
    let text = table.source.text;
    let start = text[..name.span().start].rfind('\n').map_or(0, |at| at + 1);
    Some((start..line_end(text, value.span().end), String::new()))
}

/// Puts a line below a section's last.
fn addition(table: &Table<'_>, line: &str) -> Edit {
    let text = table.source.text;
    let newline = newline_of(text);
    let last = table.entries.values().map(|value| value.span().end).max();
    let at = line_end(text, last.unwrap_or(table.span.end));
    let before = if text[..at].ends_with('\n') { "" } else { newline };
    (at..at, format!("{before}{line}{newline}"))
}

/// Where the line of a byte ends, its end included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |more| at + more + 1)
}

fn newline_of(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests;
