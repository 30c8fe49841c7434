//! The matching rules of a pact: where each stands, which of them is chosen for a value, and what
//! its matchers say together.
//!
//! Reads version 2 (one object keyed by `$.body..`) and versions 3 and 4 (one section each for
//! path, query, header, body and status). Refuses to know bodies and interactions.

use crate::json_path::{PathStep, parse_json_path};
use crate::pact::matcher::{Matcher, Reach, matcher_of};
use crate::said_document::{Decision, Members, Token, Visit, itself};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::Node;

/// The rules of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// For values of the body.
    pub(crate) body: Vec<Rule>,
    /// For headers, by name.
    pub(crate) header: Vec<(String, Rule)>,
    /// For query parameters, by name.
    pub(crate) query: Vec<(String, Rule)>,
    /// For the path.
    pub(crate) path: Option<Rule>,
    /// For the status.
    pub(crate) status: Option<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The line of its key.
    pub(crate) line: u32,
    /// The steps to its place.
    path: Vec<PathStep>,
    /// The matchers.
    pub(crate) matchers: Vec<Matcher>,
    /// The expression of a regex matcher, for the path.
    pub(crate) regex: Option<String>,
    combine: Combine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combine {
    All,
    Any,
}

/// Rules of one side at most: each value is held against each of them. Generated pacts stay below.
const RULES_MAX: usize = 500;

const RULE_PATH: Why = Why {
    reason: "the path of a matching rule is not read, its place is taken to equal the example",
    remedy: "write it with keys, positions and `*` only",
};
const MATCHER: Why = Why {
    reason: "a matcher is not known, anything is taken to match",
    remedy: "use a matcher of the pact specification",
};
const TOO_MANY: Why = Why {
    reason: "a side has more than 500 matching rules, the rest is not read",
    remedy: "write rules with `*` for what is alike",
};
const CONTRADICTION: Why = Why {
    reason: "the matchers of a rule cannot all hold, any of them is taken to do",
    remedy: "combine them with `OR`",
};

/// Reads the `matchingRules` of a request or a response.
pub(crate) fn rules_of(part: &Node, tally: &mut UnreadTally) -> Rules {
    let mut rules = Rules::default();
    let sections = part.get("matchingRules").map(Node::entries).unwrap_or_default();
    for (key, section) in sections.iter().take(RULES_MAX) {
        if key.text.starts_with('$') {
            rules.add_flat(&key.text, key.line, section, tally);
        } else {
            rules.add_section(&key.text, key.line, section, tally);
        }
    }
    if sections.len() > RULES_MAX || rules.body.len() > RULES_MAX {
        tally.add(part.line, TOO_MANY);
        rules.body.truncate(RULES_MAX);
    }
    rules.add_each_values();
    rules
}

impl Rules {
    /// A rule of version 2: `$.body.a`, `$.headers.X`, `$.query.q`, `$.path`.
    fn add_flat(&mut self, key: &str, line: u32, node: &Node, tally: &mut UnreadTally) {
        let mut steps = parse_json_path(key).unwrap_or_default().into_iter();
        let section = match steps.next() {
            Some(PathStep::Key(section)) => section,
            _ => return tally.add(line, RULE_PATH),
        };
        let rule = rule_of(node, line, steps.collect(), tally);
        let name = match rule.path.first() {
            Some(PathStep::Key(name)) => name.clone(),
            _ => String::new(),
        };
        match section.as_str() {
            "body" => self.body.push(rule),
            "header" | "headers" => self.header.push((name, rule)),
            "query" => self.query.push((name, rule)),
            "path" => self.path = Some(rule),
            "status" => self.status = Some(rule),
            _ => tally.add(line, RULE_PATH),
        }
    }

    /// A section of versions 3 and 4.
    fn add_section(&mut self, name: &str, line: u32, section: &Node, tally: &mut UnreadTally) {
        match name {
            // Some writers put every section down, whether it has rules or not.
            "path" | "status" if section.entries().is_empty() => {}
            "path" | "status" => {
                let inner = ["", "$"].iter().find_map(|key| section.get(key)).unwrap_or(section);
                let rule = rule_of(inner, line, Vec::new(), tally);
                *(if name == "path" { &mut self.path } else { &mut self.status }) = Some(rule);
            }
            "header" | "headers" | "query" => {
                for (key, node) in section.entries().iter().take(RULES_MAX) {
                    let named = (bare_name(&key.text), rule_of(node, key.line, Vec::new(), tally));
                    let list = if name == "query" { &mut self.query } else { &mut self.header };
                    list.push(named);
                }
            }
            "body" => {
                for (key, node) in section.entries().iter().take(RULES_MAX + 1) {
                    match parse_json_path(&key.text) {
                        Some(path) => self.body.push(rule_of(node, key.line, path, tally)),
                        None => tally.add(key.line, RULE_PATH),
                    }
                }
            }
            _ => {}
        }
    }

    /// `eachValue` is a rule for the members, which stand one step below it.
    fn add_each_values(&mut self) {
        let below = |rule: &Rule| {
            let inner = rule.matchers.iter().find_map(|matcher| match matcher {
                Matcher::EachValue(inner) if !inner.is_empty() => Some(inner.clone()),
                _ => None,
            })?;
            let mut path = rule.path.clone();
            path.push(PathStep::Members);
            Some(Rule { path, matchers: inner, combine: Combine::All, ..rule.clone() })
        };
        let added: Vec<Rule> = self.body.iter().filter_map(below).collect();
        for rule in added {
            if !self.body.iter().any(|known| same_place(&known.path, &rule.path)) {
                self.body.push(rule);
            }
        }
    }

