//! The decision: can a reader take whatever a writer may write?
//!
//! It looks for a document that the writer may write and the reader refuses. Schemas that were read
//! and goals that were settled are kept, so that parts which versions share are decided once.

use crate::answer::{Answer, Reading};
use crate::evaluate::evaluate;
use crate::library::{Library, Spot};
use crate::literal::{Literal, Side};
use crate::node::Id;
use crate::nodes::Nodes;
use crate::read::{Excused, Reader};
use crate::search::{Known, Search};
use crate::texts::{Found, Texts};
use serde_json::Value;
use std::collections::HashMap;

/// What is asked: can `reader` take whatever `writer` may write?
#[derive(Clone, Debug)]
pub struct Question {
    /// The schema of what is written.
    pub writer: Spot,
    /// The schema of what is read.
    pub reader: Spot,
    /// How keys that are not named are taken.
    pub reading: Reading,
}

/// Schemas that were read, and what was found out about them; shared between questions so that
/// nothing is read or decided twice.
#[derive(Debug)]
pub struct Schemas<'l> {
    pub(crate) library: &'l Library,
    pub(crate) nodes: Nodes,
    pub(crate) texts: Texts,
    known: HashMap<Reading, Known>,
    read: HashMap<Spot, Id>,
}

impl<'l> Schemas<'l> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(library: &'l Library) -> Self {
        let (nodes, texts) = (Nodes::default(), Texts::default());
        Self { library, nodes, texts, known: HashMap::new(), read: HashMap::new() }
    }

    /// What a schema says; an error where nothing stands at the spot.
    pub(crate) fn read(&mut self, spot: &Spot) -> Result<Id, String> {
        if let Some(id) = self.read.get(spot) {
            return Ok(*id);
        }
        let id = self.read_but(spot, &Excused::default())?;
        self.read.insert(spot.clone(), id);
        Ok(id)
    }

    /// What a schema says when some of its keywords are passed over.
    pub(crate) fn read_but(&mut self, spot: &Spot, excused: &Excused) -> Result<Id, String> {
        let nothing = || format!("nothing stands at `{}#{}`", spot.document, spot.pointer);
        let at = self.library.at(spot).ok_or_else(nothing)?;
        let mut reader = Reader::new(self.library, excused);
        let position = reader.schema(at);
        let ids = self.nodes.graph(reader.graph);
        ids.get(position).copied().ok_or_else(nothing)
    }
}

/// Whether the reader of a question can take whatever its writer may write.
///
/// Needs up to 8 MiB of stack for schemas that lie deep one in another.
pub fn compatible(schemas: &mut Schemas<'_>, question: &Question) -> Answer {
    let writer = schemas.read(&question.writer);
    let reader = schemas.read(&question.reader);
    match (writer, reader) {
        (Ok(writer), Ok(reader)) => decide(schemas, writer, reader, question.reading),
        (Err(why), _) | (_, Err(why)) => Answer::CannotTell(why),
    }
}

/// The decision between two schemas that were read.
pub(crate) fn decide(
    schemas: &mut Schemas<'_>,
    writer: Id,
    reader: Id,
    reading: Reading,
) -> Answer {
    if writer == reader {
        return Answer::Yes;
    }
    let known = schemas.known.entry(reading).or_default();
    let is_closed = reading == Reading::MustIgnore;
    let mut search = Search::new(&mut schemas.nodes, &mut schemas.texts, known, is_closed);
    let goal = [Literal::holds(writer, Side::Writer), Literal::fails(reader, Side::Reader)];
    match search.solve(&goal) {
        Found::None => Answer::Yes,
        Found::Unknown(why) => Answer::CannotTell(why.to_string()),
        Found::One(witness) => checked(schemas, writer, reader, witness),
    }
}

/// Holds what the search found against the plain meaning of both schemas.
fn checked(schemas: &mut Schemas<'_>, writer: Id, reader: Id, witness: Value) -> Answer {
    let mut holds = |id| evaluate(&schemas.nodes, &mut schemas.texts, id, &witness);
    if holds(writer) == Some(true) && holds(reader) == Some(false) {
        Answer::No(witness)
    } else {
        Answer::CannotTell("the search and the meaning of the schemas disagree".to_owned())
    }
}
