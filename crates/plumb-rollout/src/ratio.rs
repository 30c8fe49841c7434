//! The ratio of two rates, tested while the counts come in, and asked at any time.
//!
//! Given how many hits both arms had together in a tick, the canary's part of them is binomial with
//! probability n1 r / (n1 r + n0), for n1 and n0 units and the ratio r of the two rates. So a base
//! rate that changes from tick to tick cancels out, and so does a weight that was chosen before the
//! tick. The mean of likelihood ratios against a null, over a prior fixed beforehand, is an
//! e-process: it ever exceeds 1/α with probability at most α. (M. Lindon and A. Malek, Anytime-
//! Valid Inference for Multinomial Count Data, 2022, conditioned on the hits of each tick.) It is
//! exact for counts that are Poisson and conservative for shares.
//!
//! Refuses to know what is counted, and what follows.

use crate::burst::Bursts;
use crate::number::{log_spaced, log_sum_exp, real};
use crate::tick::{Arm, Tick};
use std::sync::Arc;

/// The largest ratio that is kept, and one over the smallest.
const RATIO_MAX: f64 = 50.0;

/// How many ratios are kept: neighbours differ by 7 %.
const RATIOS: u32 = 120;

/// The distance from a null to the nearest alternative, as a factor. What lies closer takes longer
/// than any rollout.
const NEAREST: f64 = 1.05;

/// The centre of the prior for a canary that is worse, as a factor of the null: failures of a bad
/// release grow by several times. Between 7 and 10 no median delay that was simulated moves by more
/// than a tenth.
const WORSE: f64 = 8.0;

/// How wide the priors are, in natural logarithms.
const PRIOR_WIDTH: f64 = 0.6;

/// What every alternative weighs at least, beside the centre's 1: small differences and huge ones
/// are found as well, only later.
const PRIOR_FLOOR: f64 = 0.1;

/// How to weigh hits that may hang together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighing {
    /// What each hit counts, above 0 and at most 1: one over the dispersion.
    pub temper: f64,
    /// Whether each hit is a unit of its own. Where it is not, the largest burst on the arm that
    /// the evidence rests on is left out but for one hit, so that nothing rests on the troubles of
    /// one user.
    pub units: bool,
    /// Whether it is known that hits come one by one. A burst then is what falls into one tick,
    /// less what chance makes of it, and otherwise all that falls into the longest time over which
    /// hits may hang together.
    pub is_lone: bool,
}

impl Weighing {
    /// Each hit is a user or a job that was hit for the first time.
    pub const UNITS: Self = Self { temper: 1.0, units: true, is_lone: true };
}

/// The log likelihoods of ratios over all ticks so far, up to a constant.
#[derive(Clone, Debug)]
pub struct Likelihood {
    /// The same for all clones: those of one question asked of many.
    grid: Arc<Grid>,
    sums: Vec<f64>,
    bursts: Bursts,
}

/// What does not change while ticks come in.
#[derive(Debug)]
struct Grid {
    /// Ascending, without twins.
    ratios: Vec<f64>,
    /// Their logarithms.
    logs: Vec<f64>,
    /// The priors against each null, worked out once: "more", and "fewer".
    priors: Vec<(f64, Prior, Prior)>,
}

/// The logarithms of how much each ratio weighs, together 1; minus infinity for those left out.
type Prior = Vec<f64>;

impl Grid {
    fn at(&self, null: f64) -> usize {
        self.ratios.partition_point(|ratio| *ratio < null).min(self.ratios.len() - 1)
    }

    fn more(&self, null: f64) -> Prior {
        self.prior(|ratio| if ratio < null * NEAREST { 0.0 } else { prior(ratio / null, WORSE) })
    }

    fn fewer(&self, null: f64) -> Prior {
        self.prior(|ratio| if ratio > null / NEAREST { 0.0 } else { prior(ratio, 1.0) })
    }

    fn prior(&self, weight: impl Fn(f64) -> f64) -> Prior {
        let weights: Vec<f64> = self.ratios.iter().map(|ratio| weight(*ratio)).collect();
        let all: f64 = weights.iter().sum();
        weights.iter().map(|one| (one / all).ln()).collect()
    }
}

impl Likelihood {
    /// Nothing seen yet; each of the given ratios can be a null.
    #[must_use]
    pub fn new(nulls: &[f64]) -> Self {
        let mut ratios = log_spaced(1.0 / RATIO_MAX, RATIO_MAX, RATIOS);
        ratios.extend_from_slice(nulls);
        Self::over(ratios, nulls)
    }

    fn over(mut ratios: Vec<f64>, nulls: &[f64]) -> Self {
        ratios.retain(|ratio| ratio.is_finite() && *ratio > 0.0);
        ratios.sort_by(f64::total_cmp);
        ratios.dedup();
        let logs = ratios.iter().map(|ratio| ratio.ln()).collect();
        let mut grid = Grid { ratios, logs, priors: Vec::new() };
        grid.priors =
            nulls.iter().map(|null| (*null, grid.more(*null), grid.fewer(*null))).collect();
        let sums = vec![0.0; grid.ratios.len()];
        Self { grid: Arc::new(grid), sums, bursts: Bursts::default() }
    }

