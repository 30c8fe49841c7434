//! How values become text: the same style makes another text of a list than of an object, and
//! styles differ where the texts that a writer may make of its values differ.
//!
//! Refuses to know parameters and rules.

use crate::interface::model::{Carriage, Dialect, Interface, Location, Schema, Style};
use crate::openapi::document::Spot;
use plumb_tree::Value;

/// Schemas that kinds are looked for in: references and branches.
const DEPTH_MAX: usize = 8;

/// Which kinds of values a schema admits, as far as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds {
    pub(crate) scalar: bool,
    pub(crate) list: bool,
    pub(crate) object: bool,
}

impl Kinds {
    const ALL: Self = Self { scalar: true, list: true, object: true };
    const NONE: Self = Self { scalar: false, list: false, object: false };

    fn and(self, other: Self) -> Self {
        Self {
            scalar: self.scalar && other.scalar,
            list: self.list && other.list,
            object: self.object && other.object,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            scalar: self.scalar || other.scalar,
            list: self.list || other.list,
            object: self.object || other.object,
        }
    }
}

/// The kinds of values that a schema admits.
pub(crate) fn kinds<'t>(interface: &Interface<'t>, schema: Option<&Schema<'t>>) -> Kinds {
    match schema {
        Some(Schema::At(spot)) => kinds_at(interface, *spot, 0),
        Some(Schema::Form(_)) => Kinds { object: true, ..Kinds::NONE },
        None => Kinds::ALL,
    }
}

/// The kind of value that is written otherwise, when there is one.
pub(crate) fn differing(
    location: Location,
    [one, other]: [Carriage; 2],
    kinds: Kinds,
) -> Option<&'static str> {
    let differs = |text: &dyn Fn(Carriage) -> &'static str| text(one) != text(other);
    if kinds.scalar && differs(&|carriage| scalar(carriage)) {
        return Some("a single value");
    }
    if kinds.list && differs(&|carriage| list(location, carriage)) {
        return Some("a list");
    }
    (kinds.object && differs(&|carriage| object(location, carriage))).then_some("an object")
}

fn kinds_at<'t>(interface: &Interface<'t>, spot: Spot<'t>, depth: usize) -> Kinds {
    if depth > DEPTH_MAX {
        return Kinds::ALL;
    }
    let Ok(spot) = interface.links.resolve(spot) else { return Kinds::ALL };
    let mut found = said(interface.dialect, spot);
    for part in spot.get("allOf").into_iter().flat_map(Spot::items) {
        found = found.and(kinds_at(interface, part, depth + 1));
    }
    for key in ["anyOf", "oneOf"] {
        let Some(branches) = spot.get(key) else { continue };
        let any = branches.items().map(|branch| kinds_at(interface, branch, depth + 1));
        found = found.and(any.fold(Kinds::NONE, Kinds::or));
    }
    found
}

fn said(dialect: Dialect, spot: Spot<'_>) -> Kinds {
    let Some(said) = spot.get("type") else { return Kinds::ALL };
    let of = |name: &str| match name {
        "array" => Kinds { list: true, ..Kinds::NONE },
        "object" => Kinds { object: true, ..Kinds::NONE },
        _ => Kinds { scalar: true, ..Kinds::NONE },
    };
    match &said.node.value {
        Value::String(name) => of(name),
        Value::Array(_) if dialect == Dialect::ThirtyOne => {
            let names = said.items().filter_map(|name| name.node.as_str());
            names.map(of).fold(Kinds::NONE, Kinds::or)
        }
        _ => Kinds::ALL,
    }
}

fn scalar(carriage: Carriage) -> &'static str {
    match carriage.style {
        Style::Label => "label",
        Style::Matrix => "matrix",
        _ => "plain",
    }
}

fn list(location: Location, carriage: Carriage) -> &'static str {
    let is_path = location == Location::Path;
    match (carriage.style, carriage.is_exploded) {
        (Style::Form | Style::Cookie, true) if is_path => "commas",
        (Style::Form | Style::Cookie | Style::Space | Style::Pipe | Style::Tab, true) => "repeated",
        (Style::Form | Style::Cookie | Style::Simple, _) => "commas",
        (Style::Space, false) => "spaces",
        (Style::Pipe, false) => "pipes",
        (Style::Tab, false) => "tabs",
        (Style::Label, true) => "dots",
        (Style::Label, false) => "label",
        (Style::Matrix, true) => "matrix repeated",
        (Style::Matrix, false) => "matrix",
        (Style::Deep, _) => "deep",
    }
}

fn object(location: Location, carriage: Carriage) -> &'static str {
    match (carriage.style, carriage.is_exploded) {
        (Style::Simple, true) => "pairs",
        (Style::Form | Style::Cookie | Style::Space | Style::Pipe | Style::Tab, true) => "members",
        (Style::Label, true) => "label pairs",
        (Style::Matrix, true) => "matrix pairs",
        _ => list(location, Carriage { is_exploded: false, ..carriage }),
    }
}
