//! One seam: how it behaves, what is wrong with it, which versions were seen.
//!
//! Refuses to know other seams.

use super::findings::table_of;
use crate::address::{Address, View};
use crate::parts::{count, empty, name, percent, since, table, text, verdict};
use crate::row::{FindingRow, SeamRow};
use crate::shown::{Asked, Shown, data};
use crate::survey::{Strand, Survey};
use maud::{Markup, html};
use plumb_engine::mock::behaviour::MockBehaviour;
use plumb_engine::mock::mock;
use plumb_gap::evidence::Evidence;
use plumb_gap::finding::Seam;
use plumb_gap::policy::to_f64;
use plumb_wire::harmless::{harmless, shell_word};
use serde::Serialize;
use std::collections::BTreeMap;

/// Findings that are shown; the list has all.
const FINDINGS_MAX: usize = 50;

/// Behaviours that are shown.
const BEHAVIOURS_MAX: usize = 50;

#[derive(Serialize)]
struct OneSeam {
    seam: Option<SeamRow>,
    #[serde(rename = "first_seen", with = "crate::moment")]
    first_ms: Option<i64>,
    behaviours: Vec<BehaviourRow>,
    versions: Vec<VersionRow>,
    findings: Vec<FindingRow>,
    headers_new: Vec<String>,
}

#[derive(Serialize)]
struct BehaviourRow {
    id: String,
    status: u16,
    seen: u64,
    share: f64,
    #[serde(rename = "first_seen", with = "crate::moment")]
    first_ms: Option<i64>,
    #[serde(rename = "last_seen", with = "crate::moment")]
    last_ms: Option<i64>,
    body: String,
    /// Whether a test met it; none where no test was looked at since it is known.
    is_tested: Option<bool>,
}

#[derive(Serialize)]
struct VersionRow {
    version: String,
    environment: String,
    exchanges: u64,
    days: usize,
    #[serde(rename = "last_seen", with = "crate::moment")]
    last_ms: Option<i64>,
}

/// One seam.
pub(crate) fn seam(asked: Asked<'_>) -> Shown {
    let seam = Seam {
        writer: asked.state("writer").to_owned(),
        reader: asked.state("reader").to_owned(),
        operation: asked.state("operation").to_owned(),
    };
    let one = gather(asked, &seam);
    let operation = harmless(&seam.operation);
    Shown {
        view: View::Seam,
        title: match one.seam {
            Some(_) => text(&operation),
            None => "No such seam".to_owned(),
        },
        how: "A behaviour is the set of facts of one whole exchange: which places are there, of \
              which types. Its document is made from those facts alone and holds no value that \
              was seen.",
        command: format!("plumb evidence show --operation {}", shell_word(&seam.operation)),
        data: data(&one),
        body: draw(&one, (asked, &seam)),
    }
}

fn gather(asked: Asked<'_>, seam: &Seam) -> OneSeam {
    let survey = asked.survey;
    let report = survey.seam(seam);
    let of_seam = survey.report.findings.iter().filter(|one| one.seam == *seam);
    OneSeam {
        seam: report.map(|one| SeamRow::of(one, survey)),
        first_ms: report.and_then(|one| one.total.first_ms),
        behaviours: behaviours(survey, seam),
        versions: versions(survey.strands_of(seam)),
        findings: of_seam.take(FINDINGS_MAX).map(|one| FindingRow::of(one, survey)).collect(),
        headers_new: report.map_or_else(Vec::new, |one| {
            one.headers_new.iter().map(|name| harmless(name).into_owned()).collect()
        }),
    }
}

/// The most frequent behaviours, of all versions together: one that only an older version had tells
/// so by when it was last seen.
fn behaviours(survey: &Survey, seam: &Seam) -> Vec<BehaviourRow> {
    let unversioned = |one: &Evidence| Evidence { version: String::new(), ..one.clone() };
    let here: Vec<Evidence> = survey.evidence_of(seam).map(unversioned).collect();
    let counts = here.iter().map(|one| one.profile.total().count);
    let all = counts.fold(0, u64::saturating_add).max(1);
    let mock = mock(&here, &seam.writer);
    let seen = mock.operations().iter().flat_map(|one| &one.behaviours).take(BEHAVIOURS_MAX);
    let row = |one: &MockBehaviour| BehaviourRow {
        id: one.id.clone(),
        status: one.status,
        seen: one.seen,
        share: to_f64(one.seen) / to_f64(all),
        first_ms: one.first_ms,
        last_ms: one.last_ms,
        body: harmless(&one.body).into_owned(),
        is_tested: survey
            .met
            .as_ref()
            .and_then(|met| met.is_met(&seam.writer, &seam.operation, &one.id)),
    };
    seen.map(row).collect()
}

