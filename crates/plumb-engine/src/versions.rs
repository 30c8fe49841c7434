//! Two versions of a component by what they were really seen to write: staging against production,
//! a replay, a canary.
//!
//! The old version's evidence is taken as what its readers are used to, and what the new one writes
//! beyond it is told, unless chance may explain it. What either was not seen to do often enough
//! cannot be told, and is said. Refuses to know contracts and formats.

use crate::contracts::order;
use plumb_contract::change::{Change, Direction, Grade};
use plumb_contract::weighed::{Usage, Weighed};
use plumb_gap::evidence::Evidence;
use plumb_gap::policy::{Policy, is_chance};
use plumb_shape::difference::{Difference, DifferenceKind, diff};
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::Operation;
use plumb_shape::place::Side;
use plumb_shape::profile::Profile;
use plumb_shape::said::Said;
use plumb_shape::seen::Marginals;
use std::collections::{BTreeMap, BTreeSet};

/// Two versions of a component.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// The component that writes.
    pub component: &'a str,
    /// The version that its readers know.
    pub old: &'a str,
    /// The one that is to take its place.
    pub new: &'a str,
}

/// The versions that a component was seen at, in order.
#[must_use]
pub fn known(evidence: &[Evidence], component: &str) -> BTreeSet<String> {
    let of = evidence.iter().filter(|one| one.writer == component && !one.version.is_empty());
    of.map(|one| one.version.clone()).collect()
}

/// What the new version was seen to write and the old one was not, and what it no longer does.
#[must_use]
pub fn changes(
    evidence: &[Evidence],
    versions: Versions<'_>,
    policy: &Policy,
    key: &LiteralKey,
) -> Vec<Weighed> {
    let of = |version: &str| {
        let mut profiles: BTreeMap<&Operation, Profile> = BTreeMap::new();
        let is_it = |one: &&Evidence| one.writer == versions.component && one.version == version;
        for one in evidence.iter().filter(is_it) {
            let profile = profiles.entry(&one.operation).or_default();
            *profile = profile.merge(&one.profile);
        }
        profiles
    };
    let (old, new) = (of(versions.old), of(versions.new));
    let mut all = Vec::new();
    let operations: BTreeSet<&&Operation> = old.keys().chain(new.keys()).collect();
    for operation in operations {
        let both = (old.get(*operation), new.get(*operation));
        let pair = Pair { operation, policy, key };
        match both {
            (Some(old), Some(new)) => pair.compare(old, new, &mut all),
            (Some(_), None) => {
                all.push(pair.undecided("the new version was not seen to answer it"))
            }
            _ => all.push(pair.added()),
        }
    }
    all.sort_by(|one, other| order(&one.change).cmp(&order(&other.change)));
    all
}

/// One operation under both versions.
struct Pair<'a> {
    operation: &'a Operation,
    policy: &'a Policy,
    key: &'a LiteralKey,
}

