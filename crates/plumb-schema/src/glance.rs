//! What is seen of a node without searching: kinds of documents that it holds of, and whether it
//! names members.

use crate::constant::Constant;
use crate::node::{Id, Kind, Node};
use crate::nodes::Nodes;

/// How deep a node is looked into.
const DEPTH_MAX: u32 = 6;

/// Whether a node, or one beside it, names members of an object.
pub(crate) fn names_members(nodes: &Nodes, id: Id) -> bool {
    names_within(nodes, id, DEPTH_MAX)
}

/// Whether a node holds of every document of a kind, or of none.
pub(crate) fn glance(nodes: &Nodes, id: Id, kind: Kind) -> Option<bool> {
    glance_within(nodes, id, (kind, DEPTH_MAX))
}

fn names_within(nodes: &Nodes, id: Id, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match nodes.get(id) {
        Node::Member(..) | Node::MembersLike(..) | Node::MembersBut(..) | Node::Required(_) => true,
        Node::All(of) | Node::Any(of) | Node::One(of) => {
            of.iter().any(|id| names_within(nodes, *id, depth))
        }
        Node::If(_, then, other) => {
            names_within(nodes, *then, depth) || names_within(nodes, *other, depth)
        }
        _ => false,
    }
}

fn glance_within(nodes: &Nodes, id: Id, (kind, depth): (Kind, u32)) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    let node = nodes.get(id);
    if let Some(of) = node.kind() {
        return (of != kind).then_some(true);
    }
    let every = |of: &[Id], expected: bool| -> Option<bool> {
        let mut told = Some(expected);
        for id in of {
            match glance_within(nodes, *id, (kind, depth)) {
                Some(holds) if holds != expected => return Some(!expected),
                Some(_) => {}
                None => told = None,
            }
        }
        told
    };
    match node {
        Node::Always => Some(true),
        Node::Kinds(kinds) => Some(kinds.has(kind)),
        Node::Values(values) => {
            let is_kind = |value: &Constant| Kind::of(value.value()) == kind;
            (!values.iter().any(is_kind)).then_some(false)
        }
        Node::Not(of) => glance_within(nodes, *of, (kind, depth)).map(|holds| !holds),
        Node::All(of) => every(of, true),
        Node::Any(of) => every(of, false),
        _ => None,
    }
}
