//! Which events come before which others, as a graph.
//!
//! Refuses to know why.

use crate::constraint::Edge;
use std::collections::VecDeque;

/// A directed graph of events by their numbers.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    after: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
}

impl Graph {
    pub(crate) fn new(events: usize) -> Self {
        Self { after: vec![Vec::new(); events], before: vec![Vec::new(); events] }
    }

    pub(crate) fn add(&mut self, edge: Edge) {
        self.after[edge.before].push(edge.after);
        self.before[edge.after].push(edge.before);
    }

    /// Takes away the edge that was added last of all.
    pub(crate) fn undo(&mut self, edge: Edge) {
        self.after[edge.before].pop();
        self.before[edge.after].pop();
    }

    /// Levels of the events that are chosen: each lies in the first level after everything chosen
    /// that must come before it. Events on circles, and those after them, lie in none.
    pub(crate) fn levels(&self, chosen: &[bool]) -> Vec<Vec<usize>> {
        let missing = |at: usize| self.before[at].iter().filter(|one| chosen[**one]).count();
        let mut missing: Vec<usize> = (0..self.after.len()).map(missing).collect();
        let is_free = |at: &usize| chosen[*at] && missing[*at] == 0;
        let mut level: Vec<usize> = (0..self.after.len()).filter(is_free).collect();
        let mut levels = Vec::new();
        while !level.is_empty() {
            let mut next = Vec::new();
            for at in &level {
                for after in self.after[*at].iter().filter(|one| chosen[**one]) {
                    missing[*after] -= 1;
                    if missing[*after] == 0 {
                        next.push(*after);
                    }
                }
            }
            next.sort_unstable();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels
    }

    /// Those that are chosen and everything after them.
    pub(crate) fn with_followers(&self, chosen: &[usize]) -> Vec<bool> {
        let mut found = vec![false; self.after.len()];
        let mut waiting = chosen.to_vec();
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut found[at], true) {
                waiting.extend_from_slice(&self.after[at]);
            }
        }
        found
    }

    /// Whether one event must come before another one, as far as is known.
    pub(crate) fn leads(&self, from: usize, to: usize) -> bool {
        self.way(from, to).is_some()
    }

    /// A shortest way from one event to another one, both included.
    pub(crate) fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut came: Vec<Option<usize>> = vec![None; self.after.len()];
        let mut waiting = VecDeque::from([from]);
        while let Some(at) = waiting.pop_front() {
            if at == to {
                let step = |at: &usize| came[*at].filter(|_| *at != from);
                let mut way: Vec<usize> = std::iter::successors(Some(to), step).collect();
                way.reverse();
                return Some(way);
            }
            for after in &self.after[at] {
                if came[*after].is_none() && *after != from {
                    came[*after] = Some(at);
                    waiting.push_back(*after);
                }
            }
        }
        None
    }

    /// Circles, each of them shortest through one of its events, and none of them sharing an event
    /// with another one.
    pub(crate) fn circles(&self) -> Vec<Vec<usize>> {
        let mut left = vec![true; self.after.len()];
        for at in self.levels(&left).concat() {
            left[at] = false;
        }
        let mut circles: Vec<Vec<usize>> = Vec::new();
        for at in 0..left.len() {
            if !left[at] {
                continue;
            }
            let back = self.after[at].iter().filter_map(|next| self.way(*next, at));
            let Some(circle) = back.min_by_key(Vec::len) else { continue };
            // What hangs together with a circle that is told has no need of its own.
            let reached = self.with_followers(&circle);
            let same = |one: usize| reached[one] && self.leads(one, at);
            let together: Vec<usize> =
                (0..left.len()).filter(|one| left[*one] && same(*one)).collect();
            together.into_iter().for_each(|one| left[one] = false);
            circles.push(circle);
        }
        circles
    }
}
