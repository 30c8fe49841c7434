//! The search for a document with which every literal of a goal comes true.
//!
//! It is complete up to its bounds: that nothing was found means that there is nothing. Goals are
//! taken apart kind by kind: alternatives are tried one after the other, what remains are demands
//! on one number, text, array or object, and members and elements are goals again. A goal that is
//! met again inside itself is taken as empty there, since the smallest document of a goal holds no
//! other document of that goal; whatever was found empty only under such an assumption is forgotten
//! when the assumption fails. So recursive schemas end without a bound on depth that would hide
//! anything.
//!
//! After "Witness Generation for JSON Schema" (Attouche, Baazizi, Colazzo, Ghelli, Sartiani,
//! Scherzinger; VLDB 2022), with goals in place of their normal form.

mod array;
pub(crate) mod branch;
mod object;
mod scalar;

use crate::evaluate::evaluate;
use crate::literal::{Goal, Literal};
use crate::node::{Id, Kind, Kinds, Node};
use crate::nodes::Nodes;
use crate::texts::{Found, Texts};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Steps of one search: real schemas need a few hundred.
const STEPS_MAX: u32 = 60_000;

/// What is said once all searches of a comparison together have taken their steps.
pub(crate) const SPENT: &str = "the two versions together are too intricate to decide";

/// Goals one in another at most, so that the search never exhausts the stack: schemas that refer to
/// each other in circles of a thousand are searched through.
const DEPTH_MAX: usize = 1_200;

/// How far inside documents the search goes at first, so that it finds small witnesses, and then
/// without a limit.
const REACHES: [usize; 4] = [2, 4, 8, usize::MAX];

/// What was found out about goals, for good.
pub(crate) type Known = HashMap<Goal, Found<Value>>;

/// One search.
pub(crate) struct Search<'s> {
    pub(crate) nodes: &'s mut Nodes,
    pub(crate) texts: &'s mut Texts,
    pub(crate) known: &'s mut Known,
    /// Whether a writer leaves out members that its schema does not name.
    is_closed: bool,
    /// Goals that are being searched: how many were open before, and how far inside the document.
    open: HashMap<Goal, (usize, usize)>,
    /// How far inside the document the search is, and may go.
    inside: usize,
    reach: usize,
    /// Goals without a document that ends within so many further steps, as far as is known.
    beyond: HashMap<Goal, usize>,
    /// Whether the search turned back at its reach.
    is_cut: bool,
    /// Goals without a document as long as the assumptions hold that they rest on, and all of them
    /// in the order in which they were found.
    assumed: HashMap<Goal, Assumptions>,
    trail: Vec<Goal>,
    /// What was assumed since the innermost open goal was opened.
    assumptions: Assumptions,
    left: u32,
    /// Steps left to all searches of a comparison.
    allowance: &'s mut u64,
}

/// Goals that were taken as empty since they were met inside themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Assumptions {
    /// How many goals were open before the outermost of them.
    lowest: usize,
    /// How far inside the document the innermost of them is searched. Nothing can be assumed of a
    /// document that does not lie further inside.
    nearest: usize,
}

impl Assumptions {
    /// None.
    const NONE: Self = Self { lowest: usize::MAX, nearest: 0 };

    fn and(self, other: Self) -> Self {
        let (lowest, nearest) = (self.lowest.min(other.lowest), self.nearest.max(other.nearest));
        Self { lowest, nearest }
    }
}

/// What is said where the search turned back.
fn too_far() -> Found<Value> {
    Found::Unknown("documents too deep to look at".into())
}

/// What several attempts amount to: one that succeeds is enough.
pub(crate) fn either<T>(so_far: Option<Found<T>>, next: Found<T>) -> Option<Found<T>> {
    match (so_far, next) {
        (Some(Found::Unknown(why)), Found::None) => Some(Found::Unknown(why)),
        (_, next) => Some(next),
    }
}

