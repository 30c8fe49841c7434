//! Events: a component enters one of its versions.
//!
//! Refuses to know what forbids one.

use crate::transition::{Moves, Transition};

/// A component enters a version, by their places; never its first, which is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The component.
    pub component: usize,
    /// The version that it enters.
    pub version: usize,
}

/// All events of a transition, numbered.
#[derive(Debug)]
pub(crate) struct Events {
    all: Vec<Event>,
    /// The number of each component's first event.
    first: Vec<usize>,
}

impl Events {
    /// The events that somebody can bring about: what moves by itself has none.
    pub(crate) fn of(transition: &Transition) -> Self {
        let mut all = Vec::new();
        let mut first = Vec::with_capacity(transition.components().len());
        for (place, component) in transition.components().iter().enumerate() {
            first.push(all.len());
            if component.moves != Moves::ByItself {
                let versions = 1..component.versions.len();
                all.extend(versions.map(|version| Event { component: place, version }));
            }
        }
        Self { all, first }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn event(&self, number: usize) -> Event {
        self.all[number]
    }

    /// The number of an event, which is there.
    pub(crate) fn number(&self, event: Event) -> usize {
        self.first[event.component] + event.version - 1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Event> {
        self.all.iter().copied()
    }
}
