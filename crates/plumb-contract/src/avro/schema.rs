//! A schema of Avro as a table of types that may hold themselves, each with the place it stands
//! at. Refuses to know how schemas are written, and what two of them make of each other.

use serde_json::Value;

/// A place in a table of types.
pub type Index = usize;

/// A schema: a table of types and which of them data begins with.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Everything that the schema names.
    pub types: Types,
    /// The type that a datum is of.
    pub root: Index,
}

/// Types that refer to each other by their index.
#[derive(Clone, Debug, Default)]
pub struct Types {
    pub(crate) table: Vec<Type>,
}

/// A type and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What data of it look like.
    pub kind: Kind,
    /// What such data stand for, if the schema says so.
    pub logical: Option<Logical>,
    /// Its line and column, both from 1.
    pub place: Place,
}

/// A line and a column, both from 1.
pub type Place = (u32, u32);

/// What data of a type look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One of the eight types without parts.
    Primitive(Primitive),
    /// So many bytes.
    Fixed(Name, u64),
    /// One of some symbols.
    Enum(Name, Symbols),
    /// Any number of items.
    Array(Index),
    /// Any number of values under text.
    Map(Index),
    /// One of several types.
    Union(Vec<Index>),
    /// Named fields in order.
    Record(Name, Vec<Field>),
}

/// A type without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Primitive {
    /// Nothing.
    Null,
    /// True or false.
    Boolean,
    /// 32 bits with a sign.
    Int,
    /// 64 bits with a sign.
    Long,
    /// IEEE 754, 32 bits.
    Float,
    /// IEEE 754, 64 bits.
    Double,
    /// Bytes.
    Bytes,
    /// Unicode text.
    String,
}

/// What a named type is called, and was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Name space and name: `shop.Order`.
    pub full: String,
    /// Full names of writers' types that it also reads.
    pub aliases: Vec<String>,
}

/// The symbols of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// In the order of the schema.
    pub all: Vec<String>,
    /// What a reader takes for a symbol that it does not know.
    pub default: Option<String>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Names of writers' fields that it also reads.
    pub aliases: Vec<String>,
    /// The type of its values.
    pub held: Index,
    /// What a reader takes where the writer has no such field, if it fits the type.
    pub default: Option<Value>,
    /// Where it stands.
    pub place: Place,
}

/// What data stand for beyond their type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logical {
    /// A number of `precision` digits, `scale` of them after the point.
    Decimal {
        /// Digits in all.
        precision: u64,
        /// Digits after the point.
        scale: u64,
    },
    /// Anything else, by its name.
    Named(String),
}

impl Types {
    /// The type at an index that this table gave.
    #[must_use]
    pub fn get(&self, index: Index) -> &Type {
        /// What no schema leads to.
        const NOTHING: Type =
            Type { kind: Kind::Primitive(Primitive::Null), logical: None, place: (1, 1) };
        // INVARIANT: every index comes from `read`, which gives only those of its table.
        self.table.get(index).unwrap_or(&NOTHING)
    }

    /// The name by which a union's member is told in Avro's JSON encoding.
    #[must_use]
    pub fn branch_name(&self, index: Index) -> &str {
        match &self.get(index).kind {
            Kind::Primitive(primitive) => primitive.name(),
            Kind::Fixed(name, _) | Kind::Enum(name, _) | Kind::Record(name, _) => &name.full,
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
        }
    }

    /// Takes a default away from the field of a record.
    pub(crate) fn drop_default(&mut self, record: Index, position: usize) {
        if let Some(Type { kind: Kind::Record(_, fields), .. }) = self.table.get_mut(record)
            && let Some(field) = fields.get_mut(position)
        {
            field.default = None;
        }
    }

    /// What a type is, for people: `record shop.Order`, `array`, `long`.
    #[must_use]
    pub fn described(&self, index: Index) -> String {
        match &self.get(index).kind {
            Kind::Fixed(name, _) => format!("fixed {}", name.full),
            Kind::Enum(name, _) => format!("enum {}", name.full),
            Kind::Record(name, _) => format!("record {}", name.full),
            _ => self.branch_name(index).to_owned(),
        }
    }
}

impl Type {
    /// The fields of a record; none of anything else.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Record(_, fields) => fields,
            _ => &[],
        }
    }

    /// The name of a named type.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match &self.kind {
            Kind::Fixed(name, _) | Kind::Enum(name, _) | Kind::Record(name, _) => Some(name),
            _ => None,
        }
    }
}

impl Primitive {
    /// The type of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "bytes" => Self::Bytes,
            "string" => Self::String,
            _ => return None,
        })
    }

    /// Its name in schemas.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Bytes => "bytes",
            Self::String => "string",
        }
    }
}

impl Name {
    /// The name without its name space.
    #[must_use]
    pub fn short(&self) -> &str {
        self.full.rsplit_once('.').map_or(&self.full, |(_, short)| short)
    }
}
