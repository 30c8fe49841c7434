//! Text as a scalar of the file it stands in: written in the style of what stood there, and edited
//! in place.

use crate::edit::{Edit, apply};
use crate::quoted;

/// `new` in the style of `old`, the scalar's own bytes. A style that cannot hold the text gives way
/// to double quotes, which JSON and YAML read alike.
#[must_use]
pub fn in_style(old: &str, new: &str) -> String {
    let is_one_line = !new.chars().any(char::is_control);
    if old.starts_with('\'') && is_one_line {
        return format!("'{}'", new.replace('\'', "''"));
    }
    if let Some(block) = old.strip_prefix('|') {
        return literal_block(block, new).unwrap_or_else(|| quoted(new));
    }
    let is_quoted = old.starts_with(['"', '\'', '>', '!', '&']) || old.is_empty();
    if !is_quoted && is_plain_text(new) { new.to_owned() } else { quoted(new) }
}

/// Edits of a quoted scalar's text as edits of its bytes, so that lines it is wrapped into stay as
/// they are. `decoded` is its text, to which the edits belong; `None` where the style has no such
/// correspondence, or where an edit would not stay within one line of it.
#[must_use]
pub fn spliced(source: &str, decoded: &str, edits: &[Edit]) -> Option<String> {
    let offsets = offsets(source, decoded)?;
    let is_double = source.starts_with('"');
    let moved = edits.iter().map(|edit| {
        let written = quoted(&edit.text);
        let double = written.get(1..written.len() - 1)?.to_owned();
        let is_one_line = !edit.text.chars().any(char::is_control);
        let single = is_one_line.then(|| edit.text.replace('\'', "''"));
        Some(Edit {
            start: *offsets.get(edit.start)?,
            end: *offsets.get(edit.end)?,
            text: if is_double { double } else { single? },
        })
    });
    let (text, left_out) = apply(source, moved.collect::<Option<_>>()?);
    left_out.is_empty().then_some(text)
}

/// For each byte of the decoded text, and for its end, where it begins in the source.
fn offsets(source: &str, decoded: &str) -> Option<Vec<usize>> {
    let quote = source.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inside = source.get(1..)?.strip_suffix(quote)?;
    let mut offsets = Vec::with_capacity(decoded.len() + 1);
    let mut text = String::with_capacity(decoded.len());
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let (piece, taken) = piece(rest, quote)?;
        offsets.extend(std::iter::repeat_n(at + 1, piece.len()));
        text.push_str(&piece);
        at += taken;
    }
    offsets.push(at + 1);
    (text == decoded).then_some(offsets)
}

/// The text of the next piece of a quoted scalar, and how many bytes it takes: a letter, an escape,
/// or the break between two lines.
fn piece(rest: &str, quote: char) -> Option<(String, usize)> {
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if rest.get(blanks..)?.starts_with(['\n', '\r']) {
        return line_break(rest, blanks);
    }
    let mut letters = rest.chars();
    match (quote, letters.next()?) {
        ('\'', '\'') => rest.starts_with("''").then(|| ("'".to_owned(), 2)),
        ('"', '\\') => escape(rest),
        (_, letter) => Some((letter.to_string(), letter.len_utf8())),
    }
}

/// A folded break: one blank for a single one, one break less for several.
fn line_break(rest: &str, blanks: usize) -> Option<(String, usize)> {
    let space = rest.get(blanks..)?;
    let taken = space.len() - space.trim_start().len();
    let breaks = space.get(..taken)?.matches('\n').count();
    let text = if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) };
    Some((text, blanks + taken))
}

fn escape(rest: &str) -> Option<(String, usize)> {
    let known = |text: &str| Some((text.to_owned(), 2));
    match rest.as_bytes().get(1)? {
        b'n' => known("\n"),
        b't' => known("\t"),
        b'r' => known("\r"),
        b'"' => known("\""),
        b'\\' => known("\\"),
        b'/' => known("/"),
        b' ' => known(" "),
        // An escaped break joins two lines without a blank.
        b'\n' => {
            let next = rest.get(2..)?;
            Some((String::new(), 2 + next.len() - next.trim_start_matches([' ', '\t']).len()))
        }
        // Rarer ones are written anew.
        _ => None,
    }
}

