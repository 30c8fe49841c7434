//! The text of a schema as its definitions, each by itself: so that one that cannot be read hides
//! none of the others, and so that nothing is parsed as a whole.
//!
//! Knows brackets, strings and comments; refuses to know what definitions say.

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
pub(super) struct Split<'t> {
    /// The definitions in their order.
    pub(super) chunks: Vec<Chunk<'t>>,
    /// What belongs to no definition, and what finds no room: where, and why.
    pub(super) stray: Vec<((u32, u32), &'static str)>,
}

/// A definition, without its description and without `extend`.
#[derive(Debug)]
pub(super) struct Chunk<'t> {
    pub(super) text: &'t str,
    /// The line and column of its first character, both from 1.
    pub(super) place: (u32, u32),
    pub(super) is_extension: bool,
    pub(super) is_of_schema: bool,
}

/// A piece of text that means one thing.
struct Token<'t> {
    text: &'t str,
    start: usize,
    place: (u32, u32),
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Text,
    Open,
    Close,
    Mark,
}

/// Splits a text.
pub(super) fn split(text: &str) -> Split<'_> {
    let mut split = Split::default();
    let mut tokens = Tokens { text, at: 0, place: (1, 1) };
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
            begun = Some(Chunk { text: "", place, is_extension, is_of_schema });
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
        end = tokens.at;
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

/// A text on its way to tokens.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
    place: (u32, u32),
}

impl<'t> Tokens<'t> {
    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            let length = match first {
                '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
                ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => first.len_utf8(),
                _ => break,
            };
            self.pass(length);
        }
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '"' => (Kind::Text, text_length(rest)),
            '{' | '(' | '[' => (Kind::Open, 1),
            '}' | ')' | ']' => (Kind::Close, 1),
            c if is_of_word(c) => (Kind::Word, rest.find(|c| !is_of_word(c)).unwrap_or(rest.len())),
            c => (Kind::Mark, c.len_utf8()),
        };
        let (start, place) = (self.at, self.place);
        self.pass(length);
        Some(Token { text: &rest[..length], start, place, kind })
    }

    fn pass(&mut self, length: usize) {
        let passed = &self.text[self.at..self.at + length];
        for c in passed.chars() {
            if c == '\n' {
                self.place = (self.place.0.saturating_add(1), 1);
            } else {
                self.place.1 = self.place.1.saturating_add(1);
            }
        }
        self.at += length;
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The length of a string or a block of text in bytes, quotes included.
fn text_length(rest: &str) -> usize {
    if let Some(block) = rest.strip_prefix("\"\"\"") {
        let mut from = 0;
        while let Some(found) = block[from..].find("\"\"\"") {
            if !block[..from + found].ends_with('\\') {
                return 3 + from + found + 3;
            }
            from += found + 3;
        }
        return rest.len();
    }
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            '\n' => return at,
            _ => is_escaped = c == '\\' && !is_escaped,
        }
    }
    rest.len()
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