    /// Takes a tick in. A tick in which one arm met nobody tells nothing of a ratio.
    pub fn observe(&mut self, tick: &Tick) {
        if has_hits(tick) {
            let exposure = self.exposure(tick);
            self.observe_exposed(tick, &exposure);
        } else {
            self.bursts.observe(tick);
        }
    }

    /// How much each ratio would have a tick's units be hit, as logarithms: the same for all
    /// questions about these units.
    pub(crate) fn exposure(&self, tick: &Tick) -> Vec<f64> {
        let (canary, control) = (real(tick.canary.units), real(tick.control.units));
        self.grid.ratios.iter().map(|ratio| (canary * ratio + control).ln()).collect()
    }

    /// Takes a tick in whose exposure is known.
    pub(crate) fn observe_exposed(&mut self, tick: &Tick, exposure: &[f64]) {
        self.bursts.observe(tick);
        self.learn(tick, exposure);
    }

    /// Learns from ticks that are taken together, each of which was taken in already and told
    /// nothing alone.
    pub(crate) fn learn_together(&mut self, ticks: &Tick) {
        let exposure = self.exposure(ticks);
        self.learn(ticks, &exposure);
    }

    fn learn(&mut self, tick: &Tick, exposure: &[f64]) {
        if tick.control.units == 0 || tick.canary.units == 0 || !has_hits(tick) {
            return;
        }
        let (canary, all) = (real(tick.canary.hits), real(tick.canary.hits + tick.control.hits));
        let told = self.grid.logs.iter().zip(exposure);
        for (sum, (log, exposure)) in self.sums.iter_mut().zip(told) {
            *sum += canary * log - all * exposure;
        }
    }

    /// The logarithm of the e-value against "the ratio is at most `null`": the evidence that the
    /// canary has more hits.
    #[must_use]
    pub fn log_more(&self, null: f64, how: Weighing) -> f64 {
        let (burst, hits) = self.bursts.excess(Arm::Canary, how.is_lone);
        let out = (burst, (if how.units { 0.0 } else { hits }, 0.0));
        let known = self.grid.priors.iter().find(|(one, ..)| one.to_bits() == null.to_bits());
        match known {
            Some((_, prior, _)) => self.log_e(null, how.temper, prior, out),
            None => self.log_e(null, how.temper, &self.grid.more(null), out),
        }
    }

    /// The logarithm of the e-value against "the ratio is at least `null`": the evidence that the
    /// canary has fewer hits. It grows fastest where the two arms are alike.
    #[must_use]
    pub fn log_fewer(&self, null: f64, how: Weighing) -> f64 {
        let (burst, hits) = self.bursts.excess(Arm::Control, how.is_lone);
        let out = (burst, (0.0, if how.units { 0.0 } else { hits }));
        let known = self.grid.priors.iter().find(|(one, ..)| one.to_bits() == null.to_bits());
        match known {
            Some((.., prior)) => self.log_e(null, how.temper, prior, out),
            None => self.log_e(null, how.temper, &self.grid.fewer(null), out),
        }
    }

    /// `out` is a tick and the hits of it that are left out.
    fn log_e(&self, null: f64, temper: f64, prior: &Prior, out: (&Tick, (f64, f64))) -> f64 {
        let (ratios, is_out) = (&self.grid.ratios, out.1 != (0.0, 0.0));
        let left = |at: usize| {
            if is_out { log_likelihood(out.0, ratios[at], out.1) } else { 0.0 }
        };
        let null = self.grid.at(null);
        let at_null = self.sums[null] - left(null);
        let weighed = (0..ratios.len()).filter(|at| prior[*at] > f64::NEG_INFINITY);
        let logs = weighed.map(|at| prior[at] + temper * (self.sums[at] - left(at) - at_null));
        log_sum_exp(logs)
    }

    /// The ratios that are not refuted: with probability 1 - α the true one lies between them, now
    /// and at every other moment. They end at a fiftieth and fifty times.
    #[must_use]
    pub fn interval(&self, alpha: f64, how: Weighing) -> (f64, f64) {
        let logs = || self.sums.iter().map(|sum| how.temper * sum);
        let mean = log_sum_exp(logs()) - real(self.sums.len() as u64).ln();
        let is_possible = |log: f64| mean - log < -alpha.ln();
        let mut possible = self.grid.ratios.iter().zip(logs()).filter(|(_, log)| is_possible(*log));
        let low = possible.next().map_or(1.0, |(ratio, _)| *ratio);
        (low, possible.next_back().map_or(low, |(ratio, _)| *ratio))
    }

    /// The ratio under which what was seen is likeliest, among those kept.
    #[must_use]
    pub fn likeliest(&self) -> f64 {
        let best = self.grid.ratios.iter().zip(&self.sums).max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(1.0, |(ratio, _)| *ratio)
    }
}

fn has_hits(tick: &Tick) -> bool {
    tick.canary.hits > 0 || tick.control.hits > 0
}

