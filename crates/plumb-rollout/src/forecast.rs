//! How long an answer takes and what a canary cannot see, told before and during a rollout.
//!
//! Refuses to know clocks: a forecast counts units, whoever knows the rate makes a time of it.

use crate::judge::Judge;
use crate::number::real;
use crate::tick::Tick;

/// What a canary can be expected to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The canary's share of the units, between 0 and 1.
    pub share: f64,
    /// The share of units that are hit on control, between 0 and 1.
    pub base: f64,
    /// The level of the test.
    pub alpha: f64,
}

impl Setting {
    /// How many units both arms together need until a canary with `ratio` times as many hits is
    /// found, in expectation, by a test that knows the ratio; a real one needs somewhat more.
    /// None where it never is.
    #[must_use]
    pub fn units_to_tell(&self, ratio: f64, null: f64) -> Option<f64> {
        let share = |ratio: f64| self.share * ratio / (self.share * ratio + 1.0 - self.share);
        let growth = divergence(share(ratio), share(null));
        let hits = -self.alpha.ln() / growth;
        let a_unit = self.base * (self.share * ratio + 1.0 - self.share);
        let units = hits / a_unit;
        units.is_finite().then_some(units)
    }

    /// The smallest ratio, in steps of 5 %, that is found within so many units; none up to fifty
    /// times.
    #[must_use]
    pub fn smallest_told(&self, units: u64, null: f64) -> Option<f64> {
        let mut ratio = null;
        while ratio < 50.0 {
            ratio *= 1.05;
            let hits = real(units) * self.share * (ratio * self.base).min(1.0);
            let is_told = self.units_to_tell(ratio, null).is_some_and(|all| all <= real(units));
            if is_told && hits >= HITS_MIN && ratio * self.base <= 1.0 {
                return Some(ratio);
            }
        }
        None
    }
}

/// What a canary of some size will have shown after some time, by what traffic was before.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Units of both arms that come in that time.
    pub units: u64,
    /// The share of units that are hit anyway.
    pub base: f64,
    /// The smallest ratio of failures that is told, by a test that stops for it; none up to fifty.
    pub told: Option<f64>,
    /// How many units it takes until a canary as good as control can be promoted.
    pub units_to_promote: Option<u64>,
    /// Units that are hit beyond the usual until a canary with so many times the failures is found,
    /// in expectation; none where it is not found in that time.
    pub cost: Vec<(f64, Option<f64>)>,
    /// Groups in which no multiple up to fifty is told: the dimension, the value, and its units in
    /// that time; most units first.
    pub blind: Vec<(usize, u16, u64)>,
    /// How many groups there are, by one dimension.
    pub groups: usize,
}

/// Fewer units of the canary that are hit are an accident of those units.
const HITS_MIN: f64 = 3.0;

/// The ratios of failures whose cost is told.
const COSTED: [f64; 4] = [1.5, 2.0, 5.0, 10.0];

impl Judge {
    /// What a canary with this share would show while `times` as much traffic comes as was seen,
    /// all of it counted as control's.
    #[must_use]
    pub fn forecast(&self, share: f64, times: f64) -> Forecast {
        let seen = self.failures.so_far();
        let units = scaled(&seen, times);
        let base = seen.control.share();
        let setting = Setting { share, base, alpha: self.settings.alpha };
        let cost = |ratio: f64| {
            let needed = setting.units_to_tell(ratio, 1.0).filter(|needed| *needed <= real(units));
            (ratio, needed.map(|needed| needed * share * base * (ratio - 1.0)))
        };
        let (blind, groups) = self.blind(share, times);
        Forecast {
            units,
            base,
            told: setting.smallest_told(units, 1.0),
            units_to_promote: self
                .units_to_promote(&Setting { alpha: self.settings.beta, ..setting }),
            cost: COSTED.into_iter().map(cost).collect(),
            blind,
            groups,
        }
    }

    /// How many units both arms need until a canary that is as good as control can be promoted, at
    /// the setting's level: by the ratio, or where failures are rarer than anybody minds, by that.
    pub(crate) fn units_to_promote(&self, setting: &Setting) -> Option<u64> {
        let by_ratio = setting.units_to_tell(1.0, self.settings.bearable);
        let by_limit = -setting.alpha.ln() / self.settings.negligible / setting.share;
        let by_limit = (setting.base < self.settings.negligible).then_some(by_limit);
        by_ratio.into_iter().chain(by_limit).reduce(f64::min).map(whole)
    }

