//! One way to read the alternatives of a goal, for one kind of document.

use super::{Search, either};
use crate::constant::Constant;
use crate::glance::{glance, names_members};
use crate::literal::{Literal, Side};
use crate::node::{Id, Kind, Named, Node, Text};
use crate::texts::Found;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Alternatives of which a writer is taken to follow two at once, in a reading in which it leaves
/// out what its alternative does not name.
pub(crate) const BOTH_MAX: usize = 4;

/// Literals taken so far, for one kind.
#[derive(Clone)]
struct Branch {
    kind: Kind,
    taken: BTreeSet<Literal>,
    /// Demands on the kind that need no choice.
    atoms: Vec<Literal>,
    /// Demands that leave a choice.
    choices: Vec<Literal>,
    unread: Option<Text>,
    /// Whether the writer names members in some alternative: one beside it that names none is no
    /// leave to write any.
    declares: bool,
}

/// The ways to meet one demand: each is a list of demands that together suffice.
type Ways = Vec<Vec<Literal>>;

impl Branch {
    fn new(kind: Kind) -> Self {
        let (taken, atoms, choices) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { kind, taken, atoms, choices, unread: None, declares: false }
    }

    fn has(&self, literal: Literal) -> bool {
        self.taken.contains(&literal) || self.taken.contains(&literal.across())
    }
}