    /// The rule for a header.
    pub(crate) fn for_header(&self, name: &str) -> Option<&Rule> {
        let found = self.header.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, rule)| rule)
    }

    /// The rule for a query parameter.
    pub(crate) fn for_query(&self, name: &str) -> Option<&Rule> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, rule)| rule)
    }

    /// What the rules make of a value of the body.
    pub(crate) fn decide(&self, visit: &Visit<'_>, tally: &mut UnreadTally) -> Decision {
        let weighed = self.body.iter().filter_map(|rule| Some((rule.weight(visit.path)?, rule)));
        match weighed.max_by_key(|(weight, _)| *weight) {
            Some((_, rule)) => rule.decide(visit, tally),
            None => itself(visit),
        }
    }
}

impl Rule {
    /// What the matchers of this rule say together of a value at or below its place.
    pub(crate) fn decide(&self, visit: &Visit<'_>, tally: &mut UnreadTally) -> Decision {
        let reach = self.reach(visit.path.len());
        let used = self.matchers.iter().filter(|it| reach == Reach::Here || it.cascades());
        let mut decisions = used.map(|matcher| matcher.decide(visit, reach));
        let Some(first) = decisions.next() else { return itself(visit) };
        decisions.fold(first, |one, two| match self.combine {
            Combine::Any => either(one, two),
            Combine::All if !(one.traits & two.traits).is_empty() => together(one, two),
            Combine::All => {
                tally.add(self.line, CONTRADICTION);
                either(one, two)
            }
        })
    }

    fn reach(&self, depth: usize) -> Reach {
        if self.path.len() < depth { Reach::Below } else { Reach::Here }
    }

    /// How closely the rule names a place: 2 for the root and each step by name, 1 for each `*`,
    /// multiplied, and times the length. `None` when the place is neither the rule's nor below it.
    fn weight(&self, place: &[Token<'_>]) -> Option<u128> {
        if self.path.len() > place.len() {
            return None;
        }
        let reach = self.reach(place.len());
        if reach == Reach::Below && !self.matchers.iter().any(Matcher::cascades) {
            return None;
        }
        let mut weight: u128 = 2;
        for (step, token) in self.path.iter().zip(place) {
            weight *= match (step, token) {
                (PathStep::Key(name), Token::Key(key)) if name == key => 2,
                (PathStep::Key(name), Token::Index(at)) if name.parse() == Ok(*at) => 2,
                (PathStep::Index(index), Token::Index(at)) if index == at => 2,
                (PathStep::Items | PathStep::Members, _) => 1,
                _ => return None,
            };
        }
        let length = u128::try_from(self.path.len() + 1).unwrap_or(1);
        Some(weight * length)
    }
}

fn rule_of(node: &Node, line: u32, path: Vec<PathStep>, tally: &mut UnreadTally) -> Rule {
    let listed = node.get("matchers").map(Node::items);
    let list = listed.unwrap_or(std::slice::from_ref(node));
    let matchers: Vec<Matcher> = list.iter().map(matcher_of).collect();
    if matchers.contains(&Matcher::Unknown) {
        tally.add(line, MATCHER);
    }
    let any = node.get("combine").and_then(Node::as_str);
    let any = any.is_some_and(|combine| combine.eq_ignore_ascii_case("or"));
    let combine = if any { Combine::Any } else { Combine::All };
    let regex = list.iter().find_map(|one| one.get("regex")?.as_str()).map(str::to_owned);
    Rule { line, path, matchers, regex, combine }
}

fn same_place(one: &[PathStep], two: &[PathStep]) -> bool {
    let star = |step: &PathStep| matches!(step, PathStep::Items | PathStep::Members);
    one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a == b || (star(a) && star(b)))
}

fn either(one: Decision, two: Decision) -> Decision {
    let words = match (one.words, two.words) {
        (Some(one), Some(two)) => Some(&one | &two),
        _ => None,
    };
    let members = [Members::Anything, Members::Map]
        .into_iter()
        .find(|members| [one.members, two.members].contains(members));
    Decision { traits: one.traits | two.traits, words, members: members.unwrap_or(Members::Named) }
}

fn together(one: Decision, two: Decision) -> Decision {
    let words = match (one.words, two.words) {
        (Some(one), Some(two)) => Some(&one & &two),
        (one, two) => one.or(two),
    };
    let members = [Members::Map, Members::Anything]
        .into_iter()
        .find(|members| [one.members, two.members].contains(members));
    Decision { traits: one.traits & two.traits, words, members: members.unwrap_or(Members::Named) }
}

/// The name in a key of the sections `header` and `query`: `q`, `q[0]`, `q[*]`, `$.q`.
fn bare_name(key: &str) -> String {
    if let Some(PathStep::Key(name)) = parse_json_path(key).as_deref().and_then(<[_]>::first) {
        return name.clone();
    }
    let at = key.strip_suffix(']').and_then(|open| open.rsplit_once('['));
    let indexed = at.filter(|(_, inside)| {
        *inside == "*" || (!inside.is_empty() && inside.bytes().all(|b| b.is_ascii_digit()))
    });
    indexed.map_or(key, |(name, _)| name).to_owned()
}

/// The traits of a text that a decision about a value leaves: numbers and booleans are written out.
pub(crate) fn as_text(decision: Decision) -> Decision {
    let Decision { mut traits, mut words, members } = decision;
    if traits.intersects(TraitSet::NUMBER) {
        traits |= TraitSet::DIGITS;
    }
    if traits.intersects(TraitSet::BOOLEAN) && !traits.intersects(TraitSet::STRING) {
        words = Some(["true", "false"].map(str::to_owned).into());
    }
    if traits.intersects(TraitSet::BOOLEAN) {
        traits |= TraitSet::TEXT;
    }
    Decision { traits: traits & TraitSet::STRING, words, members }
}
