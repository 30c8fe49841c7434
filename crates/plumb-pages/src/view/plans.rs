//! Transitions: the steps in their order, what must go before each, and from where there is no way
//! back.
//!
//! Refuses to plan.

use crate::address::View;
use crate::desk::PlanEntry;
use crate::member::{is, list, word, words};
use crate::parts::{empty, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use serde_json::{Value, json};

/// Transitions.
pub(crate) fn plans(asked: Asked<'_>) -> Shown {
    let found = asked.desk.plans();
    let body = match &found {
        Ok(plans) => draw(plans),
        Err(err) => html! { p.complaint role="alert" { "Plans cannot be read: " (text(err)) } },
    };
    let plans = found.unwrap_or_default();
    let entry = |one: &PlanEntry| {
        let (file, error) = (text(&one.file), text(&one.error));
        json!({ "file": file, "plan": one.document, "error": error })
    };
    Shown {
        view: View::Plans,
        title: "Plans".to_owned(),
        how: "Each pair of versions that could meet is decided from evidence, from contracts, or \
              from what the file declares; the order is the one in which no pair meets that \
              cannot. From the point of no return on the way back is closed.",
        command: "plumb plan".to_owned(),
        data: data(&json!({ "plans": plans.iter().map(entry).collect::<Vec<Value>>() })),
        body,
    }
}

fn draw(plans: &[PlanEntry]) -> Markup {
    if plans.is_empty() {
        return empty(
            "No transition lies in the project. A first one is drafted from what is known:",
            "plumb plan draft",
        );
    }
    html! {
        @for plan in plans {
            section aria-label=(text(&plan.file)) {
                h2 { code { (text(&plan.file)) } }
                @match &plan.document {
                    None => { p.complaint { (text(&plan.error)) } }
                    Some(document) => { (one(document)) }
                }
            }
        }
    }
}

fn one(plan: &Value) -> Markup {
    let no_return = plan["point_of_no_return"].as_u64();
    let waves = list(plan, "waves");
    html! {
        p.headline { (verdict(&word(plan, "answer"))) " " (word(plan, "reason")) }
        @if !waves.is_empty() {
            ol.steps {
                @for wave in waves {
                    @let is_beyond = no_return.is_some_and(|at| wave["number"].as_u64() >=
                        Some(at));
                    li.no-return[is_beyond] {
                        @if wave["number"].as_u64().is_some() && wave["number"].as_u64() ==
                            no_return {
                            hr.no-return-line;
                            p.complaint {
                                "Point of no return: from here on no way leads back to the start."
                            }
                        }
                        (windows("First wait until", list(wave, "windows")))
                        @for step in list(wave, "steps") { (step_line(step)) }
                        (way_back(wave))
                    }
                }
            }
        }
        (obstacles(plan))
    }
}

fn step_line(step: &Value) -> Markup {
    html! {
        p { b { (word(step, "component")) } " " (word(step, "from")) " → " (word(step, "to")) }
        @for why in words(step, "closes") { p.quiet { "closes the way back: " (why) } }
    }
}

fn windows(lead: &str, windows: &[Value]) -> Markup {
    html! {
        @for window in windows {
            p.quiet {
                (lead) " nothing of " (word(window, "component")) " " (word(window, "version"))
                @if window["seam"].is_string() { " is left in " (word(window, "seam")) }
                @else { " runs" }
                @if let Some(limit) = window["limit_s"].as_u64() {
                    ", at most " (limit) " s"
                    @if window["limit_basis"].is_string() { " (" (word(window, "limit_basis")) ")" }
                } @else { "; how long that takes is not known" }
            }
        }
    }
}

fn way_back(wave: &Value) -> Markup {
    let back = &wave["way_back"];
    html! {
        @if is(back, "is_open") {
            p.quiet { "The way back is open." }
            (windows("Going back, wait until", list(back, "windows")))
        } @else {
            p.quiet { "The way back is closed since wave " (word(back, "closed_since")) "." }
        }
    }
}

fn obstacles(plan: &Value) -> Markup {
    let pairs = list(plan, "obstacles").iter().flat_map(|one| list(one, "pairs"));
    let pairs: Vec<&Value> = pairs.collect();
    html! {
        @if !pairs.is_empty() {
            h3 { "What leaves no order" }
            ul { @for pair in pairs { li { (pair_line(pair)) } } }
        }
        @let proposals = list(plan, "proposals");
        @if !proposals.is_empty() {
            h3 { "What would open one" }
            ul {
                @for proposal in proposals {
                    @for change in list(proposal, "changes") {
                        li { b { (word(change, "component")) } ": " (word(change, "what")) }
                    }
                }
            }
        }
    }
}

fn pair_line(pair: &Value) -> Markup {
    let end =
        |name: &str| format!("{} {}", word(&pair[name], "component"), word(&pair[name], "version"));
    html! {
        (end("writer")) " → " (end("reader")) ": " (word(pair, "answer"))
        span.quiet { " (" (word(pair, "basis")) ") " (word(pair, "because")) }
    }
}
