//! One finding: what is said, what is seen, since when, whom it touches, and what mends it.
//!
//! Refuses to mend anything.

use super::seam::link;
use crate::address::{Address, Links, View};
use crate::parts::{count, empty, moment, name, percent, since, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_gap::finding::{Cause, Finding};
use plumb_gap::policy::to_f64;
use plumb_gap::release::Release;
use plumb_shape::place::Place;
use plumb_shape::seen::Marginals;
use plumb_wire::finding_v1::{FindingEntry, finding_entry};
use plumb_wire::harmless::{harmless, shell_word};
use serde::Serialize;

/// Fields of the exchange that are shown beside the one that differs.
const FIELDS_MAX: usize = 40;

/// Releases of the writer that are shown around the finding.
const RELEASES_MAX: usize = 20;

/// Claims that are named.
const CLAIMS_MAX: usize = 100;

#[derive(Serialize)]
struct OneFinding<'a> {
    finding: Option<FindingEntry<'a>>,
    fields: Vec<FieldRow>,
    claims: Vec<ClaimRow<'a>>,
    releases: Vec<ReleaseRow<'a>>,
}

/// A field of the answers that the finding is about.
#[derive(Serialize)]
struct FieldRow {
    place: String,
    present: u64,
    of: u64,
    is_it: bool,
}

#[derive(Serialize)]
struct ClaimRow<'a> {
    dialect: &'static str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct ReleaseRow<'a> {
    #[serde(rename = "at", with = "crate::moment")]
    at_ms: Option<i64>,
    version: &'a str,
    environment: &'a str,
    is_suspect: bool,
}

/// One finding.
pub(crate) fn finding(asked: Asked<'_>) -> Shown {
    let key = asked.state("key");
    let found = asked.survey.finding(key);
    let one = gather(asked, found);
    let title = found.map_or_else(|| "No such finding".to_owned(), titled);
    Shown {
        view: View::Finding,
        title,
        how: "Fields are counted over all answers of this status that were seen of the compared \
              version: present in k of n. A release brought it where the version before is known \
              to have been as said.",
        command: format!("plumb explain {}", shell_word(key)),
        data: data(&one),
        body: draw(&one, (asked, found)),
    }
}

fn titled(found: &Finding) -> String {
    format!("{}: {}", text(&found.seam.operation), text(&found.seen.text))
}

fn gather<'a>(asked: Asked<'a>, found: Option<&'a Finding>) -> OneFinding<'a> {
    let survey = asked.survey;
    let Some(found) = found else {
        let (fields, claims, releases) = (Vec::new(), Vec::new(), Vec::new());
        return OneFinding { finding: None, fields, claims, releases };
    };
    let releases = survey.releases.iter().filter(|one| one.component == found.seam.writer);
    let suspect = found.seen.since_version.as_deref();
    let releases = releases.rev().take(RELEASES_MAX).map(|one: &Release| ReleaseRow {
        at_ms: Some(one.at_ms),
        version: &one.version,
        environment: &one.environment,
        is_suspect: suspect == Some(one.version.as_str()),
    });
    OneFinding {
        finding: Some(finding_entry(found, &survey.accepted)),
        fields: fields(found),
        claims: found
            .claims
            .iter()
            .take(CLAIMS_MAX)
            .map(|one| ClaimRow { dialect: one.dialect.name(), file: &one.file, line: one.line })
            .collect(),
        releases: releases.collect(),
    }
}

/// How often each field was there, in the order of the document. The one in question is marked, and
/// stands there also when it was never seen.
fn fields(found: &Finding) -> Vec<FieldRow> {
    match &found.cause {
        Cause::Difference { difference, seen, .. } => {
            let here = &difference.place;
            let mut rows: Vec<FieldRow> = seen
                .places
                .iter()
                .filter(|(place, _)| !place.to_string().is_empty())
                .map(|(place, tally)| field(place, (tally.seen.count, seen), place == here))
                .take(FIELDS_MAX)
                .collect();
            if !rows.iter().any(|row| row.is_it) {
                let present = seen.places.get(here).map_or(0, |tally| tally.seen.count);
                rows.insert(0, field(here, (present, seen), true));
            }
            rows
        }
        Cause::StatusNew { seen, .. } => {
            let rows = seen.places.iter().take(FIELDS_MAX);
            rows.map(|(place, tally)| field(place, (tally.seen.count, seen), false)).collect()
        }
        Cause::StatusGone { .. } | Cause::Contradiction => Vec::new(),
    }
}

fn field(place: &Place, (present, seen): (u64, &Marginals), is_it: bool) -> FieldRow {
    let place = harmless(&place.to_string()).into_owned();
    FieldRow { place, present, of: seen.total.count, is_it }
}