impl<'s> Search<'s> {
    /// A search that begins.
    pub(crate) fn new(
        nodes: &'s mut Nodes,
        texts: &'s mut Texts,
        known: &'s mut Known,
        (is_closed, allowance): (bool, &'s mut u64),
    ) -> Self {
        Self {
            nodes,
            texts,
            known,
            is_closed,
            allowance,
            open: HashMap::new(),
            inside: 0,
            reach: usize::MAX,
            beyond: HashMap::new(),
            is_cut: false,
            assumed: HashMap::new(),
            trail: Vec::new(),
            assumptions: Assumptions::NONE,
            left: STEPS_MAX,
        }
    }

    /// A document with which every literal comes true, as small as comes first.
    pub(crate) fn find(&mut self, literals: &[Literal]) -> Found<Value> {
        let mut found = Found::None;
        for reach in REACHES {
            (self.reach, self.is_cut, self.left) = (reach, false, STEPS_MAX);
            self.beyond.clear();
            found = self.solve(literals);
            let is_further = self.is_cut || self.left == 0;
            if !matches!(found, Found::Unknown(_)) || !is_further || *self.allowance == 0 {
                break;
            }
        }
        found
    }

    /// A document with which every literal comes true.
    fn solve(&mut self, literals: &[Literal]) -> Found<Value> {
        let Some(goal) = self.goal(literals) else { return Found::None };
        if let Some(known) = self.known.get(&goal) {
            return known.clone();
        }
        match self.open.get(&goal) {
            // Of the very document that is searched, nothing can be assumed.
            Some((_, inside)) if *inside == self.inside => {
                return Found::Unknown("a schema that refers to itself without end".into());
            }
            Some((lowest, nearest)) => {
                let assumed = Assumptions { lowest: *lowest, nearest: *nearest };
                self.assumptions = self.assumptions.and(assumed);
                return Found::None;
            }
            None => {}
        }
        let assumed = self.assumed.get(&goal).filter(|assumed| assumed.nearest < self.inside);
        if let Some(assumed) = assumed {
            self.assumptions = self.assumptions.and(*assumed);
            return Found::None;
        }
        let left = self.reach.saturating_sub(self.inside);
        if self.beyond.get(&goal).is_some_and(|known| left <= *known) {
            self.is_cut = true;
            return too_far();
        }
        let depth = self.open.len();
        if depth >= DEPTH_MAX {
            return Found::Unknown("schemas lie too deep one in another".into());
        }
        self.open.insert(goal.clone(), (depth, self.inside));
        let outer = std::mem::replace(&mut self.assumptions, Assumptions::NONE);
        let was_cut = std::mem::replace(&mut self.is_cut, false);
        let mark = self.trail.len();
        let found = self.every_kind(&goal);
        self.open.remove(&goal);
        self.keep(goal, &found, (depth, mark));
        // A document that was found rests on no assumption.
        let is_one = matches!(found, Found::One(_));
        let is_settled = is_one || self.assumptions.lowest >= depth;
        self.assumptions = if is_settled { outer } else { outer.and(self.assumptions) };
        self.is_cut |= was_cut;
        found
    }

    /// Keeps what came of a goal, and of those that were found empty inside it.
    fn keep(&mut self, goal: Goal, found: &Found<Value>, (depth, mark): (usize, usize)) {
        let rests_on_none = self.assumptions.lowest >= depth;
        match found {
            Found::None if rests_on_none => {
                // What was taken as empty for its sake is empty with it.
                for inner in self.trail.split_off(mark) {
                    let assumed = self.assumed.get(&inner).copied();
                    if assumed.is_some_and(|assumed| assumed.lowest < depth) {
                        self.trail.push(inner);
                    } else {
                        self.assumed.remove(&inner);
                        self.known.insert(inner, Found::None);
                    }
                }
                self.known.insert(goal, Found::None);
            }
            Found::None => {
                self.assumed.insert(goal.clone(), self.assumptions);
                self.trail.push(goal);
            }
            Found::One(_) | Found::Unknown(_) => {
                // What rested on its being empty is to be looked at again.
                for inner in self.trail.drain(mark..) {
                    self.assumed.remove(&inner);
                }
                if self.is_cut && !matches!(found, Found::One(_)) {
                    self.beyond.insert(goal, self.reach.saturating_sub(self.inside));
                } else if matches!(found, Found::One(_)) || rests_on_none && self.left > 0 {
                    self.known.insert(goal, found.clone());
                }
            }
        }
    }

    /// The same for a member, an element or a name: one step further inside the document.
    fn solve_inside(&mut self, literals: &[Literal]) -> Found<Value> {
        if self.inside >= self.reach {
            self.is_cut = true;
            return too_far();
        }
        self.inside += 1;
        let found = self.solve(literals);
        self.inside -= 1;
        found
    }

    /// Like [`Search::solve`], where that there is none must not rest on any assumption.
    fn is_surely_none(&mut self, literals: &[Literal]) -> bool {
        let outer = std::mem::replace(&mut self.assumptions, Assumptions::NONE);
        let found = self.solve(literals);
        let is_sure = self.assumptions == Assumptions::NONE && found == Found::None;
        self.assumptions = outer;
        is_sure
    }

    /// The literals in their simplest form; `None` when they contradict each other as they stand.
    fn goal(&self, literals: &[Literal]) -> Option<Goal> {
        let mut goal = BTreeSet::new();
        let mut turned = BTreeSet::new();
        let mut pending = literals.to_vec();
        while let Some(literal) = pending.pop() {
            match (self.nodes.get(literal.id()), literal.is_held()) {
                (Node::Always, true) => {}
                (Node::Always, false) => return None,
                // A schema that is its own opposite would turn for ever. It means nothing, and
                // whatever is found is held against the meaning in the end.
                (Node::Not(of), _) => {
                    if turned.insert(literal) {
                        pending.push(literal.of(*of).flipped());
                    }
                }
                (Node::All(of), true) | (Node::Any(of), false) => {
                    if self.contradicts(&goal, literal) {
                        return None;
                    }
                    // Kept for what contradicts it as a whole, dropped below.
                    if goal.insert(literal) {
                        pending.extend(of.iter().map(|id| literal.of(*id)));
                    }
                }
                (Node::Any(of), true) if of.is_empty() => return None,
                _ => {
                    if self.contradicts(&goal, literal) {
                        return None;
                    }
                    goal.insert(literal);
                }
            }
        }
        let is_kept = |literal: &Literal| {
            let node = self.nodes.get(literal.id());
            !matches!((node, literal.is_held()), (Node::All(_), true) | (Node::Any(_), false))
        };
        Some(goal.into_iter().filter(is_kept).collect())
    }

    fn contradicts(&self, taken: &BTreeSet<Literal>, literal: Literal) -> bool {
        let opposite = literal.flipped();
        taken.contains(&opposite) || taken.contains(&opposite.across())
    }

    fn every_kind(&mut self, goal: &Goal) -> Found<Value> {
        if let Some(values) = self.values_of(goal) {
            return self.one_of(&values, goal);
        }
        let mut found = None;
        for kind in Kind::EVERY {
            found = either(found, self.of_kind(kind, goal));
            if let Some(Found::One(_)) = found {
                break;
            }
        }
        found.unwrap_or(Found::None)
    }

    /// The shortest list of values that the goal leaves to choose from.
    fn values_of(&self, goal: &[Literal]) -> Option<Vec<Value>> {
        let lists = goal.iter().filter_map(|literal| match self.nodes.get(literal.id()) {
            Node::Values(values) if literal.is_held() => Some(values),
            _ => None,
        });
        let shortest = lists.min_by_key(|values| values.len())?;
        Some(shortest.iter().map(|constant| constant.value().clone()).collect())
    }

    /// The first of these values with which every literal comes true.
    fn one_of(&mut self, values: &[Value], literals: &[Literal]) -> Found<Value> {
        let mut is_unknown = false;
        for value in values {
            match self.comes_true(value, literals) {
                Some(true) => return Found::One(value.clone()),
                Some(false) => {}
                None => is_unknown = true,
            }
        }
        if is_unknown { Found::Unknown(self.why(literals)) } else { Found::None }
    }

    /// Whether every literal comes true with this value.
    fn comes_true(&mut self, value: &Value, literals: &[Literal]) -> Option<bool> {
        let mut told = Some(true);
        for literal in literals {
            match evaluate(self.nodes, self.texts, literal.id(), value) {
                Some(holds) if holds != literal.is_held() => return Some(false),
                Some(_) => {}
                None => told = None,
            }
        }
        told
    }

    /// Why literals cannot be told: what could not be read, where there is such a thing.
    fn why(&self, literals: &[Literal]) -> crate::node::Text {
        let mut pending: Vec<Id> = literals.iter().map(|literal| literal.id()).collect();
        let mut met = BTreeSet::new();
        while let Some(id) = pending.pop() {
            if !met.insert(id) {
                continue;
            }
            match self.nodes.get(id) {
                Node::Unread(why) => return why.clone(),
                node => drop(node.map(|id| pending.push(*id))),
            }
        }
        "a pattern or format that cannot be decided".into()
    }

    /// The node that just this kind is.
    fn kind(&mut self, kind: Kind) -> Id {
        self.nodes.node(Node::Kinds(Kinds::NONE.with(kind)))
    }

    /// Takes one step; an error when none is left.
    fn spend(&mut self) -> Result<(), Found<Value>> {
        let spent = || Found::Unknown("schemas too intricate to decide in bounded time".into());
        let all_spent = || Found::Unknown(SPENT.into());
        self.left = self.left.checked_sub(1).ok_or_else(spent)?;
        *self.allowance = self.allowance.checked_sub(1).ok_or_else(all_spent)?;
        Ok(())
    }
}
