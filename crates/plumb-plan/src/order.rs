//! The order of events: which may come together, which before which, and why there is none.
//!
//! Refuses to know steps, windows and ways back.

use crate::choice::choices;
use crate::closing::closing;
use crate::constraint::{Clash, Constraint, Edge, constraints};
use crate::event::{Event, Events};
use crate::graph::Graph;
use crate::transition::Transition;
use std::collections::{BTreeMap, BTreeSet};

/// Constraints that are looked through for those that matter at most.
const CORE_MAX: usize = 200;

/// Events in waves: those of one wave may come in any order, also side by side.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) waves: Vec<Vec<Event>>,
    /// For each event the clashes that make it wait for another one.
    pub(crate) because: BTreeMap<Event, BTreeSet<Clash>>,
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Two versions meet whatever the order.
    Always(Clash),
    /// Each of these makes one event wait for the next one, round in a circle.
    Circle(Vec<Clash>),
    /// Each of these can be kept, but not all of them.
    Tangle(Vec<Clash>),
    /// Whether there is an order was not found out within bounds.
    TooLarge,
}

/// Finds an order in which no two versions meet that must not, and which keeps the way back open as
/// long as any order does.
pub(crate) fn order(transition: &Transition) -> Result<Order, Vec<Obstacle>> {
    let events = Events::of(transition);
    let constraints = constraints(transition, &events);
    let never = |one: &&Constraint| one.either.is_empty();
    let always: Vec<_> =
        constraints.iter().filter(never).map(|one| Obstacle::Always(one.clash)).collect();
    if !always.is_empty() {
        return Err(always);
    }
    let mut graph = forced(&events, &constraints);
    let circles = graph.circles();
    if !circles.is_empty() {
        return Err(circles.iter().map(|circle| told(circle, &constraints)).collect());
    }
    let found = choices(&mut graph, &constraints);
    let closing: Vec<usize> =
        closing(transition).into_iter().map(|event| events.number(event)).collect();
    let ordered = found.found.iter().map(|chosen| {
        let mut graph = graph.clone();
        chosen.iter().for_each(|edge| graph.add(*edge));
        in_waves(&graph, &closing)
    });
    let best = ordered.reduce(|best, other| if other.open > best.open { other } else { best });
    match best {
        Some(best) => Ok(Order {
            waves: best.waves.iter().map(|wave| named(&events, wave)).collect(),
            because: because(&events, &constraints, &best.waves),
        }),
        None if found.is_cut => Err(vec![Obstacle::TooLarge]),
        None => Err(vec![Obstacle::Tangle(core(&events, &constraints))]),
    }
}

/// Whether there is an order at all.
pub(crate) fn is_ordered(transition: &Transition) -> bool {
    let events = Events::of(transition);
    has_order(&events, &constraints(transition, &events))
}

fn has_order(events: &Events, constraints: &[Constraint]) -> bool {
    if constraints.iter().any(|one| one.either.is_empty()) {
        return false;
    }
    let mut graph = forced(events, constraints);
    let levels = graph.levels(&vec![true; events.len()]);
    levels.iter().map(Vec::len).sum::<usize>() == events.len()
        && !choices(&mut graph, constraints).found.is_empty()
}

/// Everything that leaves no choice: versions come one after the other, and constraints with one
/// way.
fn forced(events: &Events, constraints: &[Constraint]) -> Graph {
    let mut graph = Graph::new(events.len());
    for event in events.iter().filter(|event| event.version > 1) {
        let before = Event { version: event.version - 1, ..event };
        graph.add(Edge { before: events.number(before), after: events.number(event) });
    }
    let one = |constraint: &Constraint| match constraint.either.as_slice() {
        [edge] => Some(*edge),
        _ => None,
    };
    let edges: BTreeSet<Edge> = constraints.iter().filter_map(one).collect();
    edges.into_iter().for_each(|edge| graph.add(edge));
    graph
}

struct Waves {
    waves: Vec<Vec<usize>>,
    /// Events before the first one that closes the way back.
    open: usize,
}

/// Everything that can come before the way back is closed does.
fn in_waves(graph: &Graph, closing: &[usize]) -> Waves {
    let late = graph.with_followers(closing);
    let early: Vec<bool> = late.iter().map(|is_late| !is_late).collect();
    let mut waves = graph.levels(&early);
    let open = waves.iter().map(Vec::len).sum();
    waves.extend(graph.levels(&late));
    Waves { waves, open }
}

fn named(events: &Events, wave: &[usize]) -> Vec<Event> {
    wave.iter().map(|number| events.event(*number)).collect()
}

fn because(
    events: &Events,
    constraints: &[Constraint],
    waves: &[Vec<usize>],
) -> BTreeMap<Event, BTreeSet<Clash>> {
    let mut wave_of = vec![0; events.len()];
    for (at, wave) in waves.iter().enumerate() {
        wave.iter().for_each(|event| wave_of[*event] = at);
    }
    let mut because: BTreeMap<Event, BTreeSet<Clash>> = BTreeMap::new();
    for constraint in constraints {
        let kept = constraint.either.iter().find(|edge| wave_of[edge.before] < wave_of[edge.after]);
        if let Some(edge) = kept {
            because.entry(events.event(edge.after)).or_default().insert(constraint.clash);
        }
    }
    because
}

/// The clashes round a circle of events.
fn told(circle: &[usize], constraints: &[Constraint]) -> Obstacle {
    let next = circle.iter().cycle().skip(1);
    let edges: BTreeSet<Edge> = circle
        .iter()
        .zip(next)
        .map(|(before, after)| Edge { before: *before, after: *after })
        .collect();
    let is_on_it = |one: &&Constraint| matches!(&one.either[..], [edge] if edges.contains(edge));
    Obstacle::Circle(constraints.iter().filter(is_on_it).map(|one| one.clash).collect())
}

/// Fewest clashes that leave no order: without any one of them there would be one.
fn core(events: &Events, constraints: &[Constraint]) -> Vec<Clash> {
    let mut kept = constraints.to_vec();
    if kept.len() <= CORE_MAX {
        let mut at = 0;
        while at < kept.len() {
            let one = kept.remove(at);
            if has_order(events, &kept) {
                kept.insert(at, one);
                at += 1;
            }
        }
    }
    kept.into_iter().map(|one| one.clash).collect()
}
