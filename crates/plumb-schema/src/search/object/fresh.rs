//! A member that no demand names: its name is found by what it must and must not match.

use super::facts::{Facts, Region, Somewhere};
use super::{Plan, Search};
use crate::constant::Constant;
use crate::literal::{Literal, Side};
use crate::node::{Kind, Node, Text};
use crate::search::either;
use crate::texts::Found;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Patterns of names whose combinations are all looked at; beyond it only the plainest are.
const PATTERNS_MAX: usize = 6;

/// Which patterns a name matches.
type Signs = BTreeMap<Text, bool>;

impl Search<'_> {
    /// A name that no demand and no member of the plan has, which may be there and meets `wanted`.
    pub(super) fn fresh(
        &mut self,
        facts: &Facts,
        plan: &Plan,
        wanted: Option<&Somewhere>,
    ) -> Found<Text> {
        let patterns = patterns(facts, wanted);
        let is_all = patterns.len() <= PATTERNS_MAX;
        let combinations: Vec<Signs> = if is_all {
            (0..1_u32 << patterns.len())
                .map(|bits| signs(&patterns, |at| bits >> at & 1 == 1))
                .collect()
        } else {
            let one = (0..patterns.len()).map(|only| signs(&patterns, |at| at == only));
            std::iter::once(signs(&patterns, |_| false)).chain(one).collect()
        };
        let mut found = None;
        for signs in combinations {
            found = either(found, self.matching(facts, plan, wanted, &signs));
            if let Some(Found::One(_)) = found {
                break;
            }
        }
        match found.unwrap_or(Found::None) {
            Found::None if !is_all => Found::Unknown("too many patterns of names".into()),
            found => found,
        }
    }

    /// Such a name that matches just these patterns.
    fn matching(
        &mut self,
        facts: &Facts,
        plan: &Plan,
        wanted: Option<&Somewhere>,
        signs: &Signs,
    ) -> Found<Text> {
        let mut value = wanted.map(|wanted| wanted.value.clone()).unwrap_or_default();
        let mut is_declared = !self.is_closed || !facts.is_declaring();
        for (region, literal) in &facts.regions {
            if lies_in(region, signs) == Some(true) {
                value.push(*literal);
                is_declared |= literal.side() == Side::Writer;
            }
        }
        let is_elsewhere =
            wanted.is_some_and(|wanted| lies_in(&wanted.region, signs) == Some(false));
        if is_elsewhere || !is_declared {
            return Found::None;
        }
        match self.solve_inside(&value) {
            Found::One(_) => {}
            Found::None => return Found::None,
            Found::Unknown(why) => return Found::Unknown(why),
        }
        let mut name = self.name(facts, plan, signs);
        if let Some(Region::Named(literal)) = wanted.map(|wanted| &wanted.region) {
            name.push(*literal);
        }
        match self.solve_inside(&name) {
            Found::One(Value::String(name)) => Found::One(name.into()),
            Found::One(_) | Found::None => Found::None,
            Found::Unknown(why) => Found::Unknown(why),
        }
    }

    /// The demands on the name itself.
    fn name(&mut self, facts: &Facts, plan: &Plan, signs: &Signs) -> Vec<Literal> {
        let mut literals = facts.every_name.clone();
        literals.push(Literal::holds(self.kind(Kind::String), Side::Reader));
        for (pattern, matches) in signs {
            let id = self.nodes.node(Node::Pattern(pattern.clone()));
            let holds = Literal::holds(id, Side::Reader);
            literals.push(if *matches { holds } else { holds.flipped() });
        }
        let taken: BTreeSet<Constant> = facts
            .names
            .iter()
            .chain(plan.keys())
            .map(|name| Constant::new(&Value::String(name.to_string())))
            .collect();
        let taken = self.nodes.node(Node::Values(taken.into_iter().collect()));
        literals.push(Literal::fails(taken, Side::Reader));
        literals
    }
}

/// Whether a name that no demand names lies in a region, by the patterns it matches; `None` where
/// patterns do not tell.
fn lies_in(region: &Region, signs: &Signs) -> Option<bool> {
    let matches = |pattern: &Text| signs.get(pattern).copied().unwrap_or(false);
    match region {
        Region::Like(pattern) => Some(matches(pattern)),
        Region::But(named) => Some(!named.patterns.iter().any(matches)),
        Region::Named(_) => None,
    }
}

/// Every pattern of names that the demands speak of.
fn patterns(facts: &Facts, wanted: Option<&Somewhere>) -> Vec<Text> {
    let regions = facts.regions.iter().map(|(region, _)| region);
    let mut all = BTreeSet::new();
    for region in regions.chain(wanted.map(|wanted| &wanted.region)) {
        match region {
            Region::Like(pattern) => drop(all.insert(pattern.clone())),
            Region::But(named) => all.extend(named.patterns.iter().cloned()),
            Region::Named(_) => {}
        }
    }
    all.into_iter().collect()
}

fn signs(patterns: &[Text], matches: impl Fn(usize) -> bool) -> Signs {
    patterns.iter().enumerate().map(|(at, pattern)| (pattern.clone(), matches(at))).collect()
}
