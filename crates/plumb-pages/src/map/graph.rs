//! Who speaks to whom, and what of it is near enough to be drawn.
//!
//! Refuses to know where anything is drawn.

use crate::survey::Survey;
use plumb_gap::finding::Verdict;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Components that are drawn at once. More are no picture any more.
pub(crate) const NODES_MAX: usize = 60;

/// Lines that are drawn at once.
pub(crate) const EDGES_MAX: usize = 200;

/// Steps away from the focus at most.
pub(crate) const HOPS_MAX: usize = 3;

/// All seams between one reader and one writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) reader: String,
    pub(crate) writer: String,
    pub(crate) verdict: Verdict,
    pub(crate) seams: usize,
    pub(crate) claims: usize,
    pub(crate) exchanges: u64,
}

/// What is drawn, and how much was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    /// By name.
    pub(crate) nodes: Vec<String>,
    /// By reader and writer.
    pub(crate) edges: Vec<Edge>,
    /// What all is near to; none where everything is drawn.
    pub(crate) focus: Option<String>,
    pub(crate) nodes_left_out: usize,
    pub(crate) edges_left_out: usize,
}

/// Every reader with every writer that it speaks to.
pub(crate) fn edges(survey: &Survey) -> Vec<Edge> {
    let mut edges: BTreeMap<(&str, &str), Edge> = BTreeMap::new();
    for one in &survey.report.seams {
        let (reader, writer) = (one.seam.reader.as_str(), one.seam.writer.as_str());
        let edge = edges.entry((reader, writer)).or_insert_with(|| Edge {
            reader: reader.to_owned(),
            writer: writer.to_owned(),
            verdict: Verdict::Unobserved,
            seams: 0,
            claims: 0,
            exchanges: 0,
        });
        // A seam that nothing is said of says nothing against those beside it.
        if one.claims > 0 {
            let is_first = edge.claims == 0;
            edge.verdict = if is_first { one.verdict } else { edge.verdict.max(one.verdict) };
        }
        edge.seams += 1;
        edge.claims += one.claims;
        edge.exchanges = edge.exchanges.saturating_add(one.total.count);
    }
    edges.into_values().collect()
}

/// What is near to the focus. Without one everything is near, unless it is too much: then the
/// component at the worst line is the focus.
pub(crate) fn near(all: Vec<Edge>, focus: Option<&str>, hops: usize) -> Graph {
    let names: BTreeSet<&str> =
        all.iter().flat_map(|edge| [edge.reader.as_str(), edge.writer.as_str()]).collect();
    let focus = focus.filter(|name| names.contains(name));
    let focus = focus.or_else(|| if names.len() > NODES_MAX { worst(&all) } else { None });
    let focus = focus.map(str::to_owned);
    let kept: BTreeSet<String> = match &focus {
        None => names.iter().map(|name| (*name).to_owned()).collect(),
        Some(focus) => within(&all, focus, hops.clamp(1, HOPS_MAX)),
    };
    let nodes_left_out = names.len() - kept.len();
    let is_kept = |edge: &Edge| kept.contains(&edge.reader) && kept.contains(&edge.writer);
    let mut edges: Vec<Edge> = all.into_iter().filter(is_kept).collect();
    edges.sort_by_key(|edge| Reverse((edge.verdict, edge.exchanges)));
    let edges_left_out = edges.len().saturating_sub(EDGES_MAX);
    edges.truncate(EDGES_MAX);
    edges.sort_by(|one, two| (&one.reader, &one.writer).cmp(&(&two.reader, &two.writer)));
    Graph { nodes: kept.into_iter().collect(), edges, focus, nodes_left_out, edges_left_out }
}

/// The component at the worst line, of equals the one with the most lines.
fn worst(edges: &[Edge]) -> Option<&str> {
    let mut weights: BTreeMap<&str, (Verdict, usize)> = BTreeMap::new();
    for edge in edges {
        for name in [edge.writer.as_str(), edge.reader.as_str()] {
            let weight = weights.entry(name).or_insert((Verdict::Holds, 0));
            *weight = (weight.0.max(edge.verdict), weight.1 + 1);
        }
    }
    weights.into_iter().max_by_key(|(name, weight)| (*weight, Reverse(*name))).map(|(name, _)| name)
}

/// The names at most so many steps away, the nearest and worst first, as many as can be drawn.
fn within(edges: &[Edge], focus: &str, hops: usize) -> BTreeSet<String> {
    let mut beside: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
    for edge in edges {
        beside.entry(&edge.reader).or_default().push(edge);
        beside.entry(&edge.writer).or_default().push(edge);
    }
    for edges in beside.values_mut() {
        edges.sort_by_key(|edge| Reverse((edge.verdict, edge.exchanges)));
    }
    let mut kept = BTreeSet::from([focus.to_owned()]);
    let mut waiting = VecDeque::from([(focus.to_owned(), 0)]);
    while let Some((name, steps)) = waiting.pop_front() {
        if steps == hops {
            continue;
        }
        for edge in beside.get(name.as_str()).into_iter().flatten() {
            let other = if edge.reader == name { &edge.writer } else { &edge.reader };
            if kept.len() < NODES_MAX && kept.insert(other.clone()) {
                waiting.push_back((other.clone(), steps + 1));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(reader: &str, writer: &str, verdict: Verdict) -> Edge {
        Edge {
            reader: reader.to_owned(),
            writer: writer.to_owned(),
            verdict,
            seams: 1,
            claims: 1,
            exchanges: 1,
        }
    }

    #[test]
    fn what_is_near_is_kept_and_the_rest_is_counted() {
        let chain = || {
            ["ab", "bc", "cd", "de"]
                .map(|it| edge(&it[..1], &it[1..], Verdict::Holds))
                .into_iter()
                .collect::<Vec<_>>()
        };
        let near_c = near(chain(), Some("c"), 1);
        assert_eq!(near_c.nodes, ["b", "c", "d"]);
        assert_eq!((near_c.edges.len(), near_c.nodes_left_out), (2, 2));
        assert_eq!(near(chain(), None, 1).nodes.len(), 5);
        assert_eq!(near(chain(), Some("nobody"), 1).nodes.len(), 5);
    }

    #[test]
    fn too_much_begins_where_it_is_worst() {
        let mut many: Vec<Edge> =
            (0..500).map(|at| edge("hub", &format!("w{at:03}"), Verdict::Holds)).collect();
        many.push(edge("lonely", "sick", Verdict::Broken));
        let graph = near(many.clone(), None, 2);
        assert_eq!(graph.nodes, ["lonely", "sick"]);
        let graph = near(many, Some("hub"), 3);
        assert_eq!(graph.nodes.len(), NODES_MAX);
        assert_eq!(graph.nodes_left_out, 503 - NODES_MAX);
    }
}
