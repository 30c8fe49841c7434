//! Selection: whether the elements of a list are those that the query asked for.
//!
//! A filter that is no longer applied answers 200 with elements that are well formed, only too many
//! of them: no type and no presence tells it. The query does. To `status=open` every element used
//! to be open, to `id_ne=1` none had the id 1; now both kinds stand beside each other.
//!
//! Compares values and keeps none, only which of the two it was. Refuses to know ranges, searches
//! and orders: what they ask for cannot be told from one element.

use crate::ascii::cut;
use crate::place::Step;
use crate::scan::{Malformed, Scanner};
use crate::trait_set::TraitSet;
use memchr::memmem;
use std::ops::Range;

/// Parameters that are looked at in one exchange; the rest is not compared.
const ASKED_MAX: usize = 16;

/// Values longer than this, in bytes, ask for no member of an element.
const VALUE_BYTES_MAX: usize = 256;

/// What may stand behind the name of a member in that of a parameter and still ask for elements
/// that have a value, or for those that do not: `id_ne`, `status__in`, `name[eq]`.
const SENSES: [&str; 9] = ["", "eq", "exact", "in", "is", "ne", "neq", "nin", "not"];

/// Names that only say that filters follow in brackets: `filter[status]`.
const FILTERS: [&str; 2] = ["filter", "where"];

/// What the query of one exchange asks of the elements of a list.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Members, each in quotes, and values.
    text: Vec<u8>,
    pairs: Vec<Pair>,
}

/// A member and one of its values, where they stand in the text.
#[derive(Debug)]
struct Pair {
    quoted: Range<usize>,
    value: Range<usize>,
}

/// Whether the lists at a place were made of what was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The way from the body to the member of the elements that was asked for.
    pub(crate) steps: Vec<Step>,
    /// [`TraitSet::SELECTED`] or [`TraitSet::UNSELECTED`].
    pub(crate) traits: TraitSet,
}

/// How many elements of a list have a value that was asked for, and how many another.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    matching: u32,
    others: u32,
}

impl Asked {
    /// True when nothing is asked of any member.
    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Forgets the exchange before.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.pairs.clear();
    }

    /// Notes a query parameter, if a member of elements may be meant.
    pub(crate) fn note(&mut self, parameter: &str, value: &[u8]) {
        if value.is_empty() || value.len() > VALUE_BYTES_MAX {
            return;
        }
        for member in members(parameter).into_iter().flatten() {
            if self.pairs.len() >= ASKED_MAX || member.is_empty() {
                return;
            }
            let quoted = self.push(&[b"\"", member.as_bytes(), b"\""]);
            let value = self.push(&[value]);
            self.pairs.push(Pair { quoted, value });
        }
    }

    fn push(&mut self, parts: &[&[u8]]) -> Range<usize> {
        let start = self.text.len();
        parts.iter().for_each(|part| self.text.extend_from_slice(part));
        start..self.text.len()
    }

    fn quoted(&self, pair: &Pair) -> &[u8] {
        &self.text[pair.quoted.clone()]
    }

    fn member(&self, pair: &Pair) -> &[u8] {
        &self.text[pair.quoted.start + 1..pair.quoted.end - 1]
    }

    /// The first parameter that asks for a member.
    fn first_of(&self, member: &[u8]) -> Option<usize> {
        self.pairs.iter().position(|pair| self.member(pair) == member)
    }

    /// True when some parameter asks for this value of the member, alone or in a list of several.
    fn asks_for(&self, member: &[u8], value: &[u8]) -> bool {
        let of_member = self.pairs.iter().filter(|pair| self.member(pair) == member);
        of_member.into_iter().any(|pair| {
            let asked = &self.text[pair.value.clone()];
            asked == value || asked.split(|byte| *byte == b',').any(|one| one == value)
        })
    }
}

/// The members that a parameter may ask for: the one of its own name, and that of the name before
/// a word such as `ne`.
fn members(parameter: &str) -> [Option<&str>; 2] {
    if let Some((name, rest)) = cut(parameter, b'[') {
        let mut inner = rest.split(['[', ']']).filter(|part| !part.is_empty());
        let member = if FILTERS.contains(&name) { inner.next() } else { Some(name) };
        let is_plain = inner.next().is_none_or(|sense| SENSES.contains(&sense));
        return [member.filter(|_| is_plain), None];
    }
    let before = parameter.rsplit_once('_').filter(|(_, sense)| SENSES.contains(sense));
    [Some(parameter), before.map(|(name, _)| name.trim_end_matches('_'))]
}

/// What the lists of a document tell: the document itself, or the members of the one object that
/// it is. Nothing where no list has a member that was asked for.
pub(crate) fn selections(asked: &Asked, json: &[u8]) -> Vec<Selection> {
    let stands = |pair: &Pair| memmem::find(json, asked.quoted(pair)).is_some();
    if !asked.pairs.iter().any(stands) {
        return Vec::new();
    }
    let mut walk = Walk { asked, room: Vec::new(), found: Vec::new() };
    match Scanner::new(json).and_then(|scanner| walk.document(scanner)) {
        Ok(()) => walk.found,
        Err(_) => Vec::new(),
    }
}

struct Walk<'a> {
    asked: &'a Asked,
    room: Vec<u8>,
    found: Vec<Selection>,
}

