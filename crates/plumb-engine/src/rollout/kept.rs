//! What outlives a controller: where a rollout stands, as one document.
//!
//! Refuses to know where it lies.

use crate::rollout::rests::Rests;
use crate::rollout::spec::Rollout;
use plumb_rollout::walk::{Aim, Held, Phase, State};
use serde::{Deserialize, Serialize};

/// The version of the document. A newer one is not read: it may mean something else.
pub const FORMAT: u32 = 1;

/// Where a rollout stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The version of the document.
    pub format: u32,
    /// The rollout's name.
    pub name: String,
    /// The version that was there.
    pub control: String,
    /// The version that comes.
    pub canary: String,
    /// What tells this rollout from every other.
    pub digest: String,
    /// When it began, in Unix milliseconds.
    pub began_ms: i64,
    /// The stage that routers should be at, by its number; null for none.
    pub stage: Option<usize>,
    /// Whether they are known to be.
    pub is_done: bool,
    /// When they first were, in Unix milliseconds.
    pub since_ms: Option<i64>,
    /// How far it came.
    pub phase: PhaseWord,
    /// How many orders of people it has taken.
    pub orders_taken: usize,
    /// What was judged last, as a word; null before.
    pub verdict: Option<String>,
    /// Why.
    pub sentence: String,
    /// What the verdict rests on.
    #[serde(default)]
    pub rests: Rests,
    /// What is known of each region's routers.
    pub regions: Vec<KeptRegion>,
}

/// What is known of the routers of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRegion {
    /// Its name; null where there is but one.
    pub name: Option<String>,
    /// The share that was asked for, in millionths.
    pub asked_ppm: u32,
    /// The share that routers said they divide by, where they tell.
    pub told_ppm: Option<u32>,
    /// What they had sent where when the share was set: the new version, the old one.
    pub counted_from: Option<(u64, u64)>,
    /// What they had sent where at the last look.
    pub counted_to: Option<(u64, u64)>,
}

/// How far a rollout came, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseWord {
    /// From stage to stage.
    Walking,
    /// It waits for people, since a stage says so.
    HeldAsked,
    /// It waits for people, since there was not evidence enough in time.
    HeldLate,
    /// It waits for people, since somebody else took traffic away.
    HeldElsewhere,
    /// Bad, and the way back not safe.
    Frozen,
    /// On the way back.
    RollingBack,
    /// The end: all traffic.
    Promoted,
    /// The end: no traffic.
    RolledBack,
}

const PHASES: [(PhaseWord, Phase, &str); 8] = [
    (PhaseWord::Walking, Phase::Walking, "walking"),
    (PhaseWord::HeldAsked, Phase::Held(Held::Asked), "held, as its stage says"),
    (PhaseWord::HeldLate, Phase::Held(Held::Late), "held, without evidence enough in time"),
    (PhaseWord::HeldElsewhere, Phase::Held(Held::Elsewhere), "held, since routers give it less"),
    (PhaseWord::Frozen, Phase::Frozen, "frozen"),
    (PhaseWord::RollingBack, Phase::Back, "rolling back"),
    (PhaseWord::Promoted, Phase::Promoted, "promoted"),
    (PhaseWord::RolledBack, Phase::RolledBack, "rolled back"),
];

impl PhaseWord {
    fn of(phase: Phase) -> Self {
        let found = PHASES.iter().find(|(_, one, _)| *one == phase);
        // INVARIANT: every phase stands in the table, which a test tries.
        found.map_or(Self::Frozen, |(word, ..)| *word)
    }

    fn phase(self) -> Phase {
        let found = PHASES.iter().find(|(one, ..)| *one == self);
        found.map_or(Phase::Frozen, |(_, phase, _)| *phase)
    }

    /// The words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        PHASES.iter().find(|(one, ..)| *one == self).map_or("frozen", |(.., words)| words)
    }
}

impl Kept {
    /// A rollout before its first stage.
    #[must_use]
    pub fn begin(rollout: &Rollout, now_ms: i64) -> Self {
        let regions = rollout.regions.iter();
        let regions = regions.map(|it| KeptRegion { name: it.name.clone(), ..Default::default() });
        let mut kept = Self {
            format: FORMAT,
            name: rollout.name.clone(),
            control: rollout.control.clone(),
            canary: rollout.canary.clone(),
            digest: rollout.digest(),
            began_ms: now_ms,
            stage: None,
            is_done: false,
            since_ms: None,
            phase: PhaseWord::Walking,
            orders_taken: 0,
            verdict: None,
            sentence: String::new(),
            rests: Rests::default(),
            regions: regions.collect(),
        };
        kept.put(State::begin());
        kept
    }

    /// Where the walk stands.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            aim: self.stage.map_or(Aim::Nothing, Aim::Stage),
            is_done: self.is_done,
            since_ms: self.since_ms,
            phase: self.phase.phase(),
        }
    }

    /// Puts where the walk stands.
    pub fn put(&mut self, state: State) {
        self.stage = match state.aim {
            Aim::Nothing => None,
            Aim::Stage(at) => Some(at),
        };
        self.is_done = state.is_done;
        self.since_ms = state.since_ms;
        self.phase = PhaseWord::of(state.phase);
    }
}

impl KeptRegion {
    /// What routers sent where since the share was set. A router that was started anew counts
    /// from nothing.
    #[must_use]
    pub fn routed(&self) -> Option<(u64, u64)> {
        let ((canary, control), (canary_to, control_to)) =
            self.counted_from.zip(self.counted_to)?;
        let since = canary_to.checked_sub(canary).zip(control_to.checked_sub(control));
        Some(since.unwrap_or((canary_to, control_to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_has_its_word() {
        for (word, phase, _) in PHASES {
            assert_eq!((PhaseWord::of(phase), word.phase()), (word, phase));
        }
    }

    #[test]
    fn a_router_that_was_started_anew_counts_from_nothing() {
        let mut region = KeptRegion { counted_from: Some((5, 100)), ..KeptRegion::default() };
        assert_eq!(region.routed(), None);
        region.counted_to = Some((8, 140));
        assert_eq!(region.routed(), Some((3, 40)));
        region.counted_to = Some((1, 9));
        assert_eq!(region.routed(), Some((1, 9)));
    }
}
