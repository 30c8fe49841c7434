//! The controller of a rollout: looks, asks the judge, asks the walk what comes next, and does it.
//!
//! What it aims at is on disk before any router is touched, and that routers have it only after
//! they said so. So whoever comes after a crash, at whatever moment, goes on rightly. Refuses to
//! wait: whoever calls it does.

use crate::rollout::error::RolloutError;
use crate::rollout::event::{Event, Kind};
use crate::rollout::judge::{Asked, Judge, Judged};
use crate::rollout::kept::Kept;
use crate::rollout::lease::Lease;
use crate::rollout::orders::{Ordered, Word};
use crate::rollout::room::Room;
use crate::rollout::spec::Rollout;
use crate::rollout::way_back::{Ways, hangs_on_it, held_to};
use plumb_drive::driver::{Counts, Driver, Told};
use plumb_drive::trouble::Trouble;
use plumb_rollout::judgement::WayBack;
use plumb_rollout::share::Share;
use plumb_rollout::split::routed;
use plumb_rollout::verdict::Verdict;
use plumb_rollout::walk::{Next, Order, Phase, Routed, Seen, Stage, State, Waiting, next};
use std::collections::BTreeSet;

/// A rollout that is ours to run.
pub struct Controller<'a> {
    rollout: &'a Rollout,
    stages: Vec<Stage>,
    room: Room,
    _lease: Lease,
    drivers: Vec<Box<dyn Driver>>,
    judge: Box<dyn Judge>,
    ways: Box<dyn Ways + 'a>,
    /// What was known of the way back when it was asked for last.
    way_back: WayBack,
    kept: Kept,
    /// What is on disk.
    written: Option<Kept>,
    /// What happened and was not fetched yet.
    news: Vec<Event>,
    /// What routers complain of in this turn.
    complaints: BTreeSet<String>,
    /// What they complained of in the turn before: that is told already.
    told: BTreeSet<String>,
}

/// What came of one turn.
#[derive(Debug)]
pub enum Turn {
    /// Something was done or kept, and more may be to do at once.
    Moved,
    /// There is nothing to do before the next look.
    Waits(Waiting),
    /// Routers are not what they should be.
    Failed(Trouble),
    /// There is nothing to do ever more.
    Ended,
}

/// What a rollout is run with.
#[derive(Debug)]
pub struct Tools<'a> {
    /// The drivers of all regions, in their order.
    pub drivers: Vec<Box<dyn Driver>>,
    /// The judge.
    pub judge: Box<dyn Judge>,
    /// Whether it can be gone back from.
    pub ways: Box<dyn Ways + 'a>,
    /// How to take it up.
    pub opening: Opening,
}

/// How to take up a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Go on where it is; what has ended has ended.
    GoOn,
    /// The same, and begin anew what has ended.
    Again,
    /// Only to take everything away from the new version: stages may have changed meanwhile.
    ToAbort,
}

/// How many requests at least are counted before a division is said to be another one.
const ROUTED_MIN: u64 = 200;

impl std::fmt::Debug for Controller<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Controller").field("kept", &self.kept).finish_non_exhaustive()
    }
}

