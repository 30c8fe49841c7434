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
use crate::read::{Excused, Known, Reader, address};
use crate::search::{self, Search};
use crate::texts::{Found, Texts};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Stack that a decision needs for schemas that lie deep one in another, or refer to each other in
/// long circles.
pub const STACK_BYTES: usize = 256 << 20;

/// Readings with excuses that are kept: each takes what its schemas take.
const READINGS_MAX: usize = 24;

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
    known: HashMap<Reading, search::Known>,
    /// What schemas say, for each set of excuses.
    read: BTreeMap<Excused, Known>,
}

impl<'l> Schemas<'l> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(library: &'l Library) -> Self {
        let (nodes, texts) = (Nodes::default(), Texts::default());
        Self { library, nodes, texts, known: HashMap::new(), read: BTreeMap::new() }
    }

    /// What a schema says; an error where nothing stands at the spot.
    pub(crate) fn read(&mut self, spot: &Spot) -> Result<Id, String> {
        self.read_but(spot, &Excused::default())
    }

    /// What a schema says when some of its keywords are passed over.
    ///
    /// Whatever it refers to is read with it and kept, so that a part that many schemas share is
    /// read once.
    pub(crate) fn read_but(&mut self, spot: &Spot, excused: &Excused) -> Result<Id, String> {
        let nothing = || format!("nothing stands at `{}#{}`", spot.document, spot.pointer);
        let at = self.library.at(spot).ok_or_else(nothing)?;
        if self.read.len() >= READINGS_MAX && !self.read.contains_key(excused) {
            // The plain reading serves every question; others serve a few.
            self.read.retain(|excused, _| excused.keywords.is_empty());
        }
        let known = self.read.entry(excused.clone()).or_default();
        if let Some(id) = known.get(&address(at.value)) {
            return Ok(*id);
        }
        let mut reader = Reader::new(self.library, excused, known);
        let position = reader.whole(at);
        let (graph, read) = (reader.graph, reader.read);
        let ids = self.nodes.graph(graph);
        known.extend(read.iter().map(|(address, position)| (*address, ids[*position])));
        ids.get(position).copied().ok_or_else(nothing)
    }
}

/// Whether the reader of a question can take whatever its writer may write.
///
/// Needs [`STACK_BYTES`] of stack at most.
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
    match search.find(&goal) {
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
