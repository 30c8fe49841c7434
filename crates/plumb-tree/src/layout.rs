//! Layout: how a file is written, and the edits by which its tree changes at one value and nowhere
//! else.
//!
//! Comments, key order, quotes and indents stay as they are; what is new takes the layout of what
//! stands beside it. Knows how JSON and YAML are laid out; refuses to know why anything changes.

use crate::edit::Edit;
use crate::scalar::{in_style, spliced};
use crate::{Key, Node, Value, quoted};

/// A file's text and how it is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    text: &'a str,
    /// What each level is indented by; empty where everything new stands on one line.
    unit: &'a str,
    style: Style,
}

/// How a file writes what is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// As JSON and YAML have it.
    Data,
    /// As scripts quote texts.
    Script,
    /// Texts as they are, to the end of their line, and objects as lines in braces.
    Blocks,
}

impl<'a> Layout<'a> {
    /// Looks at how a file is laid out: its first indented line gives the indent of a level.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let begin = text.trim_start_matches('\u{feff}').trim_start();
        let is_json = begin.starts_with(['{', '[', '/']);
        let least = least_indent(text);
        // In YAML a value of several lines would have to stay right of its key: one line may.
        Self { text, unit: if is_json { least } else { "" }, style: Style::Data }
    }

    /// A script: what is new stands on one line.
    #[must_use]
    pub const fn of_script(text: &'a str) -> Self {
        Self { text, unit: "", style: Style::Script }
    }

    /// Blocks of lines in braces, as Bruno writes requests; JSON may stand among them.
    #[must_use]
    pub fn of_blocks(text: &'a str) -> Self {
        Self { text, unit: least_indent(text), style: Style::Blocks }
    }

    /// A text in the style of `old`, the bytes of another one.
    #[must_use]
    pub fn in_style(self, old: &str, new: &str) -> String {
        if self.style != Style::Script {
            return in_style(old, new);
        }
        let is_plain = |c: char| !c.is_control() && !matches!(c, '\\' | '\'');
        match old.as_bytes().first() {
            Some(b'\'') if new.chars().all(is_plain) => format!("'{new}'"),
            Some(b'`') if !new.contains(['\\', '`']) && !new.contains("${") => format!("`{new}`"),
            _ => quoted(new),
        }
    }

    /// Edits of a quoted text as edits of its bytes; see [`crate::scalar::spliced`].
    #[must_use]
    pub fn spliced(self, source: &str, decoded: &str, edits: &[Edit]) -> Option<String> {
        // What YAML and scripts escape differs in quotes of one kind.
        let is_same = self.style != Style::Script || source.starts_with('"');
        is_same.then(|| spliced(source, decoded, edits)).flatten()
    }

    /// Writes a JSON value over a value; text over text keeps its quotes.
    #[must_use]
    pub fn replace(self, node: &Node, json: &Node) -> Edit {
        if let (Some(known), Some(text)) = (node.as_str(), json.as_str()) {
            let old = self.slice(node.start, node.end);
            // What needs no quotes among blocks has none.
            let is_bare = self.style == Style::Blocks && old == known;
            let text = if is_bare { on_one_line(text) } else { self.in_style(old, text) };
            return Edit { start: node.start, end: node.end, text };
        }
        let line = self.slice(self.line_start(node.start), node.start);
        let is_alone = !line.contains(['{', '[']);
        let value = laid_out(json, if is_alone { self.unit } else { "" }, indent_of(line));
        Edit { start: node.start, end: node.end, text: self.apart(node, value) }
    }

    /// Takes a member out of an object, by its position.
    #[must_use]
    pub fn remove_member(self, object: &Node, at: usize) -> Option<Edit> {
        let entries = object.entries().iter();
        let extents: Vec<_> = entries.map(|(key, value)| (key.start, value.end)).collect();
        self.remove_part(object, &extents, at)
    }

    /// Takes several members out of an object, by their positions.
    #[must_use]
    pub fn remove_members(self, object: &Node, gone: &[usize]) -> Vec<Edit> {
        let entries = object.entries();
        if !entries.is_empty() && (0..entries.len()).all(|at| gone.contains(&at)) {
            return vec![self.emptied(object)];
        }
        let mut edits = Vec::new();
        let mut at = 0;
        while at < entries.len() {
            let run = entries.iter().enumerate().skip(at);
            let run = run.take_while(|(at, _)| gone.contains(at)).count();
            // Neighbours go as one, so that no two edits meet at a comma.
            let mut extents: Vec<_> = entries.iter().map(|(key, it)| (key.start, it.end)).collect();
            if let (Some((_, last)), true) = (extents.get(at + run.max(1) - 1).copied(), run > 0) {
                extents.splice(at..at + run, [(extents[at].0, last)]);
                edits.extend(self.remove_part(object, &extents, at));
            }
            at += run.max(1);
        }
        edits
    }

    /// Takes an element out of an array, by its position.
    #[must_use]
    pub fn remove_element(self, array: &Node, at: usize) -> Option<Edit> {
        let extents: Vec<_> = array.items().iter().map(|it| (it.start, it.end)).collect();
        let dash = |(start, end): &(usize, usize)| {
            let dash = self.slice(0, *start).rfind('-').unwrap_or(*start);
            (if self.is_flow(array) { *start } else { dash }, *end)
        };
        let extents: Vec<_> = extents.iter().map(dash).collect();
        self.remove_part(array, &extents, at)
    }

    /// Adds a member behind the last one of an object.
    #[must_use]
    pub fn insert_member(self, object: &Node, key: &str, json: &Node) -> Edit {
        if self.style == Style::Blocks && !self.is_flow(object) {
            return self.insert_line(object, key, json);
        }
        let entries = object.entries();
        let quoted = quoted(key);
        let (Some((first, _)), Some((last_key, last))) = (entries.first(), entries.last()) else {
            let value = format!("{{{quoted}: {}}}", json.to_json_text());
            return Edit { start: object.start, end: object.end, text: self.apart(object, value) };
        };
        if !self.is_flow(object) {
            let name = if is_plain(key) { key } else { &quoted };
            let end = self.noted_end(self.content_end(last));
            let text = in_lines(name, json, self.column(last_key.start));
            return Edit { start: end, end, text };
        }
        let colon = self.slice(last_key.end, last.start);
        let blank = if colon.ends_with(' ') { " " } else { "" };
        let before = match self.separator(object, first.start) {
            "" if entries.len() == 1 => blank,
            before => before,
        };
        let text = match before.strip_prefix('\n') {
            Some(indent) => laid_out(json, self.unit, indent),
            None => json.to_json_text(),
        };
        let is_bare = !self.slice(last_key.start, last_key.end).starts_with(['"', '\'']);
        let name = if is_bare && is_identifier(key) { key } else { &quoted };
        self.behind(last.end, before, &format!("{name}{colon}{text}"))
    }

    /// Adds a member of a block: a line of its own, or more where it is a block itself.
    fn insert_line(self, block: &Node, key: &str, json: &Node) -> Edit {
        let (end, indent) = match (block.entries().first(), block.entries().last()) {
            (Some((first, _)), Some((_, last))) => (last.end, self.indent_at(first.start).into()),
            _ => {
                let end = block.start + self.line_rest(block.start).trim_end().len();
                (end, format!("{}{}", self.indent_at(block.start), self.unit))
            }
        };
        let text = in_block((key, json), self.unit, &format!("\n{indent}"));
        Edit { start: end, end, text }
    }

    /// Adds an element behind the last one of an array that has any, given as the text of another
    /// element of it.
    #[must_use]
    pub fn append_element(self, array: &Node, element: &str) -> Option<Edit> {
        let (first, last) = (array.items().first()?, array.items().last()?);
        if self.is_flow(array) {
            let before = self.separator(array, first.start);
            return Some(self.behind(last.end, before, element));
        }
        let dash = self.slice(0, first.start).rfind('-')?;
        let (indent, gap) = (" ".repeat(self.column(dash)), self.slice(dash + 1, first.start));
        let end = self.noted_end(self.content_end(last));
        Some(Edit { start: end, end, text: format!("\n{indent}-{gap}{element}") })
    }

    /// Adds a part behind the last one of a collection in braces or brackets. A note about the last
    /// one stays in its line, and a comma that stands there already serves.
    fn behind(self, end: usize, before: &str, part: &str) -> Edit {
        let rest = self.line_rest(end);
        let has_comma = rest.trim_start().starts_with(',');
        let is_noted = is_note(rest.trim_start().trim_start_matches(',').trim_start());
        if !before.starts_with('\n') || !(is_noted || has_comma && rest.trim() == ",") {
            return Edit { start: end, end, text: format!(",{before}{part}") };
        }
        let line_end = end + rest.len();
        match has_comma {
            true => Edit { start: line_end, end: line_end, text: format!("{before}{part},") },
            false => Edit { start: end, end: line_end, text: format!(",{rest}{before}{part}") },
        }
    }

    /// The end of a line whose rest is a note about what ends here, else just here.
    fn noted_end(self, end: usize) -> usize {
        let rest = self.line_rest(end);
        if is_note(rest.trim_start()) { end + rest.len() } else { end }
    }

    /// What stands behind a place in its line.
    fn line_rest(self, at: usize) -> &'a str {
        let rest = self.text.get(at..).unwrap_or_default();
        rest.split(['\r', '\n']).next().unwrap_or_default()
    }

    fn remove_part(self, whole: &Node, extents: &[(usize, usize)], at: usize) -> Option<Edit> {
        let (start, end) = *extents.get(at)?;
        let gone = |start, end| Some(Edit { start, end, text: String::new() });
        let is_block = self.style == Style::Blocks && !self.is_flow(whole);
        if extents.len() == 1 && !is_block {
            return Some(self.emptied(whole));
        }
        if self.is_flow(whole) {
            let Some((next, _)) = extents.get(at + 1) else {
                return self.last_part_gone(extents.get(at.checked_sub(1)?)?.1, (start, end));
            };
            let between = self.slice(end, *next);
            let mut comma = between.find(',')? + 1;
            let rest = self.line_rest(end + comma);
            if rest.trim_start().starts_with("//") {
                // What is noted in its line goes along.
                comma += rest.len();
            }
            let blank = between.get(comma..)?;
            return gone(start, end + comma + blank.len() - blank.trim_start().len());
        }
        let line = self.line_start(start);
        if self.slice(line, start).trim().is_empty() {
            let end = self.content_end_at(end);
            let rest = self.text.get(end..)?;
            return gone(line, end + rest.find('\n').map_or(rest.len(), |at| at + 1));
        }
        gone(start, extents.get(at + 1)?.0)
    }

    /// Takes out the last part with its note; a note about the one before stays.
    fn last_part_gone(self, before: usize, (start, end): (usize, usize)) -> Option<Edit> {
        let between = self.slice(before, start);
        let (comma, note) = between.split_once(',')?;
        let is_note_kept = comma.trim().is_empty() && is_note(note.trim_start());
        let rest = self.line_rest(end);
        let own = rest.trim_start().trim_start_matches(',').trim_start();
        let comma =
            rest.find(',').filter(|at| rest.get(..*at).is_some_and(|it| it.trim().is_empty()));
        let text = match (is_note_kept, comma) {
            (true, None) => note.trim_end().to_owned(),
            // A comma behind the last part goes on standing behind the last part.
            (true, Some(_)) => format!(",{}", note.trim_end()),
            (false, _) => String::new(),
        };
        let end = match comma {
            _ if own.starts_with("//") => end + rest.len(),
            Some(at) if is_note_kept => end + at + 1,
            _ => end,
        };
        Some(Edit { start: before, end, text })
    }

    /// Takes out all that a collection holds.
    fn emptied(self, whole: &Node) -> Edit {
        let is_array = matches!(whole.value, Value::Array(_));
        // The dashes of a list may stand right below its key; brackets must stand right of it.
        let is_below = is_array && !self.is_flow(whole);
        let indent = if is_below { "  " } else { "" };
        let text = format!("{indent}{}", if is_array { "[]" } else { "{}" });
        Edit { start: whole.start, end: self.content_end(whole), text }
    }

    /// Whether a collection is written in braces or brackets; YAML has lines and dashes instead.
    fn is_flow(self, node: &Node) -> bool {
        matches!(self.text.as_bytes().get(node.start), Some(b'{' | b'['))
    }

    /// What stands between the comma and the next part of a collection in braces or brackets.
    fn separator(self, whole: &Node, first: usize) -> &'a str {
        let before = self.slice(whole.start + 1, first);
        match before.rfind('\n') {
            Some(line_break) => before.get(line_break..).unwrap_or_default(),
            None if self.slice(whole.start, whole.end).contains(", ") => " ",
            None => before,
        }
    }

    /// The text for a value; one that YAML leaves empty needs a blank before what comes there.
    fn apart(self, node: &Node, text: String) -> String {
        let is_empty = node.start == node.end && !self.slice(0, node.start).ends_with(' ');
        if is_empty { format!(" {text}") } else { text }
    }

    fn slice(self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn line_start(self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |at| at + 1)
    }

    /// The blanks that the line of a place begins with.
    fn indent_at(self, at: usize) -> &'a str {
        indent_of(self.slice(self.line_start(at), at))
    }

    fn column(self, at: usize) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Where a value's own text ends: collections in lines may take in the blank that follows.
    fn content_end(self, node: &Node) -> usize {
        self.content_end_at(node.end).max(node.start)
    }

    fn content_end_at(self, end: usize) -> usize {
        self.slice(0, end).trim_end().len()
    }
}

