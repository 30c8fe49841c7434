//! The gap over time. Refuses to judge.

use crate::address::View;
use crate::chart::{Marker, Stack, stacked};
use crate::parts::{count, empty, moment, percent, table};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use plumb_engine::history::Point;
use plumb_wire::rfc3339::rfc3339;
use serde::Serialize;

/// Points that are in the document and the chart. More are thinned.
const POINTS_MAX: usize = 500;

/// Points in the table, the newest.
const ROWS_MAX: usize = 30;

#[derive(Serialize)]
struct History {
    error: Option<String>,
    points: Vec<PointRow>,
}

#[derive(Serialize)]
struct PointRow {
    at: Option<String>,
    #[serde(flatten)]
    point: Counts,
}

#[derive(Serialize)]
struct Counts {
    holds: u64,
    drifted: u64,
    broken: u64,
    stale: u64,
    unobserved: u64,
    accepted: u64,
    gap: Option<f64>,
    unseen: Option<f64>,
}

/// The gap over time.
pub(crate) fn history(asked: Asked<'_>) -> Shown {
    let (points, error) = match asked.desk.history() {
        Ok(points) => (thinned(points), None),
        Err(err) => (Vec::new(), Some(err)),
    };
    let history = History { error, points: points.iter().map(row).collect() };
    Shown {
        view: View::History,
        title: "Gap over time".to_owned(),
        how: "A server keeps the counts and the gap whenever they change, and once an hour. What \
              is long ago is kept coarsely. There is no score: five counts and two shares.",
        command: "plumb gap --as-of 2026-11-20T10:00:00Z".to_owned(),
        data: data(&history),
        body: draw(&history, (&points, asked)),
    }
}

fn thinned(points: Vec<Point>) -> Vec<Point> {
    let every = points.len().div_ceil(POINTS_MAX).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.into_iter().enumerate();
    kept.filter(|(at, _)| (last - at).is_multiple_of(every)).map(|(_, point)| point).collect()
}

fn row(point: &Point) -> PointRow {
    let Point { at_ms, holds, drifted, broken, stale, unobserved, accepted, gap, unseen } = *point;
    PointRow {
        at: rfc3339(at_ms),
        point: Counts { holds, drifted, broken, stale, unobserved, accepted, gap, unseen },
    }
}

fn draw(history: &History, (points, asked): (&[Point], Asked<'_>)) -> Markup {
    if let Some(error) = &history.error {
        return html! { p.complaint role="alert" { "The history cannot be shown: " (error) } };
    }
    if points.len() < 2 {
        let what = "A server draws the gap over time once it has judged at least twice:";
        return empty(what, "plumb serve");
    }
    let stacks = [
        ("broken", points.iter().map(|it| it.broken).collect()),
        ("drifted", points.iter().map(|it| it.drifted).collect()),
        ("stale", points.iter().map(|it| it.stale).collect()),
        ("unobserved", points.iter().map(|it| it.unobserved).collect()),
        ("holds", points.iter().map(|it| it.holds).collect::<Vec<u64>>()),
    ];
    let stacks: Vec<Stack> =
        stacks.into_iter().map(|(class, values)| Stack { class, values }).collect();
    let times: Vec<i64> = points.iter().map(|point| point.at_ms).collect();
    let releases = asked.survey.releases.iter();
    let markers: Vec<Marker> = releases
        .map(|one| Marker { at_ms: one.at_ms, label: format!("{} {}", one.component, one.version) })
        .collect();
    html! {
        h2 { "Assumptions by verdict" }
        (stacked(&times, &stacks, &markers))
        h2 { "Gap and unseen share" }
        div.chart data-source=(View::History.plain().path(".json")) {
            p.quiet { "The table below holds the same." }
        }
        (points_table(points))
    }
}

fn points_table(points: &[Point]) -> Markup {
    let head = html! {
        th scope="col" { "When" } th.number scope="col" { "Gap" } th.number scope="col" { "Unseen" }
        th.number scope="col" { "Broken" } th.number scope="col" { "Drifted" }
        th.number scope="col" { "Stale" } th.number scope="col" { "Unobserved" }
        th.number scope="col" { "Holds" } th.number scope="col" { "Lived with" }
    };
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let rows = html! {
        @for point in points.iter().rev().take(ROWS_MAX) {
            tr {
                th scope="row" { (moment(point.at_ms)) }
                td.number { (share(point.gap)) }
                td.number { (share(point.unseen)) }
                @for of in [point.broken, point.drifted, point.stale, point.unobserved,
                    point.holds, point.accepted] {
                    td.number { (count(of)) }
                }
            }
        }
    };
    table("The newest points", head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_newest_point() {
        let points: Vec<Point> =
            (0..1_201).map(|at_ms| Point { at_ms, ..Point::default() }).collect();
        let thin = thinned(points);
        assert!(thin.len() <= POINTS_MAX && thin.len() > POINTS_MAX / 2, "{}", thin.len());
        assert_eq!(thin.last().map(|it| it.at_ms), Some(1_200));
    }
}
