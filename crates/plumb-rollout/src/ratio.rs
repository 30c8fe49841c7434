//! The ratio of two rates, tested while the counts come in, and asked at any time.
//!
//! Given how many hits both arms had together in a tick, the canary's part of them is binomial with
//! probability n1 r / (n1 r + n0), for n1 and n0 units and the ratio r of the two rates. So a base
//! rate that changes from tick to tick cancels out, and so does a weight that was chosen before the
//! tick. The mean of likelihood ratios against a null, over a prior fixed beforehand, is an
//! e-process: it ever exceeds 1/α with probability at most α (M. Lindon and A. Malek,
//! Anytime-Valid Inference for Multinomial Count Data, 2022, conditioned on the hits of each tick).
//! It is exact for counts that are Poisson and conservative for shares.
//!
//! Refuses to know what is counted, and what follows.

use crate::number::{log_spaced, log_sum_exp, real};
use crate::tick::Tick;

/// The largest ratio that is kept, and one over the smallest.
const RATIO_MAX: f64 = 50.0;

/// How many ratios are kept: neighbours differ by 7 %.
const RATIOS: u32 = 120;

/// The distance from a null to the nearest alternative, as a factor. What lies closer takes longer
/// than any rollout.
const NEAREST: f64 = 1.05;

/// The centre of the prior for a canary that is worse, as a factor of the null: failures of a bad
/// release grow by several times.
const WORSE: f64 = 7.0;

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
    /// Whether each hit is a unit of its own. Where it is not, all hits but one of the largest
    /// burst on the arm that the evidence rests on are left out, so that nothing rests on the
    /// troubles of one user.
    pub units: bool,
}

impl Weighing {
    /// Each hit is a user or a job that was hit for the first time.
    pub const UNITS: Self = Self { temper: 1.0, units: true };
}

/// The log likelihoods of ratios over all ticks so far, up to a constant.
#[derive(Clone, Debug)]
pub struct Likelihood {
    /// Ascending, without twins.
    ratios: Vec<f64>,
    sums: Vec<f64>,
    /// The tick in which the canary had most hits, and that in which control had.
    canary_burst: Tick,
    control_burst: Tick,
}

impl Likelihood {
    /// Nothing seen yet; each of the given ratios can be a null.
    #[must_use]
    pub fn new(nulls: &[f64]) -> Self {
        let mut ratios = log_spaced(1.0 / RATIO_MAX, RATIO_MAX, RATIOS);
        ratios.extend_from_slice(nulls);
        Self::over(ratios)
    }

    fn over(mut ratios: Vec<f64>) -> Self {
        ratios.retain(|ratio| ratio.is_finite() && *ratio > 0.0);
        ratios.sort_by(f64::total_cmp);
        ratios.dedup();
        let (sums, none) = (vec![0.0; ratios.len()], Tick::default());
        Self { ratios, sums, canary_burst: none, control_burst: none }
    }

    /// Takes a tick in. A tick in which one arm met nobody tells nothing of a ratio.
    pub fn observe(&mut self, tick: &Tick) {
        let hits = (real(tick.canary.hits), real(tick.control.hits));
        if tick.control.units == 0 || tick.canary.units == 0 || hits == (0.0, 0.0) {
            return;
        }
        for (ratio, sum) in self.ratios.iter().zip(&mut self.sums) {
            *sum += log_likelihood(tick, *ratio, hits);
        }
        if tick.canary.hits > self.canary_burst.canary.hits {
            self.canary_burst = *tick;
        }
        if tick.control.hits > self.control_burst.control.hits {
            self.control_burst = *tick;
        }
    }

