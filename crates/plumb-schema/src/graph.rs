//! Schemas as they were read, before equal parts are known to be equal: nodes that refer to each
//! other by their position, in circles where the schema is recursive.

use crate::node::{Id, Node};
use std::collections::HashMap;

/// Nodes by position.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node<usize>>,
    /// Positions whose nodes were read before and have their identity already.
    pub(crate) known: HashMap<usize, Id>,
}

impl Graph {
    /// Adds a node and gives its position.
    pub(crate) fn add(&mut self, node: Node<usize>) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Adds what was read before.
    pub(crate) fn add_known(&mut self, id: Id) -> usize {
        let position = self.add(Node::Always);
        self.known.insert(position, id);
        position
    }

    /// The graph without nodes that only point at another, such as references, and for each node
    /// the one that it stands for.
    pub(crate) fn direct(mut self) -> (Self, Vec<usize>) {
        let stands_for: Vec<usize> = (0..self.nodes.len()).map(|at| self.end(at)).collect();
        for (at, end) in stands_for.iter().enumerate() {
            if at == *end && matches!(&self.nodes[at], Node::All(of) if of.len() == 1) {
                self.nodes[at] = Node::Unread("a schema that is just a reference to itself".into());
            }
        }
        for node in &mut self.nodes {
            *node = node.map(|to| stands_for[*to]);
        }
        (self, stands_for)
    }

    /// The node at the end of nodes that only point at the next; of a circle of such, its first.
    fn end(&self, from: usize) -> usize {
        let mut path = vec![from];
        let mut at = from;
        while let Node::All(of) = &self.nodes[at] {
            let [next] = of[..] else { break };
            if let Some(start) = path.iter().position(|met| *met == next) {
                return path[start..].iter().copied().min().unwrap_or(next);
            }
            path.push(next);
            at = next;
        }
        at
    }
}

impl Node<usize> {
    /// True when the node refers to the one at this position.
    pub(crate) fn refers_to(&self, position: usize) -> bool {
        let mut found = false;
        let _ = self.map(|to| found |= *to == position);
        found
    }

    /// The positions that the node refers to.
    fn references(&self) -> Vec<usize> {
        let mut to = Vec::new();
        let _ = self.map(|position| to.push(*position));
        to
    }
}

/// The circles of a graph (its strongly connected components, by Tarjan's algorithm of 1972), each
/// after those that it refers to; a node outside of any circle is one by itself.
pub(crate) fn circles(graph: &Graph) -> Vec<Vec<usize>> {
    let mut walk = Walk::new(graph.nodes.len());
    for root in 0..graph.nodes.len() {
        if walk.order[root].is_none() {
            walk.from(graph, root);
        }
    }
    walk.found
}

struct Walk {
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl Walk {
    fn new(nodes: usize) -> Self {
        Self {
            order: vec![None; nodes],
            low: vec![0; nodes],
            is_open: vec![false; nodes],
            open: Vec::new(),
            next: 0,
            found: Vec::new(),
        }
    }

    /// Walks without recursion: schemas may be deeper than a stack.
    fn from(&mut self, graph: &Graph, root: usize) {
        let mut path = vec![(root, self.enter(graph, root))];
        while let Some((node, rest)) = path.last_mut() {
            let node = *node;
            match rest.pop() {
                Some(to) if self.order[to].is_none() => {
                    let rest = self.enter(graph, to);
                    path.push((to, rest));
                }
                Some(to) => {
                    if self.is_open[to] {
                        self.low[node] = self.low[node].min(self.order[to].unwrap_or(0));
                    }
                }
                None => {
                    path.pop();
                    self.leave(node);
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[node]);
                    }
                }
            }
        }
    }

    fn enter(&mut self, graph: &Graph, node: usize) -> Vec<usize> {
        self.order[node] = Some(self.next);
        self.low[node] = self.next;
        self.next += 1;
        self.open.push(node);
        self.is_open[node] = true;
        graph.nodes[node].references()
    }

    fn leave(&mut self, node: usize) {
        if self.order[node] != Some(self.low[node]) {
            return;
        }
        let from = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
        let circle = self.open.split_off(from);
        circle.iter().for_each(|member| self.is_open[*member] = false);
        self.found.push(circle);
    }
}
