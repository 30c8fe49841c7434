//! A text as its definitions, each by itself: so that one that cannot be read hides none of the
//! others, and so that nothing is parsed as a whole.
//!
//! Refuses to know what definitions say.

use crate::tokens::{Kind, Token, Tokens};

/// Definitions of one file at most: the largest public schemas have some ten thousand.
const CHUNKS_MAX: usize = 100_000;

/// What begins a definition of a schema.
const SCHEMA_WORDS: [&str; 8] =
    ["schema", "scalar", "type", "interface", "union", "enum", "input", "directive"];

/// What begins a definition of an operation.
const OPERATION_WORDS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];

/// What stands before a word that is a name, whatever word it is.
const BEFORE_NAMES: [&str; 7] = ["=", "|", "&", "@", "implements", "on", "!"];

/// A text in parts.
#[derive(Debug, Default)]
pub struct Split<'t> {
    /// The definitions in their order.
    pub chunks: Vec<Chunk<'t>>,
    /// What belongs to no definition, and what finds no room: where, and why.
    pub stray: Vec<((u32, u32), &'static str)>,
}

/// A definition, without its description and without `extend`.
#[derive(Debug)]
pub struct Chunk<'t> {
    /// All of it.
    pub text: &'t str,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// The line and column of its first character, both from 1.
    pub place: (u32, u32),
    /// Whether it extends what stands elsewhere.
    pub is_extension: bool,
    /// Whether it belongs to a schema, and not to what is asked of one.
    pub is_of_schema: bool,
}

/// Splits a text.
#[must_use]
pub fn split(text: &str) -> Split<'_> {
    let mut split = Split::default();
    let mut tokens = Tokens::of(text);
    let mut begun: Option<Chunk<'_>> = None;
    let (mut start, mut end, mut depth) = (0, 0, 0usize);
    let (mut before, mut is_extension) = ("", false);
    while let Some(token) = tokens.next() {
        let begins = depth == 0 && token.kind == Kind::Word && is_beginning(token.text, before);
        if depth == 0 && (begins || token.kind == Kind::Text || token.text == "extend") {
            finish(&mut split, begun.take(), &text[start..end]);
        }
        if begins {
            if split.chunks.len() >= CHUNKS_MAX {
                split.stray.push((token.place, "there are more definitions than are read"));
                return split;
            }
            start = token.start;
            let is_of_schema = SCHEMA_WORDS.contains(&token.text);
            let place = token.place;
            begun = Some(Chunk { text: "", start, place, is_extension, is_of_schema });
        } else if begun.is_none() && depth == 0 && !is_between(&token) {
            split.stray.push((token.place, "no definition begins here"));
        }
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Word | Kind::Text | Kind::Mark => {}
        }
        is_extension = token.text == "extend" && begun.is_none();
        before = if begins { "name" } else { token.text };
        end = tokens.at();
    }
    finish(&mut split, begun, &text[start..end]);
    split.stray.truncate(CHUNKS_MAX);
    split
}

fn finish<'t>(split: &mut Split<'t>, begun: Option<Chunk<'t>>, text: &'t str) {
    split.chunks.extend(begun.map(|chunk| Chunk { text, ..chunk }));
}

/// Whether a word outside of all brackets begins a definition.
fn is_beginning(word: &str, before: &str) -> bool {
    let is_known = SCHEMA_WORDS.contains(&word) || OPERATION_WORDS.contains(&word);
    is_known && before != "name" && !BEFORE_NAMES.contains(&before)
}

/// What may stand between definitions: descriptions, and the word that makes one an extension.
fn is_between(token: &Token<'_>) -> bool {
    token.kind == Kind::Text || token.text == "extend"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, u32)], stray: usize) {
        let split = split(text);
        let found: Vec<(&str, u32)> =
            split.chunks.iter().map(|chunk| (chunk.text, chunk.place.0)).collect();
        assert_eq!((found.as_slice(), split.stray.len()), (expected, stray), "{text}");
    }

    #[test]
    fn definitions_stand_apart() {
        check("type A {a: Int}\ntype B", &[("type A {a: Int}", 1), ("type B", 2)], 0);
        check("\"\"\"a type\n\\\"\"\" here\"\"\"\ntype A", &[("type A", 3)], 0);
        check(
            "extend\ntype A @k\nenum type {type}",
            &[("type A @k", 2), ("enum type {type}", 3)],
            0,
        );
        check(
            "union U = type | enum # type C\nscalar D",
            &[("union U = type | enum", 1), ("scalar D", 2)],
            0,
        );
        check("directive @d(a: Int = 1) on FIELD", &[("directive @d(a: Int = 1) on FIELD", 1)], 0);
        check("{ a }", &[], 1);
        check("type A { \"", &[("type A { \"", 1)], 0);
    }
}