impl<'a> Controller<'a> {
    /// Takes a rollout up: where somebody left it, or from the beginning.
    ///
    /// # Errors
    /// [`RolloutError::Taken`] when somebody else runs it, [`RolloutError::Changed`] when what is
    /// under way is not this, or when its folder cannot be used.
    pub fn open(
        rollout: &'a Rollout,
        room: Room,
        tools: Tools<'a>,
        now_ms: i64,
    ) -> Result<Self, RolloutError> {
        let lease = room.lease(now_ms)?;
        let kept = room.kept()?;
        let has_ended = kept.as_ref().is_some_and(|kept| kept.state().is_end());
        let is_this = kept.as_ref().is_some_and(|kept| kept.digest == rollout.digest());
        let began = match kept {
            Some(kept) if is_this && !(has_ended && tools.opening == Opening::Again) => Ok(kept),
            Some(kept) if tools.opening == Opening::ToAbort && !has_ended => {
                let Kept { digest, regions, .. } = Kept::begin(rollout, now_ms);
                Ok(Kept { digest, regions, ..kept })
            }
            Some(_) if !has_ended => {
                return Err(RolloutError::Changed { name: rollout.name.clone() });
            }
            _ => {
                let orders_taken = room.orders()?.len();
                Err(Kept { orders_taken, ..Kept::begin(rollout, now_ms) })
            }
        };
        let is_new = began.is_err();
        let (Ok(kept) | Err(kept)) = began;
        let mut controller = Self {
            rollout,
            stages: rollout.walked(),
            room,
            _lease: lease,
            drivers: tools.drivers,
            judge: tools.judge,
            way_back: WayBack::Unknown(String::new()),
            ways: tools.ways,
            kept,
            written: None,
            news: Vec::new(),
            complaints: BTreeSet::new(),
            told: BTreeSet::new(),
        };
        controller.way_back = controller.ways.way_back();
        controller.keep()?;
        let Rollout { control, canary, .. } = rollout;
        if is_new {
            let sentence = format!("`{canary}` is to take over from `{control}`");
            controller.say(now_ms, Kind::Began, sentence)?;
        } else if !controller.kept.state().is_end() {
            let sentence = controller.kept.phase.words().to_owned();
            controller.say(now_ms, Kind::Resumed, sentence)?;
        }
        Ok(controller)
    }

