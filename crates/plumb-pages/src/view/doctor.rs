//! What is there of the project's wiring, and what is missing. Refuses to look for it.

use crate::address::View;
use crate::member::{word, words};
use crate::parts::{empty, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use serde_json::{Value, json};

/// What is missing.
pub(crate) fn doctor(asked: Asked<'_>) -> Shown {
    let found = asked.desk.doctor(asked.survey);
    let body = match &found {
        Ok(document) => draw(document),
        Err(err) => {
            html! { p.complaint role="alert" { "The wiring cannot be looked at: " (text(err)) } }
        }
    };
    let document = found.unwrap_or_else(|err| json!({ "error": text(&err) }));
    Shown {
        view: View::Doctor,
        title: "Doctor".to_owned(),
        how: "The doctor looks at the configuration and the store as they are now, at the claims \
              that were judged, and tries redaction on planted secrets. It sends nothing anywhere.",
        command: "plumb doctor".to_owned(),
        data: data(&document),
        body,
    }
}

fn draw(document: &Value) -> Markup {
    let facts = document["checks"].as_array().map_or(&[][..], Vec::as_slice);
    if facts.is_empty() {
        return empty("Nothing is known of the wiring.", "plumb doctor");
    }
    let head = html! {
        th scope="col" { "Is" } th scope="col" { "About" } th scope="col" { "What" }
        th scope="col" { "What mends it" }
    };
    let rows = html! {
        @for fact in facts {
            tr {
                td { (verdict(&word(fact, "health"))) }
                td { (word(fact, "subject")) }
                th scope="row" {
                    (word(fact, "what")) br; span.quiet { (word(fact, "means")) }
                }
                td { @for remedy in words(fact, "remedies") { code { (remedy) } br; } }
            }
        }
    };
    table("The wiring", head, rows)
}
