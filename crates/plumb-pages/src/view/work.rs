//! Whether work that was accepted is finished: how far consumers are behind.
//!
//! Refuses to know any broker.

use crate::address::View;
use crate::parts::{count, empty, name, since, table, text};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_engine::backlogs::Measure;
use serde::Serialize;

#[derive(Serialize)]
struct Work {
    consumers: Vec<ConsumerRow>,
}

#[derive(Serialize)]
struct ConsumerRow {
    destination: String,
    consumer: String,
    environment: String,
    lag: Option<u64>,
    lag_highest: Option<u64>,
    unacknowledged: Option<u64>,
    oldest_age_ms: Option<u64>,
    oldest_age_highest_ms: Option<u64>,
    #[serde(rename = "at", with = "crate::moment")]
    at_ms: Option<i64>,
}

/// Whether work is finished.
pub(crate) fn work(asked: Asked<'_>) -> Shown {
    let consumers = asked.survey.backlogs.iter().map(|one| {
        let Measure { lag, unacknowledged, oldest_age_ms, at_ms } = one.last;
        ConsumerRow {
            destination: text(&one.destination),
            consumer: text(&one.consumer),
            environment: text(&one.environment),
            lag,
            lag_highest: one.highest.lag,
            unacknowledged,
            oldest_age_ms,
            oldest_age_highest_ms: one.highest.oldest_age_ms,
            at_ms: Some(at_ms),
        }
    });
    let work = Work { consumers: consumers.collect() };
    Shown {
        view: View::Work,
        title: "Work".to_owned(),
        how: "A tap of a broker measures how many messages wait and how old the oldest is, each \
              time it looks; highest means in all looks. What the broker does not tell is a dash, \
              and a queue at zero is no proof that work was done: only flows are, which \
              `plumb rollout analyze` follows from accepted to finished.",
        command: "plumb evidence ls".to_owned(),
        data: data(&work),
        body: draw(&work, asked),
    }
}

fn draw(work: &Work, asked: Asked<'_>) -> Markup {
    if work.consumers.is_empty() {
        return empty(
            "No broker was looked at. A tap takes nothing from any consumer:",
            "plumb observe broker nats://127.0.0.1:4222 --subject 'orders.>'",
        );
    }
    let number = |known: Option<u64>| known.map_or_else(|| "–".to_owned(), count);
    let seconds = |known: Option<u64>| {
        known.map_or_else(|| "–".to_owned(), |ms| format!("{} s", count(ms / 1_000)))
    };
    let head = html! {
        th scope="col" { "Queue" } th scope="col" { "Consumer" } th scope="col" { "Environment" }
        th.number scope="col" { "Waiting" } th.number scope="col" { "highest" }
        th.number scope="col" { "In hand" } th.number scope="col" { "Oldest" }
        th.number scope="col" { "highest" } th scope="col" { "Looked" }
    };
    let rows = html! {
        @for row in &work.consumers {
            tr {
                th scope="row" { (name(&row.destination)) }
                td { (name(&row.consumer)) }
                td { (name(&row.environment)) }
                td.number { (number(row.lag)) }
                td.number { (number(row.lag_highest)) }
                td.number { (number(row.unacknowledged)) }
                td.number { (seconds(row.oldest_age_ms)) }
                td.number { (seconds(row.oldest_age_highest_ms)) }
                td { (since(asked.survey.as_of_ms, row.at_ms)) }
            }
        }
    };
    table("Consumers and how far they are behind", head, rows)
}
