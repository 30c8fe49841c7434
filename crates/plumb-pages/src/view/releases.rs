//! What went live, and how the gap was then. Refuses to know who told of it.

use crate::address::View;
use crate::filter::asking;
use crate::parts::{
    Paging, ROWS_MAX, count, empty, name, pager, percent, plural, since, table, text,
};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_engine::history::Point;
use serde::Serialize;

#[derive(Serialize)]
struct Releases {
    paging: Paging,
    releases: Vec<ReleaseRow>,
}

#[derive(Serialize)]
struct ReleaseRow {
    #[serde(rename = "at", with = "crate::moment")]
    at_ms: Option<i64>,
    component: String,
    version: String,
    environment: String,
    /// Findings that this release is known to have brought.
    brought: usize,
    /// The gap when it went live; none where it was not judged then.
    gap: Option<f64>,
    /// Assumptions that were broken then.
    broken: Option<u64>,
    /// The component and the version as they came, which addresses are made of.
    #[serde(skip)]
    whole: (String, String),
}

/// What went live.
pub(crate) fn releases(asked: Asked<'_>) -> Shown {
    let releases = gather(asked);
    Shown {
        view: View::Releases,
        title: "Releases".to_owned(),
        how: "Releases are told by `plumb release record`, by CDEvents or by GitHub's web hook. A \
              finding is a release's where the version before was as said. The gap is the one \
              that was judged last before the release.",
        command: "plumb release ls".to_owned(),
        data: data(&releases),
        body: draw(&releases, asked),
    }
}

fn gather(asked: Asked<'_>) -> Releases {
    let survey = asked.survey;
    let history = asked.desk.history().unwrap_or_default();
    let paging = Paging::new(survey.releases.len(), asked.page());
    let page = survey.releases.iter().rev().skip(paging.skipped()).take(ROWS_MAX);
    let releases = page.map(|one| {
        let before = before(&history, one.at_ms);
        let brought = survey.report.findings.iter().filter(|finding| {
            finding.seam.writer == one.component
                && finding.seen.since_version.as_deref() == Some(one.version.as_str())
        });
        ReleaseRow {
            at_ms: Some(one.at_ms),
            component: text(&one.component),
            version: text(&one.version),
            environment: text(&one.environment),
            brought: brought.count(),
            gap: before.and_then(|point| point.gap),
            broken: before.map(|point| point.broken),
            whole: (one.component.clone(), one.version.clone()),
        }
    });
    Releases { paging, releases: releases.collect() }
}

fn before(history: &[Point], at_ms: i64) -> Option<&Point> {
    history.iter().rev().find(|point| point.at_ms <= at_ms)
}

fn draw(releases: &Releases, asked: Asked<'_>) -> Markup {
    if releases.releases.is_empty() {
        return empty(
            "No release was told. A deployment that tells of itself lets findings name it:",
            "plumb release record orders 3.2 --env production",
        );
    }
    let head = html! {
        th scope="col" { "When" } th scope="col" { "Component" } th scope="col" { "Version" }
        th scope="col" { "Environment" } th.number scope="col" { "Findings it brought" }
        th.number scope="col" { "Gap then" } th.number scope="col" { "Broken then" }
    };
    let findings = |row: &ReleaseRow| {
        let (component, version) = &row.whole;
        let filter = asking(&[("writer", component), ("version", version)]);
        View::Findings.plain().with("q", &filter).href(asked.links)
    };
    let rows = html! {
        @for row in &releases.releases {
            tr {
                td { (since(asked.survey.as_of_ms, row.at_ms)) }
                th scope="row" { (name(&row.component)) }
                td { (name(&row.version)) }
                td { (name(&row.environment)) }
                td.number { @if row.brought == 0 { "0" } @else {
                    a href=(findings(row)) { (row.brought) }
                } }
                td.number { @match row.gap { Some(gap) => (percent(gap)), None => "–" } }
                td.number { @match row.broken { Some(broken) => (count(broken)), None => "–" } }
            }
        }
    };
    html! {
        p { (plural(releases.paging.rows, "release")) }
        (table("Releases, the newest first", head, rows))
        (pager(releases.paging, &View::Releases.plain(), asked.links))
    }
}
