//! Every seam, as a table. Refuses to know one of them closely.

use crate::address::{Address, Links, View};
use crate::frame::filter_field;
use crate::parts::{
    Paging, ROWS_MAX, count, empty, name, pager, percent, plural, since, table, text, verdict,
};
use crate::row::{FilteredSeam, SeamRow};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_gap::finding::Seam;
use plumb_gap::judged::SeamReport;
use plumb_wire::rfc3339::rfc3339;
use serde::Serialize;
use std::cmp::Reverse;

/// The orders of the list, each with its name for people.
const ORDERS: [(&str, &str); 4] = [
    ("", "worst first"),
    ("exchanges", "most traffic"),
    ("age", "oldest evidence"),
    ("name", "name"),
];

#[derive(Serialize)]
struct Seams {
    filter: String,
    order: String,
    complaint: Option<String>,
    paging: Paging,
    seams: Vec<SeamRow>,
    #[serde(skip)]
    addresses: Vec<Seam>,
}

/// Every seam.
pub(crate) fn seams(asked: Asked<'_>) -> Shown {
    let seams = gather(asked);
    Shown {
        view: View::Seams,
        title: "Seams".to_owned(),
        how: "A seam is a reader, a writer and what happens between them. Its verdict is the worst \
              of its assumptions and findings; its gap is the share of its exchanges that carry \
              something no assumption covers.",
        command: "plumb gap --format json".to_owned(),
        data: data(&seams),
        body: draw(&seams, asked),
    }
}

/// The seams that the filter takes, in the order asked for, and what is wrong with the filter.
fn taken(asked: Asked<'_>) -> (Vec<&SeamReport>, Option<String>) {
    let survey = asked.survey;
    let (filter, complaint) = asked.filter();
    let all = survey.report.seams.iter();
    let mut taken: Vec<&SeamReport> =
        all.filter(|one| filter.takes(&FilteredSeam(one, survey), survey.as_of_ms)).collect();
    match asked.state("order") {
        "exchanges" => taken.sort_by_key(|one| Reverse(one.total.count)),
        "age" => taken.sort_by_key(|one| one.total.last_ms),
        "name" => taken.sort_by(|one, two| one.seam.cmp(&two.seam)),
        _ => {}
    }
    (taken, complaint)
}

fn gather(asked: Asked<'_>) -> Seams {
    let survey = asked.survey;
    let (taken, complaint) = taken(asked);
    let paging = Paging::new(taken.len(), asked.page());
    let page: Vec<&SeamReport> = taken.into_iter().skip(paging.skipped()).take(ROWS_MAX).collect();
    Seams {
        filter: asked.state("q").to_owned(),
        order: asked.state("order").to_owned(),
        complaint,
        paging,
        addresses: page.iter().map(|one| one.seam.clone()).collect(),
        seams: page.iter().map(|one| SeamRow::of(one, survey)).collect(),
    }
}

fn draw(seams: &Seams, asked: Asked<'_>) -> Markup {
    let list = View::Seams.plain().with("q", &seams.filter);
    let ordered = list.clone().with("order", &seams.order);
    let complaint = seams.complaint.as_deref().unwrap_or_default();
    html! {
        (filter_field(&View::Seams.plain().with("order", &seams.order),
            (&seams.filter, complaint), asked.links))
        @if asked.survey.report.seams.is_empty() {
            (empty("No traffic was observed and nothing is taken for granted yet.",
                "plumb observe har traffic.har"))
        } @else if seams.seams.is_empty() {
            (empty("No seam is like that.", ""))
        } @else {
            p { (plural(seams.paging.rows, "seam")) ", "
                (orders(&seams.order, &list, asked.links)) }
            (rows(seams, asked))
            (pager(seams.paging, &ordered, asked.links))
            @if asked.links == Links::Server {
                p.links { a href=(ordered.path(".csv")) { "All of these as CSV" } }
            }
        }
    }
}

/// The order of the list, and the others that there are. A file has but one.
fn orders(order: &str, list: &Address, links: Links) -> Markup {
    let known = ORDERS.iter().filter(|(known, _)| links == Links::Server || *known == order);
    html! {
        @for (at, (known, label)) in known.enumerate() {
            @if at > 0 { " · " }
            @if *known == order { b { (label) } } @else {
                a href=(list.clone().with("order", known).href(links)) { (label) }
            }
        }
    }
}

fn rows(seams: &Seams, asked: Asked<'_>) -> Markup {
    let head = html! {
        th scope="col" { "Verdict" } th scope="col" { "Reader → writer" }
        th scope="col" { "Operation" } th.number scope="col" { "Gap" }
        th.number scope="col" { "Exchanges" } th.number scope="col" { "a minute" }
        th scope="col" { "Last seen" } th scope="col" { "Versions" } th scope="col" { "Owner" }
    };
    let rows = html! {
        @for (row, seam) in seams.seams.iter().zip(&seams.addresses) {
            tr {
                td { (verdict(row.verdict)) }
                td { (name(&row.reader)) " → " (name(&row.writer)) }
                th scope="row" {
                    a href=(Address::seam(seam).href(asked.links)) { (text(&row.operation)) }
                }
                td.number { @match row.gap { Some(gap) => (percent(gap)), None => "–" } }
                td.number { (count(row.exchanges)) }
                td.number { @match row.per_minute {
                    Some(rate) => (format!("{rate:.1}")), None => "–" } }
                td { (since(asked.survey.as_of_ms, row.last_ms)) }
                td { (row.versions.join(", ")) }
                td { @match &row.owner { Some(owner) => (text(owner)), None => "–" } }
            }
        }
    };
    table("Seams", head, rows)
}

/// Every seam that the filter takes as CSV with a header, in the order of the list.
///
/// # Errors
/// When a row cannot be written, which in memory it can.
pub fn comma_separated(asked: Asked<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "verdict",
        "reader",
        "writer",
        "operation",
        "gap",
        "exchanges",
        "last_seen",
        "versions",
        "owner",
    ])?;
    for one in taken(asked).0 {
        let row = SeamRow::of(one, asked.survey);
        out.write_record([
            row.verdict.to_owned(),
            formula_free(&row.reader),
            formula_free(&row.writer),
            formula_free(&row.operation),
            row.gap.map(|gap| gap.to_string()).unwrap_or_default(),
            row.exchanges.to_string(),
            row.last_ms.and_then(rfc3339).unwrap_or_default(),
            formula_free(&row.versions.join(" ")),
            formula_free(row.owner.as_deref().unwrap_or_default()),
        ])?;
    }
    out.into_inner().map_err(|err| csv::Error::from(err.into_error()))
}

/// A text that no spreadsheet takes for a formula.
fn formula_free(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
