//! What the two versions answer, by shape: a list that is empty, a field that is gone, an error
//! inside a success.
//!
//! Nobody has to name a metric. Each fact that the fold knows about an operation (its status, what
//! is at each place of the response) is a question of its own, with the share of false discoveries
//! held down over all of them. Facts that two halves of control itself disagree about are noise:
//! they are left out and told.
//!
//! Refuses to know values, metrics, and where profiles come from.

use crate::discovery::discoveries;
use crate::tick::{Count, Tick};
use crate::watch::{Counting, Watch};
use plumb_shape::place::{Part, Place, Side, Step};
use plumb_shape::profile::Profile;
use plumb_shape::trait_set::TraitSet;
use std::collections::BTreeMap;

/// The most facts that are followed, some 7 kB each. Services have some thousands.
const FACTS_MAX: usize = 10_000;

/// The e-value, as its logarithm, from which two halves of control disagree: one in twenty facts
/// that are no noise is left out at worst.
const NOISE: f64 = 3.0;

/// Members that hold an error where they are there.
const ERRORS: &[&str] =
    &["error", "errors", "exception", "exceptions", "fault", "stack", "stacktrace", "traceback"];

/// Members that say whether it worked.
const SUCCESSES: &[&str] = &["ok", "success", "succeeded", "successful"];

/// One elementary statement about the answers of an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// It ended with this status.
    Status(u16),
    /// With this status, the place was there.
    There(u16, Place),
    /// With this status, the place had this trait.
    Trait(u16, Place, TraitSet),
}

/// What it means when the canary shows something more often than control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Readers who ignore what they do not know will not notice.
    Addition,
    /// It need not be harm, and people should look.
    Change,
    /// It is failure, whatever the status says.
    Harm,
}

/// A difference between what the two versions answer.
#[derive(Clone, Debug)]
pub struct Differing<'b> {
    /// The operation.
    pub operation: &'b str,
    /// What differs.
    pub fact: &'b Fact,
    /// Whether the canary lacks what control shows, instead of showing what control lacks.
    pub is_lack: bool,
    /// What it means.
    pub meaning: Meaning,
    /// The logarithm of the e-value, each fact weighed alike.
    pub log_e: f64,
    /// The counts.
    pub watch: &'b Watch,
}

