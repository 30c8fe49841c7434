//! Every node once: equal schemas have one identity, also recursive ones and wherever they stand.
//!
//! A part that two versions share is therefore known to be shared without looking into it. Parts
//! without recursion are compared as they are; within a circle of references, nodes are told apart
//! by colours that are refined until no round tells more apart (bisimulation), so that two circles
//! that say the same are one however they are written.

use crate::graph::{Graph, circles};
use crate::node::{Id, Kind, Kinds, Node};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A digest that stands for all that a node of a circle says.
type Colour = [u8; 32];

/// The nodes that are known.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    kept: Vec<Node>,
    /// Of each node, whether it leads into a circle of references.
    circular: Vec<bool>,
    by_node: HashMap<Node, Id>,
    by_colour: HashMap<Colour, Id>,
}

impl Nodes {
    /// What a node says.
    pub(crate) fn get(&self, id: Id) -> &Node {
        &self.kept[id.0 as usize]
    }

    /// Whether a node leads into a circle of references.
    pub(crate) fn is_circular(&self, id: Id) -> bool {
        self.circular[id.0 as usize]
    }

    /// Every document.
    pub(crate) fn always(&mut self) -> Id {
        self.keep(Node::Always)
    }

    /// No document.
    pub(crate) fn never(&mut self) -> Id {
        self.keep(Node::Any(Arc::from([])))
    }

    /// The node that says this, in its simplest form.
    pub(crate) fn node(&mut self, node: Node) -> Id {
        match node {
            Node::All(of) => self.all(&of),
            Node::Any(of) => self.any(&of),
            Node::One(of) if of.len() == 1 => of[0],
            Node::One(mut of) => {
                Arc::make_mut(&mut of).sort_unstable();
                self.keep(Node::One(of))
            }
            Node::Not(of) => self.not(of),
            Node::If(_, then, other) if then == other => then,
            Node::Kinds(kinds) if kinds == Kinds::NONE => self.never(),
            Node::Kinds(kinds) if Kind::EVERY.iter().all(|kind| kinds.has(*kind)) => self.always(),
            Node::Values(values) if values.is_empty() => self.never(),
            Node::LengthAtLeast(0)
            | Node::CountAtLeast(0)
            | Node::SizeAtLeast(0)
            | Node::ContainsAtLeast(_, 0) => self.always(),
            Node::Item(_, of)
            | Node::ItemsFrom(_, of)
            | Node::MembersBut(_, of)
            | Node::Names(of)
                if matches!(self.get(of), Node::Always) =>
            {
                of
            }
            other => self.keep(other),
        }
    }

    /// The nodes of a graph, in its order.
    pub(crate) fn graph(&mut self, graph: Graph) -> Vec<Id> {
        let (graph, stands_for) = graph.direct();
        let ids = self.direct(&graph);
        stands_for.into_iter().map(|position| ids[position]).collect()
    }

    fn direct(&mut self, graph: &Graph) -> Vec<Id> {
        let mut ids = vec![None; graph.nodes.len()];
        for circle in circles(graph) {
            match circle[..] {
                [only] if graph.known.contains_key(&only) => {
                    ids[only] = graph.known.get(&only).copied();
                }
                [only] if !graph.nodes[only].refers_to(only) => {
                    let never = self.never();
                    let node = graph.nodes[only].map(|to| ids[*to].unwrap_or(never));
                    ids[only] = Some(self.node(node));
                }
                _ => self.circle(graph, &circle, &mut ids),
            }
        }
        let never = self.never();
        ids.into_iter().map(|id| id.unwrap_or(never)).collect()
    }

    fn keep(&mut self, node: Node) -> Id {
        if let Some(id) = self.by_node.get(&node) {
            return *id;
        }
        let id = self.next();
        let mut is_circular = false;
        let _ = node.map(|to| is_circular |= self.is_circular(*to));
        self.by_node.insert(node.clone(), id);
        self.kept.push(node);
        self.circular.push(is_circular);
        id
    }

    fn next(&self) -> Id {
        // Documents are bounded far below this.
        Id(u32::try_from(self.kept.len()).unwrap_or(u32::MAX))
    }

    fn all(&mut self, of: &[Id]) -> Id {
        let mut parts = BTreeSet::new();
        for id in of {
            match self.get(*id) {
                Node::Always => {}
                Node::Any(none) if none.is_empty() => return *id,
                Node::All(inner) => parts.extend(inner.iter().copied()),
                _ => drop(parts.insert(*id)),
            }
        }
        match parts.len() {
            0 => self.always(),
            1 => parts.into_iter().next().unwrap_or_else(|| self.always()),
            _ => self.keep(Node::All(parts.into_iter().collect())),
        }
    }

