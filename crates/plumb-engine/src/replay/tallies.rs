//! Tallies: three answers to one request are compared place by place, counted, and forgotten.
//!
//! Counts join in any order. Refuses to judge them, and to keep a value.

use super::agreement::{Agreement, Form, Standing, Trio};
use super::answer::{Answer, Payload};
use super::facts::{facts, form, has_below};
use super::latency::Latency;
use super::values::{Leaf, Values, around, array_of, sorted, values};
use plumb_shape::fold::Denied;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::synthetic::Facts;
use plumb_shape::trait_set::TraitSet;
use plumb_traffic::redact::Redaction;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Spots of one operation that are counted. Large answers have some hundred; one with more has
/// keys that are data, and is compared by its status alone.
const SPOTS_MAX: usize = 4_096;

/// Why a trio is compared by who answered alone.
const UNANSWERED: &str = "requests that not every side answered";

/// What two versions were seen to do, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// By operation, as the fold names it.
    pub(super) operations: BTreeMap<String, OperationTally>,
    /// Trios of which every answer came.
    pub(super) compared: u64,
    /// What was not compared, with how often.
    pub(super) not_compared: BTreeMap<&'static str, u64>,
    /// Trios of which every answer was 401 or 403.
    pub(super) refused: u64,
    /// How long the deployed version took.
    pub(super) deployed: Latency,
    /// How long the candidate took.
    pub(super) candidate: Latency,
}

/// The places whose values are not compared.
#[derive(Clone)]
pub struct Withheld(Denied);

/// Whose answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// That of the version that is deployed.
    Deployed,
    /// That of the candidate.
    Candidate,
}

/// What was counted of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OperationTally {
    /// How statuses stood together; one for each trio.
    pub(super) statuses: Agreement,
    /// How everything else did.
    pub(super) spots: BTreeMap<Spot, Agreement>,
    /// Whether there were too many spots.
    pub(super) is_full: bool,
}

/// What is compared, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The status that all three answers had.
    pub(super) status: u16,
    pub(super) place: Place,
    pub(super) aspect: Aspect,
}

/// What is compared of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    /// Whether it is there, and its traits.
    Form,
    /// How many elements an array has, or how many bytes a body that is not looked into.
    Length,
    /// What it holds, whatever the order of elements.
    Value,
    /// The order of elements that are otherwise the same.
    Order,
}

impl std::fmt::Debug for Withheld {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Withheld").finish_non_exhaustive()
    }
}

impl From<&Redaction> for Withheld {
    fn from(redaction: &Redaction) -> Self {
        Self(redaction.as_denied())
    }
}

impl Tallies {
    /// Compares three answers to one request of an operation.
    pub fn compare(&mut self, operation: &str, answers: Trio<&Answer>, withheld: &Withheld) {
        let counted = self.spots(answers, withheld);
        let tally = self.operations.entry(operation.to_owned()).or_default();
        tally.statuses.count_forms(answers.map(|answer| match answer.status {
            0 => Form::Unanswered,
            status => Form::Status(status),
        }));
        let status = answers.single.status;
        for (place, aspect, agreement) in counted {
            tally.join(Spot { status, place, aspect }, agreement);
        }
    }

    /// What is compared beyond statuses: something only where all three have the same one. Notes
    /// what is not.
    fn spots(&mut self, answers: Trio<&Answer>, withheld: &Withheld) -> Counted {
        if answers.each().iter().any(|answer| answer.status == 0) {
            self.left_out(UNANSWERED);
            return Counted::new();
        }
        self.compared += 1;
        if answers.map(|answer| answer.status).standing() != Standing::Same {
            return Counted::new();
        }
        if matches!(answers.single.status, 401 | 403) {
            self.refused += 1;
        }
        let unknown = answers.each().into_iter().find_map(|answer| match answer.payload {
            Payload::Withheld(reason) => Some(reason),
            Payload::Absent | Payload::Bytes(_) => None,
        });
        if let Some(reason) = unknown {
            self.left_out(reason);
        }
        Compared { answers, denied: &withheld.0, is_body_known: unknown.is_none() }.counted()
    }

