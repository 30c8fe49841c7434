//! `unevaluatedProperties` and `unevaluatedItems`: what no schema beside them has looked at.
//!
//! Which ones have looked depends on which of them hold. So the cases are written out: in each it
//! is known which hold, and therefore which names are left. Where there are too many cases, that is
//! said instead.

use super::{Reader, Schema};
use crate::library::{At, Draft};
use crate::node::{Named, Node};
use serde_json::Value;
use std::sync::Arc;

/// Cases written out at most: each schema of an `anyOf` doubles them.
const CASES_MAX: usize = 64;

/// References followed at most on the way: a circle of references looks at nothing new.
const FOLLOWED_MAX: usize = 64;

/// One case: what holds in it, and what has been looked at then.
#[derive(Clone, Default)]
struct Case {
    holds: Vec<usize>,
    named: Named,
    /// Elements looked at, from the first.
    items: u32,
    /// Every member, every element has been looked at.
    all_members: bool,
    all_items: bool,
    /// Which elements have been looked at cannot be told.
    is_unclear: bool,
}

impl<'l> Reader<'l> {
    pub(super) fn unevaluated(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        if schema.at.draft < Draft::Nineteen {
            return;
        }
        let members = self.keyword(schema, "unevaluatedProperties");
        let items = self.keyword(schema, "unevaluatedItems");
        if members.is_none() && items.is_none() {
            return;
        }
        let Some(cases) = self.cases(schema, FOLLOWED_MAX) else {
            parts.push(self.unread("`unevaluated…` beside too many alternatives"));
            return;
        };
        let mut each = Vec::new();
        for case in cases {
            each.push(self.case(schema, case, members, items));
        }
        parts.push(self.graph.add(Node::Any(each.into())));
    }

    fn case(
        &mut self,
        schema: Schema<'l>,
        case: Case,
        members: Option<&'l Value>,
        items: Option<&'l Value>,
    ) -> usize {
        let mut holds = case.holds;
        if let Some(members) = members.filter(|_| !case.all_members) {
            let mut named = case.named;
            self.excuse_names(members, &mut named);
            let of = self.inner(schema, members);
            holds.push(self.graph.add(Node::MembersBut(Arc::new(named), of)));
        }
        if items.is_some() && case.is_unclear {
            holds.push(self.unread("`unevaluatedItems` beside `contains`"));
        } else if let Some(items) = items.filter(|_| !case.all_items) {
            let of = self.inner(schema, items);
            holds.push(self.graph.add(Node::ItemsFrom(case.items, of)));
        }
        self.graph.add(Node::All(holds.into()))
    }

