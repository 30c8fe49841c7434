//! A message as its writer and as its reader know it, and how facts of both are told. Refuses to
//! know what the facts are.

use crate::change::{Change, Grade, Spot};
use crate::compared::Flow;
use crate::protobuf::model::{Field, Index, Message, Model};

/// A message of the writer that a reader takes for one of its own.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// What the writer knows.
    pub writer: &'a Model,
    /// What the reader knows.
    pub reader: &'a Model,
    /// The message in the writer's model.
    pub written: &'a Message,
    /// The message in the reader's model.
    pub read: &'a Message,
    /// Who is old. Never both.
    pub way: Flow,
}

/// What was found at a pair.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The facts.
    pub changes: Vec<Change>,
    /// Messages within, as the writer's and as the reader's.
    pub within: Vec<(Index, Index)>,
    /// Enums within, each with the writer's field of the pair that holds it.
    pub enums: Vec<(Index, Index, u32)>,
}

/// A fact, before it is known whose it is.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it does.
    pub grade: Grade,
    /// Its rule.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
    /// What shows it.
    pub witness: Option<String>,
}

impl Fact {
    /// The fact, with the reason why nothing shows it where something should.
    #[must_use]
    pub fn explained(mut self) -> Self {
        if self.grade == Grade::Breaking && self.witness.is_none() {
            self.reason.push_str(": the smallest message that shows it is too large to write down");
        }
        self
    }
}

impl<'a> Pair<'a> {
    /// The rule of a fact of the writer's side alone, by what the edit was.
    #[must_use]
    pub fn edit(&self, removed: &'static str, added: &'static str) -> &'static str {
        if self.way == Flow::NewWrites { added } else { removed }
    }

    /// The new version's message.
    #[must_use]
    pub fn new_message(&self) -> &'a Message {
        if self.way == Flow::NewWrites { self.written } else { self.read }
    }

    /// The old version's message.
    #[must_use]
    pub fn old_message(&self) -> &'a Message {
        if self.way == Flow::NewWrites { self.read } else { self.written }
    }

    /// A fact of a field that both know, or one of both.
    #[must_use]
    pub fn change(&self, fields: (Option<&Field>, Option<&Field>), fact: Fact) -> Change {
        let fact = fact.explained();
        let (old, new) = self.aged(fields);
        let shown = old.or(new);
        let spot = |field: Option<&Field>, message: &Message| -> Option<Spot> {
            field.map_or_else(|| message.spot.clone(), |field| field.spot.clone())
        };
        Change {
            grade: fact.grade,
            rule: fact.rule,
            subject: format!("message {}", self.old_message().name),
            place: shown.map_or(String::new(), |it| format!("field {} {}", it.number, it.name)),
            direction: self.way,
            old: spot(old, self.old_message()),
            new: spot(new, self.new_message()),
            reason: fact.reason,
            witness: fact.witness,
        }
    }

    /// What the old and the new version have of what the writer and the reader have.
    #[must_use]
    pub fn aged<T>(&self, (written, read): (T, T)) -> (T, T) {
        if self.way == Flow::NewWrites { (read, written) } else { (written, read) }
    }
}

/// A fact that nothing has to show.
#[must_use]
pub fn fact(grade: Grade, rule: &'static str, reason: impl Into<String>) -> Fact {
    Fact { grade, rule, reason: reason.into(), witness: None }
}
