//! Changes: what to write into a claim so that it says what is seen. The answer to a difference.
//!
//! Knows places and JSON; refuses to know how any dialect writes an answer down.

use crate::claim::Source;
use crate::difference::DifferenceKind;
use crate::place::Place;
use crate::trait_set::TraitSet;

/// A change to the answer of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The claim, by where it stands.
    pub claim: Source,
    /// What to do.
    pub action: Action,
    /// Where to do it.
    pub reach: Reach,
}

/// What to do to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take out what stands at the place: a member of the body, a header.
    Remove(Place),
    /// Write this JSON at the place, over what stands there or anew; a header takes its text.
    Set(Place, String),
    /// Let the rule about the place take what is seen there, for claims that are rules rather than
    /// examples. What it took already it goes on taking.
    Admit(Place, Beyond),
    /// Answer altogether differently.
    Answer(Answer),
    /// Answer so in a case of its own, to requests that need not be like those of the claim.
    AnswerOther(Answer),
}

/// What is seen at a place beyond what a rule about it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// How it differs from what is said.
    pub kind: DifferenceKind,
    /// The traits that are not taken.
    pub traits: TraitSet,
    /// A typical value that is seen, as JSON; `None` where nothing stands there.
    pub json: Option<String>,
    /// Texts that are known to be seen there: new words, or the media type that is seen instead.
    /// Empty where any of them is withheld.
    pub words: Vec<String>,
    /// True when nothing is answered well without it.
    pub is_required: bool,
}

/// An answer in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type of the body, where there is one.
    pub media_type: Option<String>,
    /// The body: JSON, or text for any other media type; `None` when there is none.
    pub body: Option<String>,
    /// The typical JSON body of the requests that are answered so, where it is known.
    pub asked: Option<String>,
}

/// How far a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What is said holds nowhere any more: wherever the claim says it.
    Everywhere,
    /// What is said holds at times: one element of the arrays that the place lies in.
    OneElement,
    /// What is said holds at times and leaves no room beside it: a copy of the claim.
    NewCase,
}
