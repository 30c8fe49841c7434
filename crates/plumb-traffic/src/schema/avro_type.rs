//! A schema of Avro as a table of types. Names are resolved once, so that types may hold
//! themselves. It refuses to know payloads, and what logical types stand for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::schema::refusal::SchemaError;

/// Types in one schema. Those of people have hundreds.
const TYPES_MAX: usize = 20_000;

/// A place in the table.
pub(crate) type Index = usize;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed(usize),
    Enum(Vec<String>),
    Array(Index),
    Map(Index),
    Union(Vec<Index>),
    /// Names of fields as JSON writes them, with their quotes.
    Record(Vec<(Vec<u8>, Index)>),
}

/// Types that refer to each other. The first one is the schema's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Types {
    table: Vec<Type>,
    named: BTreeMap<String, Index>,
}

/// Reads the text of a schema.
pub(crate) fn types(text: &str) -> Result<(Types, Index), SchemaError> {
    let schema: Value =
        serde_json::from_str(text).map_err(|err| SchemaError::Unreadable(err.to_string()))?;
    let mut types = Types::default();
    let root = types.add(&schema, "")?;
    Ok((types, root))
}

impl Types {
    /// The type at a place that this table gave.
    pub(crate) fn get(&self, index: Index) -> &Type {
        // INVARIANT: every place was given by `put`.
        self.table.get(index).unwrap_or(&Type::Null)
    }

    fn put(&mut self, added: Type) -> Result<Index, SchemaError> {
        if self.table.len() >= TYPES_MAX {
            return Err(SchemaError::TooLarge("more types than are read"));
        }
        self.table.push(added);
        Ok(self.table.len() - 1)
    }

    fn add(&mut self, schema: &Value, space: &str) -> Result<Index, SchemaError> {
        match schema {
            Value::String(name) => self.named(name, space),
            Value::Array(members) => {
                let members = members.iter().map(|member| self.add(member, space));
                let members = members.collect::<Result<_, _>>()?;
                self.put(Type::Union(members))
            }
            Value::Object(object) => self.complex(object, space),
            other => Err(unreadable(format!("`{other}` is no type"))),
        }
    }

    fn named(&mut self, name: &str, space: &str) -> Result<Index, SchemaError> {
        if let Some(primitive) = primitive(name) {
            return self.put(primitive);
        }
        let full = full_name(name, space);
        let known = self.named.get(&full).or_else(|| self.named.get(name)).copied();
        known.ok_or_else(|| unreadable(format!("the type `{name}` is not defined")))
    }

    fn complex(&mut self, object: &Map<String, Value>, space: &str) -> Result<Index, SchemaError> {
        let missing = |what: &str| unreadable(format!("a type without `{what}`"));
        let kind = object.get("type").ok_or_else(|| missing("type"))?;
        let Some(kind) = kind.as_str() else { return self.add(kind, space) };
        let part = |what: &str| object.get(what).ok_or_else(|| missing(what));
        match kind {
            "array" => {
                let items = self.add(part("items")?, space)?;
                self.put(Type::Array(items))
            }
            "map" => {
                let values = self.add(part("values")?, space)?;
                self.put(Type::Map(values))
            }
            "fixed" => {
                let size = part("size")?.as_u64().and_then(|size| usize::try_from(size).ok());
                let fixed = Type::Fixed(size.ok_or_else(|| missing("size"))?);
                self.define(object, space, fixed).map(|(index, _)| index)
            }
            "enum" => {
                let symbols = part("symbols")?.as_array().ok_or_else(|| missing("symbols"))?;
                let symbols = symbols.iter().filter_map(Value::as_str).map(str::to_owned);
                let named = Type::Enum(symbols.collect());
                self.define(object, space, named).map(|(index, _)| index)
            }
            "record" | "error" => {
                // Its name stands before its fields do, since they may be of its own type.
                let (index, space) = self.define(object, space, Type::Record(Vec::new()))?;
                let fields = part("fields")?.as_array().ok_or_else(|| missing("fields"))?;
                let fields = fields.iter().map(|field| self.field(field, &space));
                let fields = fields.collect::<Result<_, _>>()?;
                if let Some(record) = self.table.get_mut(index) {
                    *record = Type::Record(fields);
                }
                Ok(index)
            }
            name => self.named(name, space),
        }
    }

    fn field(&mut self, field: &Value, space: &str) -> Result<(Vec<u8>, Index), SchemaError> {
        let (name, held) = (field.get("name").and_then(Value::as_str), field.get("type"));
        let (Some(name), Some(held)) = (name, held) else {
            return Err(unreadable("a field without `name` or `type`".to_owned()));
        };
        let index = self.add(held, space)?;
        Ok((Value::from(name).to_string().into_bytes(), index))
    }

    /// Puts a named type, and answers the name space of what is inside it.
    fn define(
        &mut self,
        object: &Map<String, Value>,
        space: &str,
        defined: Type,
    ) -> Result<(Index, String), SchemaError> {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let name = text("name").ok_or_else(|| unreadable("a type without `name`".to_owned()))?;
        let full = full_name(name, text("namespace").unwrap_or(space));
        let inside = full.rsplit_once('.').map_or("", |(space, _)| space).to_owned();
        let index = self.put(defined)?;
        self.named.insert(full, index);
        Ok((index, inside))
    }
}

fn primitive(name: &str) -> Option<Type> {
    Some(match name {
        "null" => Type::Null,
        "boolean" => Type::Boolean,
        "int" => Type::Int,
        "long" => Type::Long,
        "float" => Type::Float,
        "double" => Type::Double,
        "bytes" => Type::Bytes,
        "string" => Type::String,
        _ => return None,
    })
}

fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

fn unreadable(why: String) -> SchemaError {
    SchemaError::Unreadable(why)
}