impl Walk<'_> {
    fn document(&mut self, mut scanner: Scanner<'_>) -> Result<(), Malformed> {
        match scanner.peek()? {
            b'[' => self.list(scanner, None).map(drop),
            b'{' => {
                each(scanner, b'}', |mut at| {
                    let key = at.string()?.raw();
                    at.take(b':', "a colon is missing")?;
                    match (at.peek()?, key) {
                        (b'[', Some(key)) => self.list(at, Some(key)),
                        _ => at.behind_value(&mut self.room),
                    }
                })?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Counts through one list, which is the document or the member `key` of it.
    fn list<'s>(
        &mut self,
        scanner: Scanner<'s>,
        key: Option<&[u8]>,
    ) -> Result<Scanner<'s>, Malformed> {
        let mut counts = [Count::default(); ASKED_MAX];
        let behind = each(scanner, b']', |mut at| match at.peek()? {
            b'{' => self.element(at, &mut counts),
            _ => at.behind_value(&mut self.room),
        })?;
        for (pair, count) in self.asked.pairs.iter().zip(counts) {
            let Some(traits) = count.traits() else { continue };
            let step = |name: &[u8]| Step::Key(String::from_utf8_lossy(name).as_ref().into());
            let mut steps: Vec<Step> = key.map(step).into_iter().collect();
            steps.extend([Step::Item, step(self.asked.member(pair))]);
            self.found.push(Selection { steps, traits });
        }
        Ok(behind)
    }

    fn element<'s>(
        &mut self,
        scanner: Scanner<'s>,
        counts: &mut [Count; ASKED_MAX],
    ) -> Result<Scanner<'s>, Malformed> {
        each(scanner, b'}', |mut at| {
            let key = at.string()?.raw();
            at.take(b':', "a colon is missing")?;
            let first = at.peek()?;
            let value = at;
            let behind = at.behind_value(&mut self.room)?;
            let asked = key.and_then(|key| Some((key, self.asked.first_of(key)?)));
            // An object or an array is no value that a query asks for.
            let Some((key, index)) = asked.filter(|_| !matches!(first, b'{' | b'[')) else {
                return Ok(behind);
            };
            let text = value.until(&behind);
            let plain = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
            if self.asked.asks_for(key, plain.unwrap_or(text)) {
                counts[index].matching += 1;
            } else {
                counts[index].others += 1;
            }
            Ok(behind)
        })
    }
}

impl Count {
    /// Both beside each other, or only one of the two. One single other element tells nothing: it
    /// may be all there is.
    fn traits(self) -> Option<TraitSet> {
        match (self.matching, self.others) {
            (0, 0 | 1) => None,
            (0, _) | (_, 0) => Some(TraitSet::SELECTED),
            _ => Some(TraitSet::UNSELECTED),
        }
    }
}

/// Goes through what stands between two brackets and commas, of which the scanner is at the first;
/// gives the cursor behind the last.
fn each<'s>(
    mut scanner: Scanner<'s>,
    closing: u8,
    mut one: impl FnMut(Scanner<'s>) -> Result<Scanner<'s>, Malformed>,
) -> Result<Scanner<'s>, Malformed> {
    scanner.advance();
    while scanner.peek()? != closing {
        scanner = one(scanner)?;
        if scanner.peek()? == b',' {
            scanner.advance();
            scanner.peek()?;
        }
    }
    scanner.advance();
    Ok(scanner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &[(&str, &str)], json: &str) -> String {
        let mut asked = Asked::default();
        for (name, value) in query {
            asked.note(name, value.as_bytes());
        }
        let place = |one: Selection| {
            let steps = one.steps.iter().map(|step| match step {
                Step::Key(name) => name.to_string(),
                Step::Item | Step::Any => "[]".to_owned(),
            });
            format!("{}: {}", steps.collect::<Vec<_>>().join("."), one.traits)
        };
        let told: Vec<String> =
            selections(&asked, json.as_bytes()).into_iter().map(place).collect();
        told.join("; ")
    }

    #[test]
    fn a_list_is_what_was_asked_for_or_is_not() {
        let list = r#"[{"id":1,"tag":"a"},{"id":2,"tag":"a"},{"id":3,"tag":"b"}]"#;
        for (query, expected) in [
            (("id_ne", "1"), "[].id: beside those asked for"),
            (("id_ne", "7"), "[].id: as asked for"),
            (("id", "1,2,3"), "[].id: as asked for"),
            (("tag", "a"), "[].tag: beside those asked for"),
            (("tag[in]", "a,b"), "[].tag: as asked for"),
            (("filter[tag]", "b"), "[].tag: beside those asked for"),
            (("tag__in", "b"), "[].tag: beside those asked for"),
            (("id_gte", "2"), ""),
            (("tag_like", "a"), ""),
            (("sort", "tag"), ""),
        ] {
            assert_eq!(told(&[query], list), expected, "{query:?}");
        }
        assert_eq!(told(&[("id", "1"), ("id", "2"), ("id", "3")], list), "[].id: as asked for");
    }

    #[test]
    fn lists_are_found_in_an_envelope_and_nowhere_deeper() {
        let json = r#"{"next":null,"items":[{"s":"x"},{"s":"y","in":[{"s":"x"}]}],"s":"x"}"#;
        assert_eq!(told(&[("s", "x")], json), "items.[].s: beside those asked for");
        assert_eq!(told(&[("in", "x")], json), "");
        assert_eq!(told(&[("s", "x")], r#"{"s":"x","deep":{"items":[{"s":"y"}]}}"#), "");
    }

    #[test]
    fn too_little_and_broken_tell_nothing() {
        assert_eq!(told(&[("s", "x")], r#"[{"s":"y"}]"#), "");
        assert_eq!(told(&[("s", "x")], r#"[{"s":"x"},{"s":"y"}"#), "");
        assert_eq!(told(&[("s", "x")], "[]"), "");
        assert_eq!(told(&[("s", "x")], r#"["s",{"s":"x"}]"#), "[].s: as asked for");
    }
}
