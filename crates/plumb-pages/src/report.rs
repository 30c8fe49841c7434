//! Pages as one file that needs nothing else: for the artefacts of a build, or an incident.
//!
//! Refuses to know where it is written.

use crate::address::{Links, VIEWS, View};
use crate::asset::style;
use crate::desk::Desk;
use crate::frame::{basis, menu, plumb_line};
use crate::parts::{moment, plural, text};
use crate::shown::{Asked, Shown};
use crate::survey::Survey;
use crate::view::show;
use crate::visitor::Visitor;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;

/// Findings and seams that get a section of their own each; the worst ones.
pub const SECTIONS_MAX: usize = 200;

/// The whole file.
#[must_use]
pub fn report(survey: &Survey, desk: &dyn Desk) -> String {
    let title = format!("What would break? · {}", text(&survey.project));
    let findings = survey.report.findings.iter().take(SECTIONS_MAX);
    let seams = survey.report.seams.iter().take(SECTIONS_MAX);
    let listed = VIEWS.iter().filter(|(view, _, label)| !label.is_empty() && view.is_in_file());
    let views = listed.map(|(view, ..)| *view);
    let left_out = survey.report.findings.len().saturating_sub(SECTIONS_MAX);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.bar {
                    span.mark { (plumb_line()) span { "Plumb" } }
                    (menu(None, Links::File))
                    p.quiet { "Judged " (moment(survey.as_of_ms)) " UTC" }
                }
                main id="main" tabindex="-1" {
                    h1 { (title) }
                    @for view in views { (section(view, (survey, desk), &[])) }
                    @for one in seams {
                        (section(View::Seam, (survey, desk),
                            &[("writer", &one.seam.writer), ("reader", &one.seam.reader),
                            ("operation", &one.seam.operation)]))
                    }
                    @for one in findings {
                        (section(View::Finding, (survey, desk), &[("key", &one.key())])) }
                    @if left_out > 0 { p {
                        (plural(left_out, "finding")) " more, without a section of their own." } }
                }
            }
        }
    }
    .into_string()
}

fn section(
    view: View,
    (survey, desk): (&Survey, &dyn Desk),
    state: &[(&'static str, &str)],
) -> Markup {
    let query: BTreeMap<String, String> =
        state.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let address =
        state.iter().fold(view.plain(), |address, (name, value)| address.with(name, value));
    let visitor = Visitor::default();
    let asked = Asked { survey, desk, query: &query, links: Links::File, visitor };
    let shown: Shown = show(view, asked);
    html! {
        section id=(address.anchor()) {
            h2 { (shown.title) }
            (shown.body)
            details { summary { "How this was computed" }
                (basis(&shown, survey, survey.as_of_ms)) }
        }
    }
}
