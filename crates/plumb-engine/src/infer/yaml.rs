//! Writes a document as YAML, the way a person would: blocks, plain words, marks on one line.
//!
//! Whatever might be read as anything but text stands in quotes. Refuses to know what is written.

use crate::infer::asked::MARK;
use serde_json::{Map, Value};

/// Words that a reader of YAML takes for something else than text, in lower case.
const RESERVED: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];

/// The document, with an end of line.
#[must_use]
pub fn yaml(document: &Value) -> String {
    let mut out = String::new();
    match document {
        Value::Object(members) if !members.is_empty() => block(&mut out, members, 0),
        other => out.push_str(&flow(other)),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// The members of an object, each from the beginning of a line.
fn block(out: &mut String, members: &Map<String, Value>, depth: usize) {
    for (key, value) in members {
        indent(out, depth);
        out.push_str(&text(key, Within::Block));
        out.push(':');
        match value {
            Value::Object(below) if !below.is_empty() && key != MARK => {
                out.push('\n');
                block(out, below, depth + 1);
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                out.push('\n');
                list(out, items, depth + 1);
            }
            Value::String(text) if is_lines(text) => lines(out, text, depth + 1),
            other => {
                out.push(' ');
                out.push_str(&flow(other));
                out.push('\n');
            }
        }
    }
}

/// Whether a text has several lines that read back as they are when they stand in a block.
fn is_lines(text: &str) -> bool {
    let is_plain = |c: char| c == '\n' || (!is_hidden(c));
    let body = text.strip_suffix('\n').unwrap_or(text);
    let may_begin = body.starts_with(|c: char| !c.is_whitespace());
    let mut lines = body.split('\n');
    may_begin
        && body.contains('\n')
        && !body.ends_with('\n')
        && body.chars().all(is_plain)
        && lines.all(|line| line.is_empty() || !line.trim().is_empty())
}

/// A text of several lines, each in a line of its own.
fn lines(out: &mut String, text: &str, depth: usize) {
    let (body, mark) = text.strip_suffix('\n').map_or((text, " |-\n"), |body| (body, " |\n"));
    out.push_str(mark);
    for line in body.split('\n') {
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// The elements of an array, each from the beginning of a line.
fn list(out: &mut String, items: &[Value], depth: usize) {
    for item in items {
        indent(out, depth);
        out.push('-');
        match item {
            Value::Object(members) if !members.is_empty() => {
                let at = out.len();
                block(out, members, depth + 1);
                // The first member stands behind the dash.
                out.replace_range(at..at + 2 * (depth + 1), " ");
            }
            other => out.push_str(&format!(" {}\n", flow(other))),
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(word) => text(word, Within::Flow),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                format!("{}: {}", text(key, Within::Flow), flow(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// As the key of a block, where braces may be inside.
    Block,
    /// As a value, or anywhere on one line.
    Flow,
}

/// A text, in quotes unless every reader takes it for just this text.
fn text(word: &str, within: Within) -> String {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let is_plain_within = |c: char| {
        c.is_ascii_alphanumeric()
            || "_-./".contains(c)
            || (within == Within::Block && "{}".contains(c))
    };
    let may_begin = word.starts_with(is_letter)
        || (within == Within::Block && word.starts_with('/') && word.len() > 1);
    let is_word = word.chars().all(is_plain_within) || is_phrase(word);
    let is_reserved = RESERVED.contains(&word.to_ascii_lowercase().as_str());
    if may_begin && is_word && !is_reserved { word.to_owned() } else { quoted(word) }
}

/// Words of letters and digits with single blanks between them.
fn is_phrase(word: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    word.split(' ').all(is_part)
}

/// Letters that JSON takes as they are, and that YAML takes for ends of lines or refuses, or that
/// turn what is shown on a screen around.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    for letter in Value::from(text).to_string().chars() {
        match letter {
            letter if is_hidden(letter) => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_tree::yaml::parse_yaml;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn documents_read_as_people_write_them() {
        let document = json!({
            "openapi": "3.1.0",
            "paths": { "/orders/{orderId}": { "get": {
                "parameters": [
                    { "name": "no", "in": "query", "x-plumb": { "seen": "always", "of": "10+" } },
                ],
                "responses": { "200": { "description": "as seen", "required": ["id", "a b"] } },
            } } },
            "empty": {}, "none": [],
        });
        assert_eq!(
            yaml(&document),
            "openapi: \"3.1.0\"\n\
             paths:\n  /orders/{orderId}:\n    get:\n      parameters:\n        \
             - name: \"no\"\n          in: query\n          \
             x-plumb: {seen: always, of: \"10+\"}\n      \
             responses:\n        \"200\":\n          description: as seen\n          \
             required: [id, a b]\n\
             empty: {}\nnone: []\n"
        );
    }

    fn documents() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            "[a-z/{}: #'\"\\-?&*!|>%@`,.0-9\\[\\]~=\n\té\u{85}\u{2028}]{0,8}",
            Just("null".to_owned()),
            Just("1.0".to_owned()),
            Just("<<".to_owned()),
            "( ?[a-z#:]{0,3} ?\n){0,3}[a-z]{0,3}",
            any::<String>(),
        ];
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..5)
                    .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(document in documents()) {
            let text = yaml(&document);
            let parsed = parse_yaml(text.as_bytes());
            let parsed = parsed.map_err(|err| TestCaseError::fail(format!("{err}\n{text}")))?;
            let back: Value = serde_json::from_str(&parsed.documents[0].to_json_text()).unwrap();
            prop_assert_eq!(back, document, "{}", text);
        }
    }
}
