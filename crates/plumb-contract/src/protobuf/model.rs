//! Messages, enums and services as plain tables, each with the place it stands at. Refuses to know
//! how they were written, and what two versions of them make of each other.

use std::ops::Range;

use crate::change::Spot;
use crate::protobuf::scalar::Scalar;

/// Everything that the files of one version hold.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Messages, nested ones and entries of maps too.
    pub messages: Vec<Message>,
    /// Enums, nested ones too.
    pub enums: Vec<Enum>,
    /// Services.
    pub services: Vec<Service>,
    /// The files that were given.
    pub files: Vec<Source>,
}

/// A place in the table of messages or of enums.
pub type Index = usize;

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Package, messages around it and name: `shop.Order.Line`.
    pub name: String,
    /// Its fields by number; extensions too, under their names in brackets.
    pub fields: Vec<Field>,
    /// Numbers that may not be used.
    pub reserved_numbers: Vec<Range<u32>>,
    /// Names that may not be used.
    pub reserved_names: Vec<String>,
    /// Whether it is what a map consists of.
    pub is_entry: bool,
    /// Whether it was given, and does not come with Protobuf.
    pub is_given: bool,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// What tells it on the wire.
    pub number: u32,
    /// Its name in the source.
    pub name: String,
    /// Its name in JSON.
    pub json_name: String,
    /// What it holds.
    pub kind: Kind,
    /// How often it holds it.
    pub label: Label,
    /// The choice that it is a member of.
    pub choice: Option<String>,
    /// What a reader takes where it is not there, if the source says so.
    pub default: Option<String>,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar.
    Scalar(Scalar),
    /// A message.
    Message(Index),
    /// A message between a start and an end, as groups of old are.
    Group(Index),
    /// One of the values of an enum.
    Enum(Index),
}

/// How often a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Once, or not at all, which reads as its zero value.
    Implicit,
    /// Once or not at all, which readers can tell.
    Explicit,
    /// Once.
    Required,
    /// Any number of times, each by itself.
    Repeated,
    /// Any number of times, all in one piece.
    Packed,
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Package, messages around it and name.
    pub name: String,
    /// Names and numbers in the order of the source; a number may have several names.
    pub values: Vec<Value>,
    /// Whether readers keep no number that they do not know.
    pub is_closed: bool,
    /// Numbers that may not be used, both ends included.
    pub reserved_numbers: Vec<(i32, i32)>,
    /// Names that may not be used.
    pub reserved_names: Vec<String>,
    /// Whether it was given, and does not come with Protobuf.
    pub is_given: bool,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: i32,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Package and name.
    pub name: String,
    /// Its methods.
    pub methods: Vec<Method>,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// A method.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The message that callers send.
    pub input: Index,
    /// The message that is answered.
    pub output: Index,
    /// Whether callers send any number of them.
    pub streams_input: bool,
    /// Whether any number is answered.
    pub streams_output: bool,
    /// Where it stands.
    pub spot: Option<Spot>,
}

/// A source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name that others import.
    pub name: String,
    /// Its package, empty for none.
    pub package: String,
    /// Whether it is of the second version of the language.
    pub is_proto2: bool,
    /// Options that move generated code, with their values.
    pub options: Vec<(&'static str, String)>,
    /// Names of what it defines.
    pub defined: Vec<String>,
    /// Where it begins.
    pub spot: Option<Spot>,
}

impl Model {
    /// The message at an index that this model gave.
    #[must_use]
    pub fn message(&self, index: Index) -> Option<&Message> {
        self.messages.get(index)
    }

    /// What a field holds, for people: `int32`, `shop.Order`.
    #[must_use]
    pub fn kind_name(&self, kind: Kind) -> &str {
        match kind {
            Kind::Scalar(scalar) => scalar.name(),
            Kind::Message(index) | Kind::Group(index) => {
                self.messages.get(index).map_or("message", |message| &message.name)
            }
            Kind::Enum(index) => self.enums.get(index).map_or("enum", |it| &it.name),
        }
    }

    /// The key and the value of a map's entry, if the kind is one.
    #[must_use]
    pub fn entry(&self, kind: Kind) -> Option<(&Field, &Field)> {
        let Kind::Message(index) = kind else { return None };
        match self.messages.get(index).filter(|message| message.is_entry)?.fields.as_slice() {
            [key, value] => Some((key, value)),
            _ => None,
        }
    }
}

impl Message {
    /// The field of that number.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// Whether a number or a name may not be used any more.
    #[must_use]
    pub fn reserves(&self, number: u32, name: &str) -> (bool, bool) {
        (
            self.reserved_numbers.iter().any(|range| range.contains(&number)),
            self.reserved_names.iter().any(|reserved| reserved == name),
        )
    }
}

impl Label {
    /// Whether there may be many.
    #[must_use]
    pub fn is_many(self) -> bool {
        matches!(self, Self::Repeated | Self::Packed)
    }
}

impl Enum {
    /// The first value of that number.
    #[must_use]
    pub fn numbered(&self, number: i32) -> Option<&Value> {
        self.values.iter().find(|value| value.number == number)
    }

    /// The value of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|value| value.name == name)
    }
}
