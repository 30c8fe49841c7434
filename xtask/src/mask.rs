//! Rust source with the parts that are not meant blanked out, so that plain searches do not
//! trip over strings and comments.
//!
//! Blanked text keeps every byte offset and every line. Knows just enough of Rust's lexical
//! rules to tell code, comments and literals apart; refuses to know its grammar.

use std::ops::Range;

/// What a stretch of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Anything that is neither comment nor literal.
    Code,
    /// A comment, with its marks.
    Comment,
    /// A string or character literal, with its quotes.
    Literal,
}

/// Cuts the source into its parts; together they cover it without holes.
pub(crate) fn parts(text: &str) -> Vec<(Part, Range<usize>)> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let Some((part, end)) = part_at(text, at) else {
            at += 1;
            continue;
        };
        if from < at {
            parts.push((Part::Code, from..at));
        }
        parts.push((part, at..end));
        (from, at) = (end, end);
    }
    if from < text.len() {
        parts.push((Part::Code, from..text.len()));
    }
    parts
}

/// The source with everything but code blanked.
pub(crate) fn code(text: &str) -> String {
    keep(text, |part| part == Part::Code)
}

/// The source with its literals blanked: code and comments.
pub(crate) fn prose(text: &str) -> String {
    keep(text, |part| part != Part::Literal)
}

/// The offsets at which `word` stands as a whole word.
pub(crate) fn word_starts<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(at + word.len());
        !before.is_some_and(|&byte| is_word(byte)) && !after.is_some_and(|&byte| is_word(byte))
    })
}

/// Whether a byte may stand inside an identifier.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The line, counted from 1, that holds a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

fn keep(text: &str, kept: fn(Part) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (part, range) in parts(text) {
        let stretch = text.get(range).unwrap_or_default();
        if kept(part) {
            out.push_str(stretch);
        } else {
            out.extend(stretch.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
    }
    out
}

fn part_at(text: &str, at: usize) -> Option<(Part, usize)> {
    let rest = text.get(at..)?;
    let found = match rest.as_bytes().first()? {
        b'/' if rest.starts_with("//") => (Part::Comment, rest.find('\n').unwrap_or(rest.len())),
        b'/' if rest.starts_with("/*") => (Part::Comment, block_comment_len(rest)),
        b'"' => (Part::Literal, string_len(rest)),
        b'\'' => (Part::Literal, character_len(rest)?),
        b'r' | b'b' | b'c' if !follows_word(text, at) => (Part::Literal, raw_string_len(rest)?),
        _ => return None,
    };
    Some((found.0, at + found.1))
}

fn follows_word(text: &str, at: usize) -> bool {
    at.checked_sub(1).and_then(|before| text.as_bytes().get(before)).is_some_and(|&b| is_word(b))
}

fn block_comment_len(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(ahead) = rest.as_bytes().get(at..) {
        if ahead.is_empty() {
            break;
        } else if ahead.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if ahead.starts_with(b"*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal; none for a lifetime or a label.
fn character_len(rest: &str) -> Option<usize> {
    let inside = rest.get(1..)?;
    let first = inside.chars().next()?;
    let skipped = if first == '\\' { 2 } else { first.len_utf8() };
    let close = inside.get(skipped..)?.find('\'')?;
    let plain = first != '\\' && close == 0 && first != '\'';
    (plain || first == '\\').then_some(1 + skipped + close + 1)
}

fn raw_string_len(rest: &str) -> Option<usize> {
    let marked = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let hashes = marked.bytes().take_while(|&byte| byte == b'#').count();
    let inside = marked.get(hashes..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let opened = rest.len() - inside.len();
    Some(inside.find(&close).map_or(rest.len(), |end| opened + end + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(code(text), expected, "{text}");
    }

    #[test]
    fn literals_and_comments_are_blanked() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("{\"}", x)"#, "f(      , x)");
        check("r#\"{\"}\"# + r#type", "         + r#type");
        check("br\"{\" bar", "      bar");
        check("'{' '\\'' '\\u{7d}' x", "                  x");
    }

    #[test]
    fn lifetimes_stay_and_lines_stay() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("\"a\nb\" c", "  \n   c");
        assert_eq!(prose("a \"b\" // c"), "a     // c");
    }

    #[test]
    fn unfinished_source_is_blanked_to_its_end() {
        check("a \"b", "a   ");
        check("a /* b", "a     ");
        check("a r#\"b\"", "a      ");
    }

    #[test]
    fn offsets_survive_wide_characters() {
        let text = "\"ä\" fn";
        assert_eq!(code(text).find("fn"), text.find("fn"));
        assert_eq!(line_at("a\nb", 2), 2);
        assert_eq!(word_starts("fn fnx xfn fn", "fn").collect::<Vec<_>>(), [0, 11]);
    }
}