/// Answers of one tick, by operation: control's and the canary's.
pub type Answers<'p> = BTreeMap<&'p str, [Option<&'p Profile>; 2]>;

/// All facts so far.
#[derive(Clone, Debug)]
pub struct Bodies {
    bearable: f64,
    facts: BTreeMap<String, BTreeMap<Fact, Followed>>,
    followed: usize,
    left_out: u64,
    ticks: u64,
}

#[derive(Clone, Debug)]
struct Followed {
    /// How often it is there, for what control shows in at most half of its answers.
    there: Watch,
    /// How often it is not, for the others.
    lack: Watch,
    control: Count,
    is_known_to_control: bool,
    /// The two halves of control against each other.
    noise: Watch,
    held: Count,
}

impl Bodies {
    /// Nothing seen yet; see [`Watch::new`].
    #[must_use]
    pub fn new(bearable: f64) -> Self {
        Self { bearable, facts: BTreeMap::new(), followed: 0, left_out: 0, ticks: 0 }
    }

    /// Takes in the answers of the next tick.
    pub fn observe(&mut self, answers: &Answers<'_>) {
        self.ticks += 1;
        for (operation, [control, canary]) in answers {
            let facts = [counted(*control), counted(*canary)];
            self.learn(operation, &facts);
            let known = self.facts.entry((*operation).to_owned()).or_default();
            for (fact, followed) in known {
                let of = |arm: usize| facts[arm].count(fact);
                followed.observe(Tick { control: of(0), canary: of(1) }, self.ticks);
            }
        }
    }

    /// Begins to follow what is new.
    fn learn(&mut self, operation: &str, facts: &[Counted; 2]) {
        let known = self.facts.entry(operation.to_owned()).or_default();
        for fact in facts.iter().flat_map(|counted| counted.hits.keys()) {
            if known.contains_key(fact) {
                continue;
            }
            if self.followed >= FACTS_MAX {
                self.left_out += 1;
                continue;
            }
            self.followed += 1;
            known.insert(fact.clone(), Followed::new(self.bearable));
        }
    }

    /// Facts that were not followed because there were too many.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How many facts are compared.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.followed
    }

    /// What the canary shows more often than control, or lacks more often, with at most the share
    /// `rate` of it wrong in expectation; the clearest first. Of harm only, where `only` says so.
    #[must_use]
    pub fn differing(&self, rate: f64, only: Option<Meaning>) -> Vec<Differing<'_>> {
        let all: Vec<Differing<'_>> = self
            .facts
            .iter()
            .flat_map(|(operation, facts)| facts.iter().map(move |fact| (operation, fact)))
            .filter(|(_, (_, followed))| !followed.is_noise())
            .flat_map(|(operation, (fact, followed))| followed.differing(operation, fact))
            .filter(|one| only.is_none_or(|only| one.meaning == only))
            .collect();
        let logs: Vec<f64> = all.iter().map(|one| one.log_e).collect();
        let found = discoveries(&logs, all.len(), rate);
        found.into_iter().map(|at| all[at].clone()).collect()
    }

    /// What two halves of control disagree about, and which is therefore not compared.
    pub fn noise(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.facts.iter().flat_map(|(operation, facts)| {
            let noisy = facts.iter().filter(|(_, followed)| followed.is_noise());
            noisy.map(move |(fact, _)| (operation.as_str(), fact))
        })
    }
}

impl Followed {
    fn new(bearable: f64) -> Self {
        let watch = Watch::new(Counting::Spans, bearable).patient();
        Self {
            there: watch.clone(),
            lack: watch.clone(),
            control: Count::default(),
            is_known_to_control: false,
            noise: watch,
            held: Count::default(),
        }
    }

    /// A tick is added to the half that is the rarer one of the fact so far, since only the rare
    /// one follows the counts that the tests assume.
    fn observe(&mut self, tick: Tick, ticks: u64) {
        let is_common = self.control.share() > 0.5;
        self.control.add(tick.control);
        self.is_known_to_control |= tick.control.hits > 0;
        let rare = |count: Count| if is_common { missed(count) } else { count };
        let asked = Tick { control: rare(tick.control), canary: rare(tick.canary) };
        let watch = if is_common { &mut self.lack } else { &mut self.there };
        watch.observe(&asked);
        if ticks.is_multiple_of(2) {
            self.noise.observe(&Tick { control: rare(self.held), canary: asked.control });
        }
        self.held = tick.control;
    }

    fn is_noise(&self) -> bool {
        self.noise.log_more().max(self.noise.log_fewer(1.0)) >= NOISE
    }

    fn differing<'b>(&'b self, operation: &'b str, fact: &'b Fact) -> Vec<Differing<'b>> {
        let is_common = self.control.share() > 0.5;
        let watch = if is_common { &self.lack } else { &self.there };
        let one = |is_lack: bool, log_e: f64| Differing {
            operation,
            fact,
            is_lack,
            meaning: self.meaning(fact, is_lack),
            log_e,
            watch,
        };
        vec![one(is_common, watch.log_more()), one(!is_common, watch.log_fewer(1.0))]
    }

    fn meaning(&self, fact: &Fact, is_lack: bool) -> Meaning {
        match fact {
            _ if is_lack => Meaning::Change,
            Fact::Status(status) if *status >= 400 => Meaning::Harm,
            Fact::Status(_) => Meaning::Change,
            Fact::There(_, place) if is_named(place, ERRORS) => Meaning::Harm,
            Fact::Trait(_, place, found) if is_failure(place, *found) => Meaning::Harm,
            _ if self.is_known_to_control => Meaning::Change,
            _ => Meaning::Addition,
        }
    }
}

