//! What was done at the server, by whom. Refuses to know who may do what.

use crate::address::View;
use crate::parts::{Paging, ROWS_MAX, empty, moment, pager, table, text};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use serde::Serialize;

#[derive(Serialize)]
struct Audit {
    paging: Paging,
    entries: Vec<EntryRow>,
    error: Option<String>,
}

#[derive(Serialize)]
struct EntryRow {
    number: u64,
    #[serde(rename = "at", with = "crate::moment")]
    at_ms: Option<i64>,
    who: String,
    action: String,
    subject: String,
}

/// What was done.
pub(crate) fn audit(asked: Asked<'_>) -> Shown {
    let audit = gather(asked);
    Shown {
        view: View::Audit,
        title: "Audit".to_owned(),
        how: "Every entry is bound to the one before by its hash, and all of them were checked \
              before they were shown.",
        command: "plumb audit ls".to_owned(),
        data: data(&audit),
        body: draw(&audit, asked),
    }
}

fn gather(asked: Asked<'_>) -> Audit {
    let (all, error) = match asked.desk.audit() {
        Ok(all) => (all, None),
        Err(err) => (Vec::new(), Some(text(&err))),
    };
    let paging = Paging::new(all.len(), asked.page());
    let page = all.iter().rev().skip(paging.skipped()).take(ROWS_MAX);
    let entries = page.map(|one| EntryRow {
        number: one.number,
        at_ms: Some(one.at_ms),
        who: text(&one.who),
        action: text(&one.action),
        subject: text(&one.subject),
    });
    Audit { paging, entries: entries.collect(), error }
}

fn draw(audit: &Audit, asked: Asked<'_>) -> Markup {
    if let Some(error) = &audit.error {
        return html! { p.complaint role="alert" { "The log cannot be shown: " (error) } };
    }
    if audit.entries.is_empty() {
        return empty(
            "Nothing was done yet. A server writes down what is done at it:",
            "plumb serve",
        );
    }
    let head = html! {
        th.number scope="col" { "No." } th scope="col" { "When" } th scope="col" { "Who" }
        th scope="col" { "What" } th scope="col" { "To what" }
    };
    let rows = html! {
        @for row in &audit.entries {
            tr {
                td.number { (row.number) }
                td { @if let Some(at_ms) = row.at_ms { (moment(at_ms)) } }
                td { (row.who) }
                th scope="row" { (row.action) }
                td { (row.subject) }
            }
        }
    };
    html! {
        p { @match audit.paging.rows { 1 => "1 entry", rows => { (rows) " entries" } }
            ", whole and in order" }
        (table("Entries, the newest first", head, rows))
        (pager(audit.paging, &View::Audit.plain(), asked.links))
    }
}
