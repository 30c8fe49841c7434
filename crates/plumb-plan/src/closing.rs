//! Events that close the way back for good: what they leave behind stays, and versions that would
//! have to come back cannot meet it.
//!
//! Which events do is no matter of order. In any safe order, a version that cannot take what stays
//! has gone before it comes; so whoever needs to go back through that version no longer can.
//!
//! Refuses to know how an order is found.

use crate::constraint::Clash;
use crate::event::Event;
use crate::transition::{Meeting, Moves, Stay, Transition};
use std::collections::BTreeSet;

/// Why the way back is closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// It is said of the version itself.
    OneWay {
        /// What is said.
        why: String,
    },
    /// Something stays that an older version cannot meet.
    Stays(Clash),
}

/// All events after which the start cannot be reached again.
pub(crate) fn closing(transition: &Transition) -> BTreeSet<Event> {
    let mut found = BTreeSet::new();
    for (place, component) in transition.components().iter().enumerate() {
        if component.moves != Moves::ByItself {
            let versions = 1..component.versions.len();
            let events = versions.map(|version| Event { component: place, version });
            found.extend(events.filter(|event| !closed_by(transition, *event).is_empty()));
        }
    }
    found
}

/// Why an event closes the way back; nothing where it does not.
pub(crate) fn closed_by(transition: &Transition, event: Event) -> Vec<Closed> {
    let component = &transition.components()[event.component];
    let one_way = component.one_way[event.version - 1].clone();
    let mut found: Vec<Closed> = one_way.into_iter().map(|why| Closed::OneWay { why }).collect();
    for place in transition.seams_at(event.component) {
        let seam = &transition.seams()[*place];
        let clashes = transition.clashes(*place).filter(|meeting| {
            let stays = seam.keeps == Stay::Forever || component.lingers == Stay::Forever;
            let written = seam.writer == event.component
                && stays
                && meeting.written == event.version
                && is_left(transition, seam.reader, meeting.reading);
            let read = seam.reader == event.component
                && component.lingers == Stay::Forever
                && meeting.reading == event.version
                && is_left(transition, seam.writer, meeting.written);
            written || read || is_met_at_once(transition, (*place, *meeting), event)
        });
        let clash = |meeting| Clash { seam: *place, meeting };
        found.extend(clashes.map(|meeting| Closed::Stays(clash(meeting))));
    }
    found
}

/// Whether a component that goes back at once meets what it has just written itself: it writes
/// until the moment in which it reads, so nothing can be waited for.
fn is_met_at_once(transition: &Transition, met: (usize, Meeting), event: Event) -> bool {
    let (seam, Meeting { written, reading }) = (&transition.seams()[met.0], met.1);
    seam.writer == seam.reader
        && seam.keeps != Stay::Gone
        && written == event.version
        && reading + 1 == written
}

/// Whether a version is one that a component leaves on its way.
fn is_left(transition: &Transition, component: usize, version: usize) -> bool {
    let moves = transition.components()[component].moves;
    moves != Moves::ByItself && version < transition.last(component)
}