    /// Where it stands.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// How many stages it has.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.stages.len()
    }

    /// Whether people ordered something that it has not looked at.
    ///
    /// # Errors
    /// When the rollout's folder cannot be used.
    pub fn is_ordered(&self) -> Result<bool, RolloutError> {
        Ok(self.room.orders()?.len() > self.kept.orders_taken)
    }

    /// What happened since it was asked last.
    pub fn news(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.news)
    }

    /// Looks once, and does the one thing that follows.
    ///
    /// # Errors
    /// When the rollout's folder cannot be used. What routers refuse is no error here.
    pub fn turn(&mut self, now_ms: i64) -> Result<Turn, RolloutError> {
        let state = self.kept.state();
        if state.is_end() {
            return Ok(Turn::Ended);
        }
        self.told = std::mem::take(&mut self.complaints);
        let order = self.order(now_ms)?;
        let mut failed = None;
        if !state.is_done && order.is_none() && state.phase != Phase::Frozen {
            failed = self.carry_out(now_ms)?;
            if failed.is_none() {
                return Ok(Turn::Moved);
            }
        }
        let (routed, is_blind) =
            if state.is_done { self.look(now_ms)? } else { (Routed::Unknown, true) };
        let verdict = self.judged(now_ms, is_blind)?;
        let is_hour = self.rollout.is_hour(state.aim, now_ms);
        let seen = Seen { now_ms, verdict, is_hour, routed, order };
        let turn = match next(&self.stages, state, &seen) {
            Next::Aim(state) => {
                self.aim(now_ms, state)?;
                Turn::Moved
            }
            Next::Again if state.is_done => {
                self.aim(now_ms, State { is_done: false, ..state })?;
                Turn::Moved
            }
            Next::Again => failed.map_or(Turn::Moved, Turn::Failed),
            Next::Become(state) => {
                self.settle(now_ms, state)?;
                if state.is_end() { Turn::Ended } else { Turn::Moved }
            }
            Next::Stay(waiting) => failed.map_or(Turn::Waits(waiting), Turn::Failed),
            Next::End => Turn::Ended,
        };
        self.keep()?;
        Ok(turn)
    }

    /// The next order of people that is for now. It counts as taken with what is kept next, so
    /// that it is taken once.
    fn order(&mut self, now_ms: i64) -> Result<Option<Order>, RolloutError> {
        let orders = self.room.orders()?;
        for line in orders.into_iter().skip(self.kept.orders_taken) {
            self.kept.orders_taken += 1;
            let Some(Ordered { order, reason, by, stage, began_ms, .. }) = line else { continue };
            if began_ms != self.kept.began_ms {
                continue;
            }
            let is_late = order == Word::Promote && stage != self.kept.stage;
            let (word, late) = match order {
                Word::Abort => ("abort", ""),
                Word::Promote if is_late => ("promote", "; too late, its stage is over"),
                Word::Promote => ("promote", ""),
            };
            self.say(now_ms, Kind::Ordered, format!("{by} ordered to {word}: {reason}{late}"))?;
            if !is_late {
                return Ok(Some(order.order()));
            }
        }
        Ok(None)
    }

    /// Keeps an aim before any router is touched.
    fn aim(&mut self, now_ms: i64, state: State) -> Result<(), RolloutError> {
        self.kept.put(state);
        for (at, region) in self.kept.regions.iter_mut().enumerate() {
            region.asked_ppm = self.rollout.wanted(state.aim, at).ppm;
            (region.told_ppm, region.counted_from, region.counted_to) = (None, None, None);
        }
        self.keep()?;
        let sentence = match self.rollout.stage(state.aim) {
            Some(stage) => format!("stage `{}`", stage.name),
            None => "nothing to the new version".to_owned(),
        };
        self.say(now_ms, Kind::Aims, sentence)
    }

    fn settle(&mut self, now_ms: i64, state: State) -> Result<(), RolloutError> {
        self.kept.put(state);
        self.keep()?;
        let words = self.kept.phase.words().to_owned();
        match state.phase {
            Phase::Promoted => self.say(now_ms, Kind::Promoted, words),
            Phase::RolledBack => self.say(now_ms, Kind::RolledBack, words),
            Phase::Frozen => {
                let sentence = format!("{words}: {}", self.kept.sentence);
                self.say(now_ms, Kind::Frozen, sentence)
            }
            _ => self.say(now_ms, Kind::Held, words),
        }
    }

    /// Makes all routers what the aim says, and keeps that it is so. Each is tried, whatever
    /// another one says; gives the first trouble.
    fn carry_out(&mut self, now_ms: i64) -> Result<Option<Trouble>, RolloutError> {
        let state = self.kept.state();
        let mut first = None;
        let mut told_all = Vec::new();
        for at in 0..self.drivers.len() {
            let wanted = self.rollout.wanted(state.aim, at);
            let driver = &mut self.drivers[at];
            let told = driver.set(&wanted).and_then(|()| driver.read());
            let told = told.and_then(|told| match_of(driver.as_ref(), wanted.ppm, told));
            match told {
                Ok(told) => told_all.push(told),
                Err(trouble) => {
                    self.complain(now_ms, at, &trouble)?;
                    first = first.or(Some(trouble));
                }
            }
        }
        if first.is_some() {
            return Ok(first);
        }
        for (at, told) in told_all.iter().enumerate() {
            let region = &mut self.kept.regions[at];
            region.told_ppm = told.ppm;
            let counts = told.counts.map(|counts| (counts.canary, counts.control));
            (region.counted_from, region.counted_to) = (counts, counts);
        }
        self.kept.put(state.done(now_ms));
        self.keep()?;
        for (at, told) in told_all.iter().enumerate() {
            let asked = self.rollout.wanted(state.aim, at);
            let cohorts =
                asked.cohorts.iter().map(|one| format!(" and `{}: {}`", one.header, one.value));
            let says =
                told.ppm.map_or("does not tell".to_owned(), |ppm| format!("says {}", share(ppm)));
            let cohorts: String = cohorts.collect();
            let sentence = format!("asked {}{cohorts}, the router {says}", share(asked.ppm));
            self.say_of(now_ms, (Kind::Set, Some(at)), sentence)?;
        }
        Ok(None)
    }

    /// Asks routers what they do. Also tells whether one could not be asked.
    fn look(&mut self, now_ms: i64) -> Result<(Routed, bool), RolloutError> {
        let mut all = Vec::new();
        let mut is_blind = false;
        for at in 0..self.drivers.len() {
            let told = match self.drivers[at].read() {
                Ok(told) => told,
                Err(trouble) => {
                    self.complain(now_ms, at, &trouble)?;
                    is_blind = true;
                    continue;
                }
            };
            let asked = self.drivers[at].nearest(self.kept.regions[at].asked_ppm);
            let bound = self.drivers[at].tolerance_ppm();
            all.push(match told.ppm {
                None => Routed::Unknown,
                Some(ppm) if ppm.abs_diff(asked) <= bound => Routed::AsAsked,
                Some(ppm) if ppm > asked => Routed::Above,
                Some(_) => Routed::Below,
            });
            for note in told.notes {
                self.say_once(now_ms, (Kind::Noted, at), note)?;
            }
            let region = &mut self.kept.regions[at];
            region.told_ppm = told.ppm;
            region.counted_to = told.counts.map(|counts| (counts.canary, counts.control));
        }
        if !is_blind
            && !all.contains(&Routed::Unknown)
            && all.iter().all(|it| *it == Routed::AsAsked)
        {
            return Ok((Routed::AsAsked, false));
        }
        let worst = [Routed::Above, Routed::Below].into_iter().find(|one| all.contains(one));
        Ok((worst.unwrap_or(Routed::Unknown), is_blind))
    }

    /// Asks the judge, where there is something to judge. What would give more is not taken while
    /// it is unknown what routers do, or while they divide otherwise than they say.
    fn judged(&mut self, now_ms: i64, is_blind: bool) -> Result<Option<Verdict>, RolloutError> {
        let state = self.kept.state();
        let (Some(stage), false) = (self.rollout.stage(state.aim), state.phase == Phase::Back)
        else {
            return Ok(None);
        };
        let at = stage.stage.region.unwrap_or(0);
        let (name, ppm) = (stage.name.clone(), self.rollout.wanted(state.aim, at).ppm);
        let mut judged = self.ask(now_ms, (&name, ppm));
        if hangs_on_it(judged.verdict) {
            let way_back = self.ways.way_back();
            if way_back != self.way_back {
                self.way_back = way_back;
                judged = self.ask(now_ms, (&name, ppm));
            }
        }
        let mut judged = held_to(judged, &self.way_back);
        if judged.verdict == Verdict::Promote {
            if is_blind {
                let why = "what routers do cannot be seen, so that no verdict counts";
                judged = Judged::cannot_tell(why.to_owned());
            } else if let Some(sentence) = self.other_split() {
                judged = Judged { verdict: Verdict::Hold, sentence, ..judged };
            }
        }
        let word = judged.verdict.code();
        self.kept.rests = judged.rests;
        if self.kept.verdict.as_deref() != Some(word) || self.kept.sentence != judged.sentence {
            self.kept.verdict = Some(word.to_owned());
            self.kept.sentence.clone_from(&judged.sentence);
            let why = judged.sentence;
            let words = judged.verdict.word();
            let sentence =
                if why.is_empty() { words.to_owned() } else { format!("{words}: {why}") };
            self.say(now_ms, Kind::Judged, sentence)?;
        }
        Ok(Some(judged.verdict))
    }

    /// Asks the judge about a stage, by its name, with this share.
    fn ask(&mut self, now_ms: i64, (stage, ppm): (&str, u32)) -> Judged {
        let routed = self.kept.regions.iter().map(|region| region.routed());
        let routed = routed.collect::<Option<Vec<_>>>().map(|all| {
            all.iter().fold(Counts::default(), |sum, (canary, control)| Counts {
                canary: sum.canary.saturating_add(*canary),
                control: sum.control.saturating_add(*control),
            })
        });
        self.judge.judge(&Asked {
            rollout: &self.rollout.name,
            control: &self.rollout.control,
            canary: &self.rollout.canary,
            stage,
            ppm,
            began_ms: self.kept.began_ms,
            since_ms: self.kept.since_ms.unwrap_or(now_ms),
            now_ms,
            routed,
            way_back: &self.way_back,
        })
    }

    /// What is to be said where routers divide quite otherwise than they say. Cohorts come on top
    /// of every share, so that nothing can be said then.
    fn other_split(&self) -> Option<String> {
        let aim = self.kept.state().aim;
        self.kept.regions.iter().enumerate().find_map(|(at, region)| {
            let (canary, control) = region.routed()?;
            let is_few = canary.saturating_add(control) < ROUTED_MIN;
            if is_few || !self.rollout.wanted(aim, at).cohorts.is_empty() {
                return None;
            }
            let (low, high) = routed(canary, control)?;
            let asked = region.told_ppm.unwrap_or(region.asked_ppm);
            is_other(asked, low, high).then(|| {
                let asked = share(asked);
                format!("routers divide otherwise: asked {asked}, routed {low} to {high}")
            })
        })
    }

    /// Tells of trouble with a router once, until it is over.
    fn complain(&mut self, now_ms: i64, at: usize, trouble: &Trouble) -> Result<(), RolloutError> {
        self.say_once(now_ms, (Kind::Failed, at), trouble.to_string())
    }

    fn say_once(
        &mut self,
        now_ms: i64,
        (kind, at): (Kind, usize),
        text: String,
    ) -> Result<(), RolloutError> {
        let complaint = format!("{at} {text}");
        let is_told = self.told.contains(&complaint);
        if self.complaints.insert(complaint) && !is_told {
            self.say_of(now_ms, (kind, Some(at)), text)?;
        }
        Ok(())
    }

    fn say(&mut self, at_ms: i64, event: Kind, sentence: String) -> Result<(), RolloutError> {
        self.say_of(at_ms, (event, None), sentence)
    }

    fn say_of(
        &mut self,
        at_ms: i64,
        (event, region): (Kind, Option<usize>),
        sentence: String,
    ) -> Result<(), RolloutError> {
        let stage = self.rollout.stage(self.kept.state().aim).map(|stage| stage.name.clone());
        let region = region.and_then(|at| self.rollout.regions.get(at)?.name.clone());
        let event = Event { at_ms, event, stage, region, sentence };
        self.room.log(&event)?;
        self.news.push(event);
        Ok(())
    }

    fn keep(&mut self) -> Result<(), RolloutError> {
        if self.written.as_ref() != Some(&self.kept) {
            self.room.keep(&self.kept)?;
            self.written = Some(self.kept.clone());
        }
        Ok(())
    }
}

/// What a router says after it was set, if it is what it was told.
fn match_of(driver: &dyn Driver, asked_ppm: u32, told: Told) -> Result<Told, Trouble> {
    let asked = driver.nearest(asked_ppm);
    match told.ppm {
        Some(ppm) if ppm.abs_diff(asked) > driver.tolerance_ppm() => Err(Trouble::Away {
            who: driver.name(),
            why: format!("it was told {} and says {}", share(asked), share(ppm)),
        }),
        _ => Ok(told),
    }
}

/// Whether what was routed is not even near to what was asked.
fn is_other(asked_ppm: u32, low: Share, high: Share) -> bool {
    /// A hundredth of all: what is still under way when all or nothing was asked for.
    const REST_PPM: u32 = 10_000;
    let least = (asked_ppm / 2).min(Share::WHOLE.ppm() - REST_PPM);
    let most = asked_ppm.saturating_mul(2).max(REST_PPM);
    high.ppm() < least || low.ppm() > most
}

fn share(ppm: u32) -> String {
    Share::from_ppm(ppm).unwrap_or(Share::WHOLE).to_string()
}

#[cfg(test)]
#[path = "controller_tests.rs"]
mod tests;
