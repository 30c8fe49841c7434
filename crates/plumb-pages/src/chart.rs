//! Charts as SVG, drawn where pages are made, so that they need no script.
//!
//! Refuses to know what is drawn.

use maud::{Markup, html};
use plumb_gap::policy::to_f64;
use plumb_wire::harmless::harmless_short;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 220.0;

/// Room on the left for the highest count.
const LEFT: f64 = 48.0;

/// Markers that are drawn, the newest.
const MARKERS_MAX: usize = 40;

/// Letters of a marker's label.
const LABEL_LETTERS_MAX: usize = 60;

/// One of the counts that are stacked, by the class of its colour.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) class: &'static str,
    pub(crate) values: Vec<u64>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    pub(crate) at_ms: i64,
    pub(crate) label: String,
}

/// Counts on top of each other over time. The same numbers stand in a table beside it, to which
/// those are led who cannot see it.
pub(crate) fn stacked(times: &[i64], stacks: &[Stack], markers: &[Marker]) -> Markup {
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return html! {} };
    let sums: Vec<u64> = (0..times.len())
        .map(|at| stacks.iter().filter_map(|stack| stack.values.get(at)).sum())
        .collect();
    let highest = sums.iter().copied().max().unwrap_or(0).max(1);
    let span = (last - first).max(1);
    let x = |at_ms: i64| {
        let part = to_f64((at_ms - first).unsigned_abs()) / to_f64(span.unsigned_abs());
        LEFT + part * (WIDTH - LEFT)
    };
    let y = |value: u64| HEIGHT - to_f64(value) / to_f64(highest) * (HEIGHT - 10.0);
    let within = markers.iter().filter(|it| it.at_ms >= *first && it.at_ms <= *last);
    let shown: Vec<&Marker> = within.rev().take(MARKERS_MAX).collect();
    html! {
        div.picture {
            svg.fits viewBox={ "0 0 " (WIDTH) " " (HEIGHT + 6.0) } role="img"
                aria-label="Assumptions by verdict over time; the table below holds the numbers" {
                @for (class, points) in areas(times, stacks, (&x, &y)) {
                    path class={ "area " (class) } d=(points) { title { (class) } }
                }
                line.axis x1=(LEFT) y1=(HEIGHT) x2=(WIDTH) y2=(HEIGHT) {}
                text x="0" y="14" font-size="12" { (highest) }
                text x="0" y=(HEIGHT) font-size="12" { "0" }
                @for marker in shown {
                    line.marker x1=(x(marker.at_ms)) x2=(x(marker.at_ms)) y1="0" y2=(HEIGHT) {
                        title { (harmless_short(&marker.label, LABEL_LETTERS_MAX)) }
                    }
                }
            }
        }
    }
}

/// The outline of each stack: steps, since a count stays until the next one is known.
fn areas(
    times: &[i64],
    stacks: &[Stack],
    (x, y): (&dyn Fn(i64) -> f64, &dyn Fn(u64) -> f64),
) -> Vec<(&'static str, String)> {
    let mut below = vec![0_u64; times.len()];
    let mut areas = Vec::new();
    for stack in stacks {
        let above: Vec<u64> = below
            .iter()
            .enumerate()
            .map(|(at, low)| low + stack.values.get(at).copied().unwrap_or(0))
            .collect();
        let mut path = outline(times, &above, (x, y));
        let mut back = outline(times, &below, (x, y));
        back.reverse();
        path.append(&mut back);
        let points: Vec<String> = path.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        areas.push((stack.class, format!("M{}Z", points.join("L"))));
        below = above;
    }
    areas
}

fn outline(
    times: &[i64],
    values: &[u64],
    (x, y): (&dyn Fn(i64) -> f64, &dyn Fn(u64) -> f64),
) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(times.len() * 2);
    for (at, (time, value)) in times.iter().zip(values).enumerate() {
        points.push((x(*time), y(*value)));
        if let Some(next) = times.get(at + 1) {
            points.push((x(*next), y(*value)));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stacked_ends_at_the_sum() {
        let stacks = [
            Stack { class: "broken", values: vec![1, 0] },
            Stack { class: "holds", values: vec![3, 4] },
        ];
        let marker = Marker { at_ms: 5, label: "orders <3>".to_owned() };
        let drawn = stacked(&[0, 10], &stacks, &[marker]).into_string();
        // The highest sum, 4, reaches the top, which lies 10 below the edge.
        assert!(drawn.contains("48.0 10.0"), "{drawn}");
        assert!(drawn.contains("orders &lt;3&gt;"), "{drawn}");
    }
}
