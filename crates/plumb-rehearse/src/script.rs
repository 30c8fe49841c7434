//! A script of SQL as the statements in it: quotes, dollar quotes, comments, bodies.
//!
//! Refuses to know what a statement means: whatever cannot be understood is one statement more, and
//! the server decides.

/// Statements of one script; more are not a migration that a person wrote.
pub(crate) const STATEMENTS_MAX: usize = 20_000;

/// A statement where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its text without the semicolon and without comments before it.
    pub(crate) text: String,
    /// Its first line, from 1.
    pub(crate) line: usize,
}

/// What a script was split into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// In order.
    pub(crate) statements: Vec<Statement>,
    /// Lines that are commands of a client or data, and were left out.
    pub(crate) left_out: Vec<usize>,
}

/// What a statement does to the transaction around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Opens one.
    Begin,
    /// Ends one.
    Commit,
    /// Takes one back.
    Rollback,
    /// Cannot be in one.
    Outside,
    /// Anything else.
    Plain,
}

/// Splits a script.
pub(crate) fn split(text: &str) -> Script {
    let mut splitter = Splitter { text, bytes: text.as_bytes(), at: 0, script: Script::default() };
    while splitter.script.statements.len() < STATEMENTS_MAX && splitter.next() {}
    splitter.script
}

/// What a statement does to the transaction around it, by its first words.
pub(crate) fn sort(text: &str) -> Sort {
    let words = words(text, 12);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("BEGIN", _) | ("START", "TRANSACTION") => Sort::Begin,
        ("COMMIT", second) if second != "PREPARED" => Sort::Commit,
        ("END", _) => Sort::Commit,
        ("ROLLBACK", second) if second != "TO" && second != "PREPARED" && word(2) != "TO" => {
            Sort::Rollback
        }
        ("ABORT", _) => Sort::Rollback,
        ("VACUUM", _) | ("ALTER", "SYSTEM") => Sort::Outside,
        ("CREATE" | "DROP", "DATABASE" | "TABLESPACE") => Sort::Outside,
        ("REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA") => Sort::Outside,
        ("CLUSTER", "") => Sort::Outside,
        ("CREATE" | "DROP" | "REINDEX" | "ALTER", _)
            if words.iter().any(|word| word == "CONCURRENTLY") =>
        {
            Sort::Outside
        }
        _ => Sort::Plain,
    }
}

/// The first words of a statement in capitals, comments left out.
pub(crate) fn words(text: &str, words_max: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut splitter = Splitter { text, bytes: text.as_bytes(), at: 0, script: Script::default() };
    while splitter.at < splitter.bytes.len() && found.len() < words_max {
        let from = splitter.at;
        splitter.step();
        let piece = text.get(from..splitter.at).unwrap_or_default();
        if piece.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
            found.push(piece.to_uppercase());
        }
    }
    found
}

/// The pieces of a statement in order: words, numbers, quoted texts and names, marks. Blanks and
/// comments are left out.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut splitter = Splitter { text, bytes: text.as_bytes(), at: 0, script: Script::default() };
    while splitter.at < splitter.bytes.len() {
        let from = splitter.at;
        splitter.step();
        let piece = text.get(from..splitter.at).unwrap_or_default();
        let is_comment = piece.starts_with("--") || piece.starts_with("/*");
        if !is_comment && !piece.trim().is_empty() {
            found.push(piece);
        }
    }
    found
}

/// The statement without the values in it: texts are `'…'`, numbers are `0`. Names and placeholders
/// stay.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut splitter = Splitter { text, bytes: text.as_bytes(), at: 0, script: Script::default() };
    while splitter.at < splitter.bytes.len() {
        let from = splitter.at;
        splitter.step();
        let piece = text.get(from..splitter.at).unwrap_or_default();
        let is_quote =
            piece.starts_with('\'') || piece.starts_with("E'") || piece.starts_with("e'");
        let is_dollar = piece.starts_with('$') && piece.len() > 1 && piece.ends_with('$');
        if is_quote || is_dollar {
            out.push_str("'…'");
        } else if piece.starts_with(|letter: char| letter.is_ascii_digit()) {
            out.push('0');
        } else if !piece.starts_with("--") && !piece.starts_with("/*") {
            out.push_str(piece);
        }
    }
    out
}

