//! A text as words, brackets and strings, with comments left out.
//!
//! Refuses to know what any word means.

/// A piece of text that means one thing.
pub(crate) struct Token<'t> {
    pub(crate) text: &'t str,
    /// Its first byte.
    pub(crate) start: usize,
    /// Its line and column, both from 1.
    pub(crate) place: (u32, u32),
    pub(crate) kind: Kind,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// A string, or a block of text.
    Text,
    Open,
    Close,
    Mark,
}

/// A text on its way to tokens.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    place: (u32, u32),
}

impl<'t> Tokens<'t> {
    /// All of a text.
    pub(crate) const fn of(text: &'t str) -> Self {
        Self { text, at: 0, place: (1, 1) }
    }

    /// The byte after the last token.
    pub(crate) const fn at(&self) -> usize {
        self.at
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

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

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
}

/// How deep the brackets of a text lie one in another.
pub(crate) fn depth_of(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in Tokens::of(text) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Word | Kind::Text | Kind::Mark => {}
        }
        deepest = depth.max(deepest);
    }
    deepest
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