/// Whether a trait at a place speaks of failure: nothing is where something should be, or more than
/// was asked for.
fn is_failure(place: &Place, found: TraitSet) -> bool {
    let empty = TraitSet::EMPTY_ARRAY | TraitSet::EMPTY_OBJECT | TraitSet::NULL;
    let unreadable = TraitSet::MALFORMED | TraitSet::OPAQUE;
    place.part == Part::Body
        && (found.intersects(empty | unreadable | TraitSet::UNSELECTED)
            || found == TraitSet::FALSE && is_named(place, SUCCESSES))
}

fn is_named(place: &Place, names: &[&str]) -> bool {
    let Some(Step::Key(name)) = place.steps.last() else { return false };
    place.part == Part::Body && names.contains(&name.to_ascii_lowercase().as_str())
}

/// The facts of one arm in one tick.
#[derive(Default)]
struct Counted {
    all: u64,
    by_status: BTreeMap<u16, u64>,
    hits: BTreeMap<Fact, u64>,
}

impl Counted {
    /// How often a fact was there, of how often it could have been.
    fn count(&self, fact: &Fact) -> Count {
        let units = match fact {
            Fact::Status(_) => self.all,
            Fact::There(status, _) | Fact::Trait(status, ..) => {
                self.by_status.get(status).copied().unwrap_or_default()
            }
        };
        Count::new(units, self.hits.get(fact).copied().unwrap_or_default())
    }
}

fn counted(profile: Option<&Profile>) -> Counted {
    let mut counted = Counted::default();
    for (status, outcome) in profile.iter().flat_map(|profile| &profile.outcomes) {
        let exchanges = outcome.total().count;
        counted.all += exchanges;
        counted.by_status.insert(*status, exchanges);
        counted.hits.insert(Fact::Status(*status), exchanges);
        for (place, tally) in outcome.marginals().places {
            if place.side != Side::Response {
                continue;
            }
            for (found, seen) in &tally.traits {
                let beside = *found & TraitSet::UNSELECTED;
                for one in (found.minus(TraitSet::ASIDE) | beside).iter() {
                    let fact = Fact::Trait(*status, place.clone(), one);
                    *counted.hits.entry(fact).or_default() += seen.count;
                }
            }
            counted.hits.insert(Fact::There(*status, place), tally.seen.count);
        }
    }
    counted
}

fn missed(count: Count) -> Count {
    Count { units: count.units, hits: count.units.saturating_sub(count.hits) }
}

