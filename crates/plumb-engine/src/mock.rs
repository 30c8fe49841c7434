//! A mock: answers as a dependency was seen to.
//!
//! Each answer is one behaviour that was really seen, written as a synthetic document, in the
//! proportions seen or as asked for. What was never seen is not answered: a mock that guesses would
//! be one more lie. Refuses to know sockets, clocks and randomness: the same requests in the same
//! order get the same answers.

pub mod behaviour;
pub mod call;
mod choice;
pub mod code;
mod exemplar;
pub mod export;
pub mod import;
pub mod mutation;
mod pace;
mod pact;
mod resources;
pub mod script;
mod stub;
mod tally;
pub mod translation;
pub mod vocabulary;
mod wiremock;

use crate::infer::newest;
use crate::mock::behaviour::{Likeness, MockBehaviour, asked_facts};
use crate::mock::call::{MockAnswer, MockRequest, Unanswered, Wanted};
use crate::mock::choice::{most_owed, said_for};
use crate::mock::mutation::{Mutation, Wire, mutate};
use crate::mock::pace::Pace;
use crate::mock::resources::Resources;
use crate::mock::script::Script;
use crate::mock::vocabulary::Vocabulary;
use plumb_gap::evidence::Evidence;
use plumb_shape::operation::Operation;

/// A dependency as it was seen, ready to answer.
#[derive(Clone, Debug, Default)]
pub struct Mock {
    operations: Vec<MockOperation>,
    resources: Resources,
    script: Script,
    mutation: Option<Mutation>,
    is_paced: bool,
    /// Whether somebody said what it answers, and nobody saw it.
    is_said: bool,
}

/// An operation and all that it was seen to answer.
#[derive(Clone, Debug)]
pub struct MockOperation {
    /// Method and path template.
    pub operation: Operation,
    /// What it answers, the most frequent first.
    pub behaviours: Vec<MockBehaviour>,
    pace: Pace,
}

/// The mock of one dependency. Of operations that were seen of several versions, the version seen
/// last answers.
#[must_use]
pub fn mock(evidence: &[Evidence], writer: &str) -> Mock {
    mock_with(evidence, writer, &Vocabulary::default())
}

/// The same, with words that are known: where one of them was seen, it is answered, and outcomes of
/// gRPC are told apart.
#[must_use]
pub fn mock_with(evidence: &[Evidence], writer: &str, known: &Vocabulary) -> Mock {
    let operations = newest(evidence, writer).into_iter().map(|(operation, profile)| {
        let behaviours = behaviour::of_profile(&operation, &profile, known);
        MockOperation { behaviours, pace: Pace::of_profile(&profile), operation }
    });
    let operations = operations.filter(|one| !one.behaviours.is_empty()).collect();
    Mock { operations, ..Mock::default() }
}

impl Mock {
    /// What was seen, and can be answered.
    #[must_use]
    pub fn operations(&self) -> &[MockOperation] {
        &self.operations
    }

    /// Whether somebody said what it answers, and nobody saw it.
    #[must_use]
    pub fn is_said(&self) -> bool {
        self.is_said
    }

    /// Follows a script before anything else, unless a request wants something of its own.
    pub fn follow(&mut self, script: Script) {
        self.script = script;
    }

    /// Lets answers take as long as they were seen to, operation by operation and status by status.
    pub fn keep_pace(&mut self) {
        self.is_paced = true;
    }

