//! A schema as it is written, into nodes: one keyword with one meaning after another.
//!
//! Follows references wherever they lead within the library, also in circles. What cannot be read
//! becomes a node that says so, and never a guess. Refuses to know what is asked of the schema.

mod array;
mod object;
mod unevaluated;

use crate::constant::Constant;
use crate::exact::{Exact, exact};
use crate::graph::Graph;
use crate::library::{At, Draft, Library};
use crate::node::{Id, Kind, Kinds, Node};
use num_traits::{Signed, Zero};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Schemas one in another at most, so that reading never exhausts the stack; documents are bounded
/// below it, and references lead on without depth since each place is read once.
const DEPTH_MAX: usize = 512;

/// How deep references are followed on the way; where they lead from further down is read
/// afterwards.
const FOLLOWED_DEPTH_MAX: usize = 256;

/// What of a schema is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Excused {
    /// Keywords, by the address of their value; with a name where only that member is excused.
    pub(crate) keywords: BTreeSet<(usize, Option<String>)>,
    /// That alternatives exclude each other. One from which a keyword is excused may come to hold
    /// beside another, which would be no fault of the document.
    pub(crate) is_either_enough: bool,
}

/// The address by which a value in a library is known.
pub(crate) fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// What is known while schemas are read.
pub(crate) struct Reader<'l> {
    pub(crate) graph: Graph,
    /// The positions of schemas in the graph, by address.
    pub(crate) read: HashMap<usize, usize>,
    library: &'l Library,
    excused: &'l Excused,
    known: &'l Known,
    depth: usize,
    /// What references lead to from too far down, and its position.
    later: Vec<(At<'l>, usize)>,
}

/// Schemas that were read before with the same excuses, by address.
pub(crate) type Known = HashMap<usize, Id>;

/// An object that is a schema, and the document it stands in.
#[derive(Clone, Copy)]
struct Schema<'l> {
    at: At<'l>,
    keywords: &'l Map<String, Value>,
}

impl<'l> Reader<'l> {
    pub(crate) fn new(library: &'l Library, excused: &'l Excused, known: &'l Known) -> Self {
        let (graph, read) = (Graph::default(), HashMap::new());
        Self { graph, read, library, excused, known, depth: 0, later: Vec::new() }
    }

    /// The position of what a schema says in the graph, with all that it refers to.
    pub(crate) fn whole(&mut self, at: At<'l>) -> usize {
        let position = self.schema(at);
        while let Some((at, position)) = self.later.pop() {
            self.fill(at, position);
        }
        position
    }

    /// The position of what a schema says in the graph.
    fn schema(&mut self, at: At<'l>) -> usize {
        match self.promised(at) {
            Ok(position) => position,
            Err(position) if self.depth == DEPTH_MAX => {
                let why = "schemas lie too deep one in another".into();
                self.graph.nodes[position] = Node::Unread(why);
                position
            }
            Err(position) => {
                self.fill(at, position);
                position
            }
        }
    }

    /// The position of what was read, or else one for what is to be read.
    fn promised(&mut self, at: At<'l>) -> Result<usize, usize> {
        if let Some(position) = self.read.get(&address(at.value)) {
            return Ok(*position);
        }
        if let Some(id) = self.known.get(&address(at.value)) {
            let position = self.graph.add_known(*id);
            self.read.insert(address(at.value), position);
            return Ok(position);
        }
        // Promised before it is read, for references back to it.
        let position = self.graph.add(Node::Always);
        self.read.insert(address(at.value), position);
        Err(position)
    }

    fn fill(&mut self, at: At<'l>, position: usize) {
        self.depth += 1;
        let node = match at.value {
            value if self.is_excused(value, None) => Node::Always,
            Value::Bool(true) => Node::Always,
            Value::Bool(false) => Node::Any([].into()),
            Value::Object(keywords) => Node::All(self.parts(Schema { at, keywords }).into()),
            _ => Node::Unread("a schema is an object, true or false".into()),
        };
        self.depth -= 1;
        self.graph.nodes[position] = node;
    }

