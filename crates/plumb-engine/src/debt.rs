//! Compatibility debt: what is kept for somebody old, and whether it can go now.
//!
//! Refuses to know how a debt is opened, and how it is paid.

pub mod file;
#[cfg(test)]
mod tests;

use crate::debt::file::{Debt, Use};
use plumb_gap::evidence::Evidence;
use plumb_gap::policy::Policy;
use plumb_shape::operation::{Operation, PathPattern};
use plumb_shape::seen::Marginals;
use plumb_shape::tally::Tally;
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeSet;

/// What evidence says of one debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Whether it can go.
    pub state: State,
    /// When it was last used, Unix milliseconds; `None` when it never was.
    pub used_ms: Option<i64>,
    /// By whom, in the time that counts.
    pub users: BTreeSet<String>,
    /// How often, in the evidence at hand.
    pub uses: u64,
    /// Exchanges that would have shown a use.
    pub of: u64,
    /// From when on it may go if nobody uses it any more, Unix milliseconds; `None` when nobody
    /// looks.
    pub due_ms: Option<i64>,
}

/// Whether a debt can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody has used it for long enough, and somebody looked all the while.
    Removable,
    /// Not long enough yet, or nobody has looked for long enough since.
    Waiting,
    /// Somebody uses it.
    InUse,
    /// Nobody looks, or not lately, or too little was seen: that it is unused is not known.
    Unobserved,
}

/// Judges one debt.
#[must_use]
pub fn judge(debt: &Debt, evidence: &[Evidence], policy: &Policy) -> Owed {
    let mut looked = Looked::default();
    for one in evidence.iter().filter(|one| one.writer == debt.component) {
        looked.at(debt, one);
    }
    let used_ms = looked.used.last_ms;
    // It counts from the last use, from when somebody began to look, and from when it was opened.
    let since_ms = [used_ms, looked.all.first_ms, debt.opened_ms].into_iter().flatten().max();
    let is_fresh = looked.all.last_ms.is_some_and(|last| last >= policy.now_ms - policy.max_age_ms);
    let due_ms = since_ms.map(|since| since.saturating_add(debt.unused_for_ms));
    let has_uses = used_ms.is_some_and(|used| used >= policy.now_ms - debt.unused_for_ms);
    let state = if has_uses {
        State::InUse
    } else if looked.all.first_ms.is_none() || !is_fresh || looked.is_blind {
        State::Unobserved
    } else if due_ms > looked.all.last_ms {
        State::Waiting
    } else if looked.all.count < policy.samples_min {
        State::Unobserved
    } else {
        State::Removable
    };
    let due_ms = due_ms.filter(|_| state != State::Unobserved);
    let (uses, of) = (looked.used.count, looked.all.count);
    Owed { state, used_ms, users: looked.users, uses, of, due_ms }
}

/// What the evidence of a component shows of a debt.
#[derive(Debug, Default)]
struct Looked {
    /// All exchanges that would have shown a use.
    all: Tally,
    /// Those that did.
    used: Tally,
    users: BTreeSet<String>,
    /// Whether a use could have passed unseen.
    is_blind: bool,
}

impl Looked {
    fn at(&mut self, debt: &Debt, evidence: &Evidence) {
        match &debt.used {
            Use::Version(version) => {
                let is_it = evidence.version == *version;
                // What tells no version may be of any.
                self.is_blind |= evidence.version.is_empty();
                self.all_of(evidence, |total| if is_it { total } else { Tally::EMPTY });
            }
            Use::Operation(operation) if is_at(operation, &evidence.operation) => {
                self.all_of(evidence, |total| total);
            }
            // Every other operation of the component shows that somebody looks.
            Use::Operation(_) => self.all_of(evidence, |_| Tally::EMPTY),
            Use::Place(operation, place) if is_at(operation, &evidence.operation) => {
                self.place(place, evidence);
            }
            Use::Place(..) => {}
        }
    }

    fn all_of(&mut self, evidence: &Evidence, used: impl Fn(Tally) -> Tally) {
        for outcome in evidence.profile.outcomes.values() {
            self.count(outcome.total(), used(outcome.total()), &evidence.reader);
        }
    }

    fn place(&mut self, place: &str, evidence: &Evidence) {
        for (status, outcome) in &evidence.profile.outcomes {
            let seen: Marginals = outcome.marginals();
            let is_it = |one: &&plumb_shape::place::Place| {
                one.at_status(*status) == place || one.to_string() == place
            };
            let used = seen.places.keys().find(is_it).map_or(Tally::EMPTY, |at| seen.seen(at));
            let is_withheld = |one| seen.carrying(one, TraitSet::WITHHELD).count > 0;
            self.is_blind |= seen.places.keys().any(|one| is_withheld(one) || outcome.is_full(one));
            self.count(seen.total, used, &evidence.reader);
        }
    }

    fn count(&mut self, all: Tally, used: Tally, reader: &str) {
        self.all.merge(all);
        self.used.merge(used);
        if used.count > 0 {
            self.users.insert(reader.to_owned());
        }
    }
}

/// Whether an operation as people write it is the one that was seen.
fn is_at(operation: &str, seen: &Operation) -> bool {
    let (method, template) = operation.split_once(' ').unwrap_or(("", operation));
    (method.is_empty() || method.eq_ignore_ascii_case(&seen.method))
        && PathPattern::of_template(template).meets(seen).is_some()
}