/// JSON over several lines where `unit` is not empty, its first line standing behind `indent`.
#[must_use]
pub fn laid_out(json: &Node, unit: &str, indent: &str) -> String {
    let inner = format!("{indent}{unit}");
    let wrapped = |open: char, parts: Vec<String>, close: char| {
        if unit.is_empty() {
            return format!("{open}{}{close}", parts.join(", "));
        }
        let parts: Vec<String> = parts.iter().map(|part| format!("\n{inner}{part}")).collect();
        format!("{open}{}\n{indent}{close}", parts.join(","))
    };
    match &json.value {
        Value::Array(items) if !items.is_empty() => {
            wrapped('[', items.iter().map(|item| laid_out(item, unit, &inner)).collect(), ']')
        }
        Value::Object(entries) if !entries.is_empty() => {
            let entry = |(key, value): &(Key, Node)| {
                format!("{}: {}", quoted(&key.text), laid_out(value, unit, &inner))
            };
            wrapped('{', entries.iter().map(entry).collect(), '}')
        }
        _ => json.to_json_text(),
    }
}

/// Whether the rest of a line is a comment, of YAML or of a script.
fn is_note(text: &str) -> bool {
    text.starts_with('#') || text.starts_with("//") || text.starts_with("/*")
}

/// A member in lines of YAML at a column: objects below their key, all else on one line.
// Recursive; no deeper than a tree.
fn in_lines(name: &str, json: &Node, column: usize) -> String {
    let line = format!("\n{}{name}:", " ".repeat(column));
    match &json.value {
        Value::Object(entries) if !entries.is_empty() => {
            let below = entries.iter().map(|(key, value)| {
                let name = if is_plain(&key.text) { key.text.clone() } else { quoted(&key.text) };
                in_lines(&name, value, column + YAML_INDENT)
            });
            std::iter::once(line).chain(below).collect()
        }
        Value::String(text) => format!("{line} {}", in_style("plain", text)),
        _ => format!("{line} {}", json.to_json_text()),
    }
}

