//! What the specification calls a match: which type, branch or field of a reader takes what a
//! writer writes. Refuses to know data.

use crate::avro::schema::{Field, Index, Kind, Name, Primitive, Types};

/// A type within its table.
type At<'a> = (&'a Types, Index);

/// Whether two types match, so that a reader's union takes this branch. Of records it looks at the
/// name alone.
#[must_use]
pub fn is_match(writer: At<'_>, reader: At<'_>) -> bool {
    let ((written_in, written), (read_in, read)) = (writer, reader);
    match (&written_in.get(written).kind, &read_in.get(read).kind) {
        (Kind::Union(_), _) | (_, Kind::Union(_)) => true,
        (Kind::Array(written), Kind::Array(read)) | (Kind::Map(written), Kind::Map(read)) => {
            is_match((written_in, *written), (read_in, *read))
        }
        (Kind::Fixed(name, size), Kind::Fixed(other, room)) => {
            size == room && names_match(name, other)
        }
        (Kind::Enum(name, _), Kind::Enum(other, _))
        | (Kind::Record(name, _), Kind::Record(other, _)) => names_match(name, other),
        (Kind::Primitive(written), Kind::Primitive(read)) => {
            written == read || is_promoted(*written, *read)
        }
        _ => false,
    }
}

/// Whether a reader's name takes a writer's: under another name space as well, or by an alias.
#[must_use]
pub fn names_match(writer: &Name, reader: &Name) -> bool {
    writer.short() == reader.short() || reader.aliases.contains(&writer.full)
}

/// Whether a reader of `read` takes what a writer of `written` wrote as a value of its own.
#[must_use]
pub fn is_promoted(written: Primitive, read: Primitive) -> bool {
    use Primitive::{Bytes, Double, Float, Int, Long, String};
    matches!(
        (written, read),
        (Int, Long | Float | Double)
            | (Long, Float | Double)
            | (Float, Double)
            | (String, Bytes)
            | (Bytes, String)
    )
}

/// The branch of a reader's union that takes a writer's type: one of the very name before one that
/// only matches, and the first of those.
///
/// By the letter the first that matches is taken, so that a union of two types of one short name
/// could not read its own data. Every implementation looks at the whole name first.
#[must_use]
pub fn taken_branch(writer: At<'_>, (read_in, union): At<'_>) -> Option<Index> {
    let Kind::Union(members) = &read_in.get(union).kind else { return None };
    let written = writer.0.get(writer.1).name();
    let is_named = |member: &&Index| {
        let read = read_in.get(**member).name();
        written.zip(read).is_some_and(|(written, read)| written.full == read.full)
    };
    let matches = |member: &&Index| is_match(writer, (read_in, **member));
    let mut named = members.iter().filter(is_named).filter(matches);
    named.next().or_else(|| members.iter().find(matches)).copied()
}

/// The position of the reader's field that takes a writer's field: of the same name, or else by an
/// alias that no field of the writer has for a name that is read.
#[must_use]
pub fn taken_field(written: &[Field], field: &Field, read: &[Field]) -> Option<usize> {
    if let Some(same) = read.iter().position(|other| other.name == field.name) {
        return Some(same);
    }
    let is_taken = |other: &Field| written.iter().any(|it| it.name == other.name);
    read.iter().position(|other| other.aliases.contains(&field.name) && !is_taken(other))
}
