//! Where data of a writer meet the types of a reader: schema resolution, one pair of types at a
//! time.
//!
//! Every pair that some datum leads to is visited once, by the shortest way. So types that hold
//! themselves end, a pair that fails is one that finite data reach, and the way to it makes the
//! witness. Refuses to know which version is old, and what a failure is worth.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::avro::decimal::{as_text, digits};
use crate::avro::matching::{is_match, names_match, taken_branch, taken_field};
use crate::avro::sample::{DEPTH_MAX, KEY, Samples, TOO_LARGE, samples, within_union};
use crate::avro::schema::{Field, Index, Kind, Logical, Primitive, Type, Types};

/// Pairs of types that are looked at, at most: two schemas of a thousand types each seldom make
/// more than a few thousand.
const PAIRS_MAX: usize = 200_000;

/// Why a comparison was given up.
const TOO_MANY: &str = "the schemas make more pairs of types than are looked at";

/// All pairs that data lead to.
#[derive(Clone, Debug)]
pub struct Meetings<'a> {
    /// The writer's types.
    pub writer: &'a Types,
    /// The reader's types.
    pub reader: &'a Types,
    /// The pairs, the nearest to the root first.
    pub all: Vec<Meeting>,
    samples: Samples<'a>,
}

/// A pair of types and how data come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The writer's type.
    pub writer: Index,
    /// The reader's type.
    pub reader: Index,
    /// The pair it was reached from, and how; none for the root.
    pub from: Option<(usize, Step)>,
}

/// One step of data inwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the items of an array.
    Item,
    /// To the values of a map.
    Value,
    /// To the writer's field of that position.
    Field(usize),
    /// To the writer's branch of that position.
    Branch(usize),
    /// To the branch that the reader takes, with the same data.
    Taken,
}

/// Why data of the writer's type do not resolve into the reader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The types are of different kinds.
    Kind,
    /// Both are records, enums or fixed, under different names.
    Name,
    /// Both are fixed, of different sizes.
    Size,
    /// The reader's union has no branch for the writer's type.
    NoBranch,
    /// The reader's enum has neither the writer's symbol of that position nor a default.
    Symbol(usize),
    /// The reader's field of that position is not written and has no default.
    Missing(usize),
    /// Both are decimals, and their points stand at different digits.
    Scale,
    /// Both are decimals, and the reader has room for fewer digits.
    Precision,
}

