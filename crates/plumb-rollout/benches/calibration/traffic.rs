//! Requests of a service on which a new version runs beside the old one, and how many of them fail,
//! second by second.
//!
//! Refuses to know who judges them.

use crate::random::Random;
use plumb_rollout::tick::{Count, Tick};

/// How many requests come in a second, on average.
pub(crate) const REQUESTS: f64 = 100.0;

/// How long a rollout is watched, in seconds; its weights and drifts are made for this time.
pub(crate) const WATCHED: u32 = 7_200;

/// Over how many seconds the failures of a burst are spread, where they are.
const SPREAD: usize = 30;

/// Which part of the requests the canary takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weights {
    Constant(f64),
    /// 5, 10, 25 and 50 %, half an hour each.
    Ramp,
}

/// How failures come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failures {
    OneByOne,
    /// Some at a time, geometrically many with this mean, all of one user and so on one arm: in one
    /// second, or spread.
    Bursts {
        mean: f64,
        is_spread: bool,
    },
    /// The same bursts where users are counted: each is one hit.
    Users {
        mean: f64,
    },
}

/// A service and its release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// The share of requests that fail on control.
    pub(crate) base: f64,
    /// How many times that on the canary.
    pub(crate) ratio: f64,
    pub(crate) weights: Weights,
    /// Whether the base falls by half in the first hour and rises by half in the second one, which
    /// is the harder way round where a canary gets more and more weight.
    pub(crate) drifts: bool,
    pub(crate) failures: Failures,
}

impl Setting {
    /// At a second of the rollout; before it there is no canary.
    fn weight(&self, at: i32) -> f64 {
        match self.weights {
            _ if at < 0 => 0.0,
            Weights::Constant(weight) => weight,
            Weights::Ramp => {
                [0.05, 0.1, 0.25, 0.5][usize::try_from(at / 1_800).unwrap_or(0).min(3)]
            }
        }
    }

    fn base(&self, at: i32) -> f64 {
        let turn = std::f64::consts::TAU * f64::from(at) / f64::from(WATCHED);
        if self.drifts { self.base * (1.0 - 0.5 * turn.sin()) } else { self.base }
    }
}

/// One second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Second {
    pub(crate) tick: Tick,
    /// A part of control that is as large as the canary, as Kayenta wants one.
    pub(crate) baseline: Count,
}

/// One rollout as it goes on.
#[derive(Debug)]
pub(crate) struct Traffic<'a> {
    setting: &'a Setting,
    random: Random,
    at: i32,
    /// Failures yet to come of bursts that are spread: of canary, baseline and the rest.
    coming: [[u64; 3]; SPREAD],
}

impl<'a> Traffic<'a> {
    /// Begins at a second, one below 0 where the old version is to run alone before.
    pub(crate) fn new(setting: &'a Setting, random: Random, at: i32) -> Self {
        Self { setting, random, at, coming: Default::default() }
    }

    pub(crate) fn second(&mut self) -> Second {
        let weight = self.setting.weight(self.at);
        let shares = [weight, weight, 1.0 - 2.0 * weight];
        let base = self.setting.base(self.at);
        let chances = [base * self.setting.ratio, base, base];
        let hits = match self.setting.failures {
            Failures::OneByOne => [None; 3],
            Failures::Bursts { mean, is_spread } => {
                self.bursts(shares, chances.map(|chance| chance / mean), (mean, is_spread))
            }
            Failures::Users { mean } => {
                self.bursts(shares, chances.map(|chance| chance / mean), (1.0, false))
            }
        };
        let [canary, baseline, rest] = [0, 1, 2].map(|arm| {
            let units = self.units(shares[arm]);
            let hits = hits[arm].unwrap_or_else(|| self.random.binomial(units, chances[arm]));
            Count::new(units, hits)
        });
        self.at += 1;
        let mut control = baseline;
        control.add(rest);
        Second { tick: Tick { control, canary }, baseline }
    }

    fn units(&mut self, share: f64) -> u64 {
        if share <= 0.0 { 0 } else { self.random.poisson(REQUESTS * share) }
    }

    /// The failures of this second where they come in bursts, whose first ones begin as often as
    /// `begins` says.
    fn bursts(
        &mut self,
        shares: [f64; 3],
        begins: [f64; 3],
        (mean, is_spread): (f64, bool),
    ) -> [Option<u64>; 3] {
        for arm in 0..3 {
            for _ in 0..self.random.poisson((REQUESTS * shares[arm] * begins[arm]).max(0.0)) {
                for _ in 0..self.random.geometric(mean) {
                    let later = if is_spread { self.random.below(SPREAD) } else { 0 };
                    self.coming[slot(self.at, later)][arm] += 1;
                }
            }
        }
        std::mem::take(&mut self.coming[slot(self.at, 0)]).map(Some)
    }
}

/// Where the failures of a second are kept until it comes.
fn slot(at: i32, later: usize) -> usize {
    let spread = i32::try_from(SPREAD).unwrap_or(i32::MAX);
    (usize::try_from(at.rem_euclid(spread)).unwrap_or(0) + later) % SPREAD
}