/// What was seen of each version in each environment, the newest first.
fn versions(strands: &[Strand]) -> Vec<VersionRow> {
    let mut rows: BTreeMap<(&str, &str), VersionRow> = BTreeMap::new();
    for strand in strands {
        let row =
            rows.entry((&strand.version, &strand.environment)).or_insert_with(|| VersionRow {
                version: harmless(&strand.version).into_owned(),
                environment: harmless(&strand.environment).into_owned(),
                exchanges: 0,
                days: 0,
                last_ms: None,
            });
        row.exchanges = row.exchanges.saturating_add(strand.exchanges);
        row.days += 1;
        row.last_ms = row.last_ms.max(Some(strand.last_ms));
    }
    let mut rows: Vec<VersionRow> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.last_ms));
    rows
}

fn draw(one: &OneSeam, (asked, seam): (Asked<'_>, &Seam)) -> Markup {
    let Some(row) = &one.seam else {
        return empty("No such seam is known now. It may have been one once:", "plumb gap");
    };
    let now_ms = asked.survey.as_of_ms;
    let component = if seam.writer.is_empty() { &seam.reader } else { &seam.writer };
    let near = View::Map.plain().with("focus", component);
    html! {
        p.headline { (verdict(row.verdict)) " " (name(&row.reader)) " → " (name(&row.writer)) }
        dl {
            dt { "Gap" } dd { @match row.gap {
                Some(gap) => (percent(gap)), None => "nothing seen or said" } }
            dt { "Exchanges" } dd { (count(row.exchanges)) }
            dt { "First seen" } dd { (since(now_ms, one.first_ms)) }
            dt { "Last seen" } dd { (since(now_ms, row.last_ms)) }
            dt { "Assumptions" } dd { (row.claims) }
            @if let Some(owner) = &row.owner { dt { "Owner" } dd { (text(owner)) } }
            dt { "Around it" } dd { a href=(near.href(asked.links)) { "on the map" } }
        }
        h2 { "Findings" }
        @if one.findings.is_empty() { p { "None." } } @else { (table_of(&one.findings, asked)) }
        h2 { "Behaviours" }
        p.quiet {
            "Of all versions of the writer together. "
            @match &asked.survey.met {
                Some(met) => { "Tests were last looked at " (since(now_ms, Some(met.at_ms))) "." }
                None => { code { "plumb run -- npm test" } " tells which of them tests meet." }
            }
        }
        (behaviour_table(one, now_ms))
        h2 { "Versions of the writer" }
        (version_table(one, now_ms))
        @if !one.headers_new.is_empty() {
            h2 { "Headers that nothing is said of" }
            p.quiet { (one.headers_new.join(", ")) }
        }
    }
}

fn behaviour_table(one: &OneSeam, now_ms: i64) -> Markup {
    if one.behaviours.is_empty() {
        return html! { p { "No answer was seen." } };
    }
    let head = html! {
        th scope="col" { "Id" } th.number scope="col" { "Status" } th.number scope="col" { "Seen" }
        th.number scope="col" { "Share" } th scope="col" { "First seen" }
        th scope="col" { "Last seen" } th scope="col" { "Tests" }
        th scope="col" { "Behaves as" }
    };
    let rows = html! {
        @for row in &one.behaviours {
            tr {
                th scope="row" { code { (row.id) } }
                td.number { (row.status) }
                td.number { (count(row.seen)) }
                td.number { (percent(row.share)) }
                td { (since(now_ms, row.first_ms)) }
                td { (since(now_ms, row.last_ms)) }
                td {
                    @match row.is_tested {
                        Some(true) => { "met it" }
                        Some(false) => { span.verdict.drifted { "▲ never met it" } }
                        None => { span.quiet { "not looked at" } }
                    }
                }
                td {
                    @if row.body.is_empty() { span.quiet { "no body" } }
                    @else { code { (text(&row.body)) } }
                }
            }
        }
    };
    table("Behaviours, the most frequent first", head, rows)
}

fn version_table(one: &OneSeam, now_ms: i64) -> Markup {
    if one.versions.is_empty() {
        return html! { p { "Nothing was seen." } };
    }
    let head = html! {
        th scope="col" { "Version" } th scope="col" { "Environment" }
        th.number scope="col" { "Exchanges" } th.number scope="col" { "Days" }
        th scope="col" { "Last seen" }
    };
    let rows = html! {
        @for row in &one.versions {
            tr {
                th scope="row" { (name(&row.version)) }
                td { (name(&row.environment)) }
                td.number { (count(row.exchanges)) }
                td.number { (row.days) }
                td { (since(now_ms, row.last_ms)) }
            }
        }
    };
    table("Versions, the newest first", head, rows)
}

/// Where a seam is shown, for views that name seams.
pub(crate) fn link(seam: &Seam, asked: Asked<'_>) -> Markup {
    html! { a href=(Address::seam(seam).href(asked.links)) { (text(&seam.operation)) } }
}