    /// Groups that are too small.
    fn blind(&self, share: f64, times: f64) -> (Vec<(usize, u16, u64)>, usize) {
        let cells = self.cohorts.cells().max(1);
        let alpha = self.settings.discovery_rate / real(cells as u64);
        let mut blind = Vec::new();
        let mut groups = 0;
        for dimension in 0..self.settings.dimensions {
            for (value, seen) in self.cohorts.by_value(dimension) {
                groups += 1;
                let units = scaled(&seen, times);
                // Half a hit stands for what was not seen yet.
                let base = (real(seen.control.hits) + 0.5) / (real(seen.control.units) + 1.0);
                let setting = Setting { share, base, alpha };
                if setting.smallest_told(units, 1.0).is_none() {
                    blind.push((dimension, value, units));
                }
            }
        }
        blind.sort_by(|a, b| b.2.cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
        (blind, groups)
    }
}

fn scaled(seen: &Tick, times: f64) -> u64 {
    whole(real(seen.control.units + seen.canary.units) * times)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and less than no unit is none"
)]
fn whole(units: f64) -> u64 {
    units.ceil() as u64
}

/// How much evidence a hit brings where the truth is `truth` and the null says `null`: the
/// divergence of S. Kullback and R. Leibler between two coins, in natural logarithms.
fn divergence(truth: f64, null: f64) -> f64 {
    truth * (truth / null).ln() + (1.0 - truth) * ((1.0 - truth) / (1.0 - null)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hits on both arms until an e-value of 100, as published.
    fn check(share: f64, ratio: f64, expected: f64) {
        let setting = Setting { share, base: 0.001, alpha: 0.01 };
        let units = setting.units_to_tell(ratio, 1.0).unwrap();
        let hits = units * 0.001 * (share * ratio + 1.0 - share);
        assert!((hits - expected).abs() < 0.01 * expected + 0.6, "{hits}, not {expected}");
    }

    #[test]
    fn forecasts_are_those_that_others_computed() {
        check(0.01, 1.5, 4_327.0);
        check(0.05, 2.0, 267.0);
        check(0.05, 10.0, 11.0);
        check(0.1, 5.0, 19.0);
        check(0.5, 10.0, 12.0);
    }

    #[test]
    fn without_hits_there_is_never_an_answer() {
        let setting = Setting { share: 0.05, base: 0.0, alpha: 0.01 };
        assert_eq!(setting.units_to_tell(5.0, 1.0), None);
        assert_eq!(setting.smallest_told(1_000_000, 1.0), None);
    }

    #[test]
    fn more_units_tell_smaller_differences() {
        let setting = Setting { share: 0.05, base: 0.001, alpha: 0.01 };
        let few = setting.smallest_told(20_000, 1.0).unwrap();
        let many = setting.smallest_told(2_000_000, 1.0).unwrap();
        assert!(many < few && many > 1.0);
    }

    #[test]
    fn groups_that_are_too_small_are_told() {
        let settings = crate::judge::Settings { dimensions: 1, ..Default::default() };
        let mut judge = Judge::new(settings);
        let mut moment = crate::judge::Moment::default();
        moment.failures.control = crate::tick::Count::new(100_000, 200);
        judge.observe(0, &moment);
        for unit in 0..100_000_i64 {
            let value = u16::from(unit % 10_000 == 0);
            judge.unit(crate::tick::Arm::Control, &[value], unit % 500 == 1, unit);
        }
        let found = judge.forecast(0.05, 1.0);
        assert_eq!((found.units, found.groups), (100_000, 2));
        assert_eq!(found.blind, [(0, 1, 10)]);
        let told = found.told.unwrap();
        assert!(told > 1.5 && told < 4.0, "{told}");
        assert!(found.cost[0].1.is_none() && found.cost[3].1.is_some());
        assert!(judge.forecast(0.5, 1.0).told.unwrap() < told);
    }
}