/// How many facts were found, at most, for one difference: a new field brings its traits along.
#[must_use]
pub fn is_below(fact: &Fact, other: &Fact) -> bool {
    match (fact, other) {
        (Fact::Trait(status, place, _), Fact::There(above, whole)) => {
            status == above && (place == whole || place.steps.starts_with(&whole.steps))
        }
        (Fact::There(status, place), Fact::There(above, whole)) => {
            status == above && place != whole && place.steps.starts_with(&whole.steps)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::fold::Fold;
    use plumb_shape::literal::LiteralKey;
    use std::sync::Arc;

    /// What answers with these bodies look like, all of them with status 200.
    fn profile(bodies: &[String]) -> Profile {
        let mut fold = Fold::new(LiteralKey::new([0; 32]), Arc::new(|_| false));
        for body in bodies {
            fold.begin(None);
            fold.json(Side::Response, body.as_bytes()).unwrap();
            fold.commit();
        }
        Profile { outcomes: BTreeMap::from([(200, fold.seal())]) }
    }

    /// Sixty spans with a hundred answers of control and twenty of the canary each, one in twenty
    /// of which is empty anyway.
    fn bodies(canary: impl Fn(u64) -> String) -> Bodies {
        let usual = |at: u64| {
            let items = if at.is_multiple_of(20) { "[]" } else { "[7]" };
            format!(r#"{{"items":{items},"ok":true}}"#)
        };
        let mut bodies = Bodies::new(1.5);
        for span in 0..60 {
            let control: Vec<String> = (0..100).map(|at| usual(at + span)).collect();
            let canary: Vec<String> = (0..20)
                .map(|at| {
                    let body = canary(at * 7 + span);
                    if body.is_empty() { usual(at + span) } else { body }
                })
                .collect();
            let (control, canary) = (profile(&control), profile(&canary));
            let both = [Some(&control), Some(&canary)];
            bodies.observe(&Answers::from([("GET /orders", both)]));
        }
        bodies
    }

    /// The facts of some meaning that differ: the place, whether it is a lack.
    fn check(canary: impl Fn(u64) -> String, meaning: Meaning, expected: &[(&str, bool)]) {
        let bodies = bodies(canary);
        let told = bodies.differing(0.01, Some(meaning));
        let name = |fact: &Fact| match fact {
            Fact::Status(status) => status.to_string(),
            Fact::There(_, place) => place.to_string(),
            Fact::Trait(_, place, found) => format!("{place} {}", found.names()),
        };
        let mut told: Vec<(String, bool)> =
            told.iter().map(|one| (name(one.fact), one.is_lack)).collect();
        told.sort();
        let told: Vec<(&str, bool)> = told.iter().map(|(name, is)| (name.as_str(), *is)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn answers_that_are_alike_differ_in_nothing() {
        for meaning in [Meaning::Addition, Meaning::Change, Meaning::Harm] {
            check(|_| String::new(), meaning, &[]);
        }
    }

    #[test]
    fn a_list_that_is_empty_more_often_is_harm() {
        let empty = |at: u64| if at.is_multiple_of(4) { r#"{"items":[],"ok":true}"# } else { "" };
        check(|at| empty(at).to_owned(), Meaning::Harm, &[("response $.items empty array", false)]);
    }

    #[test]
    fn an_error_inside_a_success_is_harm_and_a_new_field_an_addition() {
        let failed = r#"{"items":[7],"ok":false,"error":"no"}"#;
        let fails = |at: u64| if at.is_multiple_of(9) { failed.to_owned() } else { String::new() };
        let harm = [("response $.error", false), ("response $.ok false", false)];
        check(fails, Meaning::Harm, &harm);
        let added = |_| r#"{"items":[7],"ok":true,"total":1}"#.to_owned();
        let there = [("response $.total", false), ("response $.total int32", false)];
        check(added, Meaning::Addition, &there);
        check(added, Meaning::Harm, &[]);
    }

    #[test]
    fn a_field_that_is_gone_is_a_change() {
        let gone = |at: u64| {
            let items = if at.is_multiple_of(20) { "[]" } else { "[7]" };
            format!(r#"{{"items":{items}}}"#)
        };
        check(gone, Meaning::Change, &[("response $.ok", true), ("response $.ok true", true)]);
    }

    #[test]
    fn what_control_does_not_agree_with_itself_about_is_noise() {
        let mut bodies = Bodies::new(1.5);
        for span in 0..200_u64 {
            // One half of control's spans has a field that the other has not.
            let body = if span % 2 == 0 { r#"{"shard":1}"# } else { "{}" };
            let control = profile(&vec![body.to_owned(); 50]);
            let canary = profile(&vec![r#"{"shard":1}"#.to_owned(); 10]);
            bodies.observe(&Answers::from([("GET /", [Some(&control), Some(&canary)])]));
        }
        let noise: Vec<&Fact> = bodies.noise().map(|(_, fact)| fact).collect();
        let shard = Place::root(Side::Response, Part::Body).child(Step::Key("shard".into()));
        assert!(noise.contains(&&Fact::There(200, shard)), "{noise:?}");
    }
}
