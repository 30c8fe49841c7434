//! Synthetic documents: JSON that behaves as something that was seen, without a value of it.
//!
//! The fold read backwards: from the facts of one exchange to the smallest document that has just
//! these facts. What is written into mocks and served by stubs comes from here, so that no literal
//! leaves the evidence. Refuses to invent behaviour: a place that was not there is not written.

use crate::place::{Place, Step};
use crate::seen::Marginals;
use crate::trait_set::{Kind, LONG_STRING_BYTES, TraitSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest document in bytes. Facts of a real exchange need far less; nested arrays that each have
/// several elements double with every level.
pub const SYNTHETIC_BYTES_MAX: usize = 1 << 20;

/// The facts of one exchange.
pub type Facts = BTreeMap<Place, TraitSet>;

/// Gives a word for a place whose values are words, where one is known; any other text will do.
pub type WordAt<'a> = &'a dyn Fn(&Place) -> Option<String>;

/// The smallest JSON document whose fold has these facts at `root` and below; `None` when nothing
/// stands there, when what stands there is no JSON, or beyond [`SYNTHETIC_BYTES_MAX`].
///
/// Where the facts come from a coarser view, the document has as many of them as one value can.
#[must_use]
pub fn document(facts: &Facts, root: &Place, word_at: WordAt<'_>) -> Option<String> {
    documents(facts, root, word_at).into_iter().next()
}

/// The fewest JSON documents that together have these facts at `root` and below, the fullest first;
/// none where [`document`] gives none. A member that is [`TraitSet::PARTIAL`] is left out of one.
#[must_use]
pub fn documents(facts: &Facts, root: &Place, word_at: WordAt<'_>) -> Vec<String> {
    let mut tree = Tree::new(root.clone());
    let below = facts.range(root.clone()..).take_while(|(place, _)| is_within(place, root));
    for (place, traits) in below {
        tree.add(&place.steps[root.steps.len()..], *traits);
    }
    tree.values(word_at).unwrap_or_default()
}

/// The facts of a typical exchange: every place that is there at least every other time its parent
/// is, with the kind and size it mostly has. Elements of arrays keep every trait, since one array
/// has room for all of them. `root` is taken as there, however rare it is, with the most frequent
/// of `among` where its traits are given.
#[must_use]
pub fn typical(seen: &Marginals, root: &Place, among: Option<TraitSet>) -> Facts {
    let mut facts = Facts::new();
    for place in seen.places.keys().filter(|place| is_within(place, root)) {
        let is_below_fact = || {
            let parent = place.parent();
            parent.is_some_and(|parent| facts.get(&parent).is_some_and(|it| has_member(*it, place)))
        };
        let (there, possible) = (seen.seen(place).count, seen.possible(place));
        let is_common = place.is_repeated() || there.saturating_mul(2) >= possible;
        if place == root {
            let traits =
                among.map_or_else(|| traits_at(seen, place), |all| mostly(seen, place, all));
            facts.insert(place.clone(), traits);
        } else if is_common && is_below_fact() {
            facts.insert(place.clone(), traits_at(seen, place));
        }
    }
    facts
}

fn has_member(parent: TraitSet, place: &Place) -> bool {
    match place.steps.last() {
        Some(Step::Item) => parent.intersects(TraitSet::ONE_ELEMENT | TraitSet::MANY_ELEMENTS),
        Some(Step::Key(_)) => parent.intersects(TraitSet::RECORD),
        Some(Step::Any) => parent.intersects(TraitSet::MAP),
        None => false,
    }
}

fn traits_at(seen: &Marginals, place: &Place) -> TraitSet {
    let all = seen.traits(place);
    if place.is_repeated() {
        let absent = seen.possible(place) > seen.seen(place).count;
        let is_member = matches!(place.steps.last(), Some(Step::Key(_)));
        return if absent && is_member { all | TraitSet::PARTIAL } else { all };
    }
    mostly(seen, place, all)
}

/// The most frequent kind and size among traits.
fn mostly(seen: &Marginals, place: &Place, all: TraitSet) -> TraitSet {
    let count = |traits: &TraitSet| seen.carrying(place, *traits).count;
    let of_kind = |kind: &Kind| count(&(kind.traits() & all));
    let Some(kind) = all.kinds().max_by_key(of_kind) else { return all };
    if kind == Kind::Object {
        return all & Kind::Object.traits();
    }
    let flags = TraitSet::NEGATIVE | TraitSet::NON_ASCII | TraitSet::LONG;
    let sizes = all & kind.traits().minus(flags);
    let mostly = sizes.iter().max_by_key(count).unwrap_or(sizes);
    let is_most = |flag: &TraitSet| count(flag).saturating_mul(2) > seen.seen(place).count;
    let flags = (all & kind.traits() & flags).iter().filter(is_most);
    flags.fold(mostly, |traits, flag| traits | flag)
}

fn is_within(place: &Place, root: &Place) -> bool {
    place.side == root.side && place.part == root.part && place.steps.starts_with(&root.steps)
}

/// The facts below one place.
struct Tree {
    place: Place,
    traits: TraitSet,
    members: Vec<(Arc<str>, Tree)>,
    item: Option<Box<Tree>>,
    any: Option<Box<Tree>>,
}

impl Tree {
    const fn new(place: Place) -> Self {
        Self { place, traits: TraitSet::NONE, members: Vec::new(), item: None, any: None }
    }

    fn add(&mut self, steps: &[Step], traits: TraitSet) {
        let Some((step, rest)) = steps.split_first() else {
            self.traits = traits;
            return;
        };
        let new = || Box::new(Self::new(self.place.child(step.clone())));
        let below: &mut Self = match step {
            Step::Item => self.item.get_or_insert_with(new),
            Step::Any => self.any.get_or_insert_with(new),
            Step::Key(key) => {
                let known = self.members.iter().position(|(name, _)| name == key);
                let at = known.unwrap_or_else(|| {
                    let below = *new();
                    self.members.push((key.clone(), below));
                    self.members.len() - 1
                });
                &mut self.members[at].1
            }
        };
        below.add(rest, traits);
    }

    /// The fewest values that together have the traits of this place and of all below, the fullest
    /// first: a single one where the place holds one value of an exchange.
    fn values(&self, word_at: WordAt<'_>) -> Option<Vec<String>> {
        let mut values = Vec::new();
        if self.traits.intersects(TraitSet::OBJECT) {
            values.extend(self.objects(word_at)?);
        }
        if self.traits.intersects(TraitSet::ARRAY) {
            values.extend(self.arrays(word_at)?);
        }
        values.extend(strings(self.traits, &self.place, word_at));
        values.extend(numbers(self.traits));
        let words =
            [(TraitSet::TRUE, "true"), (TraitSet::FALSE, "false"), (TraitSet::NULL, "null")];
        let said = words.into_iter().filter(|(bit, _)| self.traits.intersects(*bit));
        values.extend(said.map(|(_, text)| text.to_owned()));
        let bytes: usize = values.iter().map(String::len).sum();
        (!values.is_empty() && bytes <= SYNTHETIC_BYTES_MAX).then_some(values)
    }

    fn arrays(&self, word_at: WordAt<'_>) -> Option<Vec<String>> {
        let has = |bit| self.traits.intersects(bit);
        let mut arrays = Vec::new();
        let elements = match &self.item {
            Some(item) => item.values(word_at)?,
            // Below what was too deep or too wide nothing is known.
            None => vec!["null".to_owned()],
        };
        let array = |elements: &[String]| format!("[{}]", elements.join(","));
        if has(TraitSet::MANY_ELEMENTS) {
            let twice = [elements[0].clone(), elements[0].clone()];
            arrays.push(array(if elements.len() < 2 { &twice } else { &elements }));
        }
        if has(TraitSet::ONE_ELEMENT) {
            let alone = if has(TraitSet::MANY_ELEMENTS) { 1 } else { elements.len() };
            arrays.extend(elements.chunks(1).take(alone).map(array));
        }
        if has(TraitSet::EMPTY_ARRAY) {
            arrays.push("[]".to_owned());
        }
        Some(arrays)
    }

    fn objects(&self, word_at: WordAt<'_>) -> Option<Vec<String>> {
        let mut members = Vec::new();
        for (name, below) in &self.members {
            let name = quoted(name);
            let is_partial = below.traits.intersects(TraitSet::PARTIAL);
            members.push(Member { name, values: below.values(word_at)?, is_partial });
        }
        let data = match &self.any {
            Some(any) => any.values(word_at)?,
            None => Vec::new(),
        };
        let is_empty_too = self.traits.intersects(TraitSet::EMPTY_OBJECT);
        let mut rows = rows(&members, is_empty_too, !data.is_empty());
        if rows.is_empty() && !(is_empty_too && data.is_empty()) {
            rows.push(Vec::new());
        }
        for (at, row) in rows.iter_mut().enumerate() {
            let enough = if at == 0 { data.len() } else { usize::from(row.is_empty()) };
            let keyed = data.iter().take(enough).enumerate();
            row.extend(keyed.map(|(at, value)| format!("\"{}\":{value}", DATA_KEY + at)));
        }
        if is_empty_too {
            rows.push(Vec::new());
        }
        Some(rows.iter().map(|row| format!("{{{}}}", row.join(","))).collect())
    }
}

/// A key that is data, for the members of maps; further ones count up from it.
const DATA_KEY: usize = 1042;

/// A member that objects at one place have, with the values it takes.
struct Member {
    name: String,
    values: Vec<String>,
    is_partial: bool,
}

impl Member {
    fn text(&self, row: usize) -> String {
        let value = &self.values[row.min(self.values.len() - 1)];
        format!("{}:{value}", self.name)
    }
}

/// The members of each object, so that every value stands in one of them and every partial member
/// is left out of one.
fn rows(members: &[Member], is_empty_too: bool, has_data: bool) -> Vec<Vec<String>> {
    let (partial, always): (Vec<&Member>, Vec<&Member>) =
        members.iter().partition(|member| member.is_partial);
    if is_empty_too || partial.is_empty() {
        return full_rows(&[partial, always].concat());
    }
    if always.is_empty() && !has_data {
        // None of the objects may be empty, so that they take turns.
        let (others, last) = partial.split_at(partial.len() - 1);
        return [full_rows(others), full_rows(last)].concat();
    }
    let without = longest(&always).max(longest(&partial) + 1) - 1;
    let row = |at| {
        let there = members.iter().filter(|member| !member.is_partial || at != without);
        there.map(|member| member.text(at)).collect()
    };
    (0..=without).map(row).collect()
}

fn longest(members: &[&Member]) -> usize {
    members.iter().map(|member| member.values.len()).max().unwrap_or_default()
}

fn full_rows(members: &[&Member]) -> Vec<Vec<String>> {
    let row = |at| members.iter().map(|member| member.text(at)).collect();
    (0..longest(members)).map(row).collect()
}

fn numbers(traits: TraitSet) -> Vec<String> {
    const SIZES: [(TraitSet, &str); 6] = [
        (TraitSet::INT32, "1"),
        (TraitSet::FRACTION, "1.5"),
        (TraitSet::INT53, "3000000000"),
        (TraitSet::INT64, "9007199254740993"),
        (TraitSet::BIG, "18446744073709551616"),
        (TraitSet::ZERO, "0"),
    ];
    let mut sign = if traits.intersects(TraitSet::NEGATIVE) { "-" } else { "" };
    let sizes = SIZES.into_iter().filter(|(size, _)| traits.intersects(*size));
    sizes.map(|(_, text)| format!("{}{text}", std::mem::take(&mut sign))).collect()
}

fn strings(traits: TraitSet, place: &Place, word_at: WordAt<'_>) -> Vec<String> {
    // Addresses and names that are reserved for documentation (RFC 2606, RFC 3849, RFC 5737).
    const FORMS: [(TraitSet, &str); 10] = [
        (TraitSet::URI, "https://example.com/"),
        (TraitSet::DATE_TIME, "2024-01-02T03:04:05Z"),
        (TraitSet::DATE, "2024-01-02"),
        (TraitSet::TIME, "03:04:05"),
        (TraitSet::UUID, "00000000-0000-4000-8000-000000000000"),
        (TraitSet::EMAIL, "someone@example.com"),
        (TraitSet::IPV4, "192.0.2.1"),
        (TraitSet::IPV6, "2001:db8::1"),
        (TraitSet::HEX, "0123456789abcdef"),
        (TraitSet::DIGITS, "1"),
    ];
    let mut flags = traits & (TraitSet::NON_ASCII | TraitSet::LONG);
    let mut values = Vec::new();
    let has = |bit| traits.intersects(bit);
    if has(TraitSet::TEXT) || (!flags.is_empty() && !has(TraitSet::URI)) {
        let word = word_at(place).filter(|_| flags.is_empty());
        values.push(flagged(&word.unwrap_or_else(|| "text".to_owned()), flags));
        flags = TraitSet::NONE;
    }
    for (_, text) in FORMS.into_iter().filter(|(form, _)| has(*form)) {
        values.push(flagged(text, flags));
        flags = TraitSet::NONE;
    }
    if has(TraitSet::EMPTY_STRING) {
        values.push("\"\"".to_owned());
    }
    values
}

/// A string with what else it carries, in quotes.
fn flagged(text: &str, flags: TraitSet) -> String {
    let mut text = text.to_owned();
    if flags.intersects(TraitSet::NON_ASCII) {
        text.push('é');
    }
    if flags.intersects(TraitSet::LONG) {
        text.extend(std::iter::repeat_n('x', LONG_STRING_BYTES + 1));
    }
    quoted(&text)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Fold;
    use crate::literal::LiteralKey;
    use crate::place::{Part, Side};
    use std::sync::Arc;

    fn seen(documents: &[&str]) -> Marginals {
        let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
        for document in documents {
            fold.begin(None);
            fold.json(Side::Response, document.as_bytes()).unwrap();
            fold.commit();
        }
        fold.seal().marginals()
    }

    #[track_caller]
    fn check(documents: &[&str], expected: &str) {
        let root = Place::root(Side::Response, Part::Body);
        let facts = typical(&seen(documents), &root, None);
        assert_eq!(document(&facts, &root, &|_| None).as_deref(), Some(expected));
    }

    #[test]
    fn a_typical_document_has_what_most_have() {
        check(&["{\"a\":1,\"b\":\"x y\"}"], "{\"a\":1,\"b\":\"text\"}");
        check(&["{\"a\":1}", "{\"a\":2,\"b\":1}", "{\"a\":null}"], "{\"a\":1}");
        check(&["[{\"a\":1},{\"b\":true}]"], "[{\"a\":1},{\"b\":true}]");
        check(&["[{\"a\":1},{\"a\":null,\"b\":-3}]"], "[{\"a\":1,\"b\":-1},{\"a\":null}]");
        check(&["{\"1042\":\"2026-11-21\"}"], "{\"1042\":\"2024-01-02\"}");
        check(&["{\"list\":[]}", "{\"list\":[]}", "{\"list\":[1]}"], "{\"list\":[]}");
    }

    #[test]
    fn documents_together_have_every_fact() {
        let root = Place::root(Side::Response, Part::Body);
        let member = |name: &str| root.child(Step::Key(name.into()));
        let facts = Facts::from([
            (root.clone(), TraitSet::RECORD),
            (member("id"), TraitSet::INT32),
            (member("note"), TraitSet::TEXT | TraitSet::NULL | TraitSet::PARTIAL),
        ]);
        let found = documents(&facts, &root, &|_| None);
        let all = [r#"{"id":1,"note":"text"}"#, r#"{"id":1,"note":null}"#, r#"{"id":1}"#];
        assert_eq!(found, all);
    }

    #[test]
    fn a_known_word_is_written_where_words_are() {
        let root = Place::root(Side::Response, Part::Body);
        let facts = typical(&seen(&["{\"state\":\"pending\",\"id\":1}"]), &root, None);
        let word = |place: &Place| (place.name() == Some("state")).then(|| "settled".to_owned());
        let found = document(&facts, &root, &word);
        assert_eq!(found.as_deref(), Some("{\"id\":1,\"state\":\"settled\"}"));
    }

    #[test]
    fn what_is_no_json_has_no_document() {
        let root = Place::root(Side::Response, Part::Body);
        let facts = Facts::from([(root.clone(), TraitSet::OPAQUE)]);
        assert_eq!(document(&facts, &root, &|_| None), None);
        assert_eq!(document(&Facts::new(), &root, &|_| None), None);
    }
}
