//! The small parts that views share: verdicts, times, shares, tables that go on, empty states.
//!
//! Whatever comes from traffic passes [`text`] on its way. Refuses to know any view.

use crate::address::{Address, Links};
use jiff::Timestamp;
use maud::{Markup, html};
use plumb_wire::harmless::harmless_short;
use plumb_wire::headline::{WORST_FIRST, mark};
use serde::Serialize;

/// Letters of a foreign text that are shown. What is longer is told by `.json`.
const LETTERS_MAX: usize = 200;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Rows on a page of a list.
pub(crate) const ROWS_MAX: usize = 50;

/// What has a colour beside verdicts, each with a glyph, so that colour alone says nothing.
const GLYPHS: [(&str, &str); 9] = [
    ("pass", "●"),
    ("refuse", "✖"),
    ("cannot-tell", "◌"),
    ("promote", "●"),
    ("hold", "◷"),
    ("roll-back", "✖"),
    ("freeze", "▲"),
    ("missing", "▲"),
    ("failed", "✖"),
];

/// A foreign text, harmless and not too long.
pub(crate) fn text(text: &str) -> String {
    harmless_short(text, LETTERS_MAX).into_owned()
}

/// A name that may be unknown.
pub(crate) fn name(known: &str) -> Markup {
    html! {
        @if known.is_empty() { span.unknown { "unknown" } } @else { (text(known)) }
    }
}

/// The word of a verdict, or of what else has a colour, with its glyph.
pub(crate) fn verdict(word: &str) -> Markup {
    html! {
        span class={ "verdict " (word) } { span aria-hidden="true" { (glyph(word)) } " " (word) }
    }
}

fn glyph(word: &str) -> &'static str {
    let of_verdict = WORST_FIRST.into_iter().find(|verdict| verdict.name() == word).map(mark);
    let other = || GLYPHS.iter().find(|(known, _)| *known == word).map(|(_, glyph)| *glyph);
    of_verdict.or_else(other).unwrap_or("·")
}

/// A count with thin spaces between thousands.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A count of a list.
pub(crate) fn length(count_of: usize) -> String {
    count(u64::try_from(count_of).unwrap_or(u64::MAX))
}

/// `3 findings`, `1 finding`.
pub(crate) fn plural(count_of: usize, one: &str) -> String {
    let end = if count_of == 1 { "" } else { "s" };
    format!("{} {one}{end}", length(count_of))
}

/// A share between 0 and 1 in percent; a small one is not told as none.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        small if small < 0.01 => "under 0.01 %".to_owned(),
        small if small < 1.0 => format!("{small:.2} %"),
        large => format!("{large:.1} %"),
    }
}

/// A moment for people, in UTC, to the minute; machines read all of it.
pub(crate) fn moment(at_ms: i64) -> Markup {
    let Ok(at) = Timestamp::from_millisecond(at_ms) else { return html! { "?" } };
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (at.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// How long ago, roughly.
pub(crate) fn age(now_ms: i64, at_ms: i64) -> String {
    let span = now_ms.saturating_sub(at_ms);
    match span {
        _ if span < 0 => "in the future".to_owned(),
        _ if span < MINUTE_MS => "just now".to_owned(),
        _ if span < HOUR_MS => format!("{} min ago", span / MINUTE_MS),
        _ if span < 2 * DAY_MS => format!("{} h ago", span / HOUR_MS),
        _ => format!("{} d ago", span / DAY_MS),
    }
}

/// A moment and how long ago it was; a word where it is not known.
pub(crate) fn since(now_ms: i64, at_ms: Option<i64>) -> Markup {
    html! {
        @match at_ms {
            None => { span.unknown { "never" } }
            Some(at_ms) => { (moment(at_ms)) " " span.quiet { "(" (age(now_ms, at_ms)) ")" } }
        }
    }
}

/// What stands where there is nothing: what is missing, and the command that mends it.
pub(crate) fn empty(what: &str, command: &str) -> Markup {
    html! {
        div.empty {
            p { (what) }
            @if !command.is_empty() { pre tabindex="0" { code { (command) } } }
        }
    }
}

/// A part of a list, and where the others are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Paging {
    /// This page, from 1.
    pub(crate) page: usize,
    /// All pages, at least one.
    pub(crate) pages: usize,
    /// All rows.
    pub(crate) rows: usize,
}

impl Paging {
    /// The page asked for, or the last one there is.
    pub(crate) fn new(rows: usize, asked: usize) -> Self {
        let pages = rows.div_ceil(ROWS_MAX).max(1);
        Self { page: asked.clamp(1, pages), pages, rows }
    }

    /// How many rows stand before this page.
    pub(crate) const fn skipped(self) -> usize {
        (self.page - 1) * ROWS_MAX
    }
}

/// Links to the pages before and behind. `address` is the list without its page. A file has the
/// first page only.
pub(crate) fn pager(paging: Paging, address: &Address, links: Links) -> Markup {
    let to = |page: usize| address.clone().with("page", &page.to_string()).href(links);
    html! {
        @if paging.pages > 1 && links == Links::File {
            p.quiet { "The first " (length(ROWS_MAX)) " of " (length(paging.rows)) "." }
        } @else if paging.pages > 1 {
            nav.pager aria-label="Pages" {
                @if paging.page > 1 { a rel="prev" href=(to(paging.page - 1)) { "← before" } }
                span { "page " (length(paging.page)) " of " (length(paging.pages)) }
                @if paging.page < paging.pages {
                    a rel="next" href=(to(paging.page + 1)) { "next →" }
                }
            }
        }
    }
}

/// A table in a box that scrolls sideways by itself, by keys as well. The name must be told.
pub(crate) fn table(caption: &str, head: Markup, rows: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { (head) } }
                tbody { (rows) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_things_are_told_right() {
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(12), "12");
        let shares = [0.0, 0.00001, 0.005, 0.1234].map(percent);
        assert_eq!(shares, ["0 %", "under 0.01 %", "0.50 %", "12.3 %"]);
        let ages = [-1, 5, 90_000, 7_200_000, 3 * DAY_MS].map(|span| age(span, 0));
        assert_eq!(ages, ["in the future", "just now", "1 min ago", "2 h ago", "3 d ago"]);
        assert_eq!(plural(1, "finding"), "1 finding");
    }

    #[test]
    fn a_page_is_always_one_that_is_there() {
        let at = |rows, asked| {
            let paging = Paging::new(rows, asked);
            (paging.page, paging.pages, paging.skipped())
        };
        assert_eq!(at(0, 9), (1, 1, 0));
        assert_eq!(at(50, 2), (1, 1, 0));
        assert_eq!(at(51, 2), (2, 2, 50));
        assert_eq!(at(51, 0), (1, 2, 0));
    }

    #[test]
    fn what_comes_from_traffic_cannot_break_out() {
        let hostile = "<script>alert(1)</script>\u{202e}\u{1b}[2J";
        let shown = html! { (name(hostile)) }.into_string();
        assert!(!shown.contains("<script") && !shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
        assert!(text(&"x".repeat(10_000)).chars().count() <= 200);
    }
}
