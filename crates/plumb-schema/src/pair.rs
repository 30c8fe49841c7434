//! Pairs of schemas, a writer's and a reader's, and what was found out about each: what is refused
//! there, and which pairs further inside the rest comes down to. Knows nothing of how it is found.

use crate::blame::Blame;
use crate::library::Spot;
use crate::node::{Id, Text};
use crate::reach::Reach;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A schema where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) spot: Spot,
    /// What it says.
    pub(crate) id: Id,
    /// The address by which it is known.
    pub(crate) address: usize,
}

/// Where in a document the documents of an inner pair stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// They are the same documents.
    Same,
    /// The member of this name.
    Member(Text),
    /// The element at this place.
    Element(u32),
}

/// What is excused so that a break is not found again: the address of a keyword, and the name of
/// the only member that is excused from it.
pub(crate) type Excuse = (usize, Option<String>);

/// A document that the writer of a pair may write and its reader refuses.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) document: Value,
    /// What the reader has against it, and what excuses it from that.
    pub(crate) blames: Vec<(Excuse, Blame)>,
}

impl Shown {
    /// What excuses the reader from all of it.
    pub(crate) fn excuses(&self) -> Vec<Excuse> {
        let excuses: BTreeSet<&Excuse> = self.blames.iter().map(|(excuse, _)| excuse).collect();
        excuses.into_iter().cloned().collect()
    }
}

/// An inner pair, and how it is reached.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) step: Step,
    pub(crate) pair: usize,
}

/// What is known of a pair: its reader takes whatever its writer may write if nothing is shown or
/// untold here, and the same holds of every inner pair.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looked {
    pub(crate) inner: Vec<Inner>,
    pub(crate) shown: Vec<Shown>,
    pub(crate) untold: Option<String>,
}

/// A document of a pair's writer around one of an inner pair.
#[derive(Clone, Debug)]
pub(crate) enum Around {
    /// With this in which the inner one takes the place of what stands there.
    Document(Value),
    /// The writer never writes anything there.
    Never,
    /// It cannot be told, and why.
    Untold(String),
}

/// The pairs that were met.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    met: Vec<[Place; 2]>,
    numbers: HashMap<[usize; 2], usize>,
    pub(crate) looked: HashMap<usize, Arc<Looked>>,
    /// Documents around those of inner pairs, by pair and the position of the inner one.
    pub(crate) around: HashMap<(usize, usize), Arc<Around>>,
    /// What pairs lead to, once all that they lead to was looked at.
    pub(crate) reach: HashMap<usize, Vec<Reach>>,
    pub(crate) found: Vec<Found>,
    /// What was found, by what excuses it.
    excused: HashMap<Vec<Excuse>, usize>,
}

/// What a pair may lead to.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A break, which these excuse.
    Break(Vec<Excuse>),
    /// Something that cannot be told, and why.
    Untold(String),
    /// Pairs that lead back to themselves without going further into the document.
    Turn,
}

impl Pairs {
    /// The number of a pair.
    pub(crate) fn number(&mut self, writer: Place, reader: Place) -> usize {
        let key = [writer.address, reader.address];
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        self.met.push([writer, reader]);
        self.numbers.insert(key, self.met.len() - 1);
        self.met.len() - 1
    }

    /// The number of a break that these excuse.
    pub(crate) fn excused(&mut self, excuses: Vec<Excuse>) -> usize {
        if let Some(number) = self.excused.get(&excuses) {
            return *number;
        }
        let number = self.found(Found::Break(excuses.clone()));
        self.excused.insert(excuses, number);
        number
    }

    /// The number of something else that was found.
    pub(crate) fn found(&mut self, found: Found) -> usize {
        self.found.push(found);
        self.found.len() - 1
    }

    /// The writer and the reader of a pair.
    pub(crate) fn places(&self, number: usize) -> &[Place; 2] {
        &self.met[number]
    }
}
