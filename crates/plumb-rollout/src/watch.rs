//! One question asked of both arms again and again: is the canary hit more often than control?
//!
//! Refuses to know what the question is about.

use crate::dispersion::Dispersion;
use crate::number::real;
use crate::ratio::{Likelihood, Weighing};
use crate::tick::Tick;

/// How many ticks wait for the other arm.
const PATIENCE: u32 = 60;

/// How many wait where things happen seldom.
const PATIENT: u32 = 10_000;

/// What one hit stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// A user or a job that was hit for the first time.
    Units,
    /// A request, or whatever else one unit can cause many of, in ticks of about a second.
    Requests,
    /// The same in ticks that are as long as one unit's hits hang together: ten seconds and more.
    Spans,
}

impl Counting {
    /// What people call one of what is counted.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Units => "user",
            Self::Requests | Self::Spans => "request",
        }
    }
}

/// What is known so far.
#[derive(Clone, Debug)]
pub struct Watch {
    counting: Counting,
    likelihood: Likelihood,
    control: Dispersion,
    canary: Dispersion,
    so_far: Tick,
    /// Ticks that wait for one in which the other arm meets somebody.
    waiting: Tick,
    waited: u32,
    patience: u32,
    /// The canary's hits above what was expected: the lowest so far, now, and when it was lowest.
    low: f64,
    path: f64,
    since: u64,
    ticks: u64,
}

impl Watch {
    /// Nothing seen yet. `bearable` is how many times as many hits a canary may have and still be
    /// promoted, more than 1.
    #[must_use]
    pub fn new(counting: Counting, bearable: f64) -> Self {
        Self {
            counting,
            likelihood: Likelihood::new(&[1.0, bearable]),
            control: Dispersion::new(),
            canary: Dispersion::new(),
            so_far: Tick::default(),
            waiting: Tick::default(),
            waited: 0,
            patience: PATIENCE,
            low: 0.0,
            path: 0.0,
            since: 0,
            ticks: 0,
        }
    }

    /// Waits longer for the other arm: for what happens seldom.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { patience: PATIENT, ..self }
    }

    /// Takes in the next tick.
    pub fn observe(&mut self, tick: &Tick) {
        self.likelihood.observe(tick);
        self.remember(tick);
    }

    /// The same with what [`Self::exposure`] gave for a tick with as many units.
    pub(crate) fn observe_exposed(&mut self, tick: &Tick, exposure: &[f64]) {
        self.likelihood.observe_exposed(tick, exposure);
        self.remember(tick);
    }

    /// What many watches need of a tick's units, whatever was hit.
    pub(crate) fn exposure(&self, tick: &Tick) -> Vec<f64> {
        self.likelihood.exposure(tick)
    }

    fn remember(&mut self, tick: &Tick) {
        self.wait(tick);
        self.control.observe(tick.control);
        self.canary.observe(tick.canary);
        self.so_far.add(tick);
        self.ticks += 1;
        self.follow(tick);
    }

    /// Takes ticks together in which only one arm met somebody: where little happens, that is all
    /// there is. What waits too long is left out, since the base rate may have changed meanwhile.
    fn wait(&mut self, tick: &Tick) {
        if (tick.control.units == 0) != (tick.canary.units == 0) {
            self.waiting.add(tick);
        }
        let is_met = |tick: &Tick| tick.control.units > 0 && tick.canary.units > 0;
        if is_met(&self.waiting) {
            self.likelihood.learn_together(&self.waiting);
            self.waiting = Tick::default();
        }
        let is_waiting = self.waiting != Tick::default();
        self.waited = if is_waiting { self.waited + 1 } else { 0 };
        if self.waited > self.patience {
            self.waiting = Tick::default();
            self.waited = 0;
        }
    }

    /// The canary's hits above what the units on both arms let expect. Where that was lowest, the
    /// trouble began (E. Page, Continuous Inspection Schemes, 1954).
    fn follow(&mut self, tick: &Tick) {
        let (Some(share), hits) =
            (tick.canary_share(), tick.canary.hits.saturating_add(tick.control.hits))
        else {
            return;
        };
        self.path += real(tick.canary.hits) - share * real(hits);
        if self.path <= self.low {
            self.low = self.path;
            self.since = self.ticks;
        }
    }

    /// The logarithm of the e-value against "the canary is hit at most as often as control".
    #[must_use]
    pub fn log_more(&self) -> f64 {
        self.likelihood.log_more(1.0, self.weighing())
    }

    /// The logarithm of the e-value against "the canary is hit at least `bearable` times as often";
    /// 1 asks whether it is hit less often.
    #[must_use]
    pub fn log_fewer(&self, bearable: f64) -> f64 {
        self.likelihood.log_fewer(bearable, self.weighing())
    }

    /// How many times as often the canary is hit: the likeliest ratio, and those between which it
    /// lies with probability 1 - α at every moment.
    #[must_use]
    pub fn ratio(&self, alpha: f64) -> (f64, (f64, f64)) {
        (self.likelihood.likeliest(), self.likelihood.interval(alpha, self.weighing()))
    }

    /// Everything counted so far.
    #[must_use]
    pub fn so_far(&self) -> Tick {
        self.so_far
    }

    /// The number of ticks before the one with which the canary's surplus began.
    #[must_use]
    pub fn since(&self) -> u64 {
        self.since
    }

    /// Variance over mean of the hits, by which their evidence is divided; 1 where units count.
    #[must_use]
    pub fn dispersion(&self) -> f64 {
        match self.counting {
            Counting::Units => 1.0,
            Counting::Requests | Counting::Spans => self.control.factor().max(self.canary.factor()),
        }
    }

    fn weighing(&self) -> Weighing {
        match self.counting {
            Counting::Units => Weighing::UNITS,
            Counting::Spans => {
                Weighing { temper: 1.0 / self.dispersion(), units: false, is_lone: true }
            }
            Counting::Requests => {
                let dispersion = self.dispersion();
                let is_lone = dispersion <= 1.0 && self.control.is_known();
                Weighing { temper: 1.0 / dispersion, units: false, is_lone }
            }
        }
    }
}
