//! The walk through the stages of a rollout: what to do next, from where it stands and what is
//! seen.
//!
//! What is done to routers is always "make them what this aim says", so that doing it twice does
//! what doing it once does. An aim is kept before it is carried out and marked as done afterwards:
//! whoever goes on after a crash carries it out again and loses nothing. Refuses to know clocks,
//! routers, and how a verdict is found.

use crate::share::Share;
use crate::verdict::Verdict;

/// One stage, as people wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What the new version gets.
    pub brings: Brings,
    /// The region it is for, by its number; `None` for all.
    pub region: Option<usize>,
    /// How long it takes at least, in milliseconds, counted from when routers had it.
    pub at_least_ms: i64,
    /// How long it may take without evidence enough to go on, in milliseconds.
    pub at_most_ms: Option<i64>,
    /// What comes after it.
    pub then: Then,
}

/// What a stage gives to the new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// A share of all traffic.
    Share(Share),
    /// A cohort that is known by what it sends, as a company's own people; shares stay.
    Cohort,
}

/// What comes after a stage with evidence enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next stage.
    Promote,
    /// People decide.
    Hold,
}

/// What the routers should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Without any traffic for the new version.
    Nothing,
    /// As all stages up to this one say, by its number.
    Stage(usize),
}

/// Where a rollout stands. This is what outlives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What the routers should be.
    pub aim: Aim,
    /// Whether they are known to be that.
    pub is_done: bool,
    /// When they first were, in Unix milliseconds.
    pub since_ms: Option<i64>,
    /// How far it came.
    pub phase: Phase,
}

/// How far a rollout came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It goes from stage to stage.
    Walking,
    /// It waits for people. It still rolls back by itself.
    Held(Held),
    /// It is bad, and the way back was not safe. Only people go on; it still rolls back once that
    /// is safe.
    Frozen,
    /// It takes all traffic away from the new version.
    Back,
    /// All traffic goes to the new version, and that is fine. The end.
    Promoted,
    /// No traffic goes to the new version. The end.
    RolledBack,
}

/// Why a rollout waits for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The stage says so.
    Asked,
    /// There was not evidence enough in time.
    Late,
    /// Somebody else gave the new version less than the stage says.
    Elsewhere,
}

/// What is seen at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The moment, in Unix milliseconds.
    pub now_ms: i64,
    /// What the judge says; `None` when it was not asked.
    pub verdict: Option<Verdict>,
    /// Whether the hours of the next stage are now.
    pub is_hour: bool,
    /// What the routers say beside what they were told.
    pub routed: Routed,
    /// What people ordered.
    pub order: Option<Order>,
}

/// What routers say of the new version's share, beside what they were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routed {
    /// They were not asked, or cannot tell.
    Unknown,
    /// It is what they were told.
    AsAsked,
    /// It is more.
    Above,
    /// It is less.
    Below,
}

/// What people order. It overrules judge, times and hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Roll back.
    Abort,
    /// Go on to the next stage.
    Promote,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Keep this state, then carry out its aim, then keep it as done.
    Aim(State),
    /// Carry out the aim that is kept already.
    Again,
    /// Keep this state; routers stay as they are.
    Become(State),
    /// Nothing, for now.
    Stay(Waiting),
    /// Nothing, for ever.
    End,
}

/// What a rollout waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Evidence enough.
    Evidence,
    /// The end of the least time of a stage, in Unix milliseconds.
    Time(i64),
    /// The hours of the next stage.
    Hours,
    /// People.
    People,
}

/// What a region's routers should be: the share, and the stages whose cohorts are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The share of the new version.
    pub share: Share,
    /// The stages whose cohorts it gets besides, by their numbers.
    pub cohorts: Vec<usize>,
}

impl State {
    /// Before the first stage. Its aim is not done: what routers were before is nobody's word.
    #[must_use]
    pub const fn begin() -> Self {
        Self { aim: Aim::Nothing, is_done: false, since_ms: None, phase: Phase::Walking }
    }

    /// The same state once its aim is carried out. What was done before keeps its time.
    #[must_use]
    pub fn done(self, now_ms: i64) -> Self {
        Self { is_done: true, since_ms: Some(self.since_ms.unwrap_or(now_ms)), ..self }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self.phase, Phase::Promoted | Phase::RolledBack)
    }

    fn back() -> Self {
        Self { aim: Aim::Nothing, is_done: false, since_ms: None, phase: Phase::Back }
    }
}

