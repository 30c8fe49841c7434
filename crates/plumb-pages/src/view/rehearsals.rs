//! Migrations that were tried on a copy. Refuses to try any.

use crate::address::View;
use crate::member::{is, list, word, words};
use crate::parts::{empty, moment, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_engine::rehearsals::Kept;
use serde_json::{Value, json};

/// Migrations that were tried.
pub(crate) fn rehearsals(asked: Asked<'_>) -> Shown {
    let found = asked.desk.rehearsals();
    let body = match &found {
        Ok(all) => draw(all),
        Err(err) => {
            html! { p.complaint role="alert" { "Rehearsals cannot be read: " (text(err)) } }
        }
    };
    let documents: Vec<Value> =
        found.unwrap_or_default().into_iter().map(|one| one.document).collect();
    Shown {
        view: View::Rehearsals,
        title: "Rehearsals".to_owned(),
        how: "A rehearsal runs the migration on a copy in a real PostgreSQL, tries what the old \
              version says at every step, and then the way back. Its times are those of the copy.",
        command: "plumb rehearse".to_owned(),
        data: data(&json!({ "rehearsals": documents })),
        body,
    }
}

fn draw(all: &[Kept]) -> Markup {
    if all.is_empty() {
        return empty("No migration was tried yet.", "plumb rehearse --help");
    }
    html! {
        @for (at, one) in all.iter().enumerate() {
            details open[at == 0] {
                summary {
                    (verdict(&word(&one.document, "answer"))) " " (moment(one.at_ms)) " "
                    (word(&one.document, "reason"))
                }
                (report(&one.document))
            }
        }
    }
}

fn report(document: &Value) -> Markup {
    let no_return = &document["no_return"];
    html! {
        dl {
            dt { "Came as far as" } dd { (word(document, "stage")) }
            dt { "Server" } dd { (word(document, "server")) }
            dt { "Way back" } dd {
                @if is(&document["way_back"], "is_given") { "tried" } @else { "none was given" } }
            @if no_return.is_object() {
                dt { "No return" } dd {
                    "from step " (word(no_return, "step")) " on: " (word(no_return, "exhibit")) }
            }
        }
        (steps(document))
        @for (name, title) in [("old_statements", "Old statements that fail"),
            ("new_statements", "New statements that fail"),
            ("new_rows", "Old statements that fail on new rows")] {
            (breaks(title, list(&document[name], "breaks")))
        }
        @let uncovered = words(document, "uncovered");
        @if !uncovered.is_empty() {
            h2 { "Not looked at" }
            ul { @for one in uncovered { li { (one) } } }
        }
    }
}

fn steps(document: &Value) -> Markup {
    let head = html! {
        th.number scope="col" { "Step" } th scope="col" { "Statement" } th scope="col" { "Verdict" }
        th scope="col" { "Locks" } th scope="col" { "Rewritten" } th.number scope="col" { "Took" }
        th scope="col" { "Way back" }
    };
    let rows = html! {
        @for step in list(document, "steps") {
            tr {
                td.number { (word(step, "number")) }
                th scope="row" { code { (word(step, "text")) } }
                td { (word(step, "verdict")) }
                td { @for lock in list(step, "locks") {
                    (word(lock, "relation")) " " (word(lock, "lock")) br; } }
                td { (words(step, "rewritten").join(", ")) }
                td.number { @match step["took_us"].as_u64() {
                    Some(us) => (format!("{} ms", us / 1_000)), None => "–" } }
                td { @match step["is_way_back_open"].as_bool() {
                    Some(true) => "open", Some(false) => "closed", None => "not tried" } }
            }
        }
    };
    table("Steps", head, rows)
}

fn breaks(title: &str, breaks: &[Value]) -> Markup {
    html! {
        @if !breaks.is_empty() {
            h2 { (title) }
            ul { @for one in breaks { li { (text(&one.to_string())) } } }
        }
    }
}