fn draw(one: &OneFinding<'_>, (asked, found): (Asked<'_>, Option<&Finding>)) -> Markup {
    let (Some(entry), Some(found)) = (&one.finding, found) else {
        let what = "No finding has this key now. It may have been mended, or its seam is seen no \
                    more. The findings that there are:";
        return empty(what, "plumb gap");
    };
    html! {
        p.headline { (verdict(entry.verdict)) " " (link(&found.seam, asked)) ", "
            (name(&found.seam.reader)) " → " (name(&found.seam.writer)) }
        @if let Some(accepted) = &entry.accepted {
            p { "Lived with: " (accepted.reason)
                @if let Some(until) = &accepted.until { " (until " (until) ")" } }
        }
        (sides(found, asked))
        h2 { "Field by field" }
        (field_table(one))
        h2 { "Since when" }
        (when(one, found, asked))
        h2 { "Who is affected" }
        (who(one, found))
        h2 { "The fix" }
        p { (text(&found.fix)) }
        (fix(&found.key(), asked))
    }
}

fn sides(found: &Finding, asked: Asked<'_>) -> Markup {
    let (said, seen) = (&found.said, &found.seen);
    html! {
        div.sides {
            div role="group" aria-label="Said" {
                h2 { "Said" }
                p { (text(&said.text)) }
                @if said.line > 0 { p.quiet { code { (text(&said.file)) ":" (said.line) }
                    @if let Some(dialect) = said.dialect { " (" (dialect.name()) ")" } } }
            }
            div role="group" aria-label="Seen" {
                h2 { "Seen" }
                p { (text(&seen.text)) }
                p.quiet {
                    "at " code { (text(&found.place)) } ", in " (count(seen.count)) " of "
                    (count(seen.of)) " exchanges"
                    @if seen.of > 0 { " (" (percent(to_f64(seen.count) / to_f64(seen.of))) ")" }
                    ", last " (since(asked.survey.as_of_ms, seen.last_ms))
                }
                @if seen.are_literals_withheld {
                    p.quiet {
                        "Values are part of this and are not shown: only their keyed hashes leave "
                        "the process that saw them."
                    }
                }
            }
        }
    }
}

fn field_table(one: &OneFinding<'_>) -> Markup {
    if one.fields.is_empty() {
        return html! { p { "This finding is about whole answers, not about a field of them." } };
    }
    let head = html! {
        th scope="col" { "Field" } th.number scope="col" { "Present" }
            th.number scope="col" { "Of" }
        th.number scope="col" { "Share" }
    };
    let rows = html! {
        @for field in &one.fields {
            tr.here[field.is_it] {
                th scope="row" { code { (text(&field.place)) } @if field.is_it { " ← here" } }
                td.number { (count(field.present)) }
                td.number { (count(field.of)) }
                td.number { (percent(to_f64(field.present) / to_f64(field.of.max(1)))) }
            }
        }
    };
    table("How often each field was there", head, rows)
}

fn when(one: &OneFinding<'_>, found: &Finding, asked: Asked<'_>) -> Markup {
    let (seen, now_ms) = (&found.seen, asked.survey.as_of_ms);
    html! {
        dl {
            dt { "Last as said" } dd { @match seen.last_good_ms {
                Some(at_ms) => (since(now_ms, Some(at_ms))), None => "not known" } }
            dt { "First not as said" } dd { (since(now_ms, seen.first_ms)) }
            dt { "Brought by" } dd { @match &seen.since_version {
                Some(version) => { (name(&found.seam.writer)) " " b { (text(version)) } }
                None => "no version that is known" } }
            dt { "Compared" } dd { @match &seen.writer_version {
                Some(version) => (text(version)), None => "a version nobody told" } }
        }
        @if !one.releases.is_empty() {
            (table("Releases of the writer, the newest first", html! {
                th scope="col" { "When" } th scope="col" { "Version" }
                    th scope="col" { "Environment" }
            }, html! {
                @for release in &one.releases {
                    tr.here[release.is_suspect] {
                        td { @if let Some(at_ms) = release.at_ms { (moment(at_ms)) } }
                        th scope="row" { (text(release.version))
                            @if release.is_suspect { " ← brought it" } }
                        td { (name(release.environment)) }
                    }
                }
            }))
        }
    }
}

fn who(one: &OneFinding<'_>, found: &Finding) -> Markup {
    html! {
        p { "Readers: " (name(&found.seam.reader))
            @if !found.seen.untested_readers.is_empty() {
                "; not seen with the newest version yet: "
                (text(&found.seen.untested_readers.join(", ")))
            }
        }
        @if one.claims.is_empty() { p { "No claim says it: nothing covers what was seen." } }
        @else {
            (table("Claims that say it", html! {
                th scope="col" { "Where" } th scope="col" { "Dialect" } }, html! {
                @for claim in &one.claims {
                    tr { th scope="row" { code { (text(claim.file)) ":" (claim.line) } }
                        td { (claim.dialect) } }
                }
            }))
        }
    }
}

/// The fix is worked out when it is asked for: it takes the whole project.
fn fix(key: &str, asked: Asked<'_>) -> Markup {
    let mending = Address::mending(key).href(asked.links);
    html! {
        @match asked.links {
            Links::Server => {
                div #fix hx-get=(mending) hx-trigger="load" hx-select="#mending"
                    hx-push-url="false" {
                    p { a href=(mending) { "Work out the fix" } }
                }
            }
            Links::File => { pre tabindex="0" { code { "plumb fix " (shell_word(key)) } } }
        }
        details { summary { "Live with it" }
            pre tabindex="0" { code {
                "plumb accept " (shell_word(key)) " --reason TEXT --until DATE" } }
        }
    }
}
