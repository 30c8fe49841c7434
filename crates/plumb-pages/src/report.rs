//! Pages as one file that needs nothing else: for the artefacts of a build, or an incident.
//!
//! Refuses to know where it is written.

use crate::address::{Links, VIEWS, View};
use crate::asset::style;
use crate::desk::Desk;
use crate::frame::{about, basis, menu, plumb_line};
use crate::parts::{moment, plural, text};
use crate::shown::{Asked, Shown};
use crate::survey::Survey;
use crate::view::show;
use crate::visitor::Visitor;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::{BTreeMap, BTreeSet};

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
    let sections = html! {
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
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (about(&title))
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
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
                    (sections)
                    (left_outside(&sections))
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

/// Where links lead whose thing has no section of its own: to a line that says so.
fn left_outside(sections: &Markup) -> Markup {
    let lost = lost(&sections.0);
    html! {
        @if !lost.is_empty() {
            section {
                @for anchor in &lost { span id=(anchor) {} }
                h2 { "Not in this file" }
                p { "Only the worst " (SECTIONS_MAX) " seams and findings have a section of "
                    "their own. A server's pages have them all, and " code { "plumb gap" }
                    " lists them." }
            }
        }
    }
}

/// Anchors that links name and nothing has. Within texts quotation marks are escaped, so that these
/// are attributes.
fn lost(html: &str) -> BTreeSet<&str> {
    let after = |mark: &'static str| {
        html.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect::<BTreeSet<_>>()
    };
    let there = after(" id=\"");
    after(" href=\"#").into_iter().filter(|anchor| !there.contains(anchor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let html = html! {
            a href="#here" {} section id="here" { " href=\"#text\"" } a href="#lost" {}
            a href="#lost" {}
        };
        assert_eq!(lost(&html.0), BTreeSet::from(["lost"]));
        let line = left_outside(&html).into_string();
        assert!(line.contains("<span id=\"lost\">"), "{line}");
        assert!(left_outside(&html! { p id="a" {} a href="#a" {} }).into_string().is_empty());
    }
}
