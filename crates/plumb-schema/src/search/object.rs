//! Demands on one object: which members there must be, which there may be, and what each must be.
//!
//! Members that some demand names are known; others are found by what their names must match. A
//! demand that some member somewhere be such and such is met by each member in turn.

mod facts;
mod fresh;

use super::{Search, either};
use crate::evaluate::evaluate;
use crate::literal::{Literal, Side};
use crate::node::Text;
use crate::texts::Found;
use facts::{Facts, Region};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Members that are written only so that there are enough of them.
const FILLED_MAX: u64 = 1_000;

/// The members that an object will have, and what is demanded of each beyond what its name demands.
type Plan = BTreeMap<Text, Vec<Literal>>;

impl Search<'_> {
    pub(super) fn object(&mut self, atoms: &[Literal], declares: bool) -> Found<Value> {
        let facts = Facts::new(self.nodes, atoms, declares);
        if facts.most.is_some_and(|most| most < facts.least) {
            return Found::None;
        }
        self.place_members(&facts, &facts.required.clone(), 0)
    }

    /// Gives each demand for some member to one member after the other.
    fn place_members(&mut self, facts: &Facts, plan: &Plan, at: usize) -> Found<Value> {
        if let Err(spent) = self.spend() {
            return spent;
        }
        let Some(somewhere) = facts.somewhere.get(at) else { return self.fill(facts, plan) };
        let mut found = None;
        let known: Vec<Text> = facts.names.iter().chain(plan.keys()).cloned().collect();
        for name in known {
            match self.lies_in(&name, &somewhere.region) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    found = either(found, Found::Unknown(unclear_name(&name)));
                    continue;
                }
            }
            let mut with = plan.clone();
            let demands = with.entry(name).or_default();
            demands.extend(&somewhere.value);
            found = either(found, self.place_members(facts, &with, at + 1));
            if let Some(Found::One(_)) = found {
                return found.unwrap_or(Found::None);
            }
        }
        let named = match self.fresh(facts, plan, Some(somewhere)) {
            Found::One(name) => {
                let mut with = plan.clone();
                with.insert(name, somewhere.value.clone());
                self.place_members(facts, &with, at + 1)
            }
            Found::None => Found::None,
            Found::Unknown(why) => Found::Unknown(why),
        };
        either(found, named).unwrap_or(Found::None)
    }

    /// Writes the members of a plan, and as many more as are asked for.
    fn fill(&mut self, facts: &Facts, plan: &Plan) -> Found<Value> {
        let mut members = Map::new();
        let mut unknown = None;
        for (name, demands) in plan {
            match self.member(facts, name, demands) {
                Found::One(value) => drop(members.insert(name.to_string(), value)),
                Found::None => return Found::None,
                Found::Unknown(why) => unknown = Some(why),
            }
        }
        if let Some(why) = unknown {
            return Found::Unknown(why);
        }
        let size = |members: &Map<_, _>| members.len() as u64;
        if facts.most.is_some_and(|most| size(&members) > most) {
            return Found::None;
        }
        for name in &facts.names {
            if size(&members) >= facts.least {
                break;
            }
            if members.contains_key(&**name) {
                continue;
            }
            match self.member(facts, name, &[]) {
                Found::One(value) => drop(members.insert(name.to_string(), value)),
                Found::None => {}
                Found::Unknown(why) => unknown = Some(why),
            }
        }
        let mut plan = plan.clone();
        while size(&members) < facts.least {
            if size(&members) >= FILLED_MAX {
                return Found::Unknown("objects of very many members".into());
            }
            let name = match (self.fresh(facts, &plan, None), unknown.clone()) {
                (Found::One(name), _) => name,
                (Found::None, None) => return Found::None,
                (Found::Unknown(why), _) | (Found::None, Some(why)) => return Found::Unknown(why),
            };
            match self.member(facts, &name, &[]) {
                Found::One(value) => drop(members.insert(name.to_string(), value)),
                Found::None => return Found::None,
                Found::Unknown(why) => return Found::Unknown(why),
            }
            plan.insert(name, Vec::new());
        }
        Found::One(Value::Object(members))
    }

    /// What a member of this name may be, with demands of its own.
    fn member(&mut self, facts: &Facts, name: &Text, demands: &[Literal]) -> Found<Value> {
        match self.may_be_there(facts, name) {
            Some(true) => {}
            Some(false) => return Found::None,
            None => return Found::Unknown(unclear_name(name)),
        }
        let mut literals = demands.to_vec();
        for (named, literal) in &facts.member {
            if named == name {
                literals.push(*literal);
            }
        }
        for (region, literal) in &facts.regions {
            match self.lies_in(name, region) {
                Some(true) => literals.push(*literal),
                Some(false) => {}
                None => return Found::Unknown(unclear_name(name)),
            }
        }
        self.solve_inside(&literals)
    }

    /// Whether a member of this name may be there at all.
    fn may_be_there(&mut self, facts: &Facts, name: &Text) -> Option<bool> {
        if facts.absent.contains(name) {
            return Some(false);
        }
        let text = Value::String(name.to_string());
        let mut told = Some(true);
        for literal in &facts.every_name {
            match evaluate(self.nodes, self.texts, literal.id(), &text) {
                Some(holds) if holds != literal.is_held() => return Some(false),
                Some(_) => {}
                None => told = None,
            }
        }
        if !self.is_closed || !facts.is_declaring() || facts.declared.contains(name) {
            return told;
        }
        let writer = |literal: &Literal| literal.side() == Side::Writer;
        for (region, _) in facts.regions.iter().filter(|(_, literal)| writer(literal)) {
            if self.lies_in(name, region)? {
                return told;
            }
        }
        Some(false)
    }

    /// Whether a name lies in a region.
    fn lies_in(&mut self, name: &str, region: &Region) -> Option<bool> {
        match region {
            Region::Like(pattern) => self.texts.matches(pattern, name),
            Region::But(named) => {
                crate::evaluate::is_named(self.texts, named, name).map(|is_named| !is_named)
            }
            Region::Named(literal) => {
                let text = Value::String(name.to_owned());
                let holds = evaluate(self.nodes, self.texts, literal.id(), &text)?;
                Some(holds == literal.is_held())
            }
        }
    }
}

fn unclear_name(name: &str) -> Text {
    format!("whether `{name}` matches the patterns of names").into()
}