    /// The cases of what a schema's own keywords look at; `None` when there are too many.
    fn cases(&mut self, schema: Schema<'l>, follow: usize) -> Option<Vec<Case>> {
        let follow = follow.checked_sub(1)?;
        let mut cases = vec![self.own(schema)];
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(reference) = self.keyword(schema, key).and_then(Value::as_str) else {
                continue;
            };
            let Some(to) = self.library.follow(schema.at.document, reference) else { continue };
            cases = product(cases, self.held(to, follow)?)?;
        }
        for value in self.list(schema, "allOf") {
            cases = product(cases, self.held(At { value, ..schema.at }, follow)?)?;
        }
        for value in self.list(schema, "anyOf") {
            cases = product(cases, self.held_or_not(At { value, ..schema.at }, follow)?)?;
        }
        let one: Vec<&'l Value> = self.list(schema, "oneOf").collect();
        if !one.is_empty() {
            let mut each = Vec::new();
            for value in one {
                let at = At { value, ..schema.at };
                let holds = self.schema(at);
                let looked = self.held(at, follow)?;
                each.extend(looked.into_iter().map(|case| case.with(holds)));
            }
            cases = product(cases, each)?;
        }
        if let Some(test) = self.keyword(schema, "if") {
            cases = product(cases, self.conditional(schema, test, follow)?)?;
        }
        if let Some(Value::Object(dependent)) = self.keyword(schema, "dependentSchemas") {
            for (name, value) in dependent {
                let there = self.there(name);
                let absent = self.graph.add(Node::Not(there));
                let mut each = vec![Case::default().with(absent)];
                let looked = self.held(At { value, ..schema.at }, follow)?;
                each.extend(looked.into_iter().map(|case| case.with(there)));
                cases = product(cases, each)?;
            }
        }
        Some(cases)
    }

    fn list(&self, schema: Schema<'l>, key: &str) -> impl Iterator<Item = &'l Value> + use<'l> {
        self.keyword(schema, key).and_then(Value::as_array).into_iter().flatten()
    }

    /// The cases of a schema that holds.
    fn held(&mut self, at: At<'l>, follow: usize) -> Option<Vec<Case>> {
        match at.value {
            Value::Object(keywords) => {
                let mut cases = self.cases(Schema { at, keywords }, follow)?;
                for case in &mut cases {
                    case.all_members |= keywords.contains_key("unevaluatedProperties");
                    case.all_items |= keywords.contains_key("unevaluatedItems");
                }
                Some(cases)
            }
            _ => Some(vec![Case::default()]),
        }
    }

    /// The cases of a schema that holds, and the one in which it does not and has looked at
    /// nothing.
    fn held_or_not(&mut self, at: At<'l>, follow: usize) -> Option<Vec<Case>> {
        let holds = self.schema(at);
        let fails = self.graph.add(Node::Not(holds));
        let mut each: Vec<Case> =
            self.held(at, follow)?.into_iter().map(|case| case.with(holds)).collect();
        each.push(Case::default().with(fails));
        Some(each)
    }

    fn conditional(
        &mut self,
        schema: Schema<'l>,
        test: &'l Value,
        follow: usize,
    ) -> Option<Vec<Case>> {
        let test_at = At { value: test, ..schema.at };
        let holds = self.schema(test_at);
        let fails = self.graph.add(Node::Not(holds));
        let branch = |reader: &mut Self, key| match reader.keyword(schema, key) {
            Some(value) => reader.held(At { value, ..schema.at }, follow),
            None => Some(vec![Case::default()]),
        };
        let then = product(self.held(test_at, follow)?, branch(self, "then")?)?;
        let other = branch(self, "else")?;
        let then = then.into_iter().map(|case| case.with(holds));
        Some(then.chain(other.into_iter().map(|case| case.with(fails))).collect())
    }

    /// What a schema looks at itself, without what it refers to.
    fn own(&self, schema: Schema<'l>) -> Case {
        let prefix = ["prefixItems", "items"]
            .iter()
            .find_map(|key| self.keyword(schema, key).and_then(Value::as_array).map(Vec::len));
        let is_all = |key| self.keyword(schema, key).is_some();
        let old_rest = is_all("additionalItems");
        let whole = self.keyword(schema, "items").is_some_and(|items| !items.is_array());
        // It looks at what it matches since 2020-12, and which elements these are is not followed.
        let contains = schema.at.draft >= Draft::Twenty && is_all("contains");
        Case {
            holds: Vec::new(),
            named: self.named(schema),
            items: prefix.and_then(|length| u32::try_from(length).ok()).unwrap_or(0),
            all_members: is_all("additionalProperties"),
            all_items: whole || old_rest,
            is_unclear: contains,
        }
    }
}

impl Case {
    fn with(mut self, holds: usize) -> Self {
        self.holds.push(holds);
        self
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.holds.extend(&other.holds);
        both.named.names.extend(other.named.names.iter().cloned());
        both.named.patterns.extend(other.named.patterns.iter().cloned());
        for texts in [&mut both.named.names, &mut both.named.patterns] {
            texts.sort();
            texts.dedup();
        }
        both.items = both.items.max(other.items);
        both.all_members |= other.all_members;
        both.all_items |= other.all_items;
        both.is_unclear |= other.is_unclear;
        both
    }
}

/// Every case of the one together with every case of the other.
fn product(one: Vec<Case>, two: Vec<Case>) -> Option<Vec<Case>> {
    let cases: Vec<Case> =
        one.iter().flat_map(|left| two.iter().map(|right| left.and(right))).collect();
    (cases.len() <= CASES_MAX).then_some(cases)
}