/// Reads a text piece by piece.
struct Splitter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    script: Script,
}

impl Splitter<'_> {
    /// Takes one statement; false at the end.
    fn next(&mut self) -> bool {
        self.skip_blank();
        if self.at >= self.bytes.len() {
            return false;
        }
        let line = self.line();
        if self.bytes[self.at] == b'\\' {
            self.skip_line();
            self.script.left_out.push(line);
            return true;
        }
        let from = self.at;
        let end = self.end_of_statement();
        let text = self.text.get(from..end).unwrap_or_default().trim();
        if is_copy_in(text) {
            self.script.left_out.push(line);
            self.skip_data();
        } else if !text.is_empty() {
            self.script.statements.push(Statement { text: text.to_owned(), line });
        }
        true
    }

    fn end_of_statement(&mut self) -> usize {
        let (mut parens, mut body, mut last) = (0_usize, 0_usize, String::new());
        while self.at < self.bytes.len() {
            let from = self.at;
            self.step();
            let piece = self.text.get(from..self.at).unwrap_or_default();
            match piece {
                "(" => parens += 1,
                ")" => parens = parens.saturating_sub(1),
                ";" if parens == 0 && body == 0 => return from,
                _ => {}
            }
            if piece.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                let word = piece.to_ascii_uppercase();
                // A body in the standard's own syntax holds statements of its own.
                match word.as_str() {
                    "ATOMIC" if last == "BEGIN" => body = 1,
                    "CASE" if body > 0 => body += 1,
                    "END" => body = body.saturating_sub(1),
                    _ => {}
                }
                last = word;
            }
        }
        self.bytes.len()
    }

    /// Goes over one piece: a comment, a quoted text, a word, or one character.
    fn step(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest {
            [b'-', b'-', ..] => self.skip_line(),
            [b'/', b'*', ..] => self.skip_comment(),
            [b'\'', ..] => self.skip_quoted(b'\'', false),
            [b'"', ..] => self.skip_quoted(b'"', false),
            [b'e' | b'E', b'\'', ..] => {
                self.at += 1;
                self.skip_quoted(b'\'', true);
            }
            [b'$', ..] => self.skip_dollar(),
            [first, ..] if is_word(*first) => {
                while self.bytes.get(self.at).is_some_and(|byte| is_word(*byte) || *byte == b'$') {
                    self.at += 1;
                }
            }
            _ => self.at += 1,
        }
        while self.at < self.bytes.len() && !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn skip_blank(&mut self) {
        while self.at < self.bytes.len() {
            match self.bytes.get(self.at..).unwrap_or_default() {
                [b'-', b'-', ..] => self.skip_line(),
                [b'/', b'*', ..] => self.skip_comment(),
                [byte, ..] if byte.is_ascii_whitespace() || *byte == b';' => self.at += 1,
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at += length.max(1);
    }

    fn skip_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match self.bytes.get(self.at..).unwrap_or_default() {
                [b'/', b'*', ..] => {
                    depth += 1;
                    self.at += 2;
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_quoted(&mut self, quote: u8, has_escapes: bool) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            if *byte == b'\\' && has_escapes {
                self.at += 1;
            } else if *byte == quote {
                if self.bytes.get(self.at) != Some(&quote) {
                    return;
                }
                self.at += 1;
            }
        }
        self.at = self.bytes.len();
    }

    fn skip_dollar(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let inner = rest.get(1..).unwrap_or_default();
        let length = inner.find('$');
        let tag = length.and_then(|length| rest.get(..length + 2));
        let is_tag = |tag: &str| {
            let name = tag.trim_matches('$');
            !name.starts_with(|letter: char| letter.is_ascii_digit())
                && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        };
        match tag.filter(|tag| is_tag(tag)) {
            Some(tag) => {
                let after = rest.get(tag.len()..).unwrap_or_default();
                let end = after.find(tag).map_or(rest.len(), |at| tag.len() * 2 + at);
                self.at += end;
            }
            // A placeholder.
            None => {
                self.at += 1;
                while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
                    self.at += 1;
                }
            }
        }
    }

    /// Goes over the data behind a `COPY .. FROM stdin`.
    fn skip_data(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find("\n\\.").map_or(rest.len(), |at| at + 3);
        self.at += end;
    }

    fn line(&self) -> usize {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_copy_in(text: &str) -> bool {
    let words = words(text, 400);
    let is_from = |pair: &[String]| {
        pair.first().is_some_and(|word| word == "FROM")
            && pair.get(1).is_some_and(|word| word == "STDIN")
    };
    words.first().is_some_and(|word| word == "COPY") && words.windows(2).any(is_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let script = split(text);
        let found: Vec<(&str, usize)> =
            script.statements.iter().map(|one| (one.text.as_str(), one.line)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn statements_end_at_their_own_semicolons() {
        check("a;\n b ;;c", &[("a", 1), ("b", 2), ("c", 2)]);
        check(
            "-- x;\nSELECT ';', \";\" /* ; /* ; */ */ ; y",
            &[("SELECT ';', \";\" /* ; /* ; */ */", 2), ("y", 2)],
        );
        check("DO $a$ ; $$ ; $a$; SELECT $1;", &[("DO $a$ ; $$ ; $a$", 1), ("SELECT $1", 1)]);
        check("SELECT E'\\';'; b", &[("SELECT E'\\';'", 1), ("b", 1)]);
        check("SELECT 'a''b;'; é; c", &[("SELECT 'a''b;'", 1), ("é", 1), ("c", 1)]);
        check("CREATE RULE r AS DO (a; b); c", &[("CREATE RULE r AS DO (a; b)", 1), ("c", 1)]);
    }

    #[test]
    fn bodies_and_data_stay_whole() {
        let body = "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; x; END";
        check(&format!("{body}; b"), &[(body, 1), ("b", 1)]);
        check("BEGIN; a; END; b", &[("BEGIN", 1), ("a", 1), ("END", 1), ("b", 1)]);
        let script = split("\\restrict x\nCOPY t FROM stdin;\n1;2\n\\.\nSELECT 1;");
        assert_eq!(script.left_out, [1, 2]);
        assert_eq!(script.statements, [Statement { text: "SELECT 1".to_owned(), line: 5 }]);
    }

    #[test]
    fn values_are_masked_and_names_are_not() {
        let text = "SELECT t1.a, 'ada', E'b\\'', 42 FROM \"T 2\" WHERE x = $1 -- 7";
        let shown = "SELECT t1.a, '…', '…', 0 FROM \"T 2\" WHERE x = $1 ";
        assert_eq!(masked(text), shown);
    }

    #[test]
    fn broken_scripts_end() {
        for text in ["'", "\"", "/*", "$a$", "E'\\", "(", "\\", "$", "é'"] {
            split(text);
        }
    }

    #[test]
    fn statements_are_sorted_by_their_first_words() {
        let expected = [
            ("begin", Sort::Begin),
            ("START TRANSACTION", Sort::Begin),
            ("COMMIT", Sort::Commit),
            ("rollback to savepoint a", Sort::Plain),
            ("ROLLBACK", Sort::Rollback),
            ("create unique index concurrently i on t (a)", Sort::Outside),
            ("VACUUM FULL t", Sort::Outside),
            ("/* x */ ALTER TABLE t DETACH PARTITION p CONCURRENTLY", Sort::Outside),
            ("CLUSTER t USING i", Sort::Plain),
        ];
        for (text, sorted) in expected {
            assert_eq!(sort(text), sorted, "{text}");
        }
    }
}
