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
use crate::pair::Pairs;
use crate::read::{Excused, Known, Reader, address};
use crate::search::{self, SPENT, Search};
use crate::texts::{Found, Texts};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Stack that a decision needs for schemas that lie deep one in another, or refer to each other in
/// long circles.
pub const STACK_BYTES: usize = 256 << 20;

/// Readings with excuses that are kept: each takes what its schemas take.
const READINGS_MAX: usize = 24;

/// Steps of all questions about two versions together, so that no comparison goes on for ever: as
/// many as some 160 searches take that each reach their own bound.
const ALLOWANCE: u64 = 10_000_000;

/// Steps that reading one node is counted as.
const READ_STEPS: u64 = 2;

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
    /// What was found out about pairs of schemas that lead into circles.
    pub(crate) pairs: HashMap<Reading, Pairs>,
    /// Steps left to all questions.
    allowance: u64,
}

impl<'l> Schemas<'l> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(library: &'l Library) -> Self {
        let (nodes, texts) = (Nodes::default(), Texts::default());
        Self {
            library,
            nodes,
            texts,
            known: HashMap::new(),
            read: BTreeMap::new(),
            pairs: HashMap::new(),
            allowance: ALLOWANCE,
        }
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
        let steps = graph.nodes.len() as u64 * READ_STEPS;
        self.allowance = self.allowance.saturating_sub(steps);
        let ids = self.nodes.graph(graph);
        known.extend(read.iter().map(|(address, position)| (*address, ids[*position])));
        ids.get(position).copied().ok_or_else(nothing)
    }

    /// What a schema says that was read, and from which nothing was passed over.
    pub(crate) fn id(&self, value: &Value) -> Option<Id> {
        self.read.get(&Excused::default())?.get(&address(value)).copied()
    }

    /// A document with which every literal comes true.
    pub(crate) fn find(&mut self, literals: &[Literal], reading: Reading) -> Found<Value> {
        let known = self.known.entry(reading).or_default();
        let bounds = (reading == Reading::MustIgnore, &mut self.allowance);
        Search::new(&mut self.nodes, &mut self.texts, known, bounds).find(literals)
    }

    /// Takes one step outside of any search; an error when none is left.
    pub(crate) fn spend(&mut self) -> Result<(), String> {
        let spent = || SPENT.to_owned();
        self.allowance = self.allowance.checked_sub(1).ok_or_else(spent)?;
        Ok(())
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
    let goal = [Literal::holds(writer, Side::Writer), Literal::fails(reader, Side::Reader)];
    match schemas.find(&goal, reading) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaks::{Breaks, breaks};
    use crate::library::Draft;
    use serde_json::{Map, json};

    /// Schemas each of which refers to the next, the last one to the first, with one member that
    /// is of a kind of its own.
    fn round(count: usize, kind: &str) -> Value {
        let schema = |number: usize| {
            let next = json!({"$ref": format!("#/$defs/s{}", (number + 1) % count)});
            let kind = if number + 1 == count { kind } else { "string" };
            json!({"type": "object", "properties": {"m": {"type": kind}, "next": next}})
        };
        let all = (0..count).map(|number| (format!("s{number}"), schema(number)));
        json!({"$defs": all.collect::<Map<String, Value>>()})
    }

    fn asked(count: usize, allowance: u64) -> Breaks {
        let mut library = Library::default();
        library.add("writer", round(count, "integer"), Draft::Twenty);
        library.add("reader", round(count, "string"), Draft::Twenty);
        let spot = |name: &str| Spot { document: name.to_owned(), pointer: "/$defs/s0".to_owned() };
        let mut schemas = Schemas::new(&library);
        schemas.allowance = allowance;
        let (writer, reader) = (spot("writer"), spot("reader"));
        breaks(&mut schemas, &Question { writer, reader, reading: Reading::MustIgnore })
    }

    #[test]
    fn a_circle_is_followed_all_the_way_round() {
        let told = asked(100, ALLOWANCE);
        assert_eq!((told.found.len(), told.untold), (1, None));
        assert_eq!(told.found[0].place, format!("{}/m", "/next".repeat(99)));
    }

    #[test]
    fn a_comparison_ends_when_its_steps_are_taken() {
        for allowance in [0, 10, 900, 1_000] {
            let told = asked(100, allowance);
            assert_eq!(told.untold.as_deref(), Some(SPENT), "{allowance}: {told:?}");
        }
    }
}