    /// Counts something that was not compared.
    pub fn left_out(&mut self, reason: &'static str) {
        *self.not_compared.entry(reason).or_default() += 1;
    }

    /// Counts how long an answer took.
    pub fn took(&mut self, version: Version, took: Duration) {
        match version {
            Version::Deployed => self.deployed.count(took),
            Version::Candidate => self.candidate.count(took),
        }
    }

    /// Joins what was counted elsewhere.
    pub fn merge(&mut self, other: Self) {
        for (operation, tally) in other.operations {
            let known = self.operations.entry(operation).or_default();
            known.statuses.merge(tally.statuses);
            known.is_full |= tally.is_full;
            tally.spots.into_iter().for_each(|(spot, agreement)| known.join(spot, agreement));
            known.settle();
        }
        for (reason, count) in other.not_compared {
            *self.not_compared.entry(reason).or_default() += count;
        }
        self.compared += other.compared;
        self.refused += other.refused;
        self.deployed.merge(other.deployed);
        self.candidate.merge(other.candidate);
    }
}

impl OperationTally {
    fn join(&mut self, spot: Spot, agreement: Agreement) {
        if !self.is_full {
            self.spots.entry(spot).or_default().merge(agreement);
            self.settle();
        }
    }

    /// Too many spots are a state: which of them came first must not matter.
    fn settle(&mut self) {
        self.is_full |= self.spots.len() > SPOTS_MAX;
        if self.is_full {
            self.spots.clear();
        }
    }
}

/// Three answers of one status.
struct Compared<'a> {
    answers: Trio<&'a Answer>,
    denied: &'a Denied,
    is_body_known: bool,
}

/// What came of comparing three answers, place by place.
type Counted = Vec<(Place, Aspect, Agreement)>;

impl Compared<'_> {
    fn counted(&self) -> Counted {
        let facts = self.answers.map(|answer| facts(answer, self.denied));
        let mut counted = Counted::new();
        self.forms(&facts, &mut counted);
        if self.is_body_known {
            self.bodies(&facts, &mut counted);
        }
        counted
    }

    fn forms(&self, facts: &Trio<Facts>, counted: &mut Counted) {
        let are_headers_known = self.answers.each().iter().all(|it| it.headers.is_some());
        let places: BTreeSet<&Place> = facts.each().into_iter().flat_map(Facts::keys).collect();
        for place in places {
            let is_known = match place.part {
                Part::Body => self.is_body_known,
                Part::Header => are_headers_known,
                Part::Query | Part::MediaType => true,
            };
            let parent = place.parent();
            let traits_of_parent =
                |facts: &Facts| parent.as_ref().and_then(|at| facts.get(at).copied());
            let could_be = |facts: &&Facts| has_below(place, traits_of_parent(facts));
            if is_known && facts.each().iter().all(could_be) {
                let mut agreement = Agreement::default();
                agreement.count_forms(facts.map(|facts| form_at(facts, place)));
                counted.push((place.clone(), Aspect::Form, agreement));
            }
        }
    }

    fn bodies(&self, facts: &Trio<Facts>, counted: &mut Counted) {
        let root = Place::root(Side::Response, Part::Body);
        if facts.map(|facts| form_at(facts, &root)).standing() != Standing::Same {
            return;
        }
        let parsed = self.answers.map(|it| serde_json::from_slice::<Value>(it.bytes()).ok());
        let traits = facts.single.get(&root).copied().unwrap_or_default();
        match &parsed {
            Trio { pair: [Some(first), Some(second)], single: Some(single) }
                if !traits.intersects(TraitSet::UNREADABLE) =>
            {
                let bodies = Trio { pair: [first, second], single };
                let values = Trio {
                    pair: [values(first, &facts.pair[0]), values(second, &facts.pair[1])],
                    single: values(bodies.single, &facts.single),
                };
                self.values(facts, &values, counted);
            }
            _ if traits.is_empty() => {}
            _ => {
                let bytes = self.answers.map(|answer| answer.bytes());
                let lengths = bytes.map(|bytes| bytes.len()).standing();
                counted.push(one(&root, Aspect::Length, lengths));
                if lengths == Standing::Same {
                    counted.push(one(&root, Aspect::Value, bytes.standing()));
                }
            }
        }
    }

    fn values(&self, facts: &Trio<Facts>, values: &Trio<Values<'_>>, counted: &mut Counted) {
        let is_like =
            |place: &Place| facts.map(|facts| form_at(facts, place)).standing() == Standing::Same;
        let uneven = uneven(values, &is_like, counted);
        let is_even = |place: &Place| around(place).all(|array| !uneven.contains(&array));
        let mut orders = Orders::new();
        for place in values.single.leaves.keys() {
            let lists = values.map(|it| it.leaves.get(place).map(Vec::as_slice).unwrap_or(&[]));
            if !is_like(place) || !is_even(place) {
                continue;
            }
            let mut standing = lists.standing();
            if standing != Standing::Same && self.is_withheld(place) {
                continue;
            }
            let has_keys = matches!(lists.single.first(), Some(Leaf::Key(_)));
            if standing != Standing::Same && (place.is_repeated() || has_keys) {
                standing = lists.map(|list| sorted(list)).standing();
            }
            counted.push(one(place, Aspect::Value, standing));
            let ordered = array_of(place).filter(|_| !has_keys && lists.single.len() > 1);
            if let (Standing::Same, Some(array)) = (standing, ordered) {
                put_in_order(&mut orders, array, lists);
            }
        }
        for (array, elements) in &values.single.elements {
            let lists = values.map(|it| it.elements.get(array).map(Vec::as_slice).unwrap_or(&[]));
            let is_even = is_like(array) && is_even(array) && !uneven.contains(array);
            let is_ordered = is_even && elements.len() > 1;
            if is_ordered && lists.map(|list| sorted(list)).standing() == Standing::Same {
                put_in_order(&mut orders, array.clone(), lists);
            }
        }
        let orders = orders.iter();
        counted.extend(orders.map(|(array, order)| one(array, Aspect::Order, order.standing())));
    }

    /// Whether a place is withheld, or stands below one that is: its values are not looked at.
    fn is_withheld(&self, place: &Place) -> bool {
        let mut at = Some(place.clone());
        while let Some(here) = at {
            if (self.denied)(&here) {
                return true;
            }
            at = here.parent();
        }
        false
    }
}

