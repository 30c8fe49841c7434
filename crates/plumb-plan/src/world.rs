//! What is there while a plan is carried out: which versions run, and what was written by which.
//!
//! Whatever may have happened has: a version that runs has written, to every seam at which it
//! writes, from the moment in which its first instance starts.
//!
//! Refuses to know orders.

use crate::constraint::Clash;
use crate::held::Held;
use crate::transition::{Meeting, Moves, Stay, Transition};

/// A set of versions of one component, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Versions(u64);

impl Versions {
    const fn one(version: usize) -> Self {
        Self(1 << version)
    }

    const fn up_to(last: usize) -> Self {
        Self(u64::MAX >> (63 - last))
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn holds(self, version: usize) -> bool {
        self.0 >> version & 1 == 1
    }
}

/// One state of a transition.
#[derive(Clone, Debug)]
pub(crate) struct World<'a> {
    transition: &'a Transition,
    /// The version that each component is to run.
    position: Vec<usize>,
    /// The versions of each component that run, lingering ones among them.
    live: Vec<Versions>,
    /// The versions that wrote what lies at each seam.
    data: Vec<Versions>,
}

impl<'a> World<'a> {
    /// The state before anything moves.
    pub(crate) fn new(transition: &'a Transition) -> Self {
        let live = |place: usize| match transition.components()[place].moves {
            Moves::ByItself => Versions::up_to(transition.last(place)),
            _ => Versions::one(0),
        };
        let live: Vec<Versions> = (0..transition.components().len()).map(live).collect();
        let data = transition.seams().iter().map(|seam| live[seam.writer]).collect();
        Self { transition, position: vec![0; live.len()], live, data }
    }

    /// The first instance of another version starts; for what moves at once, the last one of the
    /// version before ends in the same moment.
    pub(crate) fn begin(&mut self, component: usize, version: usize) {
        let moved = &self.transition.components()[component];
        let before = std::mem::replace(&mut self.position[component], version);
        let entered = Versions::one(version);
        self.live[component] = self.live[component].with(entered);
        if moved.moves == Moves::AtOnce && moved.lingers == Stay::Gone {
            self.leave(component, before);
        }
        self.write(component);
    }

    /// The last instance of a version ends, where nothing of it lingers.
    pub(crate) fn finish(&mut self, component: usize, version: usize) {
        if self.transition.components()[component].lingers == Stay::Gone {
            self.leave(component, version);
            self.write(component);
        }
    }

    /// Something has gone of itself, and whoever writes now goes on.
    pub(crate) fn pass(&mut self, held: Held, version: usize) {
        match held {
            Held::Instances(component) => {
                self.leave(component, version);
                self.write(component);
            }
            Held::Data(seam) => {
                let live = self.live[self.transition.seams()[seam].writer];
                self.data[seam] = Versions(self.data[seam].0 & !(1 << version)).with(live);
            }
        }
    }

    /// All clashes that are there at the seams of a component.
    pub(crate) fn clashes(&self, component: usize) -> impl Iterator<Item = Clash> {
        self.transition.seams_at(component).iter().flat_map(|seam| {
            let (data, live) = (self.data[*seam], self.live[self.transition.seams()[*seam].reader]);
            let clashes = self
                .transition
                .clashes(*seam)
                .filter(move |meeting| data.holds(meeting.written) && live.holds(meeting.reading));
            clashes.map(|meeting| Clash { seam: *seam, meeting })
        })
    }

    /// What has to go so that a clash is over; `None` when it does not go by waiting.
    pub(crate) fn remedy(&self, clash: Clash) -> Option<(Held, usize)> {
        let seam = &self.transition.seams()[clash.seam];
        let Meeting { written, reading } = clash.meeting;
        let lingers = |component: usize, version: usize| {
            let stay = self.transition.components()[component].lingers;
            self.position[component] != version
                && self.live[component].holds(version)
                && matches!(stay, Stay::Passing(_))
        };
        if lingers(seam.reader, reading) {
            return Some((Held::Instances(seam.reader), reading));
        }
        if self.live[seam.writer].holds(written) {
            let is_old = lingers(seam.writer, written);
            return is_old.then_some((Held::Instances(seam.writer), written));
        }
        let is_left = self.data[clash.seam].holds(written);
        let passes = matches!(seam.keeps, Stay::Passing(_));
        (is_left && passes).then_some((Held::Data(clash.seam), written))
    }

    fn leave(&mut self, component: usize, version: usize) {
        self.live[component] = Versions(self.live[component].0 & !(1 << version));
    }

    /// What a component writes lies at its seams; what nothing keeps is as old as its writers.
    fn write(&mut self, component: usize) {
        let live = self.live[component];
        for place in self.transition.seams_at(component) {
            let seam = &self.transition.seams()[*place];
            if seam.writer == component {
                let kept = seam.keeps != Stay::Gone;
                self.data[*place] = if kept { self.data[*place].with(live) } else { live };
            }
        }
    }
}
