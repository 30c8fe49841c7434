//! What mends a finding: the smallest change, as a diff. Refuses to change anything.

use crate::address::{Address, View};
use crate::desk::Mending;
use crate::parts::text;
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_wire::harmless::{harmless, shell_word};
use serde::Serialize;

#[derive(Serialize)]
struct OneMending {
    key: String,
    diff: String,
    why_not: String,
}

/// What mends a finding.
pub(crate) fn mending(asked: Asked<'_>) -> Shown {
    let key = asked.state("key");
    let found = asked.desk.mending(asked.survey, key);
    let Mending { diff, why_not } =
        found.unwrap_or_else(|why_not| Mending { why_not, diff: String::new() });
    let one = OneMending { key: harmless(key).into_owned(), diff, why_not };
    Shown {
        view: View::Mending,
        title: "The fix".to_owned(),
        how: "The fix is worked out from what is seen now. It changes only what is wrong, holds no \
              value that was seen, and is written by nobody but you.",
        command: format!("plumb fix {}", shell_word(key)),
        data: data(&one),
        body: draw(&one, asked),
    }
}

fn draw(one: &OneMending, asked: Asked<'_>) -> Markup {
    html! {
        p { a href=(Address::finding(asked.state("key")).href(asked.links)) {
            "Back to the finding" } }
        div #mending {
            @if one.diff.is_empty() {
                p.quiet {
                    @if one.why_not.is_empty() { "No file is to be changed for it." }
                    @else { "Not mended: " (text(&one.why_not)) }
                }
            } @else {
                (diff(&one.diff))
                pre tabindex="0" { code { "plumb fix " (shell_word(&one.key)) " --write" } }
            }
        }
    }
}

/// A unified diff, line by line.
fn diff(diff: &str) -> Markup {
    let class = |line: &str| match line.as_bytes().first() {
        Some(b'+') => Some("more"),
        Some(b'-') => Some("fewer"),
        _ => None,
    };
    html! {
        pre.diff tabindex="0" aria-label="Diff" { code {
            @for line in diff.lines() { span class=[class(line)] { (harmless(line)) } "\n" }
        } }
    }
}
