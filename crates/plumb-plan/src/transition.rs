//! What a plan is made of: components that move from version to version, and the seams at which
//! one of them reads what another one wrote.
//!
//! Refuses to know where any of it was learned.

use std::time::Duration;
use thiserror::Error;

/// Versions of one component at most: a set of them is one machine word.
pub const VERSIONS_MAX: usize = 64;

/// Components and seams of one transition at most.
pub const COMPONENTS_MAX: usize = 100_000;

/// Seams of one transition at most.
pub const SEAMS_MAX: usize = 1_000_000;

/// How long something stays once nobody makes it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It is gone with the last one who makes it.
    Gone,
    /// It goes by itself, within this long where that is known: a queue drains, a tab is closed.
    Passing(Option<Duration>),
    /// It does not go by itself: rows, applications in people's pockets.
    Forever,
}

/// How a component gets from one version to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// Instance by instance, so that both versions are there for a while.
    Rolling,
    /// In one instant: a migration, a switch, or everything stopped before anything starts.
    AtOnce,
    /// When somebody else likes: every version of it may be there at any time.
    ByItself,
}

/// Something with versions that moves by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is called.
    pub name: String,
    /// What it is, which tells what a change to it costs.
    pub kind: Kind,
    /// Its versions in order, from the one that is there to the one that is wanted.
    pub versions: Vec<String>,
    /// How it gets from one to the next.
    pub moves: Moves,
    /// How long the last instances of an old version stay when their successors are there.
    pub lingers: Stay,
    /// How it is known how long they stay, in words for people; empty where somebody said so.
    pub lingers_basis: String,
    /// For each version but the first, why there is no way back from it in itself; `None` where
    /// there is: a column that was dropped, a migration without its opposite.
    pub one_way: Vec<Option<String>>,
}

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A switch, by which code that is there already begins to do something else.
    Flag,
    /// Keys and values that others are started with.
    Config,
    /// Something that is called.
    Service,
    /// Something that takes work from a queue.
    Worker,
    /// Something that runs now and then.
    Job,
    /// Entries that outlive who made them.
    Cache,
    /// Code that is sent to browsers or telephones.
    Bundle,
    /// Tables, views and types of a database.
    Schema,
    /// Somebody else's.
    ThirdParty,
}

/// One place at which a reader meets a writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seam {
    /// What it is called.
    pub name: String,
    /// What lies there.
    pub carrier: Carrier,
    /// The component that writes, by its place among the components.
    pub writer: usize,
    /// The component that reads.
    pub reader: usize,
    /// How long what was written stays to be read.
    pub keeps: Stay,
    /// How that is known, in words for people; empty where somebody said so.
    pub keeps_basis: String,
    /// Whether each version of the reader takes what each version of the writer writes: first all
    /// versions of the reader with the writer's first version, and so on.
    pub pairs: Vec<Pair>,
}

/// What carries data from a writer to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Requests of a call.
    Request,
    /// Answers to a call.
    Response,
    /// Messages, events, arguments of jobs.
    Queue,
    /// Rows of a database.
    Rows,
    /// Entries of a cache, cookies, sessions.
    Cache,
    /// Statements that an application sends to a schema.
    Statement,
    /// Keys and values of a configuration.
    Config,
}

/// Whether one version takes what another one writes, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The answer.
    pub answer: Answer,
    /// How it is known.
    pub basis: Basis,
    /// In words for people, where there is something to say.
    pub because: String,
}

/// Whether a version takes what another one writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It takes all of it.
    Yes,
    /// It does not.
    No,
    /// Nobody knows, which is a constraint and never a pass.
    Unobserved,
}

/// How an answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// By what was seen.
    Observed,
    /// By a rehearsal.
    Rehearsed,
    /// By a decision about two contracts.
    Decided,
    /// Somebody said so.
    Declared,
    /// Both are what runs now, or what was released together: nobody looked closer.
    Assumed,
    /// Not at all.
    Nothing,
}

