//! Operations of GraphQL: what a client reads of each answer, word by word.
//!
//! A document says which fields come back; the schema that stands beside it says what they hold.
//! Refuses to know how an operation is sent, and what else a server answers.

mod beside;

use crate::graphql::beside::{imported, schema_beside};
use crate::reading::{Beside, CLAIMS_MAX, Reading, SourceFile, Unread};
use plumb_graphql::asked::{Asked, Form, Fragments, Holds, Members, asked};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::fold::DEPTH_MAX;
use plumb_shape::literal::LITERALS_MAX;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::said::{Beneath, Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeSet;

/// A document, and where in its file it begins.
pub(crate) struct Piece {
    pub(crate) text: String,
    /// The line and column of its first character, both from 1.
    pub(crate) place: (u32, u32),
}

/// Reads a file of operations.
pub(crate) fn read(file: &SourceFile<'_>, beside: Beside<'_>) -> Reading {
    let Ok(text) = std::str::from_utf8(file.bytes) else {
        let unread = Unread {
            file: file.path.to_owned(),
            line: 1,
            reason: "the file is no text in UTF-8".to_owned(),
            remedy: "save it as UTF-8".to_owned(),
        };
        return Reading { claims: Vec::new(), unread: vec![unread] };
    };
    let whole = Piece { text: text.to_owned(), place: (1, 1) };
    read_pieces(file.path, &[whole], &imported(file.path, text, beside), beside)
}

/// Reads the documents of one file; `fragments` are those that stand elsewhere.
pub(crate) fn read_pieces(
    file: &str,
    pieces: &[Piece],
    fragments: &str,
    beside: Beside<'_>,
) -> Reading {
    if pieces.is_empty() {
        return Reading::default();
    }
    let schema = schema_beside(file, beside);
    let fragments = Fragments::of(fragments);
    let mut reading = Reading::default();
    for piece in pieces {
        let document = asked(&piece.text, &fragments, schema.as_deref());
        let room = CLAIMS_MAX.saturating_sub(reading.claims.len());
        for one in document.asked.into_iter().take(room) {
            let place = within(piece.place, one.place);
            reading.claims.push(claim_of(file, place, &one));
        }
        reading.unread.extend(document.unread.into_iter().map(|(place, reason)| Unread {
            file: file.to_owned(),
            line: within(piece.place, place).0,
            reason: format!("an operation of GraphQL is not read: {reason}"),
            remedy: "mend it, or leave it out of the scan".to_owned(),
        }));
    }
    if let Some(first) = reading.claims.first().filter(|_| schema.is_none()) {
        reading.unread.push(Unread {
            file: file.to_owned(),
            line: first.source.line,
            reason: "no schema stands beside operations of GraphQL, so what their fields hold is \
                     not compared"
                .to_owned(),
            remedy: "keep the server's schema as `schema.graphql` in this folder or one above, or \
                     name it in `.graphqlrc.yml`"
                .to_owned(),
        });
    }
    reading.unread.sort_by_key(|unread| unread.line);
    reading
}

/// A place in a piece as one in its file.
fn within((line, column): (u32, u32), (down, across): (u32, u32)) -> (u32, u32) {
    let column = if down == 1 { column.saturating_add(across - 1) } else { across };
    (line.saturating_add(down.saturating_sub(1)), column)
}

fn claim_of(file: &str, (line, column): (u32, u32), asked: &Asked) -> Claim {
    let mut said = Said::default();
    said.say_any_body(Side::Request);
    let root = Place::root(Side::Response, Part::Body);
    said.say(root.clone(), Expected::always(TraitSet::OBJECT));
    let data = Expected::always(TraitSet::OBJECT);
    say_members(&mut said, &root.child(Step::Key("data".into())), data, &asked.data);
    // Whatever asks by reading may be asked by either method.
    let methods = if asked.kind == "mutation" { vec!["POST".to_owned()] } else { Vec::new() };
    let title = format!("{} {}", asked.kind, asked.name);
    Claim {
        source: Source { dialect: Dialect::GraphQl, file: file.to_owned(), line, column, title },
        strength: Strength::Expectation,
        writer: None,
        reader: None,
        request: SaidRequest {
            methods,
            path: PathPattern { name: Some(asked.name.clone()), ..PathPattern::any() },
            query: SaidQuery::Any,
            priority: 0,
            stateful: false,
        },
        status: SaidStatus::Exactly(200),
        said,
    }
}

const fn anything() -> Expected {
    let mut expected = Expected::always(TraitSet::ALL);
    expected.beneath = Beneath::Anything;
    expected
}

// Recursive with `say`; no deeper than DEPTH_MAX.
fn say_members(said: &mut Said, place: &Place, mut expected: Expected, members: &Members) {
    let is_deep = place.steps.len() >= DEPTH_MAX;
    if members.is_open || is_deep {
        expected.beneath = Beneath::Anything;
    }
    said.say(place.clone(), expected);
    for (key, member) in members.named.iter().filter(|_| !is_deep) {
        let presence = if member.is_always { Presence::Always } else { Presence::Sometimes };
        say(said, &place.child(Step::Key(key.as_str().into())), presence, &member.holds);
    }
}

fn say(said: &mut Said, place: &Place, presence: Presence, holds: &Holds) {
    let null = if holds.is_nullable { TraitSet::NULL } else { TraitSet::NONE };
    let of = |traits: TraitSet| Expected::always(traits | null).with_presence(presence);
    match &holds.form {
        Form::Anything => said.say(place.clone(), anything().with_presence(presence)),
        Form::Int => {
            let int = TraitSet::ZERO | TraitSet::INT32 | TraitSet::NEGATIVE;
            said.say(place.clone(), of(int));
        }
        Form::Float => said.say(place.clone(), of(TraitSet::NUMBER)),
        Form::Text | Form::Id => said.say(place.clone(), of(TraitSet::STRING)),
        Form::Truth => said.say(place.clone(), of(TraitSet::BOOLEAN)),
        Form::Words(words) => {
            said.say(place.clone(), Expected { words: few(words), ..of(TraitSet::STRING) });
        }
        Form::Object(members) => say_members(said, place, of(TraitSet::OBJECT), members),
        Form::List(_) if place.steps.len() >= DEPTH_MAX => {
            let deep = Expected { beneath: Beneath::Anything, ..of(TraitSet::ARRAY) };
            said.say(place.clone(), deep);
        }
        Form::List(inner) => {
            said.say(place.clone(), of(TraitSet::ARRAY));
            say(said, &place.child(Step::Item), Presence::Always, inner);
        }
    }
}

/// Words as a vocabulary, where traffic keeps as many.
fn few(words: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    (1..=LITERALS_MAX).contains(&words.len()).then(|| words.clone())
}

#[cfg(test)]
mod tests;
