//! Versions on their way: how far each came, what is asked for and what really goes there, and what
//! was judged.
//!
//! Refuses to order anything.

use crate::address::{Links, View};
use crate::desk::RolloutEntry;
use crate::member::{is, list, when, word, words};
use crate::parts::{empty, table, text, verdict};
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
            "judgement": one.judgement,
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
            (word(status, "phase"))
            @if status["since"].is_string() { " since " (when(status, "since")) }
        }
        @if !word(status, "sentence").is_empty() { p { (word(status, "sentence")) } }
        (stages(one, status))
        (split(status))
        @if let Some(judgement) = &one.judgement { (judged(judgement)) }
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
    let or_dash = |word: String| if word.is_empty() { "–".to_owned() } else { word };
    let rows = html! {
        @for region in list(status, "regions") {
            tr {
                th scope="row" { (or_dash(word(region, "name"))) }
                td { (or_dash(word(region, "asked"))) " %" }
                td { @if region["told"].is_null() { "–" } @else { (word(region, "told")) " %" } }
                td { @let routed = &region["routed"];
                    @if routed.is_object() {
                        (word(routed, "canary")) " of " (routed["canary"].as_u64().unwrap_or(0) +
                            routed["control"].as_u64().unwrap_or(0))
                        " (" (word(routed, "from")) " to " (word(routed, "to")) " %)"
                    } @else { "–" } }
            }
        }
    };
    html! {
        @if !list(status, "regions").is_empty() { (table("Intended and real split", head, rows)) }
    }
}

fn judged(judgement: &Value) -> Markup {
    let tiles = list(judgement, "worse").iter().chain(list(judgement, "differs"));
    let tiles: Vec<&Value> = tiles.collect();
    html! {
        h3 { "What differs" }
        p { (word(judgement, "reason")) }
        @if tiles.is_empty() {
            p { "Nothing differs so far." @if let Some(more) = judgement["units_needed"].as_u64() {
                " About " (crate::parts::count(more)) " more units are needed to tell." } }
        } @else {
            (table("Differences, the worst first", html! {
                th scope="col" { "What" } th scope="col" { "Ratio, with its interval" }
                    th scope="col" { "Since" }
            }, html! {
                @for tile in &tiles {
                    tr {
                        th scope="row" { (word(tile, "words"))
                            @if tile["cohort"].is_string() {
                                br; span.quiet { (word(tile, "cohort")) } } }
                        td { (interval(&tile["ratio"])) }
                        td { (when(tile, "since")) }
                    }
                }
            }))
        }
        @for doubt in words(judgement, "doubts") { p.quiet { (doubt) } }
    }
}

/// A ratio and its interval on a logarithmic line, with 1 marked: no difference.
fn interval(ratio: &Value) -> Markup {
    let number = |name: &str| ratio[name].as_f64();
    let (Some(likeliest), Some(from), Some(to)) =
        (number("likeliest"), number("from"), number("to"))
    else {
        return html! { "–" };
    };
    let x = |ratio: f64| {
        let (low, high) = (RATIOS.0.ln(), RATIOS.1.ln());
        (ratio.max(RATIOS.0).min(RATIOS.1).ln() - low) / (high - low) * WIDTH
    };
    let told = format!("{likeliest:.2} ({from:.2} to {to:.2})");
    html! {
        svg width=(WIDTH) height="20" viewBox={ "0 0 " (WIDTH) " 20" } role="img"
            aria-label=(told) {
            line.axis x1="0" y1="10" x2=(WIDTH) y2="10" {}
            rect.band x=(x(from)) y="4" width={ (format!("{:.1}", (x(to) - x(from)).max(1.0))) }
                height="12" {}
            line.line.dotted x1=(x(1.0)) x2=(x(1.0)) y1="0" y2="20" {}
            line.line x1=(x(likeliest)) x2=(x(likeliest)) y1="3" y2="17" {}
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
