//! A small datum of every type that has one, in Avro's JSON encoding.
//!
//! A type that always holds another of itself has none, since data end. Refuses to know a second
//! schema.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::avro::schema::{Index, Kind, Logical, Primitive, Type, Types};

/// Values in one witness at most: more than a person looks through. Records that hold the same
/// record twice grow with the power of their depth.
pub const VALUES_MAX: usize = 10_000;

/// Values within values at most in a witness, so that whoever walks it is safe on a small stack.
pub const DEPTH_MAX: usize = 100;

/// Why there is no witness although there is a difference.
pub const TOO_LARGE: &str = "the smallest datum that shows it is too large to write down";

/// Which types of a table have data, and how the smallest ones begin.
#[derive(Clone, Debug)]
pub struct Samples<'a> {
    types: &'a Types,
    /// For each type none without data; of a union, the member to take.
    chosen: Vec<Option<Index>>,
}

/// Finds out which types have data.
#[must_use]
pub fn samples(types: &Types) -> Samples<'_> {
    let count = types.table.len();
    let mut chosen: Vec<Option<Index>> = vec![None; count];
    let mut missing: Vec<usize> = vec![0; count];
    let mut users: Vec<Vec<Index>> = vec![Vec::new(); count];
    let mut waiting = VecDeque::new();
    for (index, each) in types.table.iter().enumerate() {
        let needs: Vec<Index> = match &each.kind {
            Kind::Record(_, fields) => fields.iter().map(|field| field.held).collect(),
            Kind::Union(members) => members.clone(),
            _ => Vec::new(),
        };
        for need in &needs {
            users.get_mut(*need).into_iter().for_each(|users| users.push(index));
        }
        if let Some(left) = missing.get_mut(index) {
            *left = needs.len();
        }
        if needs.is_empty() && has_data(each) {
            waiting.push_back((index, index));
        }
    }
    // Solved from the leaves up, so that of a union the shallowest member is found first.
    while let Some((index, through)) = waiting.pop_front() {
        match chosen.get_mut(index) {
            Some(slot) if slot.is_none() => *slot = Some(through),
            _ => continue,
        }
        for user in users.get(index).into_iter().flatten() {
            let is_union = matches!(types.get(*user).kind, Kind::Union(_));
            let Some(left) = missing.get_mut(*user) else { continue };
            *left = left.saturating_sub(1);
            if is_union || *left == 0 {
                waiting.push_back((*user, index));
            }
        }
    }
    Samples { types, chosen }
}

impl Samples<'_> {
    /// Whether the type has any datum.
    #[must_use]
    pub fn has_any(&self, index: Index) -> bool {
        self.chosen.get(index).is_some_and(Option::is_some)
    }

    /// A small datum.
    ///
    /// # Errors
    /// [`TOO_LARGE`], also where the type has none.
    pub fn datum(&self, index: Index) -> Result<Value, &'static str> {
        self.build(index, DEPTH_MAX, &mut 0)
    }

    /// A small datum that holds something wherever the type is a collection.
    ///
    /// # Errors
    /// [`TOO_LARGE`], also where the type has none.
    pub fn full(&self, index: Index) -> Result<Value, &'static str> {
        match self.types.get(index).kind {
            Kind::Array(items) if self.has_any(items) => Ok(Value::Array(vec![self.full(items)?])),
            Kind::Map(values) if self.has_any(values) => {
                Ok(Map::from_iter([(KEY.to_owned(), self.full(values)?)]).into())
            }
            _ => self.datum(index),
        }
    }

    /// A record with this very value in one of its fields.
    ///
    /// # Errors
    /// [`TOO_LARGE`], also where there is none.
    pub fn record_with(
        &self,
        record: Index,
        position: usize,
        value: Value,
    ) -> Result<Value, &'static str> {
        let mut object = Map::new();
        let mut count = 0;
        let mut value = Some(value);
        for (at, field) in self.types.get(record).fields().iter().enumerate() {
            let held = match value.take_if(|_| at == position) {
                Some(value) => value,
                None => self.build(field.held, DEPTH_MAX, &mut count)?,
            };
            object.insert(field.name.clone(), held);
        }
        Ok(object.into())
    }

    fn build(&self, index: Index, depth: usize, count: &mut usize) -> Result<Value, &'static str> {
        *count += 1;
        if *count > VALUES_MAX || depth == 0 {
            return Err(TOO_LARGE);
        }
        let each = self.types.get(index);
        Ok(match &each.kind {
            Kind::Primitive(primitive) => primitive_datum(*primitive, each.logical.as_ref()),
            Kind::Fixed(_, size) => {
                let size = usize::try_from(*size).unwrap_or(usize::MAX);
                if size > VALUES_MAX {
                    return Err(TOO_LARGE);
                }
                "\0".repeat(size).into()
            }
            Kind::Enum(_, symbols) => symbols.all.first().ok_or(TOO_LARGE)?.clone().into(),
            Kind::Array(_) => Value::Array(Vec::new()),
            Kind::Map(_) => Map::new().into(),
            Kind::Union(_) => {
                let member = self.chosen.get(index).copied().flatten().ok_or(TOO_LARGE)?;
                let value = self.build(member, depth - 1, count)?;
                within_union(self.types, member, value)
            }
            Kind::Record(_, fields) => {
                let mut object = Map::new();
                for field in fields {
                    let held = self.build(field.held, depth - 1, count)?;
                    object.insert(field.name.clone(), held);
                }
                object.into()
            }
        })
    }
}

/// The key of a map's only value.
pub const KEY: &str = "k";

/// A value as a union's member stands in Avro's JSON encoding.
#[must_use]
pub fn within_union(types: &Types, member: Index, value: Value) -> Value {
    if value.is_null() {
        return value;
    }
    Map::from_iter([(types.branch_name(member).to_owned(), value)]).into()
}

fn has_data(each: &Type) -> bool {
    match &each.kind {
        Kind::Enum(_, symbols) => !symbols.all.is_empty(),
        Kind::Union(members) => !members.is_empty(),
        _ => true,
    }
}

fn primitive_datum(primitive: Primitive, logical: Option<&Logical>) -> Value {
    match primitive {
        Primitive::Null => Value::Null,
        Primitive::Boolean => true.into(),
        Primitive::Int | Primitive::Long => 1.into(),
        Primitive::Float | Primitive::Double => 0.5.into(),
        // No UTF-8, so that whoever takes them for text sees it.
        Primitive::Bytes if logical.is_none() => "\u{ff}".into(),
        Primitive::Bytes => "\u{1}".into(),
        Primitive::String if is_uuid(logical) => "a1a2a3a4-b1b2-4c1c-8d1d-d2d3d4d5d6d7".into(),
        Primitive::String => "a".into(),
    }
}

fn is_uuid(logical: Option<&Logical>) -> bool {
    matches!(logical, Some(Logical::Named(name)) if name == "uuid")
}
