//! Where no order is safe: the smallest changes that open one.
//!
//! A change is tried, not recommended from a list: the transition is altered as the change would
//! alter it, and planned again. What a change costs depends on what is changed; somebody else's
//! component is never changed.
//!
//! Refuses to know how a change is made.

use crate::constraint::Clash;
use crate::order::{Obstacle, is_ordered};
use crate::transition::{Answer, Basis, Component, Kind, Meeting, Moves, Pair, Seam, Transition};
use std::collections::BTreeSet;

/// Proposals that are told at most.
const TOLD_MAX: usize = 3;

/// Changes of one proposal at most.
const CHANGES_MAX: usize = 3;

/// Sets of changes that are tried at most.
const TRIED_MAX: usize = 4_000;

/// Components whose changes are tried at most.
const CHANGED_MAX: usize = 12;

/// Changes that together leave a safe order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The changes.
    pub changes: Vec<Change>,
    /// What they cost together, in parts of what a change to a service costs: two.
    pub cost: usize,
    /// The transition as it would be.
    pub transition: Transition,
}

/// One change to a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The component, by its place.
    pub component: usize,
    /// What is changed.
    pub what: What,
    /// What could not meet and now can.
    pub resolves: Vec<Clash>,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A version, by its place, also takes what others write until they have gone: a tolerant
    /// reader.
    Reads(usize),
    /// A version, by its place, writes so that everyone takes it: what was there is kept beside
    /// what is new.
    Writes(usize),
    /// The version after this one first comes with its writing switched off: it takes what it takes
    /// and writes what this one writes, until a flag is turned.
    Switch(usize),
    /// A version comes between this one and the next: it takes what everyone writes and writes so
    /// that everyone takes it. Expand, before the next version contracts.
    Between(usize),
}

/// The cheapest changes that open an order, cheapest first.
#[must_use]
pub fn proposals(transition: &Transition, obstacles: &[Obstacle]) -> Vec<Proposal> {
    let clashes = clashes(obstacles);
    let single = changes(transition, &clashes);
    let mut sets: Vec<(usize, Vec<usize>)> = Vec::new();
    for size in 1..=CHANGES_MAX {
        choose(single.len(), size, &mut |set| {
            let changed: BTreeSet<usize> = set.iter().map(|at| single[*at].component).collect();
            if changed.len() == set.len() {
                sets.push((
                    set.iter().map(|at| cost(transition, &single[*at])).sum(),
                    set.to_vec(),
                ));
            }
        });
    }
    sets.sort();
    let mut found: Vec<(Vec<usize>, Proposal)> = Vec::new();
    for (cost, set) in sets.into_iter().take(TRIED_MAX) {
        let holds = |(known, _): &(Vec<usize>, Proposal)| known.iter().all(|at| set.contains(at));
        if found.iter().any(holds) {
            continue;
        }
        let changes: Vec<Change> = set.iter().map(|at| single[*at].clone()).collect();
        if let Some(transition) = changed(transition, &changes).filter(is_ordered) {
            found.push((set, Proposal { changes, cost, transition }));
            if found.len() == TOLD_MAX {
                break;
            }
        }
    }
    found.into_iter().map(|(_, proposal)| proposal).collect()
}

fn clashes(obstacles: &[Obstacle]) -> BTreeSet<Clash> {
    let clashes = obstacles.iter().flat_map(|obstacle| match obstacle {
        Obstacle::Always(clash) => vec![*clash],
        Obstacle::Circle(clashes) | Obstacle::Tangle(clashes) => clashes.clone(),
        Obstacle::TooLarge => Vec::new(),
    });
    clashes.collect()
}

/// All single changes that make two meet that could not.
fn changes(transition: &Transition, clashes: &BTreeSet<Clash>) -> Vec<Change> {
    let mut wanted: BTreeSet<(usize, What)> = BTreeSet::new();
    let ends = |clash: &Clash| {
        let seam = &transition.seams()[clash.seam];
        (seam.writer, seam.reader)
    };
    let involved: BTreeSet<usize> =
        clashes.iter().flat_map(|clash| [ends(clash).0, ends(clash).1]).collect();
    let involved: BTreeSet<usize> = involved.into_iter().take(CHANGED_MAX).collect();
    for clash in clashes {
        let (writer, reader) = ends(clash);
        wanted.insert((reader, What::Reads(clash.meeting.reading)));
        wanted.insert((writer, What::Writes(clash.meeting.written)));
    }
    for component in &involved {
        for version in 0..transition.last(*component) {
            wanted.insert((*component, What::Switch(version)));
            wanted.insert((*component, What::Between(version)));
        }
    }
    wanted.retain(|(component, what)| {
        let moved = &transition.components()[*component];
        // What runs already is as it is.
        let is_there = matches!(what, What::Reads(0) | What::Writes(0));
        involved.contains(component)
            && !is_there
            && moved.kind != Kind::ThirdParty
            && moved.moves != Moves::ByItself
    });
    let change = |(component, what)| Change {
        component,
        what,
        resolves: resolved(transition, clashes, (component, what)),
    };
    wanted.into_iter().map(change).collect()
}

