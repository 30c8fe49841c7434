//! Values of scripts: what an expression would be as JSON, as a positioned tree.
//!
//! Names with one value are filled in and stand where the name does; whatever only running the file
//! would tell is [`Value::Computed`]. Refuses to evaluate.

use crate::script::expression::{Expression, Piece, bare};
use crate::script::literal::{negated, number};
use crate::script::names::named_children;
use crate::{DEPTH_MAX, Key, Node, Value};
use std::collections::BTreeMap;
use tree_sitter::Node as Syntax;

/// The value of an expression.
///
/// Bounded: below [`DEPTH_MAX`] levels and beyond [`crate::script::VALUES_MAX`] values in one file,
/// everything is computed.
#[must_use]
pub fn value_of(expression: Expression<'_>) -> Node {
    build(expression, (0, Stand::AtName))
}

/// The same value where it is written, so that it can be edited there: a name stands for the place
/// of its value. Inside, what is named elsewhere is computed, and so is a collection that takes in
/// another one's parts.
#[must_use]
pub fn written_of(expression: Expression<'_>) -> Node {
    build(expression, (0, Stand::AsWritten))
}

/// Where a value stands that a name is given for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    AtName,
    AsWritten,
}

/// How deep a value lies, and where it stands.
type At = (usize, Stand);

// Recursive; no deeper than DEPTH_MAX.
fn build(expression: Expression<'_>, at: At) -> Node {
    let script = expression.script;
    let stands = match at.1 {
        Stand::AtName => expression,
        Stand::AsWritten => expression.resolved(),
    };
    let is_elsewhere = at.1 == Stand::AsWritten
        && at.0 > 0
        && expression.resolved().node.id() != expression.node.id();
    let stands = if is_elsewhere { expression } else { stands };
    let spot = stands.spot();
    let (start, end) = script.bytes(stands.node);
    let is_beyond = is_elsewhere || !script.spend(1) || at.0 >= DEPTH_MAX;
    let value = if is_beyond { Value::Computed } else { told(expression.resolved(), at) };
    Node { value, line: spot.line, column: spot.column, start, end }
}

fn told(expression: Expression<'_>, at: At) -> Value {
    let node = expression.node;
    let written = expression.script.written(node);
    let below = (at.0 + 1, at.1);
    let is_spread = || named_children(node).any(|part| part.kind() == "spread_element");
    match node.kind() {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "number" => number(written).map_or(Value::Computed, Value::Number),
        "unary_expression" => signed(expression),
        "string" => Value::String(expression.string()),
        "template_string" => match expression.text().as_deref() {
            Some([]) => Value::String(String::new()),
            Some([Piece::Text(text)]) => Value::String(text.clone()),
            _ => Value::Computed,
        },
        "array" | "object" if at.1 == Stand::AsWritten && is_spread() => Value::Computed,
        "array" => array(expression, below),
        "object" => object(expression, below),
        _ => Value::Computed,
    }
}

fn signed(expression: Expression<'_>) -> Value {
    let field = |name| expression.node.child_by_field_name(name);
    let operator = field("operator").map(|node| expression.script.written(node));
    let argument = field("argument").map(bare).filter(|node| node.kind() == "number");
    let found = argument.and_then(|node| number(expression.script.written(node)));
    match (operator, found) {
        (Some("-"), Some(found)) => Value::Number(negated(&found)),
        (Some("+"), Some(found)) => Value::Number(found),
        _ => Value::Computed,
    }
}

fn array(expression: Expression<'_>, at: At) -> Value {
    let mut items = Vec::new();
    for node in named_children(expression.node) {
        let item = Expression { node, ..expression };
        if item.is_undefined() {
            // As it is sent.
            items.push(Node { value: Value::Null, ..build(item, at) });
        } else if node.kind() == "spread_element" {
            match spread(item, at) {
                Value::Array(more) => items.extend(more),
                _ => return Value::Computed,
            }
        } else {
            items.push(build(item, at));
        }
    }
    Value::Array(items)
}

/// The members of an object as they are sent: of two with one name the later, none that is
/// undefined.
#[derive(Default)]
struct Members {
    entries: Vec<(Key, Node)>,
    by_key: BTreeMap<String, usize>,
}

impl Members {
    fn put(&mut self, key: Key, value: Node) {
        match self.by_key.get(&key.text) {
            Some(at) => self.entries[*at] = (key, value),
            None => {
                self.by_key.insert(key.text.clone(), self.entries.len());
                self.entries.push((key, value));
            }
        }
    }
}

fn object(expression: Expression<'_>, at: At) -> Value {
    let mut members = Members::default();
    for node in named_children(expression.node) {
        let member = Expression { node, ..expression };
        let field = |name| node.child_by_field_name(name);
        let entry = match node.kind() {
            "pair" => field("key").and_then(|key| key_of(member, key)).zip(field("value")),
            "shorthand_property_identifier" => key_of(member, node).zip(Some(node)),
            "spread_element" => match spread(member, at) {
                Value::Object(more) => {
                    more.into_iter().for_each(|(key, value)| members.put(key, value));
                    continue;
                }
                _ => None,
            },
            _ => None,
        };
        // One member whose name is not told may be any of them.
        let Some((key, value)) = entry else { return Value::Computed };
        let value = Expression { node: value, ..expression };
        if !value.is_undefined() {
            members.put(key, build(value, at));
        }
    }
    Value::Object(members.entries)
}

/// What is spread into an array or object.
fn spread(element: Expression<'_>, at: At) -> Value {
    let inside = named_children(element.node).next();
    inside.map_or(Value::Computed, |node| build(Expression { node, ..element }, at).value)
}

fn key_of<'s>(member: Expression<'s>, key: Syntax<'s>) -> Option<Key> {
    let script = member.script;
    let inside = match key.kind() {
        "computed_property_name" => bare(named_children(key).next()?),
        _ => key,
    };
    let written = script.written(inside);
    let is_computed = inside.id() != key.id();
    let text = match inside.kind() {
        "string" => Expression { node: inside, ..member }.string(),
        "number" => number(written)?.as_text().to_owned(),
        "property_identifier" | "shorthand_property_identifier" if !is_computed => {
            written.to_owned()
        }
        _ => return None,
    };
    let spot = script.spot(key);
    let (start, end) = script.bytes(key);
    Some(Key { text, line: spot.line, column: spot.column, start, end })
}
