//! Choices between two ways round: which of them leave an order.
//!
//! With two versions of each component there are none to make. Between versions in the middle of
//! two chains there may be, and in general that is as hard as scheduling with disjunctions, so the
//! search has a bound.
//!
//! Refuses to know what a choice is about.

use crate::constraint::{Constraint, Edge};
use crate::graph::Graph;

/// Steps of one search at most.
const STEPS_MAX: usize = 200_000;

/// Choices that are compared at most.
const FOUND_MAX: usize = 64;

/// What came of a search.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    /// Ways to decide everything without a circle, as the edges that are chosen.
    pub(crate) found: Vec<Vec<Edge>>,
    /// Whether the search ended at its bound.
    pub(crate) is_cut: bool,
}

/// Decides all constraints with two ways, given a graph of all with one, which has no circle.
pub(crate) fn choices(graph: &mut Graph, constraints: &[Constraint]) -> Choices {
    let open: Vec<&[Edge]> = constraints
        .iter()
        .filter(|one| one.either.len() > 1)
        .map(|one| one.either.as_slice())
        .collect();
    let mut search =
        Search { open: &open, chosen: Vec::new(), steps: 0, choices: Choices::default() };
    search.go(graph, 0);
    search.choices
}

struct Search<'a> {
    open: &'a [&'a [Edge]],
    chosen: Vec<Edge>,
    steps: usize,
    choices: Choices,
}

impl Search<'_> {
    fn go(&mut self, graph: &mut Graph, at: usize) {
        if self.steps >= STEPS_MAX {
            self.choices.is_cut = true;
        }
        if self.choices.is_cut || self.choices.found.len() >= FOUND_MAX {
            return;
        }
        self.steps += 1;
        let Some(either) = self.open.get(at) else {
            self.choices.found.push(self.chosen.clone());
            return;
        };
        // What follows anyhow needs no choice.
        if either.iter().any(|edge| graph.leads(edge.before, edge.after)) {
            return self.go(graph, at + 1);
        }
        for edge in *either {
            if !graph.leads(edge.after, edge.before) {
                graph.add(*edge);
                self.chosen.push(*edge);
                self.go(graph, at + 1);
                self.chosen.pop();
                graph.undo(*edge);
            }
        }
    }
}
