//! Usage: how often what a change is about was really seen, and what that leaves of its grade.
//!
//! A break at a place that no consumer was ever sent, over enough fresh exchanges, is a risk and no
//! break. Missing, old or too little evidence excuses nothing. Refuses to know formats.

use plumb_contract::change::{Change, Direction, Grade};
use plumb_contract::weighed::{Usage, Weighed};
use plumb_gap::evidence::Evidence;
use plumb_gap::policy::Policy;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::PathPattern;
use plumb_shape::outcome::Outcome;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::seen::Marginals;
use plumb_shape::trait_set::TraitSet;
use serde_json::Value;
use std::collections::BTreeMap;

/// What usage is weighed by.
#[derive(Clone, Copy, Debug)]
pub struct Scales<'a> {
    /// What was seen.
    pub evidence: &'a [Evidence],
    /// Only these consumers count; all when empty.
    pub readers: &'a [String],
    /// How much evidence is enough, and how old is too old.
    pub policy: &'a Policy,
    /// The key under which evidence holds literals.
    pub key: &'a LiteralKey,
}

/// Says of each change how often it was seen, and lowers those that nobody can have met.
pub fn weigh(changes: &mut [Weighed], scales: &Scales<'_>) {
    let mut counted = Counted::new();
    for weighed in changes {
        let Some(found) = found(&weighed.change, scales, &mut counted) else { continue };
        weighed.usage = Some(found.usage);
        let is_enough = found.usage.of >= scales.policy.samples_min && found.is_fresh;
        let change = &mut weighed.change;
        if change.grade == Grade::Breaking && found.usage.seen == 0 && is_enough {
            change.grade = Grade::Risky;
            change.reason.push_str("; never seen so far");
        }
    }
}

/// Counts by place of each outcome that was asked about, by the evidence's place in its list and
/// the status: an operation has many changes.
type Counted = BTreeMap<(usize, u16), Marginals>;

/// What evidence says of one change.
struct Found {
    usage: Usage,
    is_fresh: bool,
}

fn found(change: &Change, scales: &Scales<'_>, counted: &mut Counted) -> Option<Found> {
    let (method, template) = change.subject.split_once(' ')?;
    let pattern = PathPattern::of_template(template);
    let counts = |(_, one): &(usize, &Evidence)| {
        one.operation.method.eq_ignore_ascii_case(method)
            && pattern.meets(&one.operation).is_some()
            && (scales.readers.is_empty() || scales.readers.contains(&one.reader))
    };
    let mut usage = Usage { seen: 0, of: 0 };
    let mut last_ms = None;
    for (at, one) in scales.evidence.iter().enumerate().filter(counts) {
        for (status, outcome) in &one.profile.outcomes {
            let seen = counted.entry((at, *status)).or_insert_with(|| outcome.marginals());
            let status = Status { code: *status, outcome, seen };
            let Some(here) = at_outcome(change, &status, scales.key)? else { continue };
            usage.seen = usage.seen.saturating_add(here.seen);
            usage.of = usage.of.saturating_add(here.of);
            last_ms = last_ms.max(Some(one.last_ms));
        }
    }
    let oldest_ms = scales.policy.now_ms.saturating_sub(scales.policy.max_age_ms);
    last_ms.map(|last_ms| Found { usage, is_fresh: last_ms >= oldest_ms })
}

/// The exchanges of one status.
struct Status<'a> {
    code: u16,
    outcome: &'a Outcome,
    seen: &'a Marginals,
}

