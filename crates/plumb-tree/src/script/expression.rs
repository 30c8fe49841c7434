//! Expressions of scripts: what can be asked of them, as far as it is told without running any.
//!
//! Refuses to know any library, and to evaluate.

use crate::script::literal::{number, unescaped};
use crate::script::names::{Import, is_wrapper, named_children};
use crate::script::{Script, Spot};
use std::ops::Range;
use tree_sitter::Node;

/// Names that stand for names at most: more is a circle.
const HOPS_MAX: usize = 8;

/// Answers of one function at most: more than a person writes.
const RETURNED_MAX: usize = 100;

/// Bytes of text that count as one value.
const TEXT_OF_A_VALUE: usize = 64;

/// An expression.
#[derive(Clone, Copy, Debug)]
pub struct Expression<'s> {
    pub(crate) script: &'s Script<'s>,
    pub(crate) node: Node<'s>,
}

/// An expression as a head and what is done with it, step by step: `nock(url).get(path)`.
#[derive(Clone, Debug)]
pub struct Chain<'s> {
    /// What the first step is done with.
    pub head: Expression<'s>,
    /// The steps in the order in which they happen.
    pub steps: Vec<Step<'s>>,
}

/// A member that is asked for, called, or both.
#[derive(Clone, Debug)]
pub struct Step<'s> {
    /// The member's name; empty when the expression before it is itself called.
    pub name: &'s str,
    /// The arguments, when it is called.
    pub arguments: Option<Vec<Expression<'s>>>,
    /// Where the name stands, or the call when there is none.
    pub spot: Spot,
}

/// A function, as far as it can be told without running it.
#[derive(Clone, Debug)]
pub struct Function<'s> {
    /// The names of the parameters; `None` for one that is taken apart.
    pub parameters: Vec<Option<&'s str>>,
    /// What it may return, each `return` and each branch of a choice for itself.
    pub returned: Vec<Expression<'s>>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// Text that only running the file would tell.
    Computed,
}

/// The calls of a file in order; of a chain of calls only the whole.
pub fn calls_of<'s>(script: &'s Script<'s>) -> impl Iterator<Item = Expression<'s>> {
    script.calls.iter().map(move |node| Expression { script, node: *node })
}

/// The objects that a file writes out in order, those inside of others too.
pub fn objects_of<'s>(script: &'s Script<'s>) -> impl Iterator<Item = Expression<'s>> {
    script.objects.iter().map(move |node| Expression { script, node: *node })
}

/// What others get of a file under a name, where the file has it; it may itself be imported.
#[must_use]
pub fn exported<'s>(script: &'s Script<'s>, name: &str) -> Option<Expression<'s>> {
    let of = |node| Expression { script, node };
    let here = script.exports.here.get(name).copied().or_else(|| script.value_named(name));
    here.map(of).or_else(|| of(script.exports.common?).member(name))
}

impl<'s> Expression<'s> {
    /// Where it stands.
    #[must_use]
    pub fn spot(self) -> Spot {
        self.script.spot(self.node)
    }

