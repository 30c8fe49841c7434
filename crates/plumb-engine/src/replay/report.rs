//! The report: which differences are beyond chance, what was noise, and what follows.
//!
//! Counts and places, never a value. Refuses to know how anything is shown.

use super::agreement::{Agreement, Form};
use super::chance::{Counts, Factorials, chance, threshold};
use super::kind::{Kind, kind};
use super::latency::Latency;
use super::tallies::{Aspect, Spot, Tallies};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// From so often on it is told that the candidate alone differed where the deployed version never
/// did, although chance cannot be ruled out: by chance it comes about once in 27 such places.
const UNDECIDED_MIN: u64 = 3;

/// What stands for the deployed version, and for its noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The deployed version was asked twice.
    TwoAsks,
    /// Two instances of it were asked once each.
    TwoInstances,
    /// Its recorded answers; the candidate was asked twice.
    Recorded,
}

/// What is known beside the counts.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// What was compared with what.
    pub basis: Basis,
    /// Fewer trios than this tell nothing.
    pub samples_min: u64,
    /// Whether everything was asked.
    pub ended: Ended,
}

/// How a replay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was asked.
    Whole,
    /// It was interrupted.
    Interrupted,
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was compared with what.
    pub basis: Basis,
    /// Whether everything was asked.
    pub ended: Ended,
    /// What follows.
    pub verdict: Verdict,
    /// Requests of which all three answers were compared; one that was repeated counts again.
    pub compared: u64,
    /// What was not compared, with how often.
    pub not_compared: BTreeMap<&'static str, u64>,
    /// What was compared of each operation.
    pub operations: Vec<OperationCompared>,
    /// Differences beyond chance: behaviours first, then the most frequent.
    pub differences: Vec<Difference>,
    /// Where only the candidate differed, and too rarely to rule out chance.
    pub undecided: Vec<Noise>,
    /// Where the same version differs from itself, the noisiest first: nothing is said there.
    pub noise: Vec<Noise>,
    /// How long the deployed version took.
    pub deployed: Latency,
    /// How long the candidate took.
    pub candidate: Latency,
}

/// What follows from a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No difference beyond chance.
    Same,
    /// At least one.
    Different,
    /// Not enough to say, and why.
    CannotTell(Doubt),
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Too few requests were compared.
    TooFew,
    /// Most answers were 401 or 403: nothing was seen behind the door.
    Refused,
    /// It was interrupted before all was asked.
    Interrupted,
}

/// What was compared of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationCompared {
    /// The operation, as the fold names it.
    pub operation: String,
    /// How often three answers were compared.
    pub compared: u64,
    /// Whether it has too many places, so that only statuses were.
    pub is_full: bool,
}

/// A difference beyond chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The operation.
    pub operation: String,
    /// Where: `response status`, or a place with its status.
    pub place: String,
    /// What.
    pub kind: Kind,
    /// What the deployed version mostly showed there, in words; empty where that is a value.
    pub deployed: String,
    /// What the candidate showed instead.
    pub candidate: String,
    /// How often the version that was asked once stood alone.
    pub alone: u64,
    /// How often one answer of the version that was asked twice did.
    pub unsteady: u64,
    /// Out of how many comparisons.
    pub of: u64,
    /// How likely that is if both behave alike.
    pub chance: f64,
}

/// A place at which answers differed and no difference is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    /// The operation.
    pub operation: String,
    /// Where.
    pub place: String,
    /// What was compared there.
    pub aspect: &'static str,
    /// How often the version that was asked twice differed from itself.
    pub unsteady: u64,
    /// How often the version that was asked once differed from both.
    pub alone: u64,
    /// Out of how many comparisons.
    pub of: u64,
}

impl Difference {
    /// Whether it decides: against recorded answers values do not, since data moves on.
    #[must_use]
    pub fn decides(&self, basis: Basis) -> bool {
        basis != Basis::Recorded || self.kind.is_behaviour()
    }
}

/// One test: where, and what was counted.
struct Tested<'a> {
    operation: &'a str,
    /// `None` for the status itself.
    spot: Option<&'a Spot>,
    agreement: &'a Agreement,
    chance: f64,
}

/// Judges what was counted.
#[must_use]
pub fn report(tallies: Tallies, circumstances: Circumstances) -> Report {
    let Circumstances { basis, ended, .. } = circumstances;
    let tests = tested(&tallies);
    let family: Vec<Counts> = tests.iter().map(|test| counts(test.agreement)).collect();
    let level = threshold(&family);
    let (beyond, within): (Vec<_>, Vec<_>) =
        tests.into_iter().partition(|test| test.chance <= level);
    let mut differences: Vec<Difference> =
        without_consequences(&beyond).into_iter().map(|test| difference(test, basis)).collect();
    differences.sort_by(|one, two| {
        let rank = |it: &Difference| (!it.kind.is_behaviour(), Reverse(it.alone));
        let name = |it: &Difference| (it.operation.clone(), it.place.clone(), it.kind);
        (rank(one), name(one)).cmp(&(rank(two), name(two)))
    });
    let unsteady = |test: &&Tested<'_>| test.agreement.pair_odd + test.agreement.scattered > 0;
    let undecided =
        |test: &&Tested<'_>| !unsteady(test) && test.agreement.single_odd >= UNDECIDED_MIN;
    let verdict = verdict(&tallies, &differences, circumstances);
    Report {
        basis,
        ended,
        verdict,
        compared: tallies.compared,
        not_compared: tallies.not_compared.clone(),
        operations: operations(&tallies),
        undecided: noises(within.iter().filter(undecided)),
        noise: noises(within.iter().filter(unsteady)),
        differences,
        deployed: tallies.deployed.clone(),
        candidate: tallies.candidate.clone(),
    }
}

