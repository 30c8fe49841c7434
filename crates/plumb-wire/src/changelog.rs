//! The change-log of contracts in Markdown: what breaks, what may, and what is new and safe.
//!
//! For people who use an interface. Stays within what a step summary takes, by leaving out entries
//! from the end and saying so.

use crate::changed::{Changed, shown_at};
use crate::markdown_text::{code, plain};
use plumb_contract::change::Grade;
use plumb_contract::weighed::{Weighed, counts};

/// Bytes of the whole: beyond 1,024 KiB GitHub drops a summary.
const BYTES_MAX: usize = 900_000;

/// Characters of a text.
const TEXT_MAX: usize = 500;

/// Unread places told one by one.
const UNREAD_MAX: usize = 50;

/// The whole page.
#[must_use]
pub fn changelog(changed: &Changed<'_>) -> String {
    let counts = counts(changed.changes);
    let mut page = format!(
        "## {} → {}\n\n{} breaking · {} risky · {} safe: {}\n",
        code(changed.old, TEXT_MAX),
        code(changed.new, TEXT_MAX),
        counts.breaking,
        counts.risky,
        counts.safe,
        plain(changed.reason, TEXT_MAX),
    );
    let grades = [(Grade::Breaking, "Breaking"), (Grade::Risky, "Risky"), (Grade::Safe, "Safe")];
    for (grade, title) in grades {
        section(&mut page, title, changed.of(grade));
    }
    if !changed.unread.is_empty() {
        page.push_str("\n### Not read\n\n");
        for unread in changed.unread.iter().take(UNREAD_MAX) {
            let place = format!("{}:{}", unread.file, unread.line);
            let (place, reason) = (code(&place, TEXT_MAX), plain(&unread.reason, TEXT_MAX));
            page.push_str(&format!("- {place} {reason}\n"));
        }
        let more = changed.unread.len().saturating_sub(UNREAD_MAX);
        if more > 0 {
            page.push_str(&format!("- and {more} more\n"));
        }
    }
    page
}

/// The changes of one grade, under the operation or type that each belongs to.
fn section<'a>(page: &mut String, title: &str, changes: impl Iterator<Item = &'a Weighed>) {
    let mut subject = None;
    let mut left_out = 0;
    for weighed in changes {
        let mut piece = String::new();
        if subject.is_none() {
            piece.push_str(&format!("\n### {title}\n"));
        }
        if subject != Some(weighed.change.subject.as_str()) {
            piece.push_str(&format!("\n**{}**\n\n", plain(&weighed.change.subject, TEXT_MAX)));
        }
        piece.push_str(&entry(weighed));
        if page.len() + piece.len() > BYTES_MAX {
            left_out += 1;
            continue;
        }
        subject = Some(&weighed.change.subject);
        page.push_str(&piece);
    }
    if left_out > 0 {
        page.push_str(&format!("\nand {left_out} more\n"));
    }
}

fn entry(weighed: &Weighed) -> String {
    let change = &weighed.change;
    let (file, line) = shown_at(change);
    let at = if file.is_empty() { String::new() } else { format!(" ({file}:{line})") };
    let mut entry = format!(
        "- {}: {} {}{}\n",
        code(&change.place, TEXT_MAX),
        plain(&change.reason, TEXT_MAX),
        code(change.rule, TEXT_MAX),
        plain(&at, TEXT_MAX),
    );
    if let Some(witness) = &change.witness {
        entry.push_str(&format!("  For example {}\n", code(witness, TEXT_MAX)));
    }
    if let Some(usage) = weighed.usage {
        entry.push_str(&format!("  Seen in {} of {} exchanges.\n", usage.seen, usage.of));
    }
    entry
}