/// A member of a block, every line of it behind a break and its indent.
// Recursive; no deeper than a tree.
fn in_block((key, json): (&str, &Node), unit: &str, line: &str) -> String {
    let key = if is_plain(key) { key } else { &quoted(key) };
    match &json.value {
        Value::Object(entries) => {
            let inner = format!("{line}{unit}");
            let below =
                entries.iter().map(|(key, value)| in_block((&key.text, value), unit, &inner));
            format!("{line}{key}: {{{}{line}}}", below.collect::<String>())
        }
        Value::String(text) => format!("{line}{key}: {}", on_one_line(text)),
        _ => format!("{line}{key}: {}", json.to_json_text()),
    }
}

/// A text that ends with its line.
fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The indent of the line that is indented least, of those that are.
fn least_indent(text: &str) -> &str {
    let indents = text.lines().skip(1).map(indent_of).filter(|indent| !indent.is_empty());
    indents.min_by_key(|indent| indent.len()).unwrap_or_default()
}

/// What new levels of YAML are indented by: nearly all files have it so.
const YAML_INDENT: usize = 2;

/// Whether a key needs no quotes in a script, nor in YAML.
fn is_identifier(key: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    key.bytes().all(is_word) && key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// The blanks that a line begins with.
fn indent_of(line: &str) -> &str {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..blanks).unwrap_or_default()
}

/// Whether a key needs no quotes in YAML.
fn is_plain(key: &str) -> bool {
    let is_word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    key.bytes().all(is_word) && key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
