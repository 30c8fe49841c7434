//! The types that a schema gives to what is asked of it, each read when it is first asked for.
//!
//! What cannot be read is a type of which nothing is known. Refuses to know descriptions,
//! directives, arguments, and what two versions change.

use crate::split::split;
use graphql_parser::schema as ast;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// A schema as it stands in one text.
#[derive(Debug)]
pub struct Schema {
    text: String,
    /// Where definitions and extensions stand in the text, by the name of their type.
    parts: BTreeMap<String, Vec<Range<usize>>>,
    /// The types at which operations begin, by `query`, `mutation` and `subscription`.
    roots: BTreeMap<&'static str, String>,
    known: RefCell<BTreeMap<String, Option<Rc<Type>>>>,
}

/// One type with its extensions.
#[derive(Debug, Default)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) fields: BTreeMap<String, Held>,
    /// The values of an enum, the members of a union, or the interfaces of an object.
    pub(crate) names: BTreeSet<String>,
}

/// What a type is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) is_nullable: bool,
    pub(crate) of: HeldOf,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeldOf {
    Named(String),
    List(Box<Held>),
}

/// The kinds of operations, and the types at which they begin where a schema names no others.
pub const ROOTS: [(&str, &str); 3] =
    [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")];

impl Schema {
    /// The schema of a text.
    #[must_use]
    pub fn of(text: String) -> Self {
        let mut parts: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
        let mut roots: BTreeMap<&str, String> =
            ROOTS.into_iter().map(|(word, name)| (word, name.to_owned())).collect();
        for chunk in split(&text).chunks.into_iter().filter(|chunk| chunk.is_of_schema) {
            let mut words = chunk.text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            let mut words = words.by_ref().filter(|word| !word.is_empty());
            match (words.next(), words.next()) {
                (Some("schema"), _) => says_roots(chunk.text, &mut roots),
                (Some("directive"), _) | (_, None) => {}
                (_, Some(name)) => {
                    let part = chunk.start..chunk.start + chunk.text.len();
                    parts.entry(name.to_owned()).or_default().push(part);
                }
            }
        }
        Self { text, parts, roots, known: RefCell::default() }
    }

    /// The name of the type at which an operation of this kind begins.
    pub(crate) fn root(&self, kind: &str) -> Option<&str> {
        self.roots.get(kind).map(String::as_str)
    }

    /// What is known of a type.
    pub(crate) fn named(&self, name: &str) -> Option<Rc<Type>> {
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let mut found: Option<Type> = None;
        for part in self.parts.get(name).into_iter().flatten() {
            for definition in definitions(&self.text[part.clone()]) {
                if let ast::Definition::TypeDefinition(definition) = definition {
                    found.get_or_insert_default().take(definition);
                }
            }
        }
        let found = found.map(Rc::new);
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// The objects that a type may turn out to be; itself where it is one.
    pub(crate) fn objects_of(&self, name: &str) -> BTreeSet<String> {
        let Some(this) = self.named(name) else { return BTreeSet::new() };
        match this.kind {
            Kind::Object => BTreeSet::from([name.to_owned()]),
            Kind::Union => this.names.clone(),
            Kind::Interface => {
                // What does not name it implements it in no way.
                let names = |part: &Range<usize>| self.text[part.clone()].contains(name);
                let may = self.parts.iter().filter(|(_, parts)| parts.iter().any(names));
                let implements =
                    |other: &Type| other.kind == Kind::Object && other.names.contains(name);
                may.filter(|(other, _)| self.named(other).is_some_and(|it| implements(&it)))
                    .map(|(other, _)| other.clone())
                    .collect()
            }
            Kind::Scalar | Kind::Enum => BTreeSet::new(),
        }
    }
}

/// What a part of a text defines; nothing where it cannot be read.
fn definitions(text: &str) -> Vec<ast::Definition<'_, String>> {
    graphql_parser::parse_schema(text).map_or_else(|_| Vec::new(), |it| it.definitions)
}

fn says_roots(text: &str, roots: &mut BTreeMap<&'static str, String>) {
    for definition in definitions(text) {
        if let ast::Definition::SchemaDefinition(said) = definition {
            let said = [said.query, said.mutation, said.subscription];
            let named =
                ROOTS.into_iter().zip(said).filter_map(|((word, _), name)| Some((word, name?)));
            roots.extend(named);
        }
    }
}

impl Type {
    fn take(&mut self, definition: ast::TypeDefinition<'_, String>) {
        use ast::TypeDefinition::{Enum, InputObject, Interface, Object, Scalar, Union};
        match definition {
            Object(it) => {
                self.kind = Kind::Object;
                self.names.extend(it.implements_interfaces);
                self.fields.extend(it.fields.into_iter().map(field));
            }
            Interface(it) => {
                self.kind = Kind::Interface;
                self.names.extend(it.implements_interfaces);
                self.fields.extend(it.fields.into_iter().map(field));
            }
            Union(it) => {
                self.kind = Kind::Union;
                self.names.extend(it.types);
            }
            Enum(it) => {
                self.kind = Kind::Enum;
                self.names.extend(it.values.into_iter().map(|value| value.name));
            }
            Scalar(_) | InputObject(_) => {}
        }
    }
}

fn field(field: ast::Field<'_, String>) -> (String, Held) {
    (field.name, held(field.field_type))
}

// Recursive; the parser has gone as deep.
fn held(said: ast::Type<'_, String>) -> Held {
    match said {
        ast::Type::NamedType(name) => Held { is_nullable: true, of: HeldOf::Named(name) },
        ast::Type::ListType(inner) => {
            Held { is_nullable: true, of: HeldOf::List(Box::new(held(*inner))) }
        }
        ast::Type::NonNullType(inner) => Held { is_nullable: false, ..held(*inner) },
    }
}