    fn any(&mut self, of: &[Id]) -> Id {
        let mut parts = BTreeSet::new();
        for id in of {
            match self.get(*id) {
                Node::Always => return *id,
                Node::Any(inner) => parts.extend(inner.iter().copied()),
                _ => drop(parts.insert(*id)),
            }
        }
        match parts.len() {
            1 => parts.into_iter().next().unwrap_or_else(|| self.never()),
            _ => self.keep(Node::Any(parts.into_iter().collect())),
        }
    }

    fn not(&mut self, of: Id) -> Id {
        match self.get(of) {
            Node::Not(inner) => *inner,
            Node::Always => self.never(),
            Node::Any(none) if none.is_empty() => self.always(),
            _ => self.keep(Node::Not(of)),
        }
    }

    /// Gives identities to nodes that refer to each other in a circle; what they refer to outside
    /// of it has its own already.
    fn circle(&mut self, graph: &Graph, circle: &[usize], ids: &mut [Option<Id>]) {
        let never = self.never();
        let colours = whole(graph, circle, ids, &colours(graph, circle, ids));
        let mut fresh = Vec::new();
        for node in circle {
            let next = Id(self.next().0 + u32::try_from(fresh.len()).unwrap_or(0));
            let id = *self.by_colour.entry(colours[node]).or_insert(next);
            if id == next {
                fresh.push(*node);
            }
            ids[*node] = Some(id);
        }
        for node in fresh {
            let node = sorted(graph.nodes[node].map(|to| ids[*to].unwrap_or(never)));
            let id = self.next();
            self.by_node.entry(node.clone()).or_insert(id);
            self.kept.push(node);
            self.circular.push(true);
        }
    }
}

/// References in the one order that equal nodes share.
fn sorted(node: Node) -> Node {
    let unique = |of: &[Id]| of.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    match node {
        Node::All(of) => Node::All(unique(&of)),
        Node::Any(of) => Node::Any(unique(&of)),
        Node::One(mut of) => {
            Arc::make_mut(&mut of).sort_unstable();
            Node::One(of)
        }
        other => other,
    }
}

/// Refines until a round tells no more nodes apart than the round before.
fn colours(graph: &Graph, circle: &[usize], ids: &[Option<Id>]) -> HashMap<usize, Colour> {
    let mut colours: HashMap<usize, Colour> = circle.iter().map(|node| (*node, [0; 32])).collect();
    let mut apart = 1;
    loop {
        let next: HashMap<usize, Colour> =
            circle.iter().map(|node| (*node, colour(&graph.nodes[*node], &colours, ids))).collect();
        let now = next.values().collect::<BTreeSet<_>>().len();
        colours = next;
        if now == apart {
            return colours;
        }
        apart = now;
    }
}

/// Colours that stand for the whole circle, seen from each node. A round looks one step further,
/// and circles that differ only further away than their own rounds went must not be taken for one.
fn whole(
    graph: &Graph,
    circle: &[usize],
    ids: &[Option<Id>],
    colours: &HashMap<usize, Colour>,
) -> HashMap<usize, Colour> {
    let apart: BTreeMap<Colour, usize> = circle.iter().map(|node| (colours[node], *node)).collect();
    let mut all = Sha256::new();
    for (name, node) in &apart {
        all.update(name);
        all.update(colour(&graph.nodes[*node], colours, ids));
    }
    let all: Colour = all.finalize().into();
    let seen_from = |node: &usize| Sha256::digest([all, colours[node]].concat()).into();
    circle.iter().map(|node| (*node, seen_from(node))).collect()
}

fn colour(node: &Node<usize>, colours: &HashMap<usize, Colour>, ids: &[Option<Id>]) -> Colour {
    let of = |to: &usize| match (colours.get(to), ids[*to]) {
        (Some(colour), _) => *colour,
        (None, Some(id)) => Sha256::digest(id.0.to_le_bytes()).into(),
        (None, None) => [0; 32],
    };
    let mut hash = Sha256::new();
    match node {
        // Order says nothing here, and saying a thing twice says no more, but for `One`.
        Node::All(parts) | Node::Any(parts) => {
            hash.update(if matches!(node, Node::All(_)) { b"all" } else { b"any" });
            for part in parts.iter().map(of).collect::<BTreeSet<_>>() {
                hash.update(part);
            }
        }
        Node::One(parts) => {
            let mut parts: Vec<Colour> = parts.iter().map(of).collect();
            parts.sort_unstable();
            hash.update(b"one");
            parts.iter().for_each(|part| hash.update(part));
        }
        other => hash.update(format!("{:?}", other.map(of))),
    }
    hash.finalize().into()
}