    /// The logarithm of the e-value against "the ratio is at most `null`": the evidence that the
    /// canary has more hits.
    #[must_use]
    pub fn log_more(&self, null: f64, how: Weighing) -> f64 {
        let burst = (excess(self.canary_burst.canary.hits, how), 0.0);
        let out = |ratio| log_likelihood(&self.canary_burst, ratio, burst);
        let prior =
            |ratio: f64| if ratio < null * NEAREST { 0.0 } else { prior(ratio / null, WORSE) };
        self.log_e(null, how.temper, prior, out)
    }

    /// The logarithm of the e-value against "the ratio is at least `null`": the evidence that the
    /// canary has fewer hits. It grows fastest where the two arms are alike.
    #[must_use]
    pub fn log_fewer(&self, null: f64, how: Weighing) -> f64 {
        let burst = (0.0, excess(self.control_burst.control.hits, how));
        let out = |ratio| log_likelihood(&self.control_burst, ratio, burst);
        let prior = |ratio: f64| if ratio > null / NEAREST { 0.0 } else { prior(ratio, 1.0) };
        self.log_e(null, how.temper, prior, out)
    }

    fn log_e(
        &self,
        null: f64,
        temper: f64,
        prior: impl Fn(f64) -> f64,
        out: impl Fn(f64) -> f64,
    ) -> f64 {
        let at = self.ratios.partition_point(|ratio| *ratio < null).min(self.sums.len() - 1);
        let at_null = self.sums[at] - out(self.ratios[at]);
        let mut weights = 0.0;
        let mut logs = Vec::with_capacity(self.ratios.len());
        for (ratio, sum) in self.ratios.iter().zip(&self.sums) {
            let weight = prior(*ratio);
            if weight > 0.0 {
                weights += weight;
                logs.push(weight.ln() + temper * (sum - out(*ratio) - at_null));
            }
        }
        log_sum_exp(logs.iter().copied()) - f64::ln(weights)
    }

    /// The ratios that are not refuted: with probability 1 - α the true one lies between them, now
    /// and at every other moment. They end at a fiftieth and fifty times.
    #[must_use]
    pub fn interval(&self, alpha: f64, how: Weighing) -> (f64, f64) {
        let logs = || self.sums.iter().map(|sum| how.temper * sum);
        let mean = log_sum_exp(logs()) - real(self.sums.len() as u64).ln();
        let is_possible = |log: f64| mean - log < -alpha.ln();
        let mut possible = self.ratios.iter().zip(logs()).filter(|(_, log)| is_possible(*log));
        let low = possible.next().map_or(1.0, |(ratio, _)| *ratio);
        (low, possible.next_back().map_or(low, |(ratio, _)| *ratio))
    }

    /// The ratio under which what was seen is likeliest, among those kept.
    #[must_use]
    pub fn likeliest(&self) -> f64 {
        let best = self.ratios.iter().zip(&self.sums).max_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(1.0, |(ratio, _)| *ratio)
    }
}

/// The log likelihood of a ratio from one tick's units and some hits of canary and control.
fn log_likelihood(tick: &Tick, ratio: f64, (canary, control): (f64, f64)) -> f64 {
    let all = real(tick.canary.units) * ratio + real(tick.control.units);
    let hits = canary + control;
    if hits == 0.0 { 0.0 } else { canary * ratio.ln() - hits * all.ln() }
}

/// The hits of a burst that are left out.
fn excess(hits: u64, how: Weighing) -> f64 {
    if how.units { 0.0 } else { real(hits.saturating_sub(1)) }
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
        let mut likelihood = Likelihood::over(ratios);
        ticks.iter().for_each(|tick| likelihood.observe(tick));
        let flat = |ratio: f64| if ratio > 1.0 { 1.0 } else { 0.0 };
        let log_e = likelihood.log_e(1.0, 1.0, flat, |_| 0.0);
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
        assert!(likelihood.log_more(1.0, Weighing { temper: 1.0, units: false }) < 2.0);
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
            let careful = likelihood.log_more(1.0, Weighing { temper: 1.0, units: false });
            prop_assert!(careful <= all + 1e-9);
        }
    }
}
