//! The smallest operations and values that a schema takes, to show what no longer works.
//!
//! Refuses to know what changed.

use crate::graphql::model::{Field, Held, Input, Kind, Schema};
use plumb_graphql::schema::ROOTS;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Bytes of a witness at most: a reader sees the place in any case.
const WITNESS_BYTES_MAX: usize = 4_096;

/// Values within values that a sample has at most: inputs that need more hold themselves.
const DEPTH_MAX: usize = 8;

/// How clients come to the types of a schema.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// What is asked for on the way to each type, from the root, by the type's name.
    output: BTreeMap<String, Vec<String>>,
    /// The types that clients write.
    input: BTreeSet<String>,
    /// Whether the schema says where operations begin. Else any type may be asked for.
    is_known: bool,
}

impl Ways {
    /// The shortest way to each type.
    pub(super) fn new(schema: &Schema) -> Self {
        let (output, input) = (BTreeMap::new(), BTreeSet::new());
        let mut ways = Self { output, input, is_known: !schema.roots.is_empty() };
        let mut left = VecDeque::new();
        for (operation, name) in &schema.roots {
            ways.visit(&mut left, name, (&[], &|| (*operation).to_owned()));
        }
        while let Some(name) = left.pop_front() {
            let Some(each) = schema.types.get(&name) else { continue };
            let way = ways.output.get(&name).cloned().unwrap_or_default();
            for (field_name, field) in &each.fields {
                let step = || call(schema, field_name, field);
                ways.visit(&mut left, field.held.name(), (&way, &step));
                for argument in field.arguments.values() {
                    ways.write(schema, argument.held.name());
                }
            }
            for member in schema.possible(&name) {
                let step = || format!("... on {member}");
                ways.visit(&mut left, member, (&way, &step));
            }
            for interface in &each.implements {
                let step = || format!("... on {interface}");
                ways.visit(&mut left, interface, (&way, &step));
            }
        }
        let arguments = schema.directives.values().flat_map(|it| it.arguments.values());
        for argument in arguments {
            ways.write(schema, argument.held.name());
        }
        ways
    }

    /// Comes to a type by one more step; the first way to come is the shortest.
    fn visit(
        &mut self,
        left: &mut VecDeque<String>,
        name: &str,
        (way, step): (&[String], &dyn Fn() -> String),
    ) {
        /// Steps of a way that is told; deeper types are reached all the same.
        const STEPS_MAX: usize = 64;
        if self.output.contains_key(name) {
            return;
        }
        let is_told = way.len() < STEPS_MAX && (!way.is_empty() || self.output.len() < ROOTS.len());
        let told = if is_told { way.iter().cloned().chain([step()]).collect() } else { Vec::new() };
        self.output.insert(name.to_owned(), told);
        left.push_back(name.to_owned());
    }

    fn write(&mut self, schema: &Schema, name: &str) {
        let mut left = vec![name.to_owned()];
        while let Some(name) = left.pop() {
            if let Some(each) = schema.types.get(&name)
                && self.input.insert(name)
            {
                left.extend(each.inputs.values().map(|input| input.held.name().to_owned()));
            }
        }
    }

    /// Whether clients may be answered values of a type.
    pub(super) fn is_answered(&self, name: &str) -> bool {
        !self.is_known || self.output.contains_key(name)
    }

    /// Whether clients may write values of a type.
    pub(super) fn is_written(&self, name: &str) -> bool {
        !self.is_known || self.input.contains(name)
    }

    /// An operation that comes to a type and asks for this there.
    pub(super) fn operation(&self, name: &str, asked: &str) -> String {
        let way = self.output.get(name).filter(|way| !way.is_empty());
        let Some(way) = way else { return format!("fragment f on {name} {{ {asked} }}") };
        let text = format!("{} {{ {asked}{}", way.join(" { "), " }".repeat(way.len()));
        if text.len() > WITNESS_BYTES_MAX {
            return format!("fragment f on {name} {{ {asked} }}");
        }
        text
    }
}

/// A field as it is asked for: with the arguments that it needs, and without fields of its own.
pub(super) fn call(schema: &Schema, name: &str, field: &Field) -> String {
    called(schema, name, field, None)
}

/// A field as it is asked for, with one argument whether it needs that or not.
pub(super) fn called(
    schema: &Schema,
    name: &str,
    field: &Field,
    with: Option<(&str, String)>,
) -> String {
    let mut given: Vec<String> = Vec::new();
    for (argument, input) in &field.arguments {
        let asked = with.as_ref().filter(|(with, _)| with == argument);
        match asked {
            Some((_, value)) => given.push(format!("{argument}: {value}")),
            None if input.is_required() => {
                given.push(format!("{argument}: {}", value(schema, &input.held)));
            }
            None => {}
        }
    }
    let given = if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) };
    format!("{name}{given}")
}

/// A field as it is asked for, with the least that it asks for in turn.
pub(super) fn whole(schema: &Schema, field: &Field, call: &str) -> String {
    let is_composite =
        schema.types.get(field.held.name()).is_some_and(|each| each.kind.is_composite());
    if is_composite { format!("{call} {{ __typename }}") } else { call.to_owned() }
}

/// The smallest value of a type.
pub(super) fn value(schema: &Schema, held: &Held) -> String {
    sample(schema, held, DEPTH_MAX)
}

/// A value of an input with one field, whether it needs that or not.
pub(super) fn value_with(
    schema: &Schema,
    inputs: &BTreeMap<String, Input>,
    with: Option<(&str, String)>,
) -> String {
    object(schema, inputs, (with, DEPTH_MAX))
}

fn sample(schema: &Schema, held: &Held, depth: usize) -> String {
    let Some(depth) = depth.checked_sub(1) else { return "null".to_owned() };
    let name = match held {
        Held::NonNull(inner) => return sample(schema, inner, depth),
        Held::List(_) => return "[]".to_owned(),
        Held::Named(name) => name,
    };
    match (name.as_str(), schema.types.get(name)) {
        ("Int", _) => "0".to_owned(),
        ("Float", _) => "0.5".to_owned(),
        ("Boolean", _) => "true".to_owned(),
        (_, Some(each)) if each.kind == Kind::Enum => {
            each.values.keys().next().cloned().unwrap_or_else(|| "null".to_owned())
        }
        (_, Some(each)) if each.kind == Kind::Input => object(schema, &each.inputs, (None, depth)),
        _ => "\"\"".to_owned(),
    }
}

fn object(
    schema: &Schema,
    inputs: &BTreeMap<String, Input>,
    (with, depth): (Option<(&str, String)>, usize),
) -> String {
    let mut given: Vec<String> = Vec::new();
    let mut bytes = 0;
    for (name, input) in inputs {
        let asked = with.as_ref().filter(|(with, _)| with == name);
        let text = match asked {
            Some((_, value)) => value.clone(),
            None if input.is_required() => sample(schema, &input.held, depth),
            None => continue,
        };
        bytes += text.len();
        // Inputs that ask for each other twice make values that double with each level.
        if bytes > WITNESS_BYTES_MAX {
            given.push("…".to_owned());
            break;
        }
        given.push(format!("{name}: {text}"));
    }
    format!("{{{}}}", given.join(", "))
}
