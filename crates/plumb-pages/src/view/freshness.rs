//! How old evidence is: a strip of days for every seam. Refuses to know what was seen.

use super::seam::link;
use crate::address::View;
use crate::frame::filter_field;
use crate::parts::{Paging, ROWS_MAX, count, empty, name, pager, plural, since, table};
use crate::row::FilteredSeam;
use crate::shown::{Asked, Shown, data};
use crate::survey::Strand;
use maud::{Markup, html};
use plumb_engine::clock::{day_of, day_text};
use plumb_gap::finding::Seam;
use plumb_gap::judged::SeamReport;
use plumb_wire::harmless::harmless;
use serde::Serialize;

/// Days of a strip.
const DAYS: usize = 14;

/// Exchanges of a day from which on a cell is darker.
const LEVELS: [u64; 3] = [10, 1_000, 100_000];

#[derive(Serialize)]
struct Freshness {
    filter: String,
    complaint: Option<String>,
    paging: Paging,
    /// The days of the strips, the oldest first.
    days: Vec<String>,
    seams: Vec<Strip>,
}

#[derive(Serialize)]
struct Strip {
    writer: String,
    reader: String,
    operation: String,
    /// Exchanges of each day.
    exchanges: Vec<u64>,
    #[serde(rename = "last_seen", with = "crate::moment")]
    last_ms: Option<i64>,
    is_stale: bool,
    #[serde(skip)]
    seam: Seam,
}

/// How old evidence is.
pub(crate) fn freshness(asked: Asked<'_>) -> Shown {
    let freshness = gather(asked);
    Shown {
        view: View::Freshness,
        title: "Freshness".to_owned(),
        how: "Exchanges by the day on which they were seen, in UTC, of all versions. A day without \
              a cell is a day on which nothing was seen: nothing is known of it, good or bad.",
        command: "plumb evidence show".to_owned(),
        data: data(&freshness),
        body: draw(&freshness, asked),
    }
}

fn gather(asked: Asked<'_>) -> Freshness {
    let survey = asked.survey;
    let (filter, complaint) = asked.filter();
    let now_ms = survey.as_of_ms;
    let all = survey.report.seams.iter();
    let mut taken: Vec<&SeamReport> =
        all.filter(|one| filter.takes(&FilteredSeam(one, survey), now_ms)).collect();
    taken.sort_by_key(|one| one.total.last_ms);
    let paging = Paging::new(taken.len(), asked.page());
    let first = day_of(now_ms).saturating_sub(i32::try_from(DAYS - 1).unwrap_or(0));
    let strip = |one: &SeamReport| Strip {
        writer: harmless(&one.seam.writer).into_owned(),
        reader: harmless(&one.seam.reader).into_owned(),
        operation: harmless(&one.seam.operation).into_owned(),
        exchanges: exchanges(survey.strands_of(&one.seam), first),
        last_ms: one.total.last_ms,
        is_stale: one.verdict == plumb_gap::finding::Verdict::Stale,
        seam: one.seam.clone(),
    };
    Freshness {
        filter: asked.state("q").to_owned(),
        complaint,
        paging,
        days: (first..).take(DAYS).map(day_text).collect(),
        seams: taken.into_iter().skip(paging.skipped()).take(ROWS_MAX).map(strip).collect(),
    }
}

fn exchanges(strands: &[Strand], first: i32) -> Vec<u64> {
    let mut days = vec![0_u64; DAYS];
    for strand in strands {
        let at = strand.day.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        if let Some(day) = at.and_then(|at| days.get_mut(at)) {
            *day = day.saturating_add(strand.exchanges);
        }
    }
    days
}

/// How dark a cell is, from 0 for nothing to 4.
fn level(exchanges: u64) -> usize {
    match exchanges {
        0 => 0,
        some => 1 + LEVELS.iter().filter(|level| some >= **level).count(),
    }
}

fn draw(freshness: &Freshness, asked: Asked<'_>) -> Markup {
    let list = View::Freshness.plain().with("q", &freshness.filter);
    let complaint = freshness.complaint.as_deref().unwrap_or_default();
    html! {
        (filter_field(&View::Freshness.plain(), (&freshness.filter, complaint), asked.links))
        @if freshness.seams.is_empty() {
            (empty("No seam is like that, or nothing was seen yet.",
                "plumb observe har traffic.har"))
        } @else {
            p { (plural(freshness.paging.rows, "seam")) ", the oldest evidence first" }
            div.strip { (strips(freshness, asked)) }
            (pager(freshness.paging, &list, asked.links))
        }
    }
}

fn strips(freshness: &Freshness, asked: Asked<'_>) -> Markup {
    let now_ms = asked.survey.as_of_ms;
    let head = html! {
        th scope="col" { "Seam" } th scope="col" { "Reader → writer" }
        @for (at, day) in freshness.days.iter().enumerate() {
            th scope="col" title=(day) { @if at == 0 || at + 1 == DAYS { (&day[5..]) } @else {
                span.quiet { (&day[8..]) } } }
        }
        th scope="col" { "Last seen" }
    };
    let rows = html! {
        @for strip in &freshness.seams {
            tr {
                th scope="row" { (link(&strip.seam, asked)) }
                td { (name(&strip.reader)) " → " (name(&strip.writer)) }
                @for (day, exchanges) in freshness.days.iter().zip(&strip.exchanges) {
                    td class={ "cell level-" (level(*exchanges)) } {
                        span role="img" title={ (day) ": " (count(*exchanges)) }
                            aria-label={ (day) ": " (count(*exchanges)) } {}
                    }
                }
                td { @if strip.is_stale { "stale: " } (since(now_ms, strip.last_ms)) }
            }
        }
    };

    table("Exchanges a day", head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_once_and_what_is_older_is_left_out() {
        let strand = |day, exchanges| Strand {
            version: String::new(),
            environment: String::new(),
            day,
            exchanges,
            last_ms: 0,
        };
        let days = exchanges(&[strand(99, 7), strand(100, 1), strand(100, 2), strand(113, 4)], 100);
        assert_eq!((days[0], days[13], days.iter().sum::<u64>()), (3, 4, 7));
        assert_eq!([0, 1, 10, 1_000, 100_000].map(level), [0, 1, 2, 3, 4]);
    }
}
