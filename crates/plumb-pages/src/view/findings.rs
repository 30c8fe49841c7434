//! Every finding, as a table. Refuses to know one of them closely.

use crate::address::{Address, View};
use crate::frame::filter_field;
use crate::parts::{
    Paging, ROWS_MAX, count, empty, name, pager, plural, since, table, text, verdict,
};
use crate::row::{FilteredFinding, FindingRow};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_gap::finding::Finding;
use serde::Serialize;

#[derive(Serialize)]
struct Findings {
    filter: String,
    complaint: Option<String>,
    paging: Paging,
    findings: Vec<FindingRow>,
}

/// Every finding.
pub(crate) fn findings(asked: Asked<'_>) -> Shown {
    let findings = gather(asked);
    Shown {
        view: View::Findings,
        title: "Findings".to_owned(),
        how: "A finding is a difference between what is said and what is seen, with the rule that \
              says what it is worth. Those that people live with stand here too, and are marked.",
        command: "plumb gap --format ndjson".to_owned(),
        data: data(&findings),
        body: draw(&findings, asked),
    }
}

fn gather(asked: Asked<'_>) -> Findings {
    let survey = asked.survey;
    let (filter, complaint) = asked.filter();
    let all = survey.report.findings.iter();
    let takes = |one: &&Finding| filter.takes(&FilteredFinding(one, survey), survey.as_of_ms);
    let taken: Vec<&Finding> = all.filter(takes).collect();
    let paging = Paging::new(taken.len(), asked.page());
    let page = taken.into_iter().skip(paging.skipped()).take(ROWS_MAX);
    Findings {
        filter: asked.state("q").to_owned(),
        complaint,
        paging,
        findings: page.map(|one| FindingRow::of(one, survey)).collect(),
    }
}

fn draw(findings: &Findings, asked: Asked<'_>) -> Markup {
    let list = View::Findings.plain().with("q", &findings.filter);
    let complaint = findings.complaint.as_deref().unwrap_or_default();
    html! {
        (filter_field(&View::Findings.plain(), (&findings.filter, complaint), asked.links))
        @if asked.survey.report.findings.is_empty() {
            (empty("There is no finding.", "plumb gap"))
        } @else if findings.findings.is_empty() {
            (empty("No finding is like that.", ""))
        } @else {
            p { (plural(findings.paging.rows, "finding")) ", worst first" }
            (table_of(&findings.findings, asked))
            (pager(findings.paging, &list, asked.links))
        }
    }
}

/// A table of findings, for whichever view shows some.
pub(crate) fn table_of(findings: &[FindingRow], asked: Asked<'_>) -> Markup {
    let head = html! {
        th scope="col" { "Verdict" } th scope="col" { "What" } th scope="col" { "Where" }
        th scope="col" { "Said at" } th.number scope="col" { "Seen" } th scope="col" { "Since" }
    };
    let rows = html! {
        @for row in findings {
            tr {
                td { (verdict(row.verdict)) @if row.is_accepted {
                    br; span.quiet { "lived with" } } }
                th scope="row" {
                    a href=(Address::finding(&row.key).href(asked.links)) { (text(&row.seen)) }
                    br; span.quiet { (row.rule) }
                }
                td { (name(&row.writer)) " " (text(&row.operation)) br;
                    span.quiet { (text(&row.place)) } }
                td { @if row.file.is_empty() { "–" } @else { (text(&row.file)) ":" (row.line) } }
                td.number { (count(row.count)) " of " (count(row.of)) }
                td {
                    (since(asked.survey.as_of_ms, row.first_ms))
                    @if let Some(version) = &row.since_version {
                        br; span.quiet { "with " (text(version)) } }
                }
            }
        }
    };
    table("Findings", head, rows)
}
