//! Which versions may live together: every version of a writer that was seen, against every reader.
//!
//! Refuses to judge.

use crate::address::{Address, View};
use crate::filter::asking;
use crate::parts::{count, empty, name, plural, table, text, verdict};
use crate::shown::{Asked, Shown, data};
use crate::survey::Survey;
use maud::{Markup, html};
use plumb_engine::coexistence::Pair;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Writers that are shown at once.
const WRITERS_MAX: usize = 20;

/// Readers of a writer that are shown.
const READERS_MAX: usize = 50;

#[derive(Serialize)]
struct Matrix {
    writer: String,
    writers_left_out: usize,
    writers: Vec<Writer>,
}

#[derive(Serialize)]
struct Writer {
    name: String,
    /// The name as it came, which addresses are made of.
    #[serde(skip)]
    whole: String,
    #[serde(skip)]
    versions_whole: Vec<String>,
    /// The oldest first.
    versions: Vec<String>,
    readers: Vec<Reader>,
}

#[derive(Serialize)]
struct Reader {
    name: String,
    #[serde(skip)]
    whole: String,
    /// For each version; none where nothing can be said.
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct Cell {
    verdict: &'static str,
    findings: usize,
    exchanges: u64,
    is_inferred: bool,
}

/// Which versions may live together.
pub(crate) fn matrix(asked: Asked<'_>) -> Shown {
    let matrix = gather(asked);
    Shown {
        view: View::Matrix,
        title: "Coexistence".to_owned(),
        how: "Each version of a writer that was seen is judged by itself against what its readers \
              take for granted now. A striped cell was never seen to happen: its verdict rests on \
              what other readers met. Ages do not count here, only what was seen then.",
        command: "plumb plan draft".to_owned(),
        data: data(&matrix),
        body: draw(&matrix, asked),
    }
}

fn gather(asked: Asked<'_>) -> Matrix {
    let Survey { pairs, .. } = asked.survey;
    let wanted = asked.state("writer");
    let mut by_writer: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| wanted.is_empty() || pair.writer == wanted) {
        by_writer.entry(&pair.writer).or_default().push(pair);
    }
    let writers_left_out = by_writer.len().saturating_sub(WRITERS_MAX);
    let writers = by_writer.into_iter().take(WRITERS_MAX);
    Matrix {
        writer: text(wanted),
        writers_left_out,
        writers: writers.map(|(name, pairs)| writer(name, &pairs)).collect(),
    }
}

fn writer(writer: &str, pairs: &[&Pair]) -> Writer {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for pair in pairs {
        let known = last.entry(&pair.version).or_insert(pair.last_ms);
        *known = pair.last_ms.max(*known);
    }
    let mut versions: Vec<(i64, &str)> = last.into_iter().map(|(name, ms)| (ms, name)).collect();
    versions.sort_unstable();
    let cells: BTreeMap<(&str, &str), &Pair> =
        pairs.iter().map(|it| ((it.reader.as_str(), it.version.as_str()), *it)).collect();
    let readers: BTreeSet<&str> = pairs.iter().map(|pair| pair.reader.as_str()).collect();
    let reader = |reader: &str| Reader {
        name: text(reader),
        whole: reader.to_owned(),
        cells: versions
            .iter()
            .map(|(_, version)| cells.get(&(reader, *version)).map(|pair| cell(pair)))
            .collect(),
    };
    Writer {
        name: text(writer),
        whole: writer.to_owned(),
        versions_whole: versions.iter().map(|(_, version)| (*version).to_owned()).collect(),
        readers: readers.into_iter().take(READERS_MAX).map(reader).collect(),
        versions: versions.iter().map(|(_, version)| text(version)).collect(),
    }
}

fn cell(pair: &Pair) -> Cell {
    Cell {
        verdict: pair.verdict.name(),
        findings: pair.findings,
        exchanges: pair.exchanges,
        is_inferred: pair.exchanges == 0,
    }
}

fn draw(matrix: &Matrix, asked: Asked<'_>) -> Markup {
    if matrix.writers.is_empty() {
        return empty(
            "No version of any component was seen. Telemetry, headers and releases tell them:",
            "plumb release record orders 3.2\nplumb observe har traffic.har --release 3.2",
        );
    }
    html! {
        @if !matrix.writer.is_empty() {
            p { a href=(View::Matrix.plain().href(asked.links)) { "All writers" } }
        }
        @for writer in &matrix.writers { (one(writer, asked)) }
        @if matrix.writers_left_out > 0 {
            p.quiet { (plural(matrix.writers_left_out, "writer")) " more; name one in the address: "
                code { (View::Matrix.plain().with("writer", "NAME").path("")) } }
        }
    }
}

fn one(writer: &Writer, asked: Asked<'_>) -> Markup {
    let head = html! {
        th scope="col" { "Reader" }
        @for version in &writer.versions { th scope="col" { (name(version)) } }
    };
    let rows = html! {
        @for reader in &writer.readers {
            tr {
                th scope="row" { (name(&reader.name)) }
                @for (version, cell) in writer.versions_whole.iter().zip(&reader.cells) {
                    @match cell {
                        None => { td { span.quiet { "–" } } }
                        Some(cell) => { td.inferred[cell.is_inferred] {
                            (inside(cell, findings(writer, (reader, version)), asked)) } }
                    }
                }
            }
        }
    };
    html! {
        h2 { (name(&writer.name)) }
        div.matrix { (table(&format!("Versions of {}, the oldest first", writer.name), head,
            rows)) }
    }
}

fn findings(writer: &Writer, (reader, version): (&Reader, &str)) -> Address {
    let filter =
        asking(&[("writer", &writer.whole), ("reader", &reader.whole), ("version", version)]);
    View::Findings.plain().with("q", &filter)
}

fn inside(cell: &Cell, findings: Address, asked: Asked<'_>) -> Markup {
    html! {
        (verdict(cell.verdict))
        br;
        @if cell.findings > 0 {
            a href=(findings.href(asked.links)) { (plural(cell.findings, "finding")) } " "
        }
        span.quiet {
            @if cell.is_inferred { "inferred" } @else { (count(cell.exchanges)) " exchanges" }
        }
    }
}