/// The log likelihood of a ratio from one tick's units and some hits of canary and control.
fn log_likelihood(tick: &Tick, ratio: f64, (canary, control): (f64, f64)) -> f64 {
    let all = real(tick.canary.units) * ratio + real(tick.control.units);
    let hits = canary + control;
    if hits == 0.0 { 0.0 } else { canary * ratio.ln() - hits * all.ln() }
}

fn prior(ratio: f64, centre: f64) -> f64 {
    let distance = (ratio / centre).ln() / PRIOR_WIDTH;
    (-0.5 * distance * distance).exp() + PRIOR_FLOOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tick::Count;
    use proptest::prelude::*;

    fn tick(n1: u64, n0: u64, x1: u64, x0: u64) -> Tick {
        Tick { control: Count::new(n0, x0), canary: Count::new(n1, x1) }
    }

    /// As published: a flat prior over sixty ratios, every hit counted.
    fn check(ticks: &[Tick], expected: f64) {
        let mut ratios = log_spaced(1.05, 50.0, 60);
        ratios.push(1.0);
        let mut likelihood = Likelihood::over(ratios, &[]);
        ticks.iter().for_each(|tick| likelihood.observe(tick));
        let flat = likelihood.grid.prior(|ratio| if ratio > 1.0 { 1.0 } else { 0.0 });
        let log_e = likelihood.log_e(1.0, 1.0, &flat, (&Tick::default(), (0.0, 0.0)));
        assert!((log_e - expected).abs() < 5e-7, "{log_e}, not {expected}");
    }

    #[test]
    fn e_values_are_those_that_others_computed() {
        check(&[tick(50, 950, 1, 1); 10], 15.350_508);
        check(&[tick(50, 950, 0, 1); 10], -1.425_514);
        check(&[tick(50, 950, 1, 1), tick(100, 900, 2, 1), tick(250, 750, 4, 3)], 4.376_354);
    }

    #[test]
    fn one_burst_is_no_evidence_unless_it_is_of_many_units() {
        let mut likelihood = Likelihood::new(&[1.0]);
        likelihood.observe(&tick(500, 9_500, 40, 2));
        assert!(likelihood.log_more(1.0, Weighing::UNITS) > 50.0);
        assert!(
            likelihood.log_more(1.0, Weighing { temper: 1.0, units: false, is_lone: true }) < 2.0
        );
    }

    #[test]
    fn ticks_in_which_one_arm_met_nobody_tell_nothing() {
        let mut likelihood = Likelihood::new(&[1.0]);
        likelihood.observe(&tick(0, 1_000, 0, 30));
        likelihood.observe(&tick(1_000, 0, 30, 0));
        assert!(likelihood.log_more(1.0, Weighing::UNITS).abs() < 1e-9);
        assert!(likelihood.log_fewer(1.0, Weighing::UNITS).abs() < 1e-9);
        let (low, high) = likelihood.interval(0.05, Weighing::UNITS);
        assert!(low < 0.021 && high > 49.9);
    }

    /// The expectation of an e-value at its null, over all ways in which a tick's hits can fall.
    fn expectation(units: (u64, u64), hits: u64, ratio: f64, how: fn(&Likelihood) -> f64) -> f64 {
        let all = real(units.0) * ratio + real(units.1);
        let share = real(units.0) * ratio / all;
        let mut choose = 1.0;
        let mut sum = 0.0;
        for canary in 0..=hits {
            let mut likelihood = Likelihood::new(&[1.0, 1.5]);
            likelihood.observe(&tick(units.0, units.1, canary, hits - canary));
            let chance =
                choose * share.powf(real(canary)) * (1.0 - share).powf(real(hits - canary));
            sum += chance * how(&likelihood).exp();
            choose *= real(hits - canary) / real(canary + 1);
        }
        sum
    }

    proptest! {
        /// What makes a look at any time harmless: no e-value is expected to exceed 1 at its null.
        #[test]
        fn e_values_are_expected_to_be_at_most_one(
            units in (50_u64..2_000, 50_u64..2_000),
            hits in 0_u64..12,
            ratio in 0.3_f64..1.0,
        ) {
            let more = |one: &Likelihood| one.log_more(1.0, Weighing::UNITS);
            prop_assert!(expectation(units, hits, ratio, more) <= 1.0 + 1e-9);
            let fewer = |one: &Likelihood| one.log_fewer(1.5, Weighing::UNITS);
            prop_assert!(expectation(units, hits, 1.5 / ratio, fewer) <= 1.0 + 1e-9);
        }

        /// Leaving a burst out and tempering never make evidence of nothing.
        #[test]
        fn care_never_adds_evidence(
            ticks in prop::collection::vec((1_u64..200, 1_u64..2_000, 0_u64..9, 0_u64..9), 1..20),
        ) {
            let mut likelihood = Likelihood::new(&[1.0]);
            for (n1, n0, x1, x0) in ticks {
                likelihood.observe(&tick(n1, n0, x1, x0));
            }
            let all = likelihood.log_more(1.0, Weighing::UNITS);
            let how = Weighing { temper: 1.0, units: false, is_lone: true };
            let careful = likelihood.log_more(1.0, how);
            prop_assert!(careful <= all + 1e-9);
        }
    }
}
