//! The map as SVG. Refuses to decide what is on it.

use super::graph::{Edge, Graph};
use super::layers::{Spot, layout};
use crate::address::{Links, View};
use crate::parts::{count, plural};
use maud::{Markup, html};
use plumb_gap::policy::to_f64;
use plumb_wire::harmless::harmless_short;
use plumb_wire::headline::mark;

const NODE_WIDTH: usize = 168;
const NODE_HEIGHT: usize = 36;
const COLUMN: usize = 290;
const ROW: usize = 62;
const EDGE_OF_PICTURE: usize = 14;

/// Letters of a name that fit a node.
const NAME_LETTERS_MAX: usize = 20;

/// Draws the graph. Beside it must stand a table with the same rows, for those who cannot see it.
pub(crate) fn draw(graph: &Graph, links: Links) -> Markup {
    let number = |name: &str| graph.nodes.binary_search_by(|it| it.as_str().cmp(name)).unwrap_or(0);
    let lines: Vec<(usize, usize)> =
        graph.edges.iter().map(|edge| (number(&edge.reader), number(&edge.writer))).collect();
    let spots = layout(graph.nodes.len(), &lines);
    let most = |of: fn(&Spot) -> usize| spots.iter().map(of).max().unwrap_or(0);
    let width = most(|spot| spot.layer) * COLUMN + NODE_WIDTH + 2 * EDGE_OF_PICTURE;
    let height = most(|spot| spot.row) * ROW + NODE_HEIGHT + 2 * EDGE_OF_PICTURE;
    html! {
        div.picture tabindex="0" role="group" aria-label="Map" {
            svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group"
                aria-label="Who speaks to whom; the table below has the same rows" {
                defs {
                    marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8"
                        markerHeight="8" orient="auto" markerUnits="userSpaceOnUse" {
                        path.head d="M0 0L8 4L0 8Z" {}
                    }
                }
                @for (edge, (from, to)) in graph.edges.iter().zip(&lines) {
                    (line(edge, spots[*from], spots[*to]))
                }
                @for (name, spot) in graph.nodes.iter().zip(&spots) {
                    (node(name, *spot, (graph.focus.as_deref() == Some(name), links)))
                }
            }
        }
    }
}

fn corner(spot: Spot) -> (usize, usize) {
    (EDGE_OF_PICTURE + spot.layer * COLUMN, EDGE_OF_PICTURE + spot.row * ROW)
}

fn node(name: &str, spot: Spot, (is_focus, links): (bool, Links)) -> Markup {
    let (x, y) = corner(spot);
    let shown =
        if name.is_empty() { "unknown".into() } else { harmless_short(name, NAME_LETTERS_MAX) };
    let address = View::Map.plain().with("focus", name);
    let drawn = html! {
        g.node.focus[is_focus] {
            title { (if name.is_empty() { "unknown".into() } else { harmless_short(name, 200) }) }
            rect x=(x) y=(y) width=(NODE_WIDTH) height=(NODE_HEIGHT) rx="5" {}
            text x=(x + NODE_WIDTH / 2) y=(y + NODE_HEIGHT / 2 + 5) text-anchor="middle"
                font-size="14" { (shown) }
        }
    };
    // What nobody named cannot be looked at closely, and a file has one map only.
    match links {
        Links::Server if !name.is_empty() => html! { a href=(address.href(links)) { (drawn) } },
        _ => drawn,
    }
}

fn line(edge: &Edge, from: Spot, to: Spot) -> Markup {
    let ((from_x, from_y), (to_x, to_y)) = (corner(from), corner(to));
    let (from_y, to_y) = (from_y + NODE_HEIGHT / 2, to_y + NODE_HEIGHT / 2);
    let is_forward = from.layer < to.layer;
    let (from_x, to_x) =
        if is_forward { (from_x + NODE_WIDTH, to_x) } else { (from_x, to_x + NODE_WIDTH) };
    let bend = COLUMN / 3;
    let (near, far) = match is_forward {
        true => (from_x + bend, to_x.saturating_sub(bend)),
        false => (from_x.saturating_sub(bend), to_x + bend),
    };
    let path = format!("M{from_x} {from_y}C{near} {from_y} {far} {to_y} {to_x} {to_y}");
    let (middle_x, middle_y) = (usize::midpoint(from_x, to_x), usize::midpoint(from_y, to_y));
    let width = 1.2 + to_f64(edge.exchanges.saturating_add(1)).log10();
    let is_undeclared = edge.claims == 0 && edge.exchanges > 0;
    html! {
        g class={ "edge " (edge.verdict.name()) } {
            title { (words(edge)) }
            path d=(path) stroke-width={ (format!("{width:.1}")) } marker-end="url(#head)" {}
            @if is_undeclared { path.inner d=(path) stroke-width={
                (format!("{:.1}", width / 2.5)) } {} }
            text x=(middle_x) y=(middle_y.saturating_sub(5)) text-anchor="middle" {
                (mark(edge.verdict)) }
        }
    }
}

/// What a line says, in words.
pub(crate) fn words(edge: &Edge) -> String {
    let known = match (edge.claims, edge.exchanges) {
        (0, _) => "seen, and nothing is said of it".to_owned(),
        (claims, 0) => format!("{}, never seen", plural(claims, "assumption")),
        (claims, exchanges) => {
            format!("{}, {} exchanges", plural(claims, "assumption"), count(exchanges))
        }
    };
    format!("{}: {known}", edge.verdict.name())
}