/// Visits every pair that data of the writer lead to.
///
/// # Errors
/// Why it was given up, when there are too many.
pub fn meetings<'a>(
    (writer, writer_root): (&'a Types, Index),
    (reader, reader_root): (&'a Types, Index),
) -> Result<Meetings<'a>, &'static str> {
    let samples = samples(writer);
    let mut met = Meetings { writer, reader, all: Vec::new(), samples };
    let mut seen = BTreeSet::new();
    let root = Meeting { writer: writer_root, reader: reader_root, from: None };
    met.visit(root, &mut seen);
    let mut at = 0;
    while let Some(meeting) = met.all.get(at).copied() {
        for (writer, reader, step) in met.steps(meeting) {
            met.visit(Meeting { writer, reader, from: Some((at, step)) }, &mut seen);
        }
        if met.all.len() > PAIRS_MAX {
            return Err(TOO_MANY);
        }
        at += 1;
    }
    Ok(met)
}

impl Meetings<'_> {
    /// The types of a pair.
    #[must_use]
    pub fn pair(&self, meeting: Meeting) -> (&Type, &Type) {
        (self.writer.get(meeting.writer), self.reader.get(meeting.reader))
    }

    /// The first pair that does not resolve, and why.
    #[must_use]
    pub fn first_failure(&self) -> Option<(usize, Failure)> {
        let failing = |(at, meeting): (usize, &Meeting)| {
            Some((at, self.failures(*meeting).into_iter().next()?))
        };
        self.all.iter().enumerate().find_map(failing)
    }

    /// Everything that does not resolve at a pair itself.
    #[must_use]
    pub fn failures(&self, meeting: Meeting) -> Vec<Failure> {
        let (writer, reader) = self.pair(meeting);
        if matches!(writer.kind, Kind::Union(_)) {
            return Vec::new();
        }
        if let Kind::Union(_) = reader.kind {
            let taken = taken_branch((self.writer, meeting.writer), (self.reader, meeting.reader));
            return if taken.is_none() { vec![Failure::NoBranch] } else { Vec::new() };
        }
        match (&writer.kind, &reader.kind) {
            (Kind::Fixed(name, _), Kind::Fixed(other, _))
            | (Kind::Enum(name, _), Kind::Enum(other, _))
            | (Kind::Record(name, _), Kind::Record(other, _))
                if !names_match(name, other) =>
            {
                return vec![Failure::Name];
            }
            (Kind::Fixed(_, size), Kind::Fixed(_, other)) if size != other => {
                return vec![Failure::Size];
            }
            (Kind::Array(_), Kind::Array(_)) | (Kind::Map(_), Kind::Map(_)) => return Vec::new(),
            (Kind::Enum(_, written), Kind::Enum(_, read)) if read.default.is_none() => {
                let symbols = written.all.iter().enumerate();
                let unknown = symbols.filter(|(_, symbol)| !read.all.contains(symbol));
                return unknown.map(|(at, _)| Failure::Symbol(at)).collect();
            }
            (Kind::Record(..), Kind::Record(..)) => return missing(writer, reader),
            _ if !is_match((self.writer, meeting.writer), (self.reader, meeting.reader)) => {
                return vec![Failure::Kind];
            }
            _ => {}
        }
        decimals(writer, reader).into_iter().collect()
    }

    /// A datum of the writer's root that comes to a pair and fails there.
    ///
    /// # Errors
    /// Why there is none to show.
    pub fn witness(&self, at: usize, failure: Failure) -> Result<Value, &'static str> {
        let Some(meeting) = self.all.get(at) else { return Err(TOO_LARGE) };
        let written = self.writer.get(meeting.writer);
        let value = match (failure, &written.kind) {
            (Failure::Symbol(position), Kind::Enum(_, symbols)) => {
                symbols.all.get(position).ok_or(TOO_LARGE)?.clone().into()
            }
            (Failure::Precision, kind) => {
                let Some(Logical::Decimal { precision, .. }) =
                    self.reader.get(meeting.reader).logical
                else {
                    return Err(TOO_LARGE);
                };
                as_text(digits(precision).ok_or(TOO_LARGE)?, kind).ok_or(TOO_LARGE)?.into()
            }
            // One that shows why it is no smaller type.
            (Failure::Kind | Failure::NoBranch, Kind::Primitive(Primitive::Long)) => {
                (i64::from(i32::MAX) + 1).into()
            }
            (Failure::Scale, kind) => as_text(vec![1], kind).ok_or(TOO_LARGE)?.into(),
            _ => self.samples.full(meeting.writer)?,
        };
        self.embedded(at, value)
    }

    /// A datum of the writer's root with a small value at a pair.
    ///
    /// # Errors
    /// Why there is none to show.
    pub fn example(&self, at: usize) -> Result<Value, &'static str> {
        let Some(meeting) = self.all.get(at) else { return Err(TOO_LARGE) };
        self.embedded(at, self.samples.full(meeting.writer)?)
    }

    /// A datum of the writer's root with this value at a pair.
    ///
    /// # Errors
    /// [`TOO_LARGE`].
    pub fn embedded(&self, at: usize, value: Value) -> Result<Value, &'static str> {
        let mut value = value;
        let mut steps = 0;
        let mut from = self.all.get(at).and_then(|meeting| meeting.from);
        while let Some((parent, step)) = from {
            let Some(meeting) = self.all.get(parent) else { break };
            steps += 1;
            if steps > DEPTH_MAX {
                return Err(TOO_LARGE);
            }
            value = match step {
                Step::Item => Value::Array(vec![value]),
                Step::Value => Map::from_iter([(KEY.to_owned(), value)]).into(),
                Step::Field(position) => {
                    self.samples.record_with(meeting.writer, position, value)?
                }
                Step::Branch(position) => {
                    let member = branch(self.writer.get(meeting.writer), position);
                    within_union(self.writer, member.unwrap_or(meeting.writer), value)
                }
                Step::Taken => value,
            };
            from = meeting.from;
        }
        Ok(value)
    }

    fn visit(&mut self, meeting: Meeting, seen: &mut BTreeSet<(Index, Index)>) {
        // INVARIANT: what is visited has data, since a record with data has some in each field.
        let has_any = self.samples.has_any(meeting.writer);
        if has_any && seen.insert((meeting.writer, meeting.reader)) {
            self.all.push(meeting);
        }
    }

    /// The pairs within a pair. None where the types themselves do not go together.
    fn steps(&self, meeting: Meeting) -> Vec<(Index, Index, Step)> {
        let (writer, reader) = self.pair(meeting);
        match (&writer.kind, &reader.kind) {
            (Kind::Union(members), _) => {
                let branch =
                    |(at, member): (usize, &Index)| (*member, meeting.reader, Step::Branch(at));
                members.iter().enumerate().map(branch).collect()
            }
            (_, Kind::Union(_)) => {
                let taken =
                    taken_branch((self.writer, meeting.writer), (self.reader, meeting.reader));
                taken.map(|taken| (meeting.writer, taken, Step::Taken)).into_iter().collect()
            }
            (Kind::Array(written), Kind::Array(read)) => vec![(*written, *read, Step::Item)],
            (Kind::Map(written), Kind::Map(read)) => vec![(*written, *read, Step::Value)],
            (Kind::Record(name, written), Kind::Record(other, read))
                if names_match(name, other) =>
            {
                let step = |(at, field): (usize, &Field)| {
                    let taken = read.get(taken_field(written, field, read)?)?;
                    Some((written.get(at)?.held, taken.held, Step::Field(at)))
                };
                written.iter().enumerate().filter_map(step).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A union's member.
fn branch(each: &Type, position: usize) -> Option<Index> {
    match &each.kind {
        Kind::Union(members) => members.get(position).copied(),
        _ => None,
    }
}

fn missing(writer: &Type, reader: &Type) -> Vec<Failure> {
    let (written, read) = (writer.fields(), reader.fields());
    let taken: BTreeSet<usize> =
        written.iter().filter_map(|field| taken_field(written, field, read)).collect();
    let lacking = |(at, field): (usize, &Field)| {
        (!taken.contains(&at) && field.default.is_none()).then_some(Failure::Missing(at))
    };
    read.iter().enumerate().filter_map(lacking).collect()
}

fn decimals(writer: &Type, reader: &Type) -> Option<Failure> {
    let (
        Some(Logical::Decimal { precision, scale }),
        Some(Logical::Decimal { precision: room, scale: other }),
    ) = (&writer.logical, &reader.logical)
    else {
        return None;
    };
    if scale != other {
        return Some(Failure::Scale);
    }
    (precision > room).then_some(Failure::Precision)
}
