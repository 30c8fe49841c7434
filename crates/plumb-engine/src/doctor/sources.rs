//! What was seen of each dependency, as far as it can be used: when, how often, and what it does
//! not say.
//!
//! Refuses to know how it was observed.

use crate::doctor::fact::{Fact, LastSeen, Share};
use crate::doctor::silent::{Calls, silent};
use crate::judge::Scope;
use crate::shelf::{self, Shelf, ShelfError};
use plumb_gap::policy::Policy;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::profile::Profile;
use plumb_shape::trait_set::TraitSet;
use plumb_store::store::{Filter, VisitRefused, Window};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen of one dependency, in exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    exchanges: u64,
    /// Unix milliseconds, as the last.
    first_ms: i64,
    last_ms: i64,
    /// Who asked it for which operation.
    asked: BTreeSet<(String, String)>,
    without_version: u64,
    without_environment: u64,
    without_reader: u64,
    /// Bodies that were looked into.
    bodies: u64,
    /// Bodies that were there and withheld.
    bodies_withheld: u64,
}

/// What was seen, by dependency.
pub type Sources = BTreeMap<String, Source>;

/// What lies on the shelf within the scope.
///
/// # Errors
///
/// When the store or a stored profile cannot be read.
pub fn sources(shelf: &Shelf, scope: &Scope) -> Result<Sources, ShelfError> {
    let mut sources = Sources::new();
    let filter = Filter {
        since_day: scope.since_day,
        environment: scope.environment.clone(),
        ..Filter::default()
    };
    shelf.store.windows(&filter, &mut |window| {
        if scope.takes(window.key) {
            let profile = shelf::decode(window.value);
            let profile = profile.map_err(|err| VisitRefused { reason: err.to_string() })?;
            sources.entry(window.key.writer.clone()).or_default().add(window, &profile);
        }
        Ok(())
    })?;
    Ok(sources)
}

/// What is to be said about them.
#[must_use]
pub fn facts(sources: &Sources, policy: &Policy) -> Vec<Fact> {
    if sources.is_empty() {
        return vec![Fact::NothingSeen];
    }
    let oldest_ms = policy.now_ms.saturating_sub(policy.max_age_ms);
    let seen = sources.iter().map(|(name, one)| LastSeen {
        name: name.clone(),
        exchanges: one.exchanges,
        last_ms: one.last_ms,
    });
    let (aged, fresh): (Vec<_>, Vec<_>) = seen.partition(|one| one.last_ms < oldest_ms);
    let mut facts = Vec::new();
    if !fresh.is_empty() {
        facts.push(Fact::Fresh(fresh));
    }
    if !aged.is_empty() {
        facts.push(Fact::Aged(aged));
    }
    let samples_min = policy.samples_min;
    let few = shares(sources, |one| if one.exchanges < samples_min { one.exchanges } else { 0 });
    if !few.is_empty() {
        facts.push(Fact::TooFew { sources: few, samples_min });
    }
    facts.extend(identity(sources));
    let calls = sources.iter().map(|(name, one)| one.calls(name));
    let silent = silent(&calls.collect::<Vec<_>>());
    if !silent.is_empty() {
        facts.push(Fact::Silent(silent));
    }
    facts.extend(bodies(sources));
    facts
}

fn identity(sources: &Sources) -> Vec<Fact> {
    let versions = shares(sources, |one| one.without_version);
    let environments = shares(sources, |one| one.without_environment);
    let readers = shares(sources, |one| one.without_reader);
    let mut facts = Vec::new();
    if versions.is_empty() && environments.is_empty() {
        facts.push(Fact::Identified);
    }
    let told = [
        (versions, Fact::WithoutVersion as fn(Vec<Share>) -> Fact),
        (environments, Fact::WithoutEnvironment),
        (readers, Fact::WithoutReader),
    ];
    facts.extend(told.into_iter().filter(|(of, _)| !of.is_empty()).map(|(of, fact)| fact(of)));
    facts
}

fn bodies(sources: &Sources) -> Vec<Fact> {
    let seen: u64 = sources.values().map(|one| one.bodies).sum();
    // One body that was looked into proves that they can be.
    let without = shares(sources, |one| if one.bodies == 0 { one.bodies_withheld } else { 0 });
    let mut facts = Vec::new();
    if seen > 0 {
        facts.push(Fact::Bodies(seen));
    }
    if !without.is_empty() {
        facts.push(Fact::WithoutBodies(without));
    }
    facts
}

fn shares(sources: &Sources, count: impl Fn(&Source) -> u64) -> Vec<Share> {
    let share = |(name, one): (&String, &Source)| Share {
        name: name.clone(),
        count: count(one),
        of: one.exchanges,
    };
    sources.iter().map(share).filter(|share| share.count > 0).collect()
}

impl Source {
    fn calls<'a>(&'a self, name: &'a str) -> Calls<'a> {
        let Self { exchanges, first_ms, last_ms, ref asked, .. } = *self;
        Calls { name, exchanges, first_ms, last_ms, asked }
    }

    fn add(&mut self, window: &Window<'_>, profile: &Profile) {
        let key = window.key;
        let total = profile.total();
        let first_ms = total.first_ms.unwrap_or(window.last_ms);
        let is_first = self.exchanges == 0;
        self.first_ms = if is_first { first_ms } else { self.first_ms.min(first_ms) };
        if !key.reader.is_empty() {
            self.asked.insert((key.reader.clone(), key.operation.clone()));
        }
        self.exchanges += total.count;
        self.last_ms = self.last_ms.max(total.last_ms.unwrap_or(window.last_ms));
        let silent = |name: &str| if name.is_empty() { total.count } else { 0 };
        self.without_version += silent(&key.version);
        self.without_environment += silent(&key.environment);
        self.without_reader += silent(&key.reader);
        let roots = [Side::Request, Side::Response].map(|side| Place::root(side, Part::Body));
        for outcome in profile.outcomes.values() {
            let marginals = outcome.marginals();
            for tally in roots.iter().filter_map(|root| marginals.places.get(root)) {
                let withheld = tally.traits.get(&TraitSet::WITHHELD).map_or(0, |it| it.count);
                self.bodies_withheld += withheld;
                self.bodies += tally.seen.count.saturating_sub(withheld);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_000_000;
    const POLICY: Policy = Policy { now_ms: NOW_MS, max_age_ms: 1_000, samples_min: 30 };

    fn told(source: Source) -> Vec<&'static str> {
        let sources = Sources::from([("orders".to_owned(), source)]);
        facts(&sources, &POLICY).iter().map(Fact::id).collect()
    }

    #[test]
    fn each_source_tells_what_it_lacks() {
        let whole = Source { exchanges: 40, last_ms: NOW_MS, bodies: 40, ..Source::default() };
        assert_eq!(told(whole.clone()), ["fresh", "identified", "bodies"]);
        let old = Source { last_ms: NOW_MS - 1_001, ..whole.clone() };
        assert_eq!(told(old), ["aged", "identified", "bodies"]);
        let few = Source { exchanges: 29, ..whole.clone() };
        assert_eq!(told(few), ["fresh", "too-few", "identified", "bodies"]);
        let nameless = Source { without_version: 1, without_reader: 1, ..whole.clone() };
        assert_eq!(told(nameless), ["fresh", "without-version", "without-reader", "bodies"]);
        let traces = Source { bodies: 0, bodies_withheld: 40, ..whole };
        assert_eq!(told(traces), ["fresh", "identified", "without-bodies"]);
        assert_eq!(facts(&Sources::new(), &POLICY)[0].id(), "nothing-seen");
    }
}