fn resolved(
    transition: &Transition,
    clashes: &BTreeSet<Clash>,
    (component, what): (usize, What),
) -> Vec<Clash> {
    let is_met = |clash: &&Clash| {
        let seam = &transition.seams()[clash.seam];
        match what {
            What::Reads(version) => seam.reader == component && clash.meeting.reading == version,
            What::Writes(version) => seam.writer == component && clash.meeting.written == version,
            What::Switch(version) => {
                seam.writer == component && clash.meeting.written == version + 1
            }
            What::Between(_) => seam.reader == component || seam.writer == component,
        }
    };
    clashes.iter().filter(is_met).copied().collect()
}

fn cost(transition: &Transition, change: &Change) -> usize {
    let component = match transition.components()[change.component].kind {
        Kind::Flag | Kind::Config | Kind::Cache => 1,
        Kind::Service | Kind::Worker | Kind::Job => 2,
        Kind::Bundle => 3,
        Kind::Schema | Kind::ThirdParty => 4,
    };
    match change.what {
        What::Switch(_) => component * 2 - 1,
        What::Reads(_) => component * 2,
        What::Writes(_) | What::Between(_) => component * 2 + 1,
    }
}

/// Calls with each set of so many numbers below a bound, in order, as long as there are not too
/// many.
fn choose(below: usize, size: usize, call: &mut impl FnMut(&[usize])) {
    let mut set: Vec<usize> = (0..size).collect();
    let mut left = TRIED_MAX;
    while below >= size && left > 0 {
        call(&set);
        left -= 1;
        let movable = |at: &usize| set[*at] < below - size + at;
        let Some(at) = (0..size).rev().find(movable) else { return };
        set[at] += 1;
        for next in at + 1..size {
            set[next] = set[next - 1] + 1;
        }
    }
}

/// The transition with all changes made.
fn changed(transition: &Transition, changes: &[Change]) -> Option<Transition> {
    let mut components = transition.components().to_vec();
    let mut seams = transition.seams().to_vec();
    for Change { component, what, .. } in changes {
        match what {
            What::Reads(version) => ease(&components, &mut seams, (*component, *version), false),
            What::Writes(version) => ease(&components, &mut seams, (*component, *version), true),
            What::Switch(version) => {
                let name = format!("{} (off)", components[*component].versions[version + 1]);
                insert(&mut components, &mut seams, (*component, *version), name);
                read_as_next(&components, &mut seams, (*component, version + 1));
            }
            What::Between(version) => {
                let name = format!("{}+", components[*component].versions[*version]);
                insert(&mut components, &mut seams, (*component, *version), name);
                ease(&components, &mut seams, (*component, version + 1), true);
                ease(&components, &mut seams, (*component, version + 1), false);
            }
        }
    }
    Transition::new(components, seams).ok()
}

/// Lets a version write what everyone takes, or take what everyone writes.
fn ease(
    components: &[Component],
    seams: &mut [Seam],
    (component, version): (usize, usize),
    as_writer: bool,
) {
    for seam in seams {
        let readers = components[seam.reader].versions.len();
        for (at, pair) in seam.pairs.iter_mut().enumerate() {
            let meeting = Meeting { written: at / readers, reading: at % readers };
            let is_meant = if as_writer {
                seam.writer == component && meeting.written == version
            } else {
                seam.reader == component && meeting.reading == version
            };
            if is_meant && pair.answer != Answer::Yes {
                *pair = assumed();
            }
        }
    }
}

/// Lets a version take what the next one takes.
fn read_as_next(
    components: &[Component],
    seams: &mut [Seam],
    (component, version): (usize, usize),
) {
    for seam in seams.iter_mut().filter(|seam| seam.reader == component) {
        let readers = components[seam.reader].versions.len();
        for row in seam.pairs.chunks_mut(readers) {
            row[version] = row[version + 1].clone();
        }
    }
}

fn assumed() -> Pair {
    Pair { answer: Answer::Yes, basis: Basis::Assumed, because: "as proposed".to_owned() }
}

/// Puts a version after another one, for now as that one.
fn insert(
    components: &mut [Component],
    seams: &mut [Seam],
    (component, version): (usize, usize),
    name: String,
) {
    for seam in seams.iter_mut() {
        let readers = components[seam.reader].versions.len();
        if seam.reader == component {
            let rows = seam.pairs.chunks(readers).flat_map(|row| {
                let again = row[version].clone();
                let mut row = row.to_vec();
                row.insert(version + 1, again);
                row
            });
            seam.pairs = rows.collect();
        }
        if seam.writer == component {
            let readers = seam.pairs.len() / components[component].versions.len();
            let again = seam.pairs[version * readers..][..readers].to_vec();
            let after = (version + 1) * readers;
            seam.pairs.splice(after..after, again);
        }
    }
    let moved = &mut components[component];
    moved.versions.insert(version + 1, name);
    moved.one_way.insert(version, None);
}