/// What stands in arrays, list by list, where three answers hold the same.
type Orders<'v, 'a> = BTreeMap<Place, Trio<Vec<&'v [Leaf<'a>]>>>;

fn put_in_order<'v, 'a>(orders: &mut Orders<'v, 'a>, array: Place, lists: Trio<&'v [Leaf<'a>]>) {
    let order = orders.entry(array).or_insert_with(|| lists.map(|_| Vec::new()));
    order.pair[0].push(lists.pair[0]);
    order.pair[1].push(lists.pair[1]);
    order.single.push(lists.single);
}

/// The arrays and maps that have other numbers of elements, or are empty or none in some: nothing
/// below them is compared by its value. Those that are arrays or maps in all three are counted.
fn uneven(
    values: &Trio<Values<'_>>,
    is_like: &dyn Fn(&Place) -> bool,
    counted: &mut Counted,
) -> BTreeSet<Place> {
    let mut uneven = BTreeSet::new();
    let arrays: BTreeSet<&Place> =
        values.each().into_iter().flat_map(|values| values.lengths.keys()).collect();
    for array in arrays {
        let lengths = values.map(|values| values.lengths.get(array));
        let is_within_even = around(array).all(|above| !uneven.contains(&above));
        let standing = lengths.standing();
        let are_there = lengths.each().iter().all(|length| length.is_some());
        if are_there && is_like(array) && is_within_even {
            counted.push(one(array, Aspect::Length, standing));
        }
        if !is_like(array) || !is_within_even || standing != Standing::Same {
            uneven.insert(array.clone());
        }
    }
    uneven
}

fn one(place: &Place, aspect: Aspect, standing: Standing) -> (Place, Aspect, Agreement) {
    let mut agreement = Agreement::default();
    agreement.count(standing);
    (place.clone(), aspect, agreement)
}

fn form_at(facts: &Facts, place: &Place) -> Form {
    facts.get(place).map_or(Form::Absent, |traits| Form::Traits(form(*traits)))
}
