//! Versions on their way: how far each came, what is asked for and what really goes there, and what
//! was judged.
//!
//! Refuses to order anything.

use crate::address::{Links, View};
use crate::desk::RolloutEntry;
use crate::member::{is, list, when, word};
use crate::parts::{count, empty, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use serde_json::{Value, json};

/// Events that are shown, the newest.
const EVENTS_MAX: usize = 50;

/// Width of the picture of an interval.
const WIDTH: f64 = 240.0;

/// The ratios at both ends of that picture.
const RATIOS: (f64, f64) = (0.1, 100.0);

/// Versions on their way.
pub(crate) fn rollouts(asked: Asked<'_>) -> Shown {
    let found = asked.desk.rollouts();
    let body = match &found {
        Ok(all) => draw(all, asked),
        Err(err) => html! { p.complaint role="alert" { "Rollouts cannot be read: " (text(err)) } },
    };
    let entry = |one: &RolloutEntry| {
        json!({
            "file": text(&one.file),
            "status": one.document,
            "stages": one.stages.iter().map(|name| text(name)).collect::<Vec<_>>(),
            "events": one.events.iter().rev().take(EVENTS_MAX).collect::<Vec<_>>(),
            "error": text(&one.error),
        })
    };
    let all = found.unwrap_or_default();
    Shown {
        view: View::Rollouts,
        title: "Rollouts".to_owned(),
        how: "The state is the one that the controller keeps. Verdicts come of tests that may be \
              looked at as often as one likes: an interval that leaves out 1 is a difference at \
              the level that the rollout's file names.",
        command: "plumb rollout status".to_owned(),
        data: data(&json!({ "rollouts": all.iter().map(entry).collect::<Vec<Value>>() })),
        body,
    }
}

fn draw(all: &[RolloutEntry], asked: Asked<'_>) -> Markup {
    if all.is_empty() {
        return empty(
            "No rollout lies in the project. A file tells its stages, routers and judge:",
            "plumb rollout run rollout.toml",
        );
    }
    html! {
        @for one in all {
            section aria-label=(text(&one.file)) {
                @match &one.document {
                    None => { h2 { code { (text(&one.file)) } } p.complaint { (text(&one.error)) } }
                    Some(status) => { (rollout(one, status)) (orders(one, status, asked)) }
                }
            }
        }
    }
}

fn rollout(one: &RolloutEntry, status: &Value) -> Markup {
    html! {
        h2 { (word(status, "name")) ": " (word(status, "control")) " → " (word(status, "canary")) }
        p.headline {
            @if status["verdict"].is_string() { (verdict(&word(status, "verdict"))) " " }
            (word(status, "phase").replace('-', " "))
            @if status["since"].is_string() { " since " (when(status, "since")) }
        }
        @if !word(status, "sentence").is_empty() { p { (word(status, "sentence")) } }
        (stages(one, status))
        (split(status))
        (watched(status))
        (events(&one.events))
    }
}

/// Forms by which somebody who may overrules the judge, with a reason and the version typed out.
fn orders(one: &RolloutEntry, status: &Value, asked: Asked<'_>) -> Markup {
    let is_under_way = status["phase"] != "not-begun" && !is(status, "has_ended");
    if !asked.visitor.operates || !is_under_way || asked.links == Links::File {
        return html! {};
    }
    let canary = word(status, "canary");
    html! {
        details { summary { "Overrule" }
            form.order method="post" action="/rollouts" {
                input type="hidden" name="ticket" value=(asked.visitor.ticket);
                input type="hidden" name="file" value=(one.file);
                label { "Why " input name="reason" required maxlength="1000"; }
                label { "Type " code { (canary) } " to confirm "
                    input name="confirmed" required autocomplete="off"; }
                button name="order" value="abort" { "Roll back" }
                button name="order" value="promote" { "Go on" }
            }
        }
    }
}

fn stages(one: &RolloutEntry, status: &Value) -> Markup {
    let here = status["stage"]["number"].as_u64().and_then(|at| usize::try_from(at).ok());
    html! {
        ol.steps aria-label="Stages" {
            @for (at, stage) in one.stages.iter().enumerate() {
                @let number = at + 1;
                @let is_here = here == Some(number);
                li.here[is_here].done[here.is_some_and(|here| number < here)]
                    aria-current=[is_here.then_some("step")] {
                    (text(stage))
                    @if is_here { @if is(status, "is_set") { " – here" } @else { " – being set" } }
                }
            }
        }
    }
}

fn split(status: &Value) -> Markup {
    let head = html! {
        th scope="col" { "Region" } th scope="col" { "Asked" } th scope="col" { "Routers say" }
        th scope="col" { "Really went there" }
    };
    let share = |of: &Value, name: &str| {
        of[name].as_f64().map_or_else(|| "–".to_owned(), |percent| format!("{percent:.1} %"))
    };
    let rows = html! {
        @for region in list(status, "regions") {
            @let routed = &region["routed"];
            @let [canary, control] = ["canary", "control"].map(|it| routed[it].as_u64());
            tr {
                th scope="row" { @match region["name"].as_str() {
                    Some(name) => (text(name)), None => "everywhere" } }
                td { (share(region, "asked")) }
                td { (share(region, "told")) }
                td {
                    @match (canary, control) {
                        (Some(canary), Some(control)) => {
                            (count(canary)) " of " (count(canary.saturating_add(control)))
                            " (" (share(routed, "from")) " to " (share(routed, "to")) ")"
                        }
                        _ => { "–" }
                    }
                }
            }
        }
    };
    html! {
        @if !list(status, "regions").is_empty() { (table("Intended and real split", head, rows)) }
    }
}

fn watched(status: &Value) -> Markup {
    let questions = list(status, "watched");
    let needed = &status["needed"];
    let head = html! {
        th scope="col" { "What" } th scope="col" { "Stands" }
        th scope="col" { "How many times as often, at least and at most" }
    };
    let rows = html! {
        @for question in questions {
            tr {
                th scope="row" {
                    (word(question, "words"))
                    @let cohort = word(question, "cohort");
                    @if !cohort.is_empty() { br; span.quiet { "where " (cohort) } }
                }
                td { (standing(&word(question, "standing"))) }
                td { (interval(question)) }
            }
        }
    };
    html! {
        @if !questions.is_empty() { (table("What is watched, the worst first", head, rows)) }
        @if let Some(units) = needed["units"].as_u64() {
            p { "To give it more, about " (count(units)) " more of " (word(needed, "unit"))
                " are needed." }
        }
    }
}

/// How a question stands, in the words that people decide by.
fn standing(word: &str) -> Markup {
    html! {
        @match word {
            "worse" => { span.verdict.broken { "✖ worse" } }
            "differs" => { span.verdict.drifted { "▲ differs" } }
            _ => { span.verdict { "◌ cannot tell yet" } }
        }
    }
}

/// An interval on a logarithmic line, with 1 marked: no difference.
fn interval(question: &Value) -> Markup {
    let Some(from) = question["at_least"].as_f64() else { return html! { "–" } };
    let to = question["at_most"].as_f64();
    let x = |ratio: f64| {
        let (low, high) = (RATIOS.0.ln(), RATIOS.1.ln());
        (ratio.clamp(RATIOS.0, RATIOS.1).ln() - low) / (high - low) * WIDTH
    };
    let (left, right) = (x(from), to.map_or(WIDTH, x));
    let told = match to {
        Some(to) => format!("{from:.2} to {to:.2}"),
        None => format!("at least {from:.2}"),
    };
    html! {
        svg width=(WIDTH) height="20" viewBox={ "0 0 " (WIDTH) " 20" } role="img"
            aria-label=(told) {
            line.axis x1="0" y1="10" x2=(WIDTH) y2="10" {}
            rect.band x={ (format!("{left:.1}")) } y="4" height="12"
                width={ (format!("{:.1}", (right - left).max(1.0))) } {}
            line.line.dotted x1=(x(1.0)) x2=(x(1.0)) y1="0" y2="20" {}
        }
        br;
        span.quiet { (told) }
    }
}

fn events(events: &[Value]) -> Markup {
    html! {
        @if !events.is_empty() {
            details { summary { "What happened" }
                (table("Events, the newest first", html! {
                    th scope="col" { "When" } th scope="col" { "What" }
                    th scope="col" { "Why" } }, html! {
                    @for event in events.iter().rev().take(EVENTS_MAX) {
                        tr { td { (when(event, "at")) } th scope="row" { (word(event, "event")) }
                            td { (word(event, "sentence")) } }
                    }
                }))
            }
        }
    }
}