    /// The bytes of the script that it takes, without a byte order mark.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.node.byte_range()
    }

    /// The name that it is.
    #[must_use]
    pub fn name(self) -> Option<&'s str> {
        let node = bare(self.node);
        (node.kind() == "identifier").then(|| self.script.written(node))
    }

    /// Where the name that it is is imported from.
    #[must_use]
    pub fn import(self) -> Option<Import<'s>> {
        let node = bare(self.node);
        is_name(node).then(|| self.script.import_of_name(node))?
    }

    /// What it stands for: a name with one value is that value.
    #[must_use]
    pub fn resolved(self) -> Self {
        let mut node = bare(self.node);
        for _ in 0..HOPS_MAX {
            let value = is_name(node).then(|| self.script.value_of_name(node));
            // A name inside its own value has none yet.
            let around = |value: &Node<'_>| value.byte_range().contains(&node.start_byte());
            match value.flatten().filter(|value| !around(value)) {
                Some(value) => node = bare(value),
                None => break,
            }
        }
        Self { node, ..self }
    }

    /// True for `true`.
    #[must_use]
    pub fn is_true(self) -> bool {
        bare(self.node).kind() == "true"
    }

    /// True for an object that is written out.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.resolved().node.kind() == "object"
    }

    /// True for nothing at all: `undefined`.
    #[must_use]
    pub fn is_undefined(self) -> bool {
        bare(self.node).kind() == "undefined"
    }

    /// True for a regular expression.
    #[must_use]
    pub fn is_regex(self) -> bool {
        self.resolved().node.kind() == "regex"
    }

    /// The expression as a chain; one without steps is its own head.
    #[must_use]
    pub fn chain(self) -> Chain<'s> {
        let mut steps = Vec::new();
        let mut node = bare(self.node);
        loop {
            let arguments = (node.kind() == "call_expression").then(|| self.arguments(node));
            let callee = match arguments {
                Some(_) => node.child_by_field_name("function").map(bare),
                None => Some(node),
            };
            let Some(callee) = callee.filter(|_| self.script.spend(1)) else { break };
            let field = |name| callee.child_by_field_name(name);
            let member = field("object")
                .zip(field("property"))
                .filter(|_| callee.kind() == "member_expression");
            let (name, spot, below) = match (member, &arguments) {
                (Some((object, property)), _) => (self.script.written(property), property, object),
                (None, Some(_)) => ("", node, callee),
                (None, None) => break,
            };
            steps.push(Step { name, arguments, spot: self.script.spot(spot) });
            node = bare(below);
        }
        steps.reverse();
        Chain { head: Self { node, ..self }, steps }
    }

    /// A template with a tag before it: the tag, and the template.
    #[must_use]
    pub fn tagged(self) -> Option<(Self, Self)> {
        let node = bare(self.node);
        let tag = node.child_by_field_name("function")?;
        let template = node.child_by_field_name("arguments")?;
        (node.kind() == "call_expression" && template.kind() == "template_string")
            .then_some((Self { node: tag, ..self }, Self { node: template, ..self }))
    }

    /// What `new` makes and from what.
    #[must_use]
    pub fn construction(self) -> Option<(Self, Vec<Self>)> {
        let node = bare(self.node);
        let made = node.child_by_field_name("constructor")?;
        (node.kind() == "new_expression")
            .then(|| (Self { node: made, ..self }, self.arguments(node)))
    }

    fn arguments(self, call: Node<'s>) -> Vec<Self> {
        let list = call.child_by_field_name("arguments");
        list.into_iter().flat_map(named_children).map(|node| Self { node, ..self }).collect()
    }

    /// The value of a member of the object that it is: the last one of this name, that of an object
    /// that is spread into it included. `None` where what is not known may have given it another.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Self> {
        self.member_within(name, 0)
    }

    // Recursive; no deeper than HOPS_MAX.
    fn member_within(self, name: &str, depth: usize) -> Option<Self> {
        let object = self.resolved().node;
        if object.kind() != "object" || depth > HOPS_MAX {
            return None;
        }
        let mut members: Vec<Node<'s>> = named_children(object).collect();
        while let Some(member) = members.pop() {
            let own = |node| Self { node, ..self };
            let (key, value) = match member.kind() {
                "spread_element" if !self.script.spend(1) => return None,
                "spread_element" => {
                    let inside = own(named_children(member).next()?);
                    let found = inside.member_within(name, depth + 1);
                    if found.is_some() || inside.resolved().node.kind() != "object" {
                        return found;
                    }
                    continue;
                }
                "shorthand_property_identifier" => (member, Some(member)),
                "method_definition" => (member.child_by_field_name("name")?, Some(member)),
                _ => (member.child_by_field_name("key")?, member.child_by_field_name("value")),
            };
            let is_named = match key.kind() {
                "string" => own(key).string() == name,
                "computed_property_name" => return None,
                _ => self.script.written(key) == name,
            };
            if is_named {
                return value.map(own);
            }
        }
        None
    }

    /// The function that it is; `None` for anything else, and for generators.
    #[must_use]
    pub fn function(self) -> Option<Function<'s>> {
        let node = bare(self.node);
        if !is_function(node) {
            return None;
        }
        let body = node.child_by_field_name("body")?;
        let name =
            |node: Node<'s>| (node.kind() == "identifier").then(|| self.script.written(node));
        let parameters = match node.child_by_field_name("parameter") {
            Some(one) => vec![name(one)],
            None => node
                .child_by_field_name("parameters")
                .into_iter()
                .flat_map(named_children)
                .map(|parameter| parameter.child_by_field_name("pattern").and_then(name))
                .collect(),
        };
        let size = node.byte_range().len() / TEXT_OF_A_VALUE;
        let ends = match body.kind() {
            "statement_block" if !self.script.spend(size) => return None,
            "statement_block" => returns(body),
            _ => vec![body],
        };
        let ends = ends.into_iter().flat_map(branches).take(RETURNED_MAX);
        let returned = ends.map(|node| Self { node, ..self }).collect();
        Some(Function { parameters, returned })
    }

    /// The text that it is, piece by piece; names with one value are filled in.
    #[must_use]
    pub fn text(self) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        self.resolved().write_text(&mut pieces, 0).then_some(pieces)
    }

    // Recursive; no deeper than HOPS_MAX.
    fn write_text(self, pieces: &mut Vec<Piece>, depth: usize) -> bool {
        if !self.script.spend(1 + self.node.byte_range().len() / TEXT_OF_A_VALUE) {
            return false;
        }
        match self.node.kind() {
            "string" => push_text(pieces, &self.string()),
            "number" => match number(self.script.written(self.node)) {
                Some(number) => push_text(pieces, number.as_text()),
                None => return false,
            },
            "template_string" => {
                for part in named_children(self.node) {
                    if part.kind() != "template_substitution" {
                        push_text(pieces, &self.fragment(part));
                        continue;
                    }
                    let inside = named_children(part).next().filter(|_| depth < HOPS_MAX);
                    let is_told = inside.is_some_and(|node| {
                        Self { node, ..self }.resolved().write_text(pieces, depth + 1)
                    });
                    if !is_told {
                        pieces.push(Piece::Computed);
                    }
                }
            }
            _ => return false,
        }
        true
    }

    /// What stands between the quotes of a string.
    pub(crate) fn string(self) -> String {
        self.script.spend(self.node.byte_range().len() / TEXT_OF_A_VALUE);
        named_children(self.node).map(|part| self.fragment(part)).collect()
    }

    fn fragment(self, part: Node<'s>) -> String {
        let written = self.script.written(part);
        match part.kind() {
            "escape_sequence" => unescaped(written).unwrap_or_else(|| written.to_owned()),
            _ => written.to_owned(),
        }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// What the `return`s of a block return, without those of functions inside it.
fn returns(block: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![block];
    while let Some(node) = open.pop() {
        match node.kind() {
            "return_statement" => found.extend(named_children(node).next()),
            kind if kind.contains("function") || kind.contains("class") => {}
            "method_definition" => {}
            _ => open.extend(named_children(node)),
        }
    }
    found.sort_by_key(Node::start_byte);
    found
}

/// The branches of a choice, in order; anything else is its own only branch.
fn branches(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop().map(bare) {
        if node.kind() == "ternary_expression" {
            open.extend(node.child_by_field_name("alternative"));
            open.extend(node.child_by_field_name("consequence"));
        } else {
            found.push(node);
        }
    }
    found
}

/// True for functions and methods that return a value when they are called.
fn is_function(node: Node<'_>) -> bool {
    let is_plain = || {
        let mut cursor = node.walk();
        node.children(&mut cursor).all(|part| !["*", "get", "set"].contains(&part.kind()))
    };
    match node.kind() {
        "arrow_function" | "function_expression" | "function_declaration" => true,
        "method_definition" => is_plain(),
        _ => false,
    }
}

/// True for a name that stands for a value.
fn is_name(node: Node<'_>) -> bool {
    ["identifier", "shorthand_property_identifier"].contains(&node.kind())
}

/// The node without brackets, types and `await` around it.
pub(crate) fn bare(mut node: Node<'_>) -> Node<'_> {
    while is_wrapper(node.kind()) {
        let inside = match node.kind() {
            "type_assertion" => named_children(node).last(),
            _ => named_children(node).next(),
        };
        match inside {
            Some(inside) => node = inside,
            None => break,
        }
    }
    node
}
