//! Behaviour coverage: which behaviours of production a test run met, and which no test has ever
//! met.
//!
//! As code coverage counts lines, this counts what dependencies were seen to answer, weighed by how
//! often they do. Refuses to know how tests are run.

use crate::mock::behaviour::MockBehaviour;
use crate::mock::{Mock, MockOperation};
use plumb_shape::cover::cover;
use plumb_shape::synthetic::Facts;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One behaviour of production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercised {
    /// The dependency.
    pub dependency: String,
    /// Method and path template.
    pub operation: String,
    /// The status.
    pub status: u16,
    /// The behaviour's id, as `plumb mock --list` shows it.
    pub id: String,
    /// A document that behaves so.
    pub body: String,
    /// In how many exchanges it was seen.
    pub seen: u64,
    /// Whether the tests met it.
    pub is_met: bool,
}

/// How much of production a test run met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exercise {
    /// Behaviours of production, the most frequent first.
    pub behaviours: Vec<Exercised>,
    /// Operations that the tests asked for and production never showed.
    pub unseen: Vec<String>,
}

impl Exercise {
    /// Exchanges of production whose behaviour was met, and all.
    #[must_use]
    pub fn share(&self) -> (u64, u64) {
        let met = self.behaviours.iter().filter(|one| one.is_met).map(|one| one.seen).sum();
        (met, self.behaviours.iter().map(|one| one.seen).sum())
    }
}

/// Compares what production was seen to answer with what tests met. Answers of stand-ins are met in
/// a dependency's name where they tell it, and by their operation where they do not: mocks listen
/// on loopback.
#[must_use]
pub fn exercise(production: &BTreeMap<String, Mock>, tests: &BTreeMap<String, Mock>) -> Exercise {
    let mut exercise = Exercise::default();
    for (dependency, mock) in production {
        for operation in mock.operations() {
            let met: Vec<&MockBehaviour> = tests
                .iter()
                .filter(|(name, _)| *name == dependency || !production.contains_key(*name))
                .flat_map(|(_, mock)| mock.operations())
                .filter(|one| is_same(one, operation))
                .flat_map(|one| &one.behaviours)
                .collect();
            exercise.behaviours.extend(operation.behaviours.iter().map(|one| Exercised {
                dependency: dependency.clone(),
                operation: operation.operation.to_string(),
                status: one.status,
                id: one.id.clone(),
                body: one.body.clone(),
                seen: one.seen,
                is_met: met.iter().any(|met| has_met(met, one)),
            }));
        }
    }
    let known = |one: &MockOperation| {
        production.values().flat_map(Mock::operations).any(|known| is_same(one, known))
    };
    let asked = tests.values().flat_map(Mock::operations).filter(|one| !known(one));
    exercise.unseen = asked.map(|one| one.operation.to_string()).collect();
    exercise.unseen.sort();
    exercise.unseen.dedup();
    exercise.behaviours.sort_by(|one, two| {
        let rank = |one: &Exercised| (Reverse(one.seen), one.dependency.clone(), one.id.clone());
        rank(one).cmp(&rank(two))
    });
    exercise
}

/// Whether an operation that tests asked for is one of production: mocks are asked for one path.
fn is_same(asked: &MockOperation, seen: &MockOperation) -> bool {
    seen.operation.takes(&asked.operation)
}

/// Whether who met one behaviour has met another: the same places, and no trait that the one met
/// does not stand for.
fn has_met(met: &MockBehaviour, seen: &MockBehaviour) -> bool {
    let covers = |met: &Facts, seen: &Facts| {
        met.keys().eq(seen.keys())
            && seen.iter().all(|(place, traits)| cover(met[place]).contains(*traits))
    };
    met.status == seen.status && covers(&met.told, &seen.told)
}