    /// Changes answers from now on.
    pub fn mutate(&mut self, mutation: Mutation) {
        self.mutation = Some(mutation);
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// When nothing like it was seen.
    pub fn answer(&mut self, request: &MockRequest<'_>) -> Result<MockAnswer, Unanswered> {
        let (at, chosen) = match self.is_said {
            true => self.said(request)?,
            false => self.closest(request)?,
        };
        let operation = &mut self.operations[at];
        let of = operation.behaviours.iter().map(|one| one.seen).sum();
        let one = &mut operation.behaviours[chosen];
        one.answered += 1;
        let mut answer = MockAnswer {
            status: one.status,
            code: one.code,
            headers: one.headers.clone(),
            body: one.body.clone(),
            operation: operation.operation.to_string(),
            behaviour: one.id.clone(),
            seen: one.seen,
            of,
            said: one.said(),
            ..MockAnswer::default()
        };
        if self.is_paced {
            answer.delay = operation.pace.next(answer.status);
        }
        // What somebody wrote by hand comes as it was written.
        if !request.is_message && !self.is_said {
            self.resources.remember(request, &mut answer);
        }
        if let Some(mutation) = &self.mutation {
            let wire = if request.is_message { Wire::Message } else { Wire::Document };
            mutate(mutation, wire, &mut answer);
        }
        Ok(answer)
    }

    /// The behaviour that was seen of the requests most like this one, by its operation.
    fn closest(&mut self, request: &MockRequest<'_>) -> Result<(usize, usize), Unanswered> {
        let asked = request.operation();
        let unseen = || Unanswered::Operation(asked.to_string());
        let at = self.met(request.path, &asked).ok_or_else(unseen)?;
        let operation = &mut self.operations[at];
        let facts = asked_facts(request);
        let scripted = match request.wanted {
            Wanted::AsSeen => self.script.next(&operation.operation),
            _ => None,
        };
        let wanted = scripted.as_ref().unwrap_or(request.wanted);
        let is_gone = self.resources.is_gone(request.path);
        let mut likely: Vec<(Likeness, usize)> = operation
            .behaviours
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_wanted(wanted))
            .map(|(at, one)| (one.likeness(&facts, is_gone), at))
            .collect();
        let Some(best) = likely.iter().map(|(likeness, _)| *likeness).max() else {
            return Err(Unanswered::Wanted(operation.operation.to_string()));
        };
        likely.retain(|(likeness, _)| *likeness == best);
        let among: Vec<usize> = likely.into_iter().map(|(_, at)| at).collect();
        Ok((at, most_owed(&operation.behaviours, &among)))
    }

    /// The behaviour that is said of requests like this one, by its operation.
    fn said(&mut self, request: &MockRequest<'_>) -> Result<(usize, usize), Unanswered> {
        let operations = self.operations.iter().enumerate();
        let each = |(at, operation): (usize, &MockOperation)| {
            (0..operation.behaviours.len()).map(|which| (at, which)).collect::<Vec<_>>()
        };
        let places: Vec<(usize, usize)> = operations.flat_map(each).collect();
        let behaviour = |(at, which): &(usize, usize)| &self.operations[*at].behaviours[*which];
        let all: Vec<&MockBehaviour> = places.iter().map(behaviour).collect();
        let chosen = places[said_for(&all, request, request.wanted)?];
        let scripted = match request.wanted {
            Wanted::AsSeen => self.script.next(&self.operations[chosen.0].operation),
            _ => None,
        };
        match scripted {
            Some(wanted) => Ok(places[said_for(&all, request, &wanted)?]),
            None => Ok(chosen),
        }
    }

    /// The operation that a request meets: the one that says most of its path literally.
    fn met(&self, path: &str, asked: &Operation) -> Option<usize> {
        let segments: Vec<&str> = plumb_shape::operation::split(path).collect();
        let literal = |operation: &Operation| -> Option<usize> {
            let is_like = operation.method == asked.method
                && operation.name == asked.name
                && operation.segments.len() == segments.len();
            let mut pairs = operation.segments.iter().zip(&segments);
            let meets = pairs.all(|(said, here)| said.as_deref().is_none_or(|said| said == *here));
            (is_like && meets).then(|| operation.segments.iter().flatten().count())
        };
        let met = self.operations.iter().enumerate();
        let met = met.filter_map(|(at, one)| Some((literal(&one.operation)?, at)));
        met.max_by_key(|(literals, at)| (*literals, std::cmp::Reverse(*at))).map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests;