/// A literal block again, when its header says how the text ends and no line begins with a blank.
fn literal_block(old: &str, new: &str) -> Option<String> {
    let (header, lines) = old.split_once('\n')?;
    let first = lines.lines().find(|line| !line.trim().is_empty())?;
    let indent = first.get(..first.len() - first.trim_start().len())?;
    let text = match header.trim() {
        "-" if !new.ends_with('\n') => new,
        "" => new.strip_suffix('\n').filter(|text| !text.ends_with('\n'))?,
        _ => return None,
    };
    let is_plain = |c: char| c == '\n' || !c.is_control();
    if text.is_empty() || text.starts_with([' ', '\n']) || !text.chars().all(is_plain) {
        return None;
    }
    let lines = text.split('\n').map(|line| match line {
        "" => String::new(),
        line => format!("{indent}{line}"),
    });
    Some(format!("|{header}\n{}", lines.collect::<Vec<_>>().join("\n")))
}

/// Whether YAML reads a text without quotes as that text.
fn is_plain_text(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || " /.-_;=".contains(c);
    let word = text.to_ascii_lowercase();
    let is_other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&&*word);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(is_letter)
        && !text.ends_with(' ')
        && !is_other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::parse;

    #[track_caller]
    fn check(old: &str, new: &str, expected: &str) {
        assert_eq!(in_style(old, new), expected);
    }

    #[test]
    fn the_style_stays_while_it_can_hold_the_text() {
        check("'a'", "it's", "'it''s'");
        check("'a'", "a\nb", "\"a\\nb\"");
        check("\"a\"", "\"b\"", "\"\\\"b\\\"\"");
        check("plain", "{}", "\"{}\"");
        check("OK", "Not Found", "Not Found");
        check("OK", "12", "\"12\"");
        check("OK", "no", "\"no\"");
        check("|-\n    a\n", "{\n  b\n}", "|-\n    {\n      b\n    }");
        check("|\n  a\n", "b\n", "|\n  b");
        check("|\n  a\n", "b", "\"b\"");
        check("|-\n  a\n", " b", "\" b\"");
    }

    #[track_caller]
    fn check_splice(source: &str, from: &str, to: &str, expected: Option<&str>) {
        let document = format!("a: {source}\n");
        let parsed = parse("a.yaml", document.as_bytes()).unwrap().documents.remove(0);
        let text = parsed.get("a").unwrap().as_str().unwrap().to_owned();
        let start = text.find(from).unwrap();
        let edit = Edit { start, end: start + from.len(), text: to.to_owned() };
        let found = spliced(source, &text, &[edit]);
        assert_eq!(found.as_deref(), expected);
        if let Some(found) = found {
            let document = format!("a: {found}\n");
            let parsed = parse("a.yaml", document.as_bytes()).unwrap().documents.remove(0);
            assert_eq!(parsed.get("a").unwrap().as_str(), Some(&*text.replacen(from, to, 1)));
        }
    }

    #[test]
    fn an_edit_leaves_the_other_lines_of_a_scalar() {
        let wrapped = "\"{\\n  \\\"a\\\": 1,\\n \\\n    \\ \\\"b\\\": 2,\n    \\\"c\\\": 3}\"";
        let changed = wrapped.replace(" 2,", " \\\"x\\\",");
        check_splice(wrapped, "2", "\"x\"", Some(&changed));
        check_splice("'it''s\n  here: 1'", "1", "'", Some("'it''s\n  here: '''"));
        check_splice("'a\n\n  b'", "b", "c", Some("'a\n\n  c'"));
        check_splice("plain", "plain", "other", None);
        check_splice("\"\\x41 b\"", "b", "c", None);
    }
}
