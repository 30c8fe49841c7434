//! A positioned document tree: what every claim dialect is read from, whatever it was written in.
//!
//! Each value and each key knows its line, its column and its bytes in the file, so that a finding
//! points at the line and a patch replaces exactly the bytes it means. The room refuses to know any
//! dialect; this file also JSON, YAML and scripts: it holds the tree, its bounds and how to ask for
//! a value.

pub mod edit;
pub mod json;
pub mod layout;
pub mod read;
pub mod scalar;
pub mod script;
pub(crate) mod text;
pub mod yaml;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// Bytes of one file at most: hand-kept files are far smaller, and a tree takes several times this.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// Collections within collections at most: real documents stay below 30, and whoever walks a tree
/// by recursion must be safe on a small stack.
pub const DEPTH_MAX: usize = 128;

/// Values in one file at most, expanded aliases included: about 200 MB of tree.
pub const NODES_MAX: usize = 2_000_000;

/// Distinct notes kept for one file: more than a person reads.
pub const NOTES_MAX: usize = 100;

/// All that was read from one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// The documents in file order: one for JSON, any number for YAML, none for an empty stream.
    pub documents: Vec<Node>,
    /// What was tolerated or ignored on the way.
    pub notes: Notes,
}

/// What was tolerated or ignored while reading, at most [`NOTES_MAX`] distinct reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// The notes, in the order of their first place.
    pub kept: Vec<Note>,
    /// Places whose reason found no room any more.
    pub left_out: u64,
}

/// One thing that was tolerated or ignored, at the first place where it occurred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Line of the first place, from 1.
    pub line: u32,
    /// Column of the first place, from 1, in characters.
    pub column: u32,
    /// What was done, in lower case without full stop.
    pub reason: String,
    /// How many places share the reason.
    pub times: u64,
}

/// A file, or a place in it, that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Broken {
    /// Line of the place, from 1.
    pub line: u32,
    /// Column of the place, from 1, in characters.
    pub column: u32,
    /// Why it cannot be parsed, in lower case without full stop.
    pub reason: String,
}

/// One value and where it stands.
///
/// In YAML the place covers the tag and the anchor before the value as well; the value of an alias
/// stands where the alias does, and what is inside it stands where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value itself.
    pub value: Value,
    /// Line of its first character, from 1.
    pub line: u32,
    /// Column of its first character, from 1, in characters.
    pub column: u32,
    /// Offset of its first byte in the file.
    pub start: usize,
    /// Offset of the byte after its last; equal to `start` for a value left empty.
    pub end: usize,
}

/// One key of an object and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key without quotes and escapes; a key that is no text is kept as it is written.
    pub text: String,
    /// Line of its first character, from 1.
    pub line: u32,
    /// Column of its first character, from 1, in characters.
    pub column: u32,
    /// Offset of its first byte in the file, quotes included.
    pub start: usize,
    /// Offset of the byte after its last.
    pub end: usize,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: `null`, or in YAML a value left empty.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, exact as written.
    Number(Number),
    /// Text.
    String(String),
    /// Bytes that are no text; only YAML's `!!binary` gives them.
    Binary(Vec<u8>),
    /// Values in file order.
    Array(Vec<Node>),
    /// Keys and values in file order; a key written twice is here twice.
    Object(Vec<(Key, Node)>),
    /// What only running the file would tell; only scripts give it.
    Computed,
}

/// A number kept as text, so that neither digits nor the way it was written are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(Box<str>);

impl Number {
    /// Takes `text`, which the caller has checked to be a number in JSON's grammar.
    // INVARIANT: the text is a JSON number; `to_json_text` writes it without looking.
    pub(crate) fn from_json_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The number in JSON's grammar; for JSON files the very text of the file.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The number, when it is whole and fits; `200.0` and `2e2` count as whole.
    pub fn as_i64(&self) -> Option<i64> {
        /// Beyond it a float no longer tells neighbouring whole numbers apart.
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= WHOLE_MAX;
        let from_float = || format!("{:.0}", self.as_f64().filter(whole)?).parse().ok();
        self.0.parse().ok().or_else(from_float)
    }

    /// The nearest float, unless the number is beyond all floats.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

const NOTHING: Node = Node { value: Value::Null, line: 0, column: 0, start: 0, end: 0 };

impl Node {
    /// The value under `key`; the last one when the key is written more than once.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The last `key` with its own place, and its value.
    pub fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        self.entries().iter().rev().find(|(name, _)| name.text == key)
    }

