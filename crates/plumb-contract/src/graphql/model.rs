//! A schema of GraphQL: types, their fields and arguments, each with its place.
//!
//! Refuses to know how schemas are written, and what two of them change.

use crate::change::Spot;
use crate::compared::Unread;
use std::collections::{BTreeMap, BTreeSet};

/// A line and a column, both from 1.
pub(super) type Place = (u32, u32);

/// One version of a schema.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) file: String,
    /// The types at which operations begin, by their kind.
    pub(super) roots: BTreeMap<&'static str, String>,
    /// Whether the schema says itself where operations begin; then nothing is taken for granted.
    pub(super) says_roots: bool,
    pub(super) types: BTreeMap<String, Type>,
    pub(super) directives: BTreeMap<String, Directive>,
    pub(super) unread: Vec<Unread>,
    /// Whether it could be read at all.
    pub(super) is_read: bool,
}

/// A type.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) kind: Kind,
    /// Of objects and interfaces.
    pub(super) fields: BTreeMap<String, Field>,
    /// Of inputs.
    pub(super) inputs: BTreeMap<String, Input>,
    /// Of enums.
    pub(super) values: BTreeMap<String, Value>,
    /// Of unions.
    pub(super) members: BTreeSet<String>,
    /// The interfaces of objects and interfaces.
    pub(super) implements: BTreeSet<String>,
    pub(super) applied: Applied,
    pub(super) at: Place,
}

/// What sort of type one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value without parts.
    Scalar,
    /// Named fields.
    Object,
    /// What several objects share.
    Interface,
    /// One of several objects.
    Union,
    /// One of several words.
    Enum,
    /// What clients write.
    Input,
}

/// A field of an answer.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) arguments: BTreeMap<String, Input>,
    pub(super) held: Held,
    pub(super) applied: Applied,
    pub(super) at: Place,
}

/// An argument, or a field of an input.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) held: Held,
    /// The value where none is written, as text.
    pub(super) default: Option<String>,
    pub(super) applied: Applied,
    pub(super) at: Place,
}

/// A value of an enum.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) applied: Applied,
    pub(super) at: Place,
}

/// Directives that stand at a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) is_deprecated: bool,
    /// All others, as text.
    pub(super) others: BTreeSet<String>,
}

/// The definition of a directive.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) arguments: BTreeMap<String, Input>,
    /// Where clients may write it; places in schemas are nothing to them.
    pub(super) locations: BTreeSet<&'static str>,
    pub(super) is_repeatable: bool,
    pub(super) at: Place,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// A type by its name.
    Named(String),
    /// A list.
    List(Box<Held>),
    /// Anything but null.
    NonNull(Box<Held>),
}

impl Kind {
    /// The word that defines it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Object => "type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Input => "input",
        }
    }

    /// Whether a field of it asks for fields in turn.
    pub(super) const fn is_composite(self) -> bool {
        matches!(self, Self::Object | Self::Interface | Self::Union)
    }
}

impl Held {
    /// The name behind lists and non-nulls.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::List(inner) => format!("[{}]", inner.text()),
            Self::NonNull(inner) => format!("{}!", inner.text()),
        }
    }
}

impl Input {
    /// Whether clients have to write it.
    pub(super) fn is_required(&self) -> bool {
        self.default.is_none() && matches!(self.held, Held::NonNull(_))
    }
}

impl Schema {
    /// A place as changes tell it.
    pub(super) fn spot(&self, (line, column): Place) -> Spot {
        Spot { file: self.file.clone(), line, column }
    }

    /// The objects that a type may be: itself, the members of a union, who implements an interface.
    pub(super) fn possible(&self, name: &str) -> BTreeSet<&str> {
        let Some((own, each)) = self.types.get_key_value(name) else { return BTreeSet::new() };
        match each.kind {
            Kind::Object => BTreeSet::from([own.as_str()]),
            Kind::Union => each.members.iter().map(String::as_str).collect(),
            Kind::Interface => {
                let all = self.types.iter().filter(|(_, other)| other.kind == Kind::Object);
                let here = all.filter(|(_, other)| other.implements.contains(name));
                here.map(|(name, _)| name.as_str()).collect()
            }
            Kind::Scalar | Kind::Enum | Kind::Input => BTreeSet::new(),
        }
    }
}
