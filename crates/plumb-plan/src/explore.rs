//! The explorer: tries every interleaving of a plan, whoever wrote it, and shows a shortest way to
//! a moment in which two versions meet that must not.
//!
//! It shares nothing with the planner but the transition. Whether two versions meet concerns the
//! two components of one seam, so each seam is walked through by itself, with everything that may
//! happen to these two: moves in any order and half done, moves that fail and are tried again.
//! Seams are exact apart: no clash needs a third component.

use crate::constraint::Clash;
use crate::event::Event;
use crate::held::Held;
use crate::transition::{Meeting, Moves, Stay, Transition};
use std::collections::{BTreeMap, VecDeque};

/// One stage of a plan: waits, then moves side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// What must have gone, by version, before anything moves.
    pub waits: Vec<(Held, usize)>,
    /// Components and the versions that they move to.
    pub moves: Vec<Event>,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The first instance of a version starts; what moves at once has moved.
    Begins(Event),
    /// The last instance of the version before has ended.
    Ends(Event),
    /// A move that had begun is taken back, to be tried again.
    Fails(Event),
    /// Something old has gone.
    Passes(Held, usize),
}

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refutation {
    /// Two versions meet that must not, after these acts, of which none could be left out.
    Clash {
        /// Who meets.
        clash: Clash,
        /// What happens to the two components before.
        acts: Vec<Act>,
    },
    /// In the stage of this number a component moves to the version that it is at, moves twice, or
    /// moves although nobody moves it.
    Move(usize, Event),
    /// In the stage of this number something is waited for that never goes.
    Endless(usize, Held, usize),
    /// At the end a component is not at its last version.
    Unfinished(usize),
}

/// Looks for a reason to refuse a plan; `None` is a proof that there is none.
#[must_use]
pub fn refute(transition: &Transition, stages: &[Stage]) -> Option<Refutation> {
    let flaw = flawed(transition, stages);
    flaw.or_else(|| clashing(transition, stages))
}

/// As [`refute`], of stages that need not lead to the last versions.
#[must_use]
pub fn refute_part(transition: &Transition, stages: &[Stage]) -> Option<Refutation> {
    flawed(transition, stages)
        .filter(|flaw| !matches!(flaw, Refutation::Unfinished(_)))
        .or_else(|| clashing(transition, stages))
}

fn clashing(transition: &Transition, stages: &[Stage]) -> Option<Refutation> {
    let mut shortest: Option<(Clash, Vec<Act>)> = None;
    let per_component = per_component(transition, stages);
    for seam in 0..transition.seams().len() {
        if transition.clashes(seam).next().is_none() {
            continue;
        }
        if let Some((clash, acts)) = (Walk { transition, seam }).walk(&per_component, stages)
            && shortest.as_ref().is_none_or(|(_, best)| acts.len() < best.len())
        {
            shortest = Some((clash, acts));
        }
    }
    shortest.map(|(clash, acts)| Refutation::Clash { clash, acts })
}

/// For each component its moves, by stage.
fn per_component(transition: &Transition, stages: &[Stage]) -> Vec<BTreeMap<usize, usize>> {
    let mut moves = vec![BTreeMap::new(); transition.components().len()];
    for (at, stage) in stages.iter().enumerate() {
        for event in &stage.moves {
            moves[event.component].insert(at, event.version);
        }
    }
    moves
}

fn flawed(transition: &Transition, stages: &[Stage]) -> Option<Refutation> {
    let mut position = vec![0; transition.components().len()];
    for (at, stage) in stages.iter().enumerate() {
        for (held, version) in &stage.waits {
            if !goes(transition, &position, *held, *version) {
                return Some(Refutation::Endless(at, *held, *version));
            }
        }
        let mut moved = Vec::new();
        for event in &stage.moves {
            let by_itself = transition.components()[event.component].moves == Moves::ByItself;
            let stays = position[event.component] == event.version;
            if by_itself || stays || moved.contains(&event.component) {
                return Some(Refutation::Move(at, *event));
            }
            moved.push(event.component);
            position[event.component] = event.version;
        }
    }
    let is_short = |place: &usize| {
        transition.components()[*place].moves != Moves::ByItself
            && position[*place] != transition.last(*place)
    };
    (0..position.len()).find(is_short).map(Refutation::Unfinished)
}

/// Whether something goes of itself while components stand where they do.
fn goes(transition: &Transition, position: &[usize], held: Held, version: usize) -> bool {
    let (component, stay) = match held {
        Held::Instances(component) => (component, transition.components()[component].lingers),
        Held::Data(seam) => (transition.seams()[seam].writer, transition.seams()[seam].keeps),
    };
    let moves = transition.components()[component].moves;
    stay != Stay::Forever && moves != Moves::ByItself && position[component] != version
}

/// One component of the two at a seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    position: usize,
    /// Versions that run, one bit for each.
    live: u64,
    /// The version that is being left, in the middle of a move.
    leaving: Option<usize>,
    /// Whether the move of this stage is done.
    is_done: bool,
}

/// One moment at a seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    stage: usize,
    /// The writer, then the reader; the same twice where one component is both.
    ends: [End; 2],
    /// Versions that wrote what lies there, one bit for each.
    data: u64,
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    transition: &'a Transition,
    seam: usize,
}