/// How often exchanges of one status hold what a change is about; `Some(None)` when they cannot.
/// `None` when it cannot be told, which no other evidence mends.
fn at_outcome(change: &Change, status: &Status<'_>, key: &LiteralKey) -> Option<Option<Usage>> {
    let Status { code, outcome, seen } = *status;
    let total = outcome.total().count;
    // What is about a whole operation that was there: that it is gone, deprecated, past its sunset.
    if change.rule.starts_with("operation-") && change.old.is_some() {
        return Some(Some(Usage { seen: total, of: total }));
    }
    let Some(path) = below_status(&change.place, code) else { return Some(None) };
    if !path.is_observable() {
        return None;
    }
    let is_it = |place: &&Place| place.at_status(code).strip_prefix(&path.side) == Some(&path.rest);
    let Some(place) = seen.places.keys().find(is_it) else {
        // What stands below a place with too many below it was not told apart.
        return if is_unclear(outcome, seen) { None } else { Some(absent(change, &path, seen)) };
    };
    let possible = seen.possible(place).max(seen.seen(place).count);
    let there = seen.seen(place).count;
    let seen = match what(change) {
        What::Absence => possible.saturating_sub(there),
        What::Word if outcome.is_many(place) => return None,
        What::Word => word(change).map_or(there, |word| {
            seen.places[place].literals.get(&key.hash(&word)).copied().unwrap_or(0)
        }),
        What::Presence => there,
    };
    Some(Some(Usage { seen, of: possible }))
}

/// What is said of a place that was never there: nothing where its part was not looked at.
fn absent(change: &Change, path: &Path, seen: &Marginals) -> Option<Usage> {
    let root = path.root();
    let withheld = seen.carrying(&root, TraitSet::WITHHELD).count;
    let looked_at = if root.part == Part::Body { seen.seen(&root) } else { seen.total };
    let of = looked_at.count.saturating_sub(withheld);
    let count = if what(change) == What::Absence { of } else { 0 };
    (of > 0).then_some(Usage { seen: count, of })
}

fn is_unclear(outcome: &Outcome, seen: &Marginals) -> bool {
    let is_full = |place: &Place| place.part == Part::Body && outcome.is_full(place);
    seen.places.keys().any(is_full)
}

/// What of a place a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// That it is there: what is no longer written was relied on by whoever was sent it.
    Presence,
    /// That it is not there: what is now required was left out by whoever sent nothing.
    Absence,
    /// That it holds one word: what is now refused was sent by whoever sent it.
    Word,
}

fn what(change: &Change) -> What {
    let is_old = change.direction == Direction::OldWrites;
    if is_old && change.rule.contains("required") {
        What::Absence
    } else if is_old && change.rule.contains("value") {
        What::Word
    } else {
        What::Presence
    }
}

/// The word that a witness holds at the place of its change.
fn word(change: &Change) -> Option<String> {
    let mut value: Value = serde_json::from_str(change.witness.as_ref()?).ok()?;
    let path = change.place.split_once('$').map_or("", |(_, path)| path);
    let plain = path.replace("[]", ".0");
    for step in plain.split('.').filter(|step| !step.is_empty()) {
        let next = match step.parse::<usize>() {
            Ok(at) if value.is_array() => value.get_mut(at),
            _ => value.get_mut(step),
        };
        value = next?.take();
    }
    value.as_str().map(ToOwned::to_owned)
}

/// A place as changes name it, for one status.
struct Path {
    /// `request` or `response 200`.
    side: String,
    /// What follows.
    rest: String,
}

impl Path {
    /// The part that the place lies in.
    fn root(&self) -> Place {
        let side = if self.side == "request" { Side::Request } else { Side::Response };
        let part = match self.rest.split(' ').nth(1) {
            Some("query") => Part::Query,
            Some("header") => Part::Header,
            _ => Part::Body,
        };
        Place::root(side, part)
    }

    /// Whether evidence speaks of such places: not of security, servers, cookies and paths.
    fn is_observable(&self) -> bool {
        [" query ", " header ", " $"].iter().any(|part| self.rest.starts_with(part))
    }
}

/// The place of a change under one status; `None` when it is not about that status.
fn below_status(place: &str, status: u16) -> Option<Path> {
    let (side, rest) = place.split_once(' ').unwrap_or((place, ""));
    // Evidence keeps the names of headers in lower case.
    let lower = |rest: &str| match rest.split_once("header ") {
        Some(("", name)) => format!(" header {}", name.to_ascii_lowercase()),
        _ => format!(" {rest}"),
    };
    if side == "request" {
        return Some(Path { side: side.to_owned(), rest: lower(rest) });
    }
    let (said, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let class = format!("{}XX", status / 100);
    let is_meant =
        said == status.to_string() || said.eq_ignore_ascii_case(&class) || said == "default";
    is_meant.then(|| Path { side: format!("{side} {status}"), rest: lower(rest) })
}

#[cfg(test)]
mod tests;