    /// The value under the keys of `path`, one object inside the other.
    pub fn path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if this is a string or binary.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.value {
            Value::String(text) => Some(text.as_bytes()),
            Value::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The number, if this is a whole one from 0 to 65,535: a status code or a port.
    pub fn as_u16(&self) -> Option<u16> {
        self.as_number()?.as_i64()?.try_into().ok()
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The values of an array; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of an object; none for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The same where it was parsed from a part of its file that begins at this byte; lines and
    /// columns stay those of the part.
    // Recursive; no deeper than a tree.
    #[must_use]
    pub fn behind(mut self, start: usize) -> Self {
        let behind = |node: &mut Self| *node = std::mem::replace(node, NOTHING).behind(start);
        match &mut self.value {
            Value::Array(items) => items.iter_mut().for_each(behind),
            Value::Object(entries) => {
                for (key, node) in entries {
                    (key.start, key.end) = (key.start + start, key.end + start);
                    behind(node);
                }
            }
            _ => {}
        }
        Self { start: self.start + start, end: self.end + start, ..self }
    }

    /// What kind of value this is, for messages.
    pub fn kind_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Binary(_) => "binary",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Computed => "computed value",
        }
    }

    /// The value as compact JSON: numbers and doubled keys as written, binary as base64 text, null
    /// for what is computed.
    pub fn to_json_text(&self) -> String {
        let mut out = String::new();
        write_value(&mut out, &self.value);
        out
    }
}

impl Notes {
    /// Adds a place to its reason, or the reason itself while there is room.
    pub(crate) fn add(&mut self, line: u32, column: u32, reason: impl Into<String>) {
        let reason = reason.into();
        if let Some(note) = self.kept.iter_mut().find(|note| note.reason == reason) {
            note.times += 1;
        } else if self.kept.len() < NOTES_MAX {
            self.kept.push(Note { line, column, reason, times: 1 });
        } else {
            self.left_out += 1;
        }
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Computed => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number.as_text()),
        Value::String(text) => write_string(out, text),
        Value::Binary(bytes) => write_string(out, &STANDARD.encode(bytes)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_value(out, &item.value);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (index, (key, node)) in entries.iter().enumerate() {
                separate(out, index);
                write_string(out, &key.text);
                out.push(':');
                write_value(out, &node.value);
            }
            out.push('}');
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// Text as a JSON string, quotes included.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text);
    out
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (clean, tail) = rest.split_at(at);
        out.push_str(clean);
        let mut tail = tail.chars();
        match tail.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some(control) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            None => {}
        }
        rest = tail.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(value: Value) -> Node {
        Node { value, line: 1, column: 1, start: 0, end: 0 }
    }

    fn number(text: &str) -> Node {
        node(Value::Number(Number::from_json_text(text)))
    }

    fn entry(text: &str, value: Node) -> (Key, Node) {
        (Key { text: text.to_owned(), line: 1, column: 1, start: 0, end: 0 }, value)
    }

    #[test]
    fn the_last_of_doubled_keys_counts_and_both_are_written() {
        let object = node(Value::Object(vec![entry("a", number("1")), entry("a", number("2.50"))]));
        assert_eq!(object.get("a").and_then(Node::as_number).map(Number::as_text), Some("2.50"));
        assert_eq!(object.to_json_text(), r#"{"a":1,"a":2.50}"#);
    }

    #[test]
    fn a_path_goes_through_objects_only() {
        let inner = node(Value::Object(vec![entry("status", number("200"))]));
        let outer = node(Value::Object(vec![entry("response", inner)]));
        assert_eq!(outer.path(&["response", "status"]).and_then(Node::as_u16), Some(200));
        assert_eq!(outer.path(&["response", "status", "code"]), None);
        assert_eq!(outer.path(&[]), Some(&outer));
    }

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let check = |text: &str, expected| {
            assert_eq!(Number::from_json_text(text).as_i64(), expected, "{text}");
        };
        check("200", Some(200));
        check("200.0", Some(200));
        check("-2e2", Some(-200));
        check("9223372036854775807", Some(i64::MAX));
        check("9223372036854775808", None);
        check("0.5", None);
        check("1e400", None);
        assert_eq!(Number::from_json_text("1e400").as_f64(), None);
        assert_eq!(number("70000").as_u16(), None);
    }

    #[test]
    fn binary_is_bytes_and_written_as_base64() {
        let binary = node(Value::Binary(vec![0xff, 0x00]));
        assert_eq!(binary.as_bytes(), Some(&[0xff, 0x00][..]));
        assert_eq!((binary.to_json_text().as_str(), binary.kind_name()), (r#""/wA=""#, "binary"));
    }

    #[test]
    fn notes_are_counted_by_reason_and_bounded() {
        let mut notes = Notes::default();
        for line in 1..=3 {
            notes.add(line, 1, "same");
        }
        for line in 0..200 {
            notes.add(line, 1, format!("reason {line}"));
        }
        assert_eq!((notes.kept[0].line, notes.kept[0].times), (1, 3));
        assert_eq!((notes.kept.len(), notes.left_out), (NOTES_MAX, 101));
    }
}