/// What the routers of a region should be for an aim.
#[must_use]
pub fn wanted(stages: &[Stage], aim: Aim, region: usize) -> Wanted {
    let count = match aim {
        Aim::Nothing => 0,
        Aim::Stage(at) => at + 1,
    };
    let mut wanted = Wanted { share: Share::NONE, cohorts: Vec::new() };
    for (at, stage) in stages.iter().enumerate().take(count) {
        if stage.region.is_some_and(|only| only != region) {
            continue;
        }
        match stage.brings {
            Brings::Share(share) => wanted.share = share,
            Brings::Cohort => wanted.cohorts.push(at),
        }
    }
    wanted
}

/// What to do next.
#[must_use]
pub fn next(stages: &[Stage], state: State, seen: &Seen) -> Next {
    if state.is_end() {
        return Next::End;
    }
    if state.phase == Phase::Back {
        return match (state.is_done, seen.routed) {
            (false, _) | (true, Routed::Above) => Next::Again,
            (true, _) => Next::Become(State { phase: Phase::RolledBack, ..state }),
        };
    }
    if seen.order == Some(Order::Abort) || seen.verdict == Some(Verdict::RollBack) {
        return Next::Aim(State::back());
    }
    if seen.order == Some(Order::Promote) {
        return ordered(stages, state);
    }
    if seen.verdict == Some(Verdict::Freeze) || state.phase == Phase::Frozen {
        // Where the way back is not safe, taking traffic away may harm as giving more may.
        return rest(state, Phase::Frozen);
    }
    if !state.is_done || seen.routed == Routed::Above {
        return Next::Again;
    }
    if matches!(state.phase, Phase::Held(_)) {
        return Next::Stay(Waiting::People);
    }
    if seen.routed == Routed::Below {
        return rest(state, Phase::Held(Held::Elsewhere));
    }
    match state.aim {
        Aim::Nothing if seen.is_hour => forward(stages, state),
        Aim::Nothing => Next::Stay(Waiting::Hours),
        Aim::Stage(at) => {
            let stage = stages.get(at);
            stage.map_or(Next::Stay(Waiting::People), |stage| walk(stages, stage, (state, seen)))
        }
    }
}

/// What to do in a stage that routers have, when nothing is wrong with it.
fn walk(stages: &[Stage], stage: &Stage, (state, seen): (State, &Seen)) -> Next {
    let since_ms = state.since_ms.unwrap_or(seen.now_ms);
    let enough_ms = since_ms.saturating_add(stage.at_least_ms);
    if seen.verdict == Some(Verdict::Promote) {
        return if seen.now_ms < enough_ms {
            Next::Stay(Waiting::Time(enough_ms))
        } else if stage.then == Then::Hold {
            rest(state, Phase::Held(Held::Asked))
        } else if is_last(stages, state.aim) || seen.is_hour {
            forward(stages, state)
        } else {
            Next::Stay(Waiting::Hours)
        };
    }
    let late_ms = stage.at_most_ms.map(|most| since_ms.saturating_add(most));
    if late_ms.is_some_and(|late_ms| seen.now_ms >= late_ms) {
        return rest(state, Phase::Held(Held::Late));
    }
    Next::Stay(Waiting::Evidence)
}

/// People said to go on.
fn ordered(stages: &[Stage], state: State) -> Next {
    if !state.is_done || state.phase == Phase::Held(Held::Elsewhere) {
        // The stage itself is not there yet: that is what they want first.
        return Next::Aim(State { is_done: false, phase: Phase::Walking, ..state });
    }
    forward(stages, state)
}

fn forward(stages: &[Stage], state: State) -> Next {
    if is_last(stages, state.aim) {
        return Next::Become(State { phase: Phase::Promoted, ..state });
    }
    let at = match state.aim {
        Aim::Nothing => 0,
        Aim::Stage(at) => at + 1,
    };
    let aim = Aim::Stage(at);
    Next::Aim(State { aim, is_done: false, since_ms: None, phase: Phase::Walking })
}

fn is_last(stages: &[Stage], aim: Aim) -> bool {
    matches!(aim, Aim::Stage(at) if at + 1 >= stages.len())
}

fn rest(state: State, phase: Phase) -> Next {
    if state.phase == phase {
        return Next::Stay(Waiting::People);
    }
    Next::Become(State { phase, ..state })
}

#[cfg(test)]
#[path = "walk_laws.rs"]
mod laws;