    fn unread(&mut self, why: &str) -> usize {
        self.graph.add(Node::Unread(why.into()))
    }

    fn parts(&mut self, schema: Schema<'l>) -> Vec<usize> {
        let mut parts = Vec::new();
        if let Some(reference) = self.keyword(schema, "$ref") {
            parts.push(self.reference(schema.at, reference));
            if schema.at.draft <= Draft::Seven {
                return parts;
            }
        }
        for key in ["$dynamicRef", "$recursiveRef"] {
            if let Some(reference) = self.keyword(schema, key) {
                parts.push(self.reference(schema.at, reference));
            }
        }
        self.any_kind(schema, &mut parts);
        self.number(schema, &mut parts);
        self.string(schema, &mut parts);
        self.array(schema, &mut parts);
        self.object(schema, &mut parts);
        self.logic(schema, &mut parts);
        self.unevaluated(schema, &mut parts);
        parts
    }

    /// The value of a keyword, unless it is excused.
    fn keyword(&self, schema: Schema<'l>, key: &str) -> Option<&'l Value> {
        let value = schema.keywords.get(key)?;
        (!self.is_excused(value, None)).then_some(value)
    }

    fn is_excused(&self, value: &Value, name: Option<&str>) -> bool {
        self.excused.keywords.contains(&(address(value), name.map(ToOwned::to_owned)))
    }

    fn reference(&mut self, at: At<'l>, reference: &'l Value) -> usize {
        let Some(text) = reference.as_str() else {
            return self.unread("a reference is a text");
        };
        match self.library.follow(at.document, text) {
            Some(to) if self.depth < FOLLOWED_DEPTH_MAX => self.schema(to),
            Some(to) => self.promised(to).unwrap_or_else(|position| {
                self.later.push((to, position));
                position
            }),
            None => self.unread(&format!("`{text}` leads nowhere")),
        }
    }

    /// A schema within another, in the same document.
    fn inner(&mut self, schema: Schema<'l>, value: &'l Value) -> usize {
        self.schema(At { value, ..schema.at })
    }

    fn any_kind(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        match self.keyword(schema, "type") {
            Some(Value::String(name)) => self.kinds(&[name.as_str()], parts),
            Some(Value::Array(names)) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                self.kinds(&names, parts);
            }
            Some(_) => parts.push(self.unread("`type` is a name or a list of names")),
            None => {}
        }
        if let Some(values) = self.keyword(schema, "enum") {
            let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
            parts.push(self.values(values.iter()));
        }
        if let Some(value) = self.keyword(schema, "const").filter(|_| schema.at.draft >= Draft::Six)
        {
            parts.push(self.values([value].into_iter()));
        }
    }

