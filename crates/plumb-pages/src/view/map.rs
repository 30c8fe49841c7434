//! Who speaks to whom. Refuses to know one seam closely.

use crate::address::{Links, View};
use crate::filter::asking;
use crate::map::draw::{draw as picture, words};
use crate::map::graph::{Edge, Graph, HOPS_MAX, edges, near};
use crate::parts::{count, empty, name, plural, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use maud::{Markup, html};
use serde::Serialize;

#[derive(Serialize)]
struct Map {
    focus: Option<String>,
    hops: usize,
    components: Vec<String>,
    lines: Vec<Line>,
    components_left_out: usize,
    lines_left_out: usize,
}

#[derive(Serialize)]
struct Line {
    reader: String,
    writer: String,
    verdict: &'static str,
    seams: usize,
    assumptions: usize,
    exchanges: u64,
}

/// Who speaks to whom.
pub(crate) fn map(asked: Asked<'_>) -> Shown {
    let hops = asked.state("hops").parse().unwrap_or(1).clamp(1, HOPS_MAX);
    let focus = asked.state("focus");
    let graph = near(edges(asked.survey), Some(focus).filter(|it| !it.is_empty()), hops);
    let line = |edge: &Edge| Line {
        reader: text(&edge.reader),
        writer: text(&edge.writer),
        verdict: edge.verdict.name(),
        seams: edge.seams,
        assumptions: edge.claims,
        exchanges: edge.exchanges,
    };
    let map = Map {
        focus: graph.focus.as_deref().map(text),
        hops,
        components: graph.nodes.iter().map(|name| text(name)).collect(),
        lines: graph.edges.iter().map(line).collect(),
        components_left_out: graph.nodes_left_out,
        lines_left_out: graph.edges_left_out,
    };
    Shown {
        view: View::Map,
        title: "Map".to_owned(),
        how: "A line leads from a reader to a writer and stands for all seams between them: the \
              worst verdict, and as wide as the logarithm of the traffic. A double line was seen \
              and nothing is said of it; a dotted one is said and was never seen.",
        command: "plumb gap".to_owned(),
        data: data(&map),
        body: draw(&map, (&graph, asked)),
    }
}

fn draw(map: &Map, (graph, asked): (&Graph, Asked<'_>)) -> Markup {
    if graph.nodes.is_empty() {
        return empty("Nobody was seen to speak to anybody.", "plumb observe har traffic.har");
    }
    html! {
        (around(map, (graph, asked)))
        @if map.components_left_out + map.lines_left_out > 0 {
            p.quiet {
                "Not drawn: " (plural(map.components_left_out, "component")) " and "
                (plural(map.lines_left_out, "line")) ". Choose another focus or go further."
            }
        }
        (picture(graph, asked.links))
        (rows(graph, asked))
    }
}

fn around(map: &Map, (graph, asked): (&Graph, Asked<'_>)) -> Markup {
    let Some(focus) = &graph.focus else {
        return html! { p { "Everything: " (plural(graph.nodes.len(), "component")) "." } };
    };
    if asked.links == Links::File {
        return html! { p { "Around " b { (name(focus)) } ", " (plural(map.hops, "step")) "." } };
    }
    html! {
        p {
            "Around " b { (name(focus)) } ", "
            @for hops in 1..=HOPS_MAX {
                @if hops > 1 { " · " }
                @if hops == map.hops { b { (plural(hops, "step")) } } @else {
                    a href=(View::Map.plain().with("focus", focus).with("hops",
                        &hops.to_string()).href(asked.links)) {
                        (plural(hops, "step"))
                    }
                }
            }
            " · " a href=(View::Map.plain().href(asked.links)) { "everything" }
        }
    }
}

fn rows(graph: &Graph, asked: Asked<'_>) -> Markup {
    let head = html! {
        th scope="col" { "Reader → writer" } th scope="col" { "Verdict" }
        th.number scope="col" { "Seams" } th.number scope="col" { "Assumptions" }
        th.number scope="col" { "Exchanges" } th scope="col" { "In words" }
    };
    let seams = |edge: &Edge| {
        let filter = asking(&[("reader", &edge.reader), ("writer", &edge.writer)]);
        View::Seams.plain().with("q", &filter).href(asked.links)
    };
    let rows = html! {
        @for edge in &graph.edges {
            tr {
                th scope="row" {
                    a href=(seams(edge)) {
                        (name(&edge.reader)) " → " (name(&edge.writer))
                    }
                }
                td { (verdict(edge.verdict.name())) }
                td.number { (edge.seams) }
                td.number { (edge.claims) }
                td.number { (count(edge.exchanges)) }
                td { (words(edge)) }
            }
        }
    };
    table("The lines of the map", head, rows)
}
