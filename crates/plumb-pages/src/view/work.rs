//! Whether work that was accepted is finished: flows from accepted to finished, as the judges of
//! rollouts follow them, and how far consumers are behind.
//!
//! Refuses to know any broker.

use crate::address::View;
use crate::desk::RolloutEntry;
use crate::member::{list, word};
use crate::parts::{count, empty, name, since, table, text};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_engine::backlogs::Measure;
use serde::Serialize;
use serde_json::Value;

/// What looks at a broker.
const TAP: &str = "plumb observe broker nats://127.0.0.1:4222 --subject 'orders.>'";

/// Events that tell of a job.
const EVENTS: &str = "\
{\"at\":1795255200,\"version\":\"2\",\"flow\":\"mails\",\"job\":\"7\",\"step\":\"accepted\"}
{\"at\":1795255203,\"version\":\"2\",\"flow\":\"mails\",\"job\":\"7\",\"step\":\"finished\"}";

#[derive(Serialize)]
struct Work {
    flows: Vec<FlowRow>,
    /// Why rollouts cannot be read, and so no flows; empty where they can.
    flows_error: String,
    consumers: Vec<ConsumerRow>,
}

/// How much of one kind of work was accepted and finished, as one rollout's judge counted it.
#[derive(Serialize)]
struct FlowRow {
    flow: String,
    rollout: String,
    control: String,
    canary: String,
    phase: String,
    accepted: u64,
    finished: u64,
    unfinished: u64,
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
    let work = gather(asked);
    Shown {
        view: View::Work,
        title: "Work".to_owned(),
        how: "A job is accepted and finished, or it is not finished: that is counted by the judge \
              of a rollout, job by job, over all that its events tell. A tap of a broker measures \
              how many messages wait and how old the oldest is, each time it looks; highest means \
              in all looks. What the broker does not tell is a dash, and a queue at zero is no \
              proof that work was done: only flows are. `plumb evidence ls` tells the queues.",
        command: "plumb rollout status".to_owned(),
        data: data(&work),
        body: draw(&work, asked),
    }
}

fn gather(asked: Asked<'_>) -> Work {
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
    let (rollouts, flows_error) = match asked.desk.rollouts() {
        Ok(rollouts) => (rollouts, String::new()),
        Err(err) => (Vec::new(), text(&err)),
    };
    let flows = rollouts.iter().flat_map(flows).collect();
    Work { flows, flows_error, consumers: consumers.collect() }
}

/// The flows that a rollout's judge counted.
fn flows(rollout: &RolloutEntry) -> Vec<FlowRow> {
    let Some(status) = &rollout.document else { return Vec::new() };
    let row = |work: &Value| {
        let of = |name: &str| work[name].as_u64().unwrap_or(0);
        let (accepted, finished) = (of("accepted"), of("finished"));
        FlowRow {
            flow: word(work, "flow"),
            rollout: word(status, "name"),
            control: word(status, "control"),
            canary: word(status, "canary"),
            phase: word(status, "phase"),
            accepted,
            finished,
            unfinished: accepted.saturating_sub(finished),
        }
    };
    list(status, "work").iter().map(row).collect()
}

fn draw(work: &Work, asked: Asked<'_>) -> Markup {
    if work.flows.is_empty() && work.flows_error.is_empty() && work.consumers.is_empty() {
        return html! {
            (empty("No judge of a rollout was told of jobs. The events that its file names may \
                tell them:", EVENTS))
            (empty("No broker was looked at. A tap takes nothing from any consumer:", TAP))
        };
    }
    html! {
        h2 { "From accepted to finished" }
        (flow_table(work, asked))
        h2 { "Queues" }
        @if work.consumers.is_empty() {
            p.quiet { "No broker was looked at. A tap takes nothing from any consumer:" }
            pre tabindex="0" { code { (TAP) } }
        } @else { (consumer_table(work, asked)) }
    }
}

fn flow_table(work: &Work, asked: Asked<'_>) -> Markup {
    if !work.flows_error.is_empty() {
        return html! {
            p.complaint role="alert" { "Rollouts cannot be read: " (work.flows_error) }
        };
    }
    if work.flows.is_empty() {
        return html! {
            p.quiet { "No judge of a rollout was told of jobs. The events that its file names may "
                "tell them:" }
            pre tabindex="0" { code { (EVENTS) } }
        };
    }
    let head = html! {
        th scope="col" { "Flow" } th scope="col" { "Rollout" }
        th.number scope="col" { "Accepted" } th.number scope="col" { "Finished" }
        th.number scope="col" { "Not finished" }
    };
    let rows = html! {
        @for row in &work.flows {
            tr {
                th scope="row" { (name(&row.flow)) }
                td {
                    a href=(View::Rollouts.plain().href(asked.links)) { (row.rollout) }
                    " " (row.control) " → " (row.canary) br;
                    span.quiet { (row.phase.replace('-', " ")) }
                }
                td.number { (count(row.accepted)) }
                td.number { (count(row.finished)) }
                td.number { (count(row.unfinished)) }
            }
        }
    };
    table("Jobs by flow, as the judges of rollouts counted them last", head, rows)
}

fn consumer_table(work: &Work, asked: Asked<'_>) -> Markup {
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