    fn values<'v>(&mut self, values: impl Iterator<Item = &'v Value>) -> usize {
        let values: BTreeSet<Constant> = values.map(Constant::new).collect();
        self.graph.add(Node::Values(values.into_iter().collect()))
    }

    fn kinds(&mut self, names: &[&str], parts: &mut Vec<usize>) {
        let mut kinds = Kinds::NONE;
        for name in names {
            kinds = kinds.with(match *name {
                "null" => Kind::Null,
                "boolean" => Kind::Bool,
                "number" | "integer" => Kind::Number,
                "string" => Kind::String,
                "array" => Kind::Array,
                "object" => Kind::Object,
                _ => {
                    parts.push(self.unread(&format!("no kind of value is called `{name}`")));
                    return;
                }
            });
        }
        parts.push(self.graph.add(Node::Kinds(kinds)));
        if names.contains(&"integer") && !names.contains(&"number") {
            let one = Exact::from_integer(1.into());
            parts.push(self.graph.add(Node::MultipleOf(one)));
        }
    }

    fn number(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        let bound =
            |reader: &Self, key| reader.keyword(schema, key).and_then(Value::as_number).map(exact);
        let flag = |reader: &Self, key| {
            schema.at.draft == Draft::Four
                && reader.keyword(schema, key).and_then(Value::as_bool) == Some(true)
        };
        if let Some(step) = bound(self, "multipleOf").filter(|step| step.is_positive()) {
            parts.push(self.graph.add(Node::MultipleOf(step)));
        }
        if let Some(least) = bound(self, "minimum") {
            let beyond = flag(self, "exclusiveMinimum");
            parts.push(self.graph.add(Node::AtLeast(least, beyond)));
        }
        if let Some(most) = bound(self, "maximum") {
            let below = flag(self, "exclusiveMaximum");
            parts.push(self.graph.add(Node::AtMost(most, below)));
        }
        if schema.at.draft > Draft::Four {
            if let Some(least) = bound(self, "exclusiveMinimum") {
                parts.push(self.graph.add(Node::AtLeast(least, true)));
            }
            if let Some(most) = bound(self, "exclusiveMaximum") {
                parts.push(self.graph.add(Node::AtMost(most, true)));
            }
        }
    }

    fn string(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        if let Some(least) = self.count(schema, "minLength") {
            parts.push(self.graph.add(Node::LengthAtLeast(least)));
        }
        if let Some(most) = self.count(schema, "maxLength") {
            parts.push(self.graph.add(Node::LengthAtMost(most)));
        }
        if let Some(pattern) = self.keyword(schema, "pattern").and_then(Value::as_str) {
            parts.push(self.graph.add(Node::Pattern(pattern.into())));
        }
        let Some(format) = self.keyword(schema, "format").and_then(Value::as_str) else { return };
        if let Some((least, most)) = crate::format::number_bounds(format) {
            parts.push(self.graph.add(Node::AtLeast(least, false)));
            parts.push(self.graph.add(Node::AtMost(most, false)));
        } else if crate::format::is_known(format) {
            parts.push(self.graph.add(Node::Format(format.into())));
        }
    }

    /// A whole number from 0; floats that are whole count.
    fn count(&self, schema: Schema<'l>, key: &str) -> Option<u64> {
        let number = exact(self.keyword(schema, key)?.as_number()?);
        let is_count = number.is_integer() && number >= Exact::zero();
        is_count.then(|| u64::try_from(number.to_integer()).unwrap_or(u64::MAX))
    }

    fn logic(&mut self, schema: Schema<'l>, parts: &mut Vec<usize>) {
        if let Some(of) = self.listed(schema, "allOf") {
            parts.extend(of);
        }
        if let Some(of) = self.listed(schema, "anyOf") {
            parts.push(self.graph.add(Node::Any(of.into())));
        }
        if let Some(of) = self.listed(schema, "oneOf") {
            let of = of.into();
            let is_either_enough = self.excused.is_either_enough;
            parts.push(self.graph.add(if is_either_enough {
                Node::Any(of)
            } else {
                Node::One(of)
            }));
        }
        if let Some(of) = self.keyword(schema, "not") {
            let of = self.inner(schema, of);
            parts.push(self.graph.add(Node::Not(of)));
        }
        if let Some(test) = self.keyword(schema, "if").filter(|_| schema.at.draft >= Draft::Seven) {
            let test = self.inner(schema, test);
            let branch = |reader: &mut Self, key| match reader.keyword(schema, key) {
                Some(of) => reader.inner(schema, of),
                None => reader.graph.add(Node::Always),
            };
            let then = branch(self, "then");
            let other = branch(self, "else");
            parts.push(self.graph.add(Node::If(test, then, other)));
        }
    }

    /// The schemas of a keyword that has a list of them.
    fn listed(&mut self, schema: Schema<'l>, key: &str) -> Option<Vec<usize>> {
        let of = self.keyword(schema, key)?.as_array()?;
        Some(of.iter().map(|value| self.inner(schema, value)).collect())
    }
}
