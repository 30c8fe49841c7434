//! Probing: which mutations of its dependencies' answers a reader takes, told by its own tests.
//!
//! Tests are asked again and again, each time with one thing changed. Refuses to know how tests are
//! run, and to believe a single red run.

use crate::mock::Mock;
use crate::mock::mutation::{Mutation, Wire, mutations};
use crate::shelf::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What one run of the tests came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// They passed.
    Green,
    /// They failed, or did not end in time.
    Red,
}

/// What was learned about one mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Taken {
    /// The tests passed all the same.
    Yes,
    /// They failed, twice.
    No,
    /// They failed once and passed once: they are flaky, and nothing is known.
    Flaky,
}

/// What was learned so far, by dependency and mutation as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// What is known of each mutation.
    pub taken: BTreeMap<String, Taken>,
    /// How often the tests were run.
    pub runs: u64,
}

/// A mutation of one dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The dependency.
    pub dependency: String,
    /// What is changed.
    pub mutation: Mutation,
}

impl Try {
    /// What it is known by.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}: {}", self.dependency, self.mutation)
    }
}

/// A short name for a command, by which what was learned of it is found again.
#[must_use]
pub fn id_of(command: &str) -> String {
    const DIGITS: usize = 12;
    hex(&Sha256::digest(command)).chars().take(DIGITS).collect()
}

/// What there is to try, given the dependencies and which behaviours the tests asked for: for each
/// operation its most frequent answer of each status. Kinds that break most readers come first, so
/// that a run that is cut short has learned most.
#[must_use]
pub fn tries(
    mocks: &BTreeMap<String, Mock>,
    asked: &BTreeSet<(String, String, String)>,
) -> Vec<Try> {
    let mut tries = Vec::new();
    for (dependency, mock) in mocks {
        for one in mock.operations() {
            let operation = one.operation.to_string();
            let mut statuses = BTreeSet::new();
            for behaviour in &one.behaviours {
                let key = (dependency.clone(), operation.clone(), behaviour.id.clone());
                // Calls of gRPC go well and fail with one status.
                let (status, body) = (behaviour.status, behaviour.body.as_str());
                let kind = (status, body.is_empty());
                if !asked.contains(&key) || !statuses.insert(kind) {
                    continue;
                }
                let wire = if behaviour.is_call() { Wire::Message } else { Wire::Document };
                let found = mutations(&operation, status, (wire, body));
                tries.extend(
                    found
                        .into_iter()
                        .map(|mutation| Try { dependency: dependency.clone(), mutation }),
                );
            }
        }
    }
    tries.sort_by(|one, two| {
        let rank = |one: &Try| (one.mutation.kind, one.dependency.clone(), one.mutation.clone());
        rank(one).cmp(&rank(two))
    });
    tries.dedup();
    tries
}

/// Tries everything that is not known yet, until `runs_max` runs have been made in all. `run` runs
/// the tests with one mutation, `note` is told after each.
///
/// # Errors
///
/// What `run` and `note` fail with.
pub fn probe<E>(
    tries: &[Try],
    learned: &mut Learned,
    runs_max: u64,
    run: &mut dyn FnMut(&Try) -> Result<Ran, E>,
    note: &mut dyn FnMut(&Learned) -> Result<(), E>,
) -> Result<(), E> {
    for one in tries {
        // A red run is only believed when it is red again.
        if learned.runs.saturating_add(2) > runs_max {
            return Ok(());
        }
        if learned.taken.contains_key(&one.key()) {
            continue;
        }
        learned.runs += 1;
        let taken = match run(one)? {
            Ran::Green => Taken::Yes,
            Ran::Red => {
                learned.runs += 1;
                if run(one)? == Ran::Red { Taken::No } else { Taken::Flaky }
            }
        };
        learned.taken.insert(one.key(), taken);
        note(learned)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::mutation::MutationKind;
    use std::convert::Infallible;

    fn all() -> Vec<Try> {
        let found = mutations("GET /a", 200, (Wire::Document, "{\"id\":7,\"name\":\"x y\"}"));
        found.into_iter().map(|mutation| Try { dependency: "a".to_owned(), mutation }).collect()
    }

    fn probed(
        learned: &mut Learned,
        runs_max: u64,
        mut is_green: impl FnMut(&Try) -> bool,
    ) -> Vec<(MutationKind, String, Taken)> {
        let all = all();
        let mut run = |one: &Try| -> Result<Ran, Infallible> {
            Ok(if is_green(one) { Ran::Green } else { Ran::Red })
        };
        probe(&all, learned, runs_max, &mut run, &mut |_| Ok(())).unwrap();
        let known = all.iter().filter_map(|one| {
            let taken = *learned.taken.get(&one.key())?;
            Some((one.mutation.kind, one.mutation.place.to_string(), taken))
        });
        known.collect()
    }

    #[test]
    fn just_what_is_not_taken_is_told() {
        let mut learned = Learned::default();
        let needs_name = |one: &Try| {
            let Mutation { kind, place, .. } = &one.mutation;
            !(place.name() == Some("name")
                && matches!(kind, MutationKind::Missing | MutationKind::Null))
        };
        let found = probed(&mut learned, u64::MAX, needs_name);
        let not_taken: Vec<_> = found
            .iter()
            .filter(|(_, _, taken)| *taken == Taken::No)
            .map(|(kind, place, _)| (*kind, place.as_str()))
            .collect();
        let name = "response $.name";
        assert_eq!(not_taken, [(MutationKind::Missing, name), (MutationKind::Null, name)]);
        assert_eq!(found.len(), all().len());
        assert_eq!(learned.runs, u64::try_from(all().len()).unwrap() + 2);
    }

    #[test]
    fn flaky_tests_teach_nothing() {
        let mut runs = 0;
        let found = probed(&mut Learned::default(), u64::MAX, |_| {
            runs += 1;
            runs != 1
        });
        assert_eq!(found[0].2, Taken::Flaky);
        assert!(found[1..].iter().all(|(_, _, taken)| *taken == Taken::Yes));
    }

    #[test]
    fn it_stops_at_its_bound_and_goes_on_from_there() {
        let mut learned = Learned::default();
        let mut tried = Vec::new();
        let mut note = |one: &Try| {
            tried.push(one.key());
            true
        };
        assert_eq!(probed(&mut learned, 4, &mut note).len(), 3);
        probed(&mut learned, u64::MAX, &mut note);
        let each: BTreeSet<&String> = tried.iter().collect();
        assert_eq!((each.len(), tried.len()), (all().len(), all().len()), "nothing is tried twice");
    }
}
