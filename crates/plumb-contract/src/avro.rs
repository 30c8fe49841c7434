//! Schemas of Avro: what two versions of one break, decided by schema resolution.
//!
//! Knows files of schemas (`.avsc`) and protocols (`.avpr`); refuses to know registries, disk and
//! data containers.

pub mod call;
pub mod decimal;
mod fact;
pub mod fits;
pub mod judge;
pub mod logical;
pub mod matching;
pub mod meeting;
mod member;
pub mod read;
pub mod sample;
pub mod schema;

use plumb_schema::answer::Answer;

use crate::compared::{Compared, File, Flow, gathered, reversed, ways};
use call::{Sides, called};
use judge::judged;
use meeting::meetings;
use read::contents;
use schema::Schema;

/// What `new` breaks of what `old` promised, when data flows as `flow` says. Of a protocol, calls
/// flow that way and answers the other.
#[must_use]
pub fn changes(old: &File, new: &File, flow: Flow) -> Compared {
    let mut compared = Compared::default();
    let (old_read, new_read) = (contents(old), contents(new));
    let (old_contents, new_contents) = match (old_read, new_read) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            compared.unread.extend([old.err(), new.err()].into_iter().flatten());
            return compared;
        }
    };
    compared.unread.extend(old_contents.unread.iter().chain(&new_contents.unread).cloned());
    let sides = Sides { old: &old_contents, new: &new_contents };
    let mut found = called(&sides, flow);
    for entry in &old_contents.entries {
        let Some(other) = new_contents.entries.iter().find(|it| it.label == entry.label) else {
            continue;
        };
        let flow = if entry.is_answer { reversed(flow) } else { flow };
        for way in ways(flow) {
            match judged(&sides, (entry.root, other.root), *way) {
                Ok(changes) => found.extend(changes),
                Err(unread) => compared.unread.push(unread),
            }
        }
    }
    compared.changes = gathered(found);
    compared.unread.sort();
    compared.unread.dedup();
    compared
}

/// Whether every datum that `writer` admits resolves into `reader`; the witness is in Avro's JSON
/// encoding.
#[must_use]
pub fn compatible(writer: &Schema, reader: &Schema) -> Answer {
    let met = match meetings((&writer.types, writer.root), (&reader.types, reader.root)) {
        Ok(met) => met,
        Err(why) => return Answer::CannotTell(why.to_owned()),
    };
    let Some((index, failure)) = met.first_failure() else { return Answer::Yes };
    match met.witness(index, failure) {
        Ok(datum) => Answer::No(datum),
        Err(why) => Answer::CannotTell(why.to_owned()),
    }
}

#[cfg(test)]
mod tests;