impl Walk<'_> {
    fn walk(self, moves: &[BTreeMap<usize, usize>], stages: &[Stage]) -> Option<(Clash, Vec<Act>)> {
        let start = self.start();
        let mut came: BTreeMap<Moment, Option<(Moment, Vec<Act>)>> =
            BTreeMap::from([(start, None)]);
        let mut waiting = VecDeque::from([start]);
        while let Some(moment) = waiting.pop_front() {
            if let Some(meeting) = self.meeting(&moment) {
                let mut acts = Vec::new();
                let mut at = moment;
                while let Some(Some((before, act))) = came.get(&at) {
                    acts.extend(act.iter().rev().copied());
                    at = *before;
                }
                acts.reverse();
                return Some((Clash { seam: self.seam, meeting }, acts));
            }
            for (acts, next) in self.next(moment, moves, stages) {
                came.entry(next).or_insert_with(|| {
                    waiting.push_back(next);
                    Some((moment, acts))
                });
            }
        }
        None
    }

    fn components(self) -> [usize; 2] {
        let seam = &self.transition.seams()[self.seam];
        [seam.writer, seam.reader]
    }

    fn is_one(self) -> bool {
        let [writer, reader] = self.components();
        writer == reader
    }

    fn start(self) -> Moment {
        let ends = self.components().map(|place| {
            let component = &self.transition.components()[place];
            let all = (1..component.versions.len()).fold(1, |all, version| all | 1 << version);
            let live = if component.moves == Moves::ByItself { all } else { 1 };
            End { position: 0, live, leaving: None, is_done: false }
        });
        Moment { stage: 0, ends, data: ends[0].live }
    }

    fn meeting(self, moment: &Moment) -> Option<Meeting> {
        self.transition.clashes(self.seam).find(|meeting| {
            moment.data >> meeting.written & 1 == 1
                && moment.ends[1].live >> meeting.reading & 1 == 1
        })
    }

    /// What may happen next.
    fn next(
        self,
        moment: Moment,
        moves: &[BTreeMap<usize, usize>],
        stages: &[Stage],
    ) -> Vec<(Vec<Act>, Moment)> {
        let mut found = Vec::new();
        let is_over = |at: usize| {
            let wanted = moves[self.components()[at]].get(&moment.stage);
            wanted.is_none() || moment.ends[at].is_done
        };
        if is_over(0) && is_over(1) && moment.stage < stages.len() {
            found.push(self.next_stage(moment, moves, stages));
        }
        let ends = if self.is_one() { 0..1 } else { 0..2 };
        for at in ends {
            let component = self.components()[at];
            let Some(version) = moves[component].get(&moment.stage) else { continue };
            let event = Event { component, version: *version };
            let end = moment.ends[at];
            if end.is_done {
                continue;
            }
            match end.leaving {
                None => found.push((vec![Act::Begins(event)], self.begun(moment, at, *version))),
                Some(old) => {
                    found.push((vec![Act::Ends(event)], self.left(moment, at, (old, true))));
                    let failed = self.left(moment, at, (*version, false));
                    found.push((vec![Act::Fails(event)], failed));
                }
            }
        }
        found
    }

    /// The first instance starts, or everything changes at once.
    fn begun(self, mut moment: Moment, at: usize, version: usize) -> Moment {
        let component = &self.transition.components()[self.components()[at]];
        let end = &mut moment.ends[at];
        let old = std::mem::replace(&mut end.position, version);
        end.live |= 1 << version;
        if component.moves == Moves::AtOnce {
            end.is_done = true;
            if component.lingers == Stay::Gone {
                end.live &= !(1 << old);
            }
        } else {
            end.leaving = Some(old);
        }
        self.written(moment, at)
    }

    /// One of the two versions in a move is gone; then the move is done, or to be begun again.
    fn left(self, mut moment: Moment, at: usize, (gone, is_done): (usize, bool)) -> Moment {
        let component = &self.transition.components()[self.components()[at]];
        let end = &mut moment.ends[at];
        if !is_done && let Some(old) = end.leaving {
            end.position = old;
        }
        end.leaving = None;
        end.is_done = is_done;
        if component.lingers == Stay::Gone {
            end.live &= !(1 << gone);
        }
        self.written(moment, at)
    }

    /// Everyone who runs has written, and both ends are one where one component is both.
    fn written(self, mut moment: Moment, changed: usize) -> Moment {
        if self.is_one() {
            moment.ends = [moment.ends[changed]; 2];
        }
        let live = moment.ends[0].live;
        let is_kept = self.transition.seams()[self.seam].keeps != Stay::Gone;
        moment.data = if is_kept { moment.data | live } else { live };
        moment
    }

    /// The waits of the next stage that either component or the seam takes part in. What lies at
    /// the seam has gone only where it was waited for.
    fn next_stage(
        self,
        mut moment: Moment,
        moves: &[BTreeMap<usize, usize>],
        stages: &[Stage],
    ) -> (Vec<Act>, Moment) {
        let is_moved =
            |stage: usize| self.components().iter().any(|at| moves[*at].contains_key(&stage));
        let mut acts = Vec::new();
        loop {
            moment.stage += 1;
            moment.ends.iter_mut().for_each(|end| end.is_done = false);
            let Some(stage) = stages.get(moment.stage) else { return (acts, moment) };
            for (held, version) in &stage.waits {
                moment = match held {
                    Held::Instances(component) if self.components().contains(component) => {
                        self.gone(moment, *component, *version)
                    }
                    Held::Data(seam) if *seam == self.seam => {
                        moment.data = moment.data & !(1 << version) | moment.ends[0].live;
                        moment
                    }
                    _ => continue,
                };
                acts.push(Act::Passes(*held, *version));
            }
            if is_moved(moment.stage) {
                return (acts, moment);
            }
        }
    }

    fn gone(self, mut moment: Moment, component: usize, version: usize) -> Moment {
        for at in 0..2 {
            if self.components()[at] == component {
                moment.ends[at].live &= !(1 << version);
                moment = self.written(moment, at);
            }
        }
        moment
    }
}
