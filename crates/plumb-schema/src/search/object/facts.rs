//! The demands on one object, sorted by what they speak of.

use crate::literal::{Literal, Side};
use crate::node::{Named, Node, Text};
use crate::nodes::Nodes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The demands on one object.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What a member of a name is, if it is there.
    pub(super) member: Vec<(Text, Literal)>,
    /// What members are whose names lie in a region.
    pub(super) regions: Vec<(Region, Literal)>,
    /// What every name is.
    pub(super) every_name: Vec<Literal>,
    /// Members that are there, and what is demanded of each.
    pub(super) required: BTreeMap<Text, Vec<Literal>>,
    /// Members that are not there.
    pub(super) absent: BTreeSet<Text>,
    /// What must be found in some member.
    pub(super) somewhere: Vec<Somewhere>,
    /// Fewest members.
    pub(super) least: u64,
    /// Most members.
    pub(super) most: Option<u64>,
    /// Every name that some demand speaks of.
    pub(super) names: BTreeSet<Text>,
    /// The names that the writer speaks of.
    pub(super) declared: BTreeSet<Text>,
    /// Whether the writer speaks of any name or region.
    declares: bool,
}

/// Names that a demand speaks of without listing them.
#[derive(Clone, Debug)]
pub(super) enum Region {
    /// Names that match a pattern.
    Like(Text),
    /// Names that are not among these and match none of their patterns.
    But(Arc<Named>),
    /// Names with which this comes true.
    Named(Literal),
}

/// A demand that some member meets.
#[derive(Clone, Debug)]
pub(super) struct Somewhere {
    /// Where its name lies.
    pub(super) region: Region,
    /// What it is.
    pub(super) value: Vec<Literal>,
}

impl Facts {
    /// The facts of these demands. `declares` where the writer names members in alternatives, also
    /// in those that it does not follow.
    pub(super) fn new(nodes: &Nodes, atoms: &[Literal], declares: bool) -> Self {
        let mut facts = Self { declares, ..Self::default() };
        for atom in atoms {
            facts.add(nodes.get(atom.id()), *atom);
        }
        facts
    }

    /// Whether the writer speaks of any member at all; where it does not, it may write any.
    pub(super) fn is_declaring(&self) -> bool {
        self.declares
    }

    fn add(&mut self, node: &Node, atom: Literal) {
        let is_held = atom.is_held();
        self.declare(node, atom);
        match node {
            Node::Member(name, of) => {
                self.names.insert(name.clone());
                if is_held {
                    self.member.push((name.clone(), atom.of(*of)));
                } else {
                    self.required.entry(name.clone()).or_default().push(atom.of(*of));
                }
            }
            Node::MembersLike(pattern, of) => {
                self.region(Region::Like(pattern.clone()), atom.of(*of));
            }
            Node::MembersBut(named, of) => {
                self.names.extend(named.names.iter().cloned());
                self.region(Region::But(named.clone()), atom.of(*of));
            }
            Node::Names(of) if is_held => self.every_name.push(atom.of(*of)),
            Node::Names(of) => {
                let region = Region::Named(atom.of(*of));
                self.somewhere.push(Somewhere { region, value: Vec::new() });
            }
            Node::Required(name) => {
                self.names.insert(name.clone());
                if is_held {
                    self.required.entry(name.clone()).or_default();
                } else {
                    self.absent.insert(name.clone());
                }
            }
            Node::SizeAtLeast(bound) if is_held => self.least = self.least.max(*bound),
            Node::SizeAtLeast(bound) => self.at_most(bound.saturating_sub(1)),
            Node::SizeAtMost(bound) if is_held => self.at_most(*bound),
            Node::SizeAtMost(bound) => self.least = self.least.max(bound.saturating_add(1)),
            _ => {}
        }
    }

    /// What the writer's demands declare: what it demands not to be so does not count.
    fn declare(&mut self, node: &Node, atom: Literal) {
        if atom.side() != Side::Writer || !atom.is_held() {
            return;
        }
        match node {
            Node::Member(name, _) | Node::Required(name) => {
                self.declared.insert(name.clone());
                self.declares = true;
            }
            Node::MembersLike(..) | Node::MembersBut(..) => self.declares = true,
            _ => {}
        }
    }

    fn region(&mut self, region: Region, literal: Literal) {
        // The literal carries the sense of its atom: what is not so everywhere is otherwise
        // somewhere.
        if literal.is_held() {
            self.regions.push((region, literal));
        } else {
            self.somewhere.push(Somewhere { region, value: vec![literal] });
        }
    }

    fn at_most(&mut self, bound: u64) {
        self.most = Some(self.most.map_or(bound, |held| held.min(bound)));
    }
}