/// What cannot be planned with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// A component without versions, or with too many.
    #[error("`{0}` has no version, or more than {VERSIONS_MAX}")]
    Versions(String),
    /// A component that does not say of each version whether there is a way back.
    #[error("`{0}` does not say of each of its versions whether there is a way back")]
    OneWay(String),
    /// A seam that names a component that is not there.
    #[error("the seam `{0}` is between components that are not there")]
    Ends(String),
    /// A seam that does not answer for each pair of versions.
    #[error("the seam `{0}` does not answer for each pair of versions")]
    Pairs(String),
    /// More than can be planned with.
    #[error("there are more than {COMPONENTS_MAX} components or {SEAMS_MAX} seams")]
    Size,
}

/// Components and the seams between them, which fit each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    components: Vec<Component>,
    seams: Vec<Seam>,
    /// The seams of each component, by their places.
    at: Vec<Vec<usize>>,
}

impl Transition {
    /// Puts components and seams together.
    ///
    /// # Errors
    ///
    /// When they do not fit each other.
    pub fn new(components: Vec<Component>, seams: Vec<Seam>) -> Result<Self, Flaw> {
        if components.len() > COMPONENTS_MAX || seams.len() > SEAMS_MAX {
            return Err(Flaw::Size);
        }
        for component in &components {
            let versions = component.versions.len();
            if versions == 0 || versions > VERSIONS_MAX {
                return Err(Flaw::Versions(component.name.clone()));
            }
            if component.one_way.len() + 1 != versions {
                return Err(Flaw::OneWay(component.name.clone()));
            }
        }
        let mut at = vec![Vec::new(); components.len()];
        for (place, seam) in seams.iter().enumerate() {
            let ends = (components.get(seam.writer), components.get(seam.reader));
            let (Some(writer), Some(reader)) = ends else {
                return Err(Flaw::Ends(seam.name.clone()));
            };
            if seam.pairs.len() != writer.versions.len() * reader.versions.len() {
                return Err(Flaw::Pairs(seam.name.clone()));
            }
            at[seam.writer].push(place);
            if seam.writer != seam.reader {
                at[seam.reader].push(place);
            }
        }
        Ok(Self { components, seams, at })
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The seams.
    #[must_use]
    pub fn seams(&self) -> &[Seam] {
        &self.seams
    }

    /// The places of the seams at which a component writes or reads.
    #[must_use]
    pub fn seams_at(&self, component: usize) -> &[usize] {
        &self.at[component]
    }

    /// The place of a component's last version.
    #[must_use]
    pub fn last(&self, component: usize) -> usize {
        self.components[component].versions.len() - 1
    }

    /// Whether a version of a seam's reader takes what a version of its writer writes.
    #[must_use]
    pub fn pair(&self, seam: usize, meeting: Meeting) -> &Pair {
        let seam = &self.seams[seam];
        let readers = self.components[seam.reader].versions.len();
        &seam.pairs[meeting.written * readers + meeting.reading]
    }

    /// Whether they may meet.
    #[must_use]
    pub fn is_safe(&self, seam: usize, meeting: Meeting) -> bool {
        self.pair(seam, meeting).answer == Answer::Yes
    }

    /// All pairs of versions of a seam that must not meet.
    pub fn clashes(&self, seam: usize) -> impl Iterator<Item = Meeting> {
        let readers = self.components[self.seams[seam].reader].versions.len();
        let pairs = self.seams[seam].pairs.iter().enumerate();
        pairs
            .filter(|(_, pair)| pair.answer != Answer::Yes)
            .map(move |(at, _)| Meeting { written: at / readers, reading: at % readers })
    }
}

/// A version of a seam's reader that meets what a version of its writer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meeting {
    /// The writer's version, by its place.
    pub written: usize,
    /// The reader's version, by its place.
    pub reading: usize,
}
