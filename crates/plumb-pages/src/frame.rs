//! The frame around every page: head, menu, what stands below each view.
//!
//! Refuses to know what stands inside.

use crate::address::{Address, Links, VIEWS, View};
use crate::asset::asset_path;
use crate::parts::{age, moment, text};
use crate::shown::Shown;
use crate::survey::Survey;
use crate::visitor::Visitor;
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_wire::harmless::harmless;

/// What pages may do: nothing but show what the same server sends. Their scripts run no text as
/// code, and nobody may put them into a frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// What is set for htmx: it adds no styles, and runs nothing that stands in an attribute.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"selfRequestsOnly":true}"#;

/// What a page says about itself beside its view.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    json: &'a str,
    trouble: &'a str,
}

/// The address of the same as JSON, and why the newest judging failed, if it did.
#[must_use]
pub const fn told<'a>(json: &'a str, trouble: &'a str) -> About<'a> {
    About { json, trouble }
}

/// A whole page of a server.
#[must_use]
pub fn page(
    shown: &Shown,
    (survey, now_ms): (&Survey, i64),
    visitor: Visitor<'_>,
    about: About<'_>,
) -> String {
    let main = html! {
        main id="main" tabindex="-1" data-as-of=(survey.as_of_ms) {
            h1 { (shown.title) }
            @if !about.trouble.is_empty() {
                p.complaint role="alert" {
                    "What is shown is old: the newest judging failed: " (text(about.trouble))
                }
            }
            (shown.body)
            (grounds(shown, survey, now_ms))
            p.links { a href=(about.json) { "The same as JSON" } }
        }
    };
    let title = format!("{} · {} · Plumb", shown.title, text(&survey.project));
    document(&title, &html! { (header(Some(shown.view), visitor)) (main) }).into_string()
}

/// A page that says why there is no other, and what to do.
#[must_use]
pub fn plain_page(title: &str, (what, help): (&str, &str), visitor: Visitor<'_>) -> String {
    let main = html! {
        main id="main" tabindex="-1" { h1 { (title) } p { (text(what)) } p.quiet { (help) } }
    };
    let title = format!("{title} · Plumb");
    document(&title, &html! { (header(Some(View::Home), visitor)) (main) }).into_string()
}

/// The page on which a visitor shows a token.
#[must_use]
pub fn login_page(complaint: &str, back: &str, elsewhere: Option<&str>) -> String {
    let main = html! {
        main id="main" tabindex="-1" {
            h1 { "Log in" }
            (login_form(complaint, back))
            (login_link(elsewhere, back))
        }
    };
    let nobody = Visitor::default();
    document("Log in · Plumb", &html! { (header(None, nobody)) (main) }).into_string()
}

fn login_form(complaint: &str, back: &str) -> Markup {
    html! {
        @if !complaint.is_empty() { p.complaint role="alert" { (complaint) } }
        form.login method="post" action="/login" {
            label for="token" { "Token" }
            input id="token" name="token" type="password" autocomplete="current-password" required;
            input type="hidden" name="back" value=(back);
            button { "Log in" }
        }
        p.quiet { "A token that may " code { "read" } " is enough. On the server, "
            code { "plumb token new" } " makes one." }
    }
}

/// The way to log in at a provider, where there is one.
fn login_link(elsewhere: Option<&str>, back: &str) -> Markup {
    let query = utf8_percent_encode(back, NON_ALPHANUMERIC);
    html! {
        @if let Some(provider) = elsewhere {
            p { a.button href=(format!("/login/oidc?back={query}")) { "Log in at " (provider) } }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (about(title))
                meta name="referrer" content="same-origin";
                meta name="htmx-config" content=(HTMX);
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(asset_path("plumb.css"));
                link rel="stylesheet" href=(asset_path("uPlot.min.css"));
                script src=(asset_path("plumb.js")) defer {}
                script src=(asset_path("htmx.min.js")) defer {}
            }
            body data-chart=(asset_path("uPlot.min.js")) {
                a.skip href="#main" { "Skip to the content" }
                (body)
                (keys())
            }
        }
    }
}

/// What the head of every document begins with.
pub(crate) fn about(title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (title) }
    }
}