impl Search<'_> {
    /// A document of one kind with which every literal of a goal comes true.
    pub(super) fn of_kind(&mut self, kind: Kind, goal: &[Literal]) -> Found<Value> {
        self.branch(Branch::new(kind), goal.to_vec())
    }

    /// A document of the branch's kind with which what it has taken and what is pending comes true.
    fn branch(&mut self, mut branch: Branch, pending: Vec<Literal>) -> Found<Value> {
        if let Err(spent) = self.spend() {
            return spent;
        }
        let Some(open) = self.settle(&mut branch, pending) else { return Found::None };
        let taken: Vec<Literal> = branch.taken.iter().copied().collect();
        let few = match branch.kind {
            Kind::Null => Some(vec![Value::Null]),
            Kind::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
            _ => self.values_of(&taken),
        };
        if let Some(mut few) = few {
            few.retain(|value| Kind::of(value) == branch.kind);
            return self.one_of(&few, &taken);
        }
        let found = match self.narrowed(&branch, open) {
            None => Found::None,
            Some(open) => self.choose(&branch, open),
        };
        match (branch.unread, found) {
            (Some(why), Found::One(_)) => Found::Unknown(why),
            (_, found) => found,
        }
    }

    /// Takes everything that leaves no choice; what does leave one is given back with its ways.
    /// `None` when something contradicts.
    fn settle(
        &mut self,
        branch: &mut Branch,
        mut pending: Vec<Literal>,
    ) -> Option<Vec<(Literal, Ways)>> {
        loop {
            while let Some(literal) = pending.pop() {
                if !self.take(branch, literal, &mut pending) {
                    return None;
                }
            }
            let mut open = Vec::new();
            for choice in std::mem::take(&mut branch.choices) {
                let mut ways = self.ways(choice);
                ways.retain(|way| !way.iter().any(|one| self.is_hopeless(branch, *one)));
                let is_met = |way: &Vec<Literal>| way.iter().all(|one| self.is_met(branch, *one));
                if !self.may_declare(branch, choice) && ways.iter().any(is_met) {
                    continue;
                }
                match ways.len() {
                    0 => return None,
                    1 => pending.extend(ways.swap_remove(0)),
                    _ => open.push((choice, ways)),
                }
            }
            if pending.is_empty() {
                return Some(open);
            }
            branch.choices = open.into_iter().map(|(choice, _)| choice).collect();
        }
    }

    /// Takes one literal; false when it contradicts what was taken.
    fn take(&mut self, branch: &mut Branch, literal: Literal, pending: &mut Vec<Literal>) -> bool {
        let opposite = literal.flipped();
        if branch.has(opposite) {
            return false;
        }
        if !branch.taken.insert(literal) {
            return true;
        }
        let is_held = literal.is_held();
        if literal.side() == Side::Writer && is_held && branch.kind == Kind::Object {
            branch.declares |= names_members(self.nodes, literal.id());
        }
        let node = self.nodes.get(literal.id());
        if let Some(kind) = node.kind() {
            if kind == branch.kind {
                branch.atoms.push(literal);
            }
            return kind == branch.kind || is_held;
        }
        match node {
            Node::Always => return is_held,
            Node::Unread(why) => branch.unread = Some(why.clone()),
            Node::Kinds(kinds) => return kinds.has(branch.kind) == is_held,
            Node::Not(of) => pending.push(literal.of(*of).flipped()),
            Node::All(of) if is_held => pending.extend(of.iter().map(|id| literal.of(*id))),
            Node::Any(of) if !is_held => pending.extend(of.iter().map(|id| literal.of(*id))),
            Node::Values(values) if !is_held => {
                let same = |value: &&Constant| Kind::of(value.value()) == branch.kind;
                let values: Vec<Constant> = values.iter().filter(same).cloned().collect();
                if matches!(branch.kind, Kind::Number | Kind::String) {
                    branch.atoms.push(literal);
                } else {
                    for value in values {
                        let one = self.nodes.node(Node::Values([value].into()));
                        branch.choices.push(literal.of(one));
                    }
                }
            }
            Node::Values(values) => {
                return values.iter().any(|value| Kind::of(value.value()) == branch.kind);
            }
            _ => branch.choices.push(literal),
        }
        true
    }

    /// Whether a choice of the writer matters although it cannot fail: in a reading in which it
    /// leaves out what its alternative does not name, each alternative gives leave to write.
    fn may_declare(&self, branch: &Branch, choice: Literal) -> bool {
        self.is_closed
            && choice.is_held()
            && choice.side() == Side::Writer
            && branch.kind == Kind::Object
            && names_members(self.nodes, choice.id())
    }

    /// Leaves out choices that cannot fail, and gives up where one alone cannot succeed.
    fn narrowed(
        &mut self,
        branch: &Branch,
        open: Vec<(Literal, Ways)>,
    ) -> Option<Vec<(Literal, Ways)>> {
        if open.is_empty() {
            return Some(open);
        }
        let mut base = branch.atoms.clone();
        base.push(Literal::holds(self.kind(branch.kind), Side::Reader));
        if self.solve(&base) == Found::None {
            return None;
        }
        if open.len() == 1 {
            return Some(open);
        }
        let mut kept = Vec::new();
        for (choice, ways) in open {
            let mut with = base.clone();
            with.push(choice.flipped());
            if !self.may_declare(branch, choice) && self.is_surely_none(&with) {
                continue;
            }
            with.pop();
            with.push(choice);
            if self.solve(&with) == Found::None {
                return None;
            }
            kept.push((choice, ways));
        }
        Some(kept)
    }

    /// Tries the ways of the choice that leaves fewest.
    fn choose(&mut self, branch: &Branch, mut open: Vec<(Literal, Ways)>) -> Found<Value> {
        let fewest = (0..open.len()).min_by_key(|at| open[*at].1.len());
        let Some(fewest) = fewest else { return self.finish(branch) };
        let (_, ways) = open.swap_remove(fewest);
        let mut rest = branch.clone();
        rest.choices = open.into_iter().map(|(choice, _)| choice).collect();
        let mut found = None;
        for way in ways {
            found = either(found, self.branch(rest.clone(), way));
            if let Some(Found::One(_)) = found {
                break;
            }
        }
        found.unwrap_or(Found::None)
    }

    fn finish(&mut self, branch: &Branch) -> Found<Value> {
        match branch.kind {
            Kind::Null => Found::One(Value::Null),
            Kind::Bool => Found::One(Value::Bool(false)),
            Kind::Number => self.number(&branch.atoms),
            Kind::String => self.string(&branch.atoms),
            Kind::Array => self.array(&branch.atoms),
            Kind::Object => self.object(&branch.atoms, branch.declares),
        }
    }

    /// The ways to meet a demand that leaves a choice.
    fn ways(&mut self, literal: Literal) -> Ways {
        let of = |id: &Id| literal.of(*id);
        match (self.nodes.get(literal.id()).clone(), literal.is_held()) {
            (Node::All(parts), false) => parts.iter().map(|id| vec![of(id)]).collect(),
            (Node::Any(parts), true) => {
                let mut ways: Ways = parts.iter().map(|id| vec![of(id)]).collect();
                let is_writer = literal.side() == Side::Writer;
                if self.is_closed && is_writer && parts.len() <= BOTH_MAX {
                    ways.extend(pairs(&parts).map(|(one, two)| vec![of(&one), of(&two)]));
                }
                ways
            }
            (Node::One(parts), true) => (0..parts.len())
                .map(|chosen| {
                    let demand = |at: usize| {
                        let demand = of(&parts[at]);
                        if at == chosen { demand } else { demand.flipped() }
                    };
                    (0..parts.len()).map(demand).collect()
                })
                .collect(),
            (Node::One(parts), false) => {
                let none: Vec<Literal> = parts.iter().map(of).collect();
                let hold = |id: &Id| of(id).flipped();
                let two = pairs(&parts).map(|(one, two)| vec![hold(&one), hold(&two)]);
                std::iter::once(none).chain(two).collect()
            }
            (Node::If(test, then, other), is_held) => {
                let test = if is_held { of(&test) } else { of(&test).flipped() };
                vec![vec![test, of(&then)], vec![test.flipped(), of(&other)]]
            }
            (Node::Values(values), false) => match values.first().map(Constant::value) {
                Some(Value::Object(members)) => self.differs_from_object(literal, members),
                Some(Value::Array(items)) => self.differs_from_array(literal, items),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The ways in which an object differs from another.
    fn differs_from_object(
        &mut self,
        literal: Literal,
        members: &serde_json::Map<String, Value>,
    ) -> Ways {
        let mut nodes = Vec::new();
        for (name, value) in members {
            let name = Text::from(name.as_str());
            let value = self.nodes.node(Node::Values([Constant::new(value)].into()));
            nodes.push(self.nodes.node(Node::Required(name.clone())));
            nodes.push(self.nodes.node(Node::Member(name, value)));
        }
        let mut names: Vec<Text> = members.keys().map(|name| name.as_str().into()).collect();
        names.sort();
        let named = Arc::new(Named { names, patterns: Vec::new() });
        let never = self.nodes.never();
        nodes.push(self.nodes.node(Node::MembersBut(named, never)));
        nodes.into_iter().map(|node| vec![literal.of(node)]).collect()
    }

    /// The ways in which an array differs from another.
    fn differs_from_array(&mut self, literal: Literal, items: &[Value]) -> Ways {
        let count = items.len() as u64;
        let mut nodes = vec![
            self.nodes.node(Node::CountAtLeast(count)),
            self.nodes.node(Node::CountAtMost(count)),
        ];
        for (at, value) in (0..).zip(items) {
            let value = self.nodes.node(Node::Values([Constant::new(value)].into()));
            nodes.push(self.nodes.node(Node::Item(at, value)));
        }
        nodes.into_iter().map(|node| vec![literal.of(node)]).collect()
    }

    fn is_hopeless(&self, branch: &Branch, literal: Literal) -> bool {
        branch.has(literal.flipped())
            || glance(self.nodes, literal.id(), branch.kind) == Some(!literal.is_held())
    }

    fn is_met(&self, branch: &Branch, literal: Literal) -> bool {
        branch.has(literal)
            || glance(self.nodes, literal.id(), branch.kind) == Some(literal.is_held())
    }
}

/// Every two of several.
fn pairs(of: &[Id]) -> impl Iterator<Item = (Id, Id)> + '_ {
    of.iter().enumerate().flat_map(|(at, one)| of[at + 1..].iter().map(|two| (*one, *two)))
}
