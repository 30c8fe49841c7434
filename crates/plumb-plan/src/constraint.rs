//! What two versions that must not meet ask of an order: that one is gone before the other comes.
//!
//! A bad pair forbids an interval of its writer's positions together with an interval of its
//! reader's, so it leaves at most two ways round: the writer passes first, or the reader does. With
//! one way left it is a precedence; with none, no order is safe.
//!
//! Refuses to know other pairs.

use crate::event::{Event, Events};
use crate::transition::{Meeting, Moves, Stay, Transition};

/// Two versions at a seam that must not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clash {
    /// The seam, by its place.
    pub seam: usize,
    /// The versions.
    pub meeting: Meeting,
}

/// One event must come before another one; both by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) before: usize,
    pub(crate) after: usize,
}

/// What a clash leaves open.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) clash: Clash,
    /// Ways to keep both apart, two at most; each of them is enough.
    pub(crate) either: Vec<Edge>,
}

/// All constraints of a transition; clashes that cannot come about ask for nothing.
pub(crate) fn constraints(transition: &Transition, events: &Events) -> Vec<Constraint> {
    let mut found = Vec::new();
    for (place, seam) in transition.seams().iter().enumerate() {
        for meeting in transition.clashes(place) {
            let clash = Clash { seam: place, meeting };
            if seam.writer == seam.reader {
                if meets_itself(transition, clash) {
                    found.push(Constraint { clash, either: Vec::new() });
                }
            } else {
                found.push(Constraint { clash, either: either(transition, events, clash) });
            }
        }
    }
    found
}

/// Positions of a component at which something of one of its versions is there.
struct Presence {
    component: usize,
    from: usize,
    /// `None` when it never goes again.
    to: Option<usize>,
}

impl Presence {
    /// The event with which it comes; `None` when it is there from the start.
    fn comes(&self, events: &Events) -> Option<usize> {
        let event = Event { component: self.component, version: self.from };
        (self.from > 0).then(|| events.number(event))
    }

    /// The event with which it goes; `None` when it stays to the end.
    fn goes(&self, events: &Events) -> Option<usize> {
        let event = |to: usize| Event { component: self.component, version: to + 1 };
        self.to.map(|to| events.number(event(to)))
    }
}

fn either(transition: &Transition, events: &Events, clash: Clash) -> Vec<Edge> {
    let seam = &transition.seams()[clash.seam];
    let written = presence(transition, seam.writer, clash.meeting.written, seam.keeps);
    let reading = presence(transition, seam.reader, clash.meeting.reading, Stay::Gone);
    // Where one end has all its versions at any time, nothing keeps the other end's version away.
    let (Some(written), Some(reading)) = (written, reading) else { return Vec::new() };
    let first = |one: &Presence, other: &Presence| {
        let edge = |(before, after)| Edge { before, after };
        one.goes(events).zip(other.comes(events)).map(edge)
    };
    first(&written, &reading).into_iter().chain(first(&reading, &written)).collect()
}

fn presence(
    transition: &Transition,
    component: usize,
    version: usize,
    keeps: Stay,
) -> Option<Presence> {
    let moved = &transition.components()[component];
    if moved.moves == Moves::ByItself {
        return None;
    }
    let stays = keeps == Stay::Forever || moved.lingers == Stay::Forever;
    let to = (!stays && version < transition.last(component)).then_some(version);
    Some(Presence { component, from: version, to })
}

/// Whether a component that reads what it wrote itself comes to meet it in these two versions.
fn meets_itself(transition: &Transition, clash: Clash) -> bool {
    let seam = &transition.seams()[clash.seam];
    let component = &transition.components()[seam.writer];
    let Meeting { written, reading } = clash.meeting;
    let next_to = written.abs_diff(reading) == 1;
    let stays = component.lingers == Stay::Forever;
    match component.moves {
        Moves::ByItself => true,
        _ if written == reading || stays => true,
        Moves::Rolling if next_to => true,
        // The old ones that linger meet what the next version writes.
        _ if component.lingers != Stay::Gone && next_to => true,
        _ if written > reading => false,
        // What was written before the move lies there after it.
        _ => match seam.keeps {
            Stay::Forever => true,
            Stay::Passing(_) => next_to,
            Stay::Gone => false,
        },
    }
}