fn header(view: Option<View>, visitor: Visitor<'_>) -> Markup {
    html! {
        header.bar {
            a.mark href="/" { (plumb_line()) span { "Plumb" } }
            @if view.is_some() { (menu(view, Links::Server)) }
            div.tools {
                div #live role="status" aria-live="polite" {}
                @if let Some(name) = visitor.name {
                    form method="post" action="/logout" {
                        input type="hidden" name="ticket" value=(visitor.ticket);
                        span.quiet { (text(name)) } " "
                        button { "Log out" }
                    }
                }
            }
        }
    }
}

/// The menu: every view that is no single thing.
pub(crate) fn menu(here: Option<View>, links: Links) -> Markup {
    let near = match here {
        Some(View::Seam) => Some(View::Seams),
        Some(View::Finding | View::Mending) => Some(View::Findings),
        other => other,
    };
    let is_listed = |(view, _, label): &&(View, &str, &str)| {
        !label.is_empty() && (links == Links::Server || view.is_in_file())
    };
    html! {
        nav.menu aria-label="Views" {
            ul {
                @for (view, _, label) in VIEWS.iter().filter(is_listed) {
                    li {
                        a href=(view.plain().href(links))
                            aria-current=[(near == Some(*view)).then_some("page")] { (label) }
                    }
                }
            }
        }
    }
}

/// A weight on a line, and a line that leans away from it.
pub(crate) fn plumb_line() -> Markup {
    html! {
        svg viewBox="0 0 20 28" width="20" height="28" aria-hidden="true" {
            path d="M10 1V17" fill="none" stroke="currentColor" stroke-width="1.5" {}
            path d="M10 1L15 24" fill="none" stroke="currentColor" stroke-width="1"
                stroke-dasharray="2 2" opacity="0.6" {}
            path d="M6 17H14L10 27Z" fill="currentColor" {}
        }
    }
}

/// How a view was computed, and how to get the same in a terminal.
fn grounds(shown: &Shown, survey: &Survey, now_ms: i64) -> Markup {
    html! {
        section.grounds aria-label="How this was computed" {
            h2 { "How this was computed" }
            (basis(shown, survey, now_ms))
        }
    }
}

/// The same without what stands around it.
pub(crate) fn basis(shown: &Shown, survey: &Survey, now_ms: i64) -> Markup {
    html! {
        p { (shown.how) }
        p {
            "Judged " (moment(survey.as_of_ms)) " UTC (" (age(now_ms, survey.as_of_ms)) ")"
            @if let Some(environment) = &survey.environment {
                ", in the environment " code { (text(environment)) }
            }
            ". The same in a terminal:"
        }
        pre tabindex="0" { code { (harmless(&shown.command)) } }
    }
}

/// Keys that do something, told when asked for.
fn keys() -> Markup {
    html! {
        dialog #keys aria-label="Keys" {
            h2 { "Keys" }
            dl {
                dt { kbd { "/" } } dd { "to the filter" }
                dt { kbd { "j" } " " kbd { "k" } } dd { "down and up the rows of a list" }
                dt { kbd { "p" } } dd { "pause what changes by itself, or let it go on" }
                dt { kbd { "t" } } dd { "light, dark, or as the system has it" }
                dt { kbd { "?" } } dd { "these keys" }
            }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// The field by which a list is narrowed. `address` is the list without its filter and page. A file
/// cannot be asked for less.
pub(crate) fn filter_field(
    address: &Address,
    (written, complaint): (&str, &str),
    links: Links,
) -> Markup {
    if links == Links::File {
        return html! {};
    }
    let action = address.bare().path("");
    html! {
        form.filter method="get" action=(action) role="search"
            hx-get=(action) hx-target="#main" hx-select="#main" hx-swap="outerHTML"
            hx-push-url="true" hx-trigger="submit" {
            @for (name, value) in address.members() {
                input type="hidden" name=(name) value=(value);
            }
            label for="q" { "Filter" }
            input id="q" name="q" type="search" value=(written) spellcheck="false"
                autocomplete="off" placeholder="reader:web verdict:broken age>7d"
                aria-describedby="filter-help";
            button { "Show" }
            span #filter-help .quiet {
                "names: reader writer operation verdict rule owner version place file; "
                "age>7d, exchanges>100; - turns round"
            }
            @if !complaint.is_empty() { p.complaint role="alert" { (text(complaint)) } }
        }
    }
}