impl Pair<'_> {
    fn compare(&self, old: &Profile, new: &Profile, all: &mut Vec<Weighed>) {
        let (before, after) = (old.total().count, new.total().count);
        let least = before.min(after);
        if least < self.policy.samples_min {
            let wanted = self.policy.samples_min;
            let why = format!("{least} exchanges of one version are too few; {wanted} would do");
            all.push(self.undecided(&why));
            return;
        }
        for (status, outcome) in &new.outcomes {
            let seen = outcome.marginals();
            match old.outcome(*status) {
                Some(known) => self.outcome(*status, &known.marginals(), &seen, all),
                None if is_chance(seen.total.count, after, before) => {}
                None => all.push(self.status(*status, seen.total.count, after)),
            }
        }
    }

    /// Compares what was answered with one status.
    fn outcome(&self, status: u16, old: &Marginals, new: &Marginals, all: &mut Vec<Weighed>) {
        let mut said = Said::of_seen(old);
        said.places.retain(|place, _| place.side == Side::Response);
        for found in diff(&said, new, self.key) {
            if found.place.side != Side::Response {
                continue;
            }
            let could = old.possible(&found.place);
            let (count, of) = (found.seen.count, found.of);
            if !is_chance(count, of, could) {
                all.push(self.difference(status, &found, could));
            }
        }
        self.values(status, old, new, all);
    }

    /// Values of vocabularies that only the new version writes.
    fn values(&self, status: u16, old: &Marginals, new: &Marginals, all: &mut Vec<Weighed>) {
        for (place, tally) in &new.places {
            let Some(known) = old.places.get(place) else { continue };
            let is_vocabulary = !known.literals.is_empty() && place.side == Side::Response;
            if !is_vocabulary {
                continue;
            }
            let fresh =
                tally.literals.iter().filter(|(word, _)| !known.literals.contains_key(word));
            let count: u64 = fresh.map(|(_, count)| *count).sum();
            if count > 0 && !is_chance(count, tally.seen.count, known.seen.count) {
                let told = Told {
                    grade: Grade::Risky,
                    rule: "seen-value-new",
                    place: place.at_status(status),
                    reason: "holds values that the old version was not seen to write".to_owned(),
                };
                all.push(self.told(told, Some(Usage { seen: count, of: tally.seen.count })));
            }
        }
    }

    fn difference(&self, status: u16, found: &Difference, before: u64) -> Weighed {
        let (grade, rule, what) = meaning(found.kind);
        let names = found.found.names();
        let detail = if names.is_empty() { String::new() } else { format!(" ({names})") };
        let told = Told {
            grade,
            rule,
            place: found.place.at_status(status),
            reason: format!("{what}{detail}; the old version never, in {before} exchanges"),
        };
        self.told(told, Some(Usage { seen: found.seen.count, of: found.of }))
    }

    fn status(&self, status: u16, seen: u64, of: u64) -> Weighed {
        let told = Told {
            grade: Grade::Risky,
            rule: "seen-status-new",
            place: format!("response {status}"),
            reason: "a status that the old version was not seen to answer with".to_owned(),
        };
        self.told(told, Some(Usage { seen, of }))
    }

    fn added(&self) -> Weighed {
        let told = Told {
            grade: Grade::Safe,
            rule: "seen-operation-new",
            place: "all of it".to_owned(),
            reason: "only the new version was seen to answer it".to_owned(),
        };
        self.told(told, None)
    }

    fn undecided(&self, why: &str) -> Weighed {
        let told = Told {
            grade: Grade::Risky,
            rule: "seen-undecided",
            place: "all of it".to_owned(),
            reason: why.to_owned(),
        };
        self.told(told, None)
    }

    fn told(&self, told: Told, usage: Option<Usage>) -> Weighed {
        let Told { grade, rule, place, reason } = told;
        let change = Change {
            grade,
            rule,
            subject: self.operation.to_string(),
            place,
            direction: Direction::NewWrites,
            old: None,
            new: None,
            reason,
            witness: None,
        };
        Weighed { usage, ..Weighed::without_evidence(change) }
    }
}

/// What is told of one place.
struct Told {
    grade: Grade,
    rule: &'static str,
    place: String,
    reason: String,
}

/// What a difference means to readers of the old version.
const fn meaning(kind: DifferenceKind) -> (Grade, &'static str, &'static str) {
    use DifferenceKind as Kind;
    let (breaking, risky) = (Grade::Breaking, Grade::Risky);
    match kind {
        Kind::Gone => (breaking, "seen-field-gone", "is never there any more"),
        Kind::SometimesAbsent => (breaking, "seen-field-absent", "is missing at times"),
        Kind::KindChanged => (breaking, "seen-kind-changed", "holds another kind of value"),
        Kind::KindNew => (breaking, "seen-kind-new", "holds another kind of value at times"),
        Kind::NullNew => (breaking, "seen-null-new", "is null at times"),
        Kind::Refused => (breaking, "seen-field-refused", "is there"),
        Kind::NeverSeen => (risky, "seen-field-unseen", "was there at times and is not any more"),
        Kind::Emptied => (risky, "seen-emptied", "is always empty"),
        Kind::EmptyNew => (risky, "seen-empty-new", "is empty at times"),
        Kind::FormatChanged => (risky, "seen-format-changed", "holds texts of another format"),
        Kind::NumberWidened => (risky, "seen-number-widened", "holds wider numbers"),
        Kind::ValueNew => (risky, "seen-value-new", "holds other values"),
        Kind::Unselected => (risky, "seen-unselected", "holds more than the query asks for"),
        Kind::New => (Grade::Safe, "seen-field-new", "is there"),
    }
}

#[cfg(test)]
mod tests;