fn tested(tallies: &Tallies) -> Vec<Tested<'_>> {
    let mut tests = Vec::new();
    for (operation, tally) in &tallies.operations {
        let spots = tally.spots.iter().map(|(spot, agreement)| (Some(spot), agreement));
        for (spot, agreement) in spots.chain([(None, &tally.statuses)]) {
            tests.push(Tested { operation, spot, agreement, chance: 1.0 });
        }
    }
    let most = tests.iter().map(|test| test.agreement.telling()).max().unwrap_or_default();
    let factorials = Factorials::up_to(most);
    for test in &mut tests {
        test.chance = chance(counts(test.agreement), &factorials);
    }
    tests
}

const fn counts(agreement: &Agreement) -> Counts {
    Counts { single: agreement.single_odd, telling: agreement.telling() }
}

/// One cause, one difference: where the order of an array changed, that of arrays within it has
/// changed with it.
fn without_consequences<'t, 'a>(beyond: &'t [Tested<'a>]) -> Vec<&'t Tested<'a>> {
    let ordered: BTreeSet<(&str, u16, String)> = beyond
        .iter()
        .filter_map(|test| test.spot.map(|spot| (test.operation, spot)))
        .filter(|(_, spot)| spot.aspect == Aspect::Order)
        .map(|(operation, spot)| (operation, spot.status, spot.place.to_string()))
        .collect();
    let is_cause = |test: &&Tested<'_>| {
        let Some(spot) = test.spot.filter(|spot| spot.aspect == Aspect::Order) else {
            return true;
        };
        let mut above = spot.place.parent();
        while let Some(place) = above {
            if ordered.contains(&(test.operation, spot.status, place.to_string())) {
                return false;
            }
            above = place.parent();
        }
        true
    };
    beyond.iter().filter(is_cause).collect()
}

fn difference(test: &Tested<'_>, basis: Basis) -> Difference {
    let agreement = test.agreement;
    // The single answer is the candidate's, but for recorded ones.
    let shift = agreement.main_shift().map(|(pair, single)| match basis {
        Basis::TwoAsks | Basis::TwoInstances => (pair, single),
        Basis::Recorded => (single, pair),
    });
    let (deployed, candidate) = shift.map(|(old, new)| (words(old), words(new))).unzip();
    Difference {
        operation: test.operation.to_owned(),
        place: place(test),
        kind: kind(test.spot.map(|spot| spot.aspect), shift),
        deployed: deployed.unwrap_or_default(),
        candidate: candidate.unwrap_or_default(),
        alone: agreement.single_odd,
        unsteady: agreement.pair_odd + agreement.scattered,
        of: agreement.total(),
        chance: test.chance,
    }
}

fn place(test: &Tested<'_>) -> String {
    test.spot.map_or_else(|| "response status".to_owned(), |spot| spot.place.at_status(spot.status))
}

fn words(form: Form) -> String {
    match form {
        Form::Absent => "absent".to_owned(),
        Form::Traits(traits) => {
            let names = traits.names();
            names.split(", ").map(in_general).collect::<Vec<_>>().join(", ")
        }
        Form::Status(status) => status.to_string(),
        Form::Unanswered => "no answer".to_owned(),
    }
}

/// A trait by the name of all those that it stands for in a form.
fn in_general(name: &str) -> &str {
    match name {
        "true" => "boolean",
        "int32" => "integer",
        "record" => "object",
        "many elements" => "elements",
        other => other,
    }
}

fn noises<'t, 'a: 't>(tests: impl Iterator<Item = &'t Tested<'a>>) -> Vec<Noise> {
    let noise = |test: &Tested<'_>| Noise {
        operation: test.operation.to_owned(),
        place: place(test),
        aspect: match test.spot.map(|spot| spot.aspect) {
            None => "status",
            Some(Aspect::Form) => "form",
            Some(Aspect::Length) => "length",
            Some(Aspect::Value) => "value",
            Some(Aspect::Order) => "order",
        },
        unsteady: test.agreement.pair_odd + test.agreement.scattered,
        alone: test.agreement.single_odd + test.agreement.scattered,
        of: test.agreement.total(),
    };
    let mut noises: Vec<Noise> = tests.map(noise).collect();
    let share = |noise: &Noise| {
        Reverse(u128::from(noise.unsteady) * 1_000_000 / u128::from(noise.of.max(1)))
    };
    noises.sort_by(|one, two| {
        let rank = |it: &Noise| (share(it), Reverse(it.of), it.operation.clone(), it.place.clone());
        (rank(one), one.aspect).cmp(&(rank(two), two.aspect))
    });
    noises
}

fn operations(tallies: &Tallies) -> Vec<OperationCompared> {
    let compared = tallies.operations.iter().map(|(operation, tally)| OperationCompared {
        operation: operation.clone(),
        compared: tally.statuses.total(),
        is_full: tally.is_full,
    });
    compared.collect()
}

fn verdict(tallies: &Tallies, differences: &[Difference], circumstances: Circumstances) -> Verdict {
    let Circumstances { basis, samples_min, ended } = circumstances;
    if differences.iter().any(|one| one.decides(basis)) {
        Verdict::Different
    } else if ended == Ended::Interrupted {
        Verdict::CannotTell(Doubt::Interrupted)
    } else if tallies.compared < samples_min {
        Verdict::CannotTell(Doubt::TooFew)
    } else if tallies.refused * 2 > tallies.compared {
        Verdict::CannotTell(Doubt::Refused)
    } else {
        Verdict::Same
    }
}

#[cfg(test)]
mod tests;
