//! Who is hit: the smallest group of users that explains why the canary is worse.
//!
//! Each unit has a value in each of a few dimensions (a locale, a region, a version of the client).
//! A cell fixes the values of up to three of them. All cells are tested, with the share of false
//! discoveries held down, and of the cells that say nearly the same the most general one is named.
//! What is kept are counts for each combination of values, so memory grows with those and not with
//! traffic.
//!
//! Refuses to know what values mean, clocks, and how a cohort is shown.

use crate::discovery::discoveries;
use crate::number::{log_spaced, log_sum_exp, real};
use crate::tick::{Arm, Count, Tick};
use rapidhash::{RapidHashMap, RapidHashSet};
use std::cmp::Ordering;

/// The most dimensions: each takes 16 bits of a key.
pub const DIMENSIONS_MAX: usize = 8;

/// The most values of a dimension; what comes after that is one value, the last.
pub const VALUES_MAX: u16 = u16::MAX;

/// The most dimensions that one cell fixes. More of them name a handful of people.
const FIXED_MAX: usize = 3;

/// The most combinations of values, times epochs, that are kept: some 300 MB. What comes after that
/// is only counted.
const LEAVES_MAX: usize = 4_000_000;

/// The most cohorts that are named: whoever has more troubles than that has one trouble.
const NAMED_MAX: usize = 5;

/// Fewer units of the canary that were hit are an accident of those units.
const HITS_MIN: u64 = 3;

/// How much it counts, when a cohort is named, that a cell is one of few. It decides between cells
/// that explain the same; with all of its weight (1), large cells would be named for small ones.
const COMMONNESS: f64 = 0.1;

/// How much more the parts of a cell must tell than the cell, beside one for each part, before only
/// some of them are said to be worse; in natural logarithms.
const UNEVEN: f64 = 5.0;

/// The ratios that a cell is tested against, and how many. Small groups are only found when they
/// are hit by a large multiple, and what is large enough is all the same to them.
const RATIOS: (f64, f64, u32) = (2.0, 1_000.0, 16);

/// The values of one unit, one for each dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key(u128);

impl Key {
    fn new(values: &[u16]) -> Self {
        let shifted = values.iter().take(DIMENSIONS_MAX).zip(0_u32..);
        Self(shifted.fold(0, |key, (value, at)| key | u128::from(*value) << (16 * at)))
    }

    fn value(self, dimension: usize) -> u16 {
        let bytes = self.0.to_le_bytes();
        u16::from_le_bytes([bytes[2 * dimension], bytes[2 * dimension + 1]])
    }

    fn masked(self, mask: u128) -> Self {
        Self(self.0 & mask)
    }
}

/// Units and hits of one combination of values while the weights stayed as they were.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    key: Key,
    epoch: u16,
    tick: Tick,
    first_hit_ms: i64,
}

/// All that was seen, by combination of values.
#[derive(Clone, Debug)]
pub struct Cohorts {
    dimensions: usize,
    epoch: u16,
    by_key: RapidHashMap<Key, u32>,
    leaves: Vec<Leaf>,
    /// How many values each dimension has had.
    values: [u16; DIMENSIONS_MAX],
    left_out: u64,
}

/// A group that is hit more than it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The dimensions that are fixed, and their values; none for everybody.
    pub fixed: Vec<(usize, u16)>,
    /// Its units and hits.
    pub tick: Tick,
    /// The logarithm of its e-value.
    pub log_e: f64,
    /// When a unit of the canary in it was hit first, Unix milliseconds.
    pub since_ms: i64,
}

impl Cohorts {
    /// Nothing seen yet, for at most [`DIMENSIONS_MAX`] dimensions.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        Self {
            dimensions: dimensions.min(DIMENSIONS_MAX),
            epoch: 0,
            by_key: RapidHashMap::default(),
            leaves: Vec::new(),
            values: [0; DIMENSIONS_MAX],
            left_out: 0,
        }
    }

    /// Says that from here on traffic is split in another way, so that what comes is not added to
    /// what was: a ratio of sums over different splits says nothing (E. Simpson, 1951).
    pub fn turn(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.by_key.clear();
    }

    /// Takes in one unit with its value in each dimension.
    pub fn observe(&mut self, arm: Arm, values: &[u16], is_hit: bool, at_ms: i64) {
        for (most, value) in self.values.iter_mut().zip(values) {
            *most = (*most).max(value.saturating_add(1));
        }
        let key = Key::new(values);
        let at = match self.by_key.get(&key) {
            Some(at) => *at as usize,
            None => match u32::try_from(self.leaves.len()) {
                Ok(at) if self.leaves.len() < LEAVES_MAX => {
                    self.by_key.insert(key, at);
                    let (epoch, first_hit_ms) = (self.epoch, i64::MAX);
                    self.leaves.push(Leaf { key, epoch, tick: Tick::default(), first_hit_ms });
                    self.leaves.len() - 1
                }
                _ => {
                    self.left_out += 1;
                    return;
                }
            },
        };
        let leaf = &mut self.leaves[at];
        leaf.tick.arm_mut(arm).add(Count { units: 1, hits: u64::from(is_hit) });
        if is_hit && arm == Arm::Canary {
            leaf.first_hit_ms = leaf.first_hit_ms.min(at_ms);
        }
    }

    /// Units that were not kept because there were too many combinations.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// How many cells are tested.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cuboids().iter().map(|cuboid| cuboid.cells).sum()
    }

    /// The units and hits of each value of a dimension, most units first.
    #[must_use]
    pub fn by_value(&self, dimension: usize) -> Vec<(u16, Tick)> {
        let mut ticks: RapidHashMap<u16, Tick> = RapidHashMap::default();
        if dimension < self.dimensions {
            for leaf in &self.leaves {
                ticks.entry(leaf.key.value(dimension)).or_default().add(&leaf.tick);
            }
        }
        let mut ticks: Vec<(u16, Tick)> = ticks.into_iter().collect();
        let units = |tick: &Tick| tick.control.units + tick.canary.units;
        ticks.sort_by(|a, b| units(&b.1).cmp(&units(&a.1)).then(a.0.cmp(&b.0)));
        ticks
    }

    /// The groups that explain why the canary is worse, the one that explains most first. At most
    /// the share `rate` of them is named wrongly, in expectation. `temper` is what a hit counts:
    /// 1 where each is a unit, else one over the dispersion.
    #[must_use]
    pub fn scan(&self, rate: f64, temper: f64) -> Vec<Cohort> {
        self.scan_by(&[rate], temper).1
    }

    /// The same by the first of these rates at which anything is found, and that rate's place.
    #[must_use]
    pub fn scan_by(&self, rates: &[f64], temper: f64) -> (usize, Vec<Cohort>) {
        let cuboids = self.cuboids();
        let ratios = log_spaced(RATIOS.0, RATIOS.1, RATIOS.2);
        let hypotheses: usize = cuboids.iter().map(|cuboid| cuboid.cells).sum();
        let mut leaves: Vec<&Leaf> = self.leaves.iter().collect();
        let mut named: Vec<Cohort> = Vec::new();
        let mut by = 0;
        while named.len() < NAMED_MAX {
            let cells: Vec<Cell> =
                cuboids.iter().flat_map(|cuboid| cells(&leaves, cuboid, &ratios, temper)).collect();
            let log = |cell: &Cell| cell.log_e + cell.log_weight + real(hypotheses as u64).ln();
            let logs: Vec<f64> = cells.iter().map(log).collect();
            let found = |rate: &f64| likeliest(&cells, &discoveries(&logs, hypotheses, *rate));
            let rates = if named.is_empty() { rates } else { &rates[by..=by] };
            let Some((at, best)) = rates.iter().map(found).enumerate().find_map(some) else {
                break;
            };
            by += at;
            leaves.retain(|leaf| leaf.key.masked(best.mask) != best.key);
            named.push(self.cohort(best));
        }
        (by, named)
    }

    fn cohort(&self, cell: &Cell) -> Cohort {
        let is_fixed = |at: &usize| cell.mask >> (16 * at) & 0xFFFF != 0;
        let mut tick = Tick::default();
        cell.epochs.iter().for_each(|(_, one)| tick.add(one));
        Cohort {
            fixed: (0..self.dimensions)
                .filter(is_fixed)
                .map(|at| (at, cell.key.value(at)))
                .collect(),
            tick,
            log_e: cell.log_e,
            since_ms: cell.first_hit_ms,
        }
    }

    /// All choices of dimensions to fix, that of none first.
    fn cuboids(&self) -> Vec<Cuboid> {
        let leaves = self.leaves.len().max(1);
        let chosen: Vec<u32> = (0..1_u32 << self.dimensions)
            .filter(|bits| bits.count_ones() as usize <= FIXED_MAX)
            .collect();
        let many = real(chosen.len() as u64);
        let cuboid = |bits: &u32| {
            let fixed = || (0..self.dimensions).filter(move |at| bits >> at & 1 == 1);
            let mask = fixed().fold(0_u128, |mask, at| mask | 0xFFFF << (16 * at));
            let product = fixed()
                .fold(1_usize, |cells, at| cells.saturating_mul(self.values[at].max(1).into()));
            let cells = product.min(leaves);
            Cuboid { mask, cells, log_weight: -(many * real(cells as u64)).ln() }
        };
        chosen.iter().map(cuboid).collect()
    }
}

fn some<T>((at, found): (usize, Option<T>)) -> Option<(usize, T)> {
    found.map(|found| (at, found))
}

/// One choice of dimensions to fix.
struct Cuboid {
    mask: u128,
    /// At most how many cells it has.
    cells: usize,
    /// What of the whole each of its cells weighs. Each choice weighs the same, so that a few cells
    /// that say much to people are not drowned in thousands that say little.
    log_weight: f64,
}

/// One cell that may have found something.
struct Cell {
    mask: u128,
    key: Key,
    epochs: Vec<(u16, Tick)>,
    first_hit_ms: i64,
    log_weight: f64,
    log_e: f64,
    /// The log likelihood of its own ratio over that of 1: how much it explains.
    explained: f64,
}

impl Cell {
    /// The log likelihood of a ratio over that of 1.
    fn gain(&self, ratio: f64) -> f64 {
        let gain = |tick: &Tick| {
            let (n1, n0) = (real(tick.canary.units), real(tick.control.units));
            let (x1, x0) = (real(tick.canary.hits), real(tick.control.hits));
            let all = ((n1 * ratio + n0) / (n1 + n0)).ln();
            if n1 == 0.0 || n0 == 0.0 { 0.0 } else { x1 * ratio.ln() - (x1 + x0) * all }
        };
        self.epochs.iter().map(|(_, tick)| gain(tick)).sum()
    }

    fn is_within(&self, outer: &Self) -> bool {
        self.mask & outer.mask == outer.mask && self.key.masked(outer.mask) == outer.key
    }

    /// By how much is explained; the later one is likelier to be the cohort.
    fn order(&self, other: &Self) -> Ordering {
        let score = |cell: &Self| cell.explained + COMMONNESS * cell.log_weight;
        let by_key = (other.mask, other.key.0).cmp(&(self.mask, self.key.0));
        score(self).total_cmp(&score(other)).then(by_key)
    }

    /// The ratio as counted, over all epochs, with half a hit added to each arm so that it is one
    /// where control was never hit.
    fn ratio(&self) -> f64 {
        let mut all = Tick::default();
        self.epochs.iter().for_each(|(_, tick)| all.add(tick));
        let share = |count: Count| (real(count.hits) + 0.5) / (real(count.units) + 1.0);
        (share(all.canary) / share(all.control)).clamp(1.0, RATIOS.1)
    }
}

/// The cells of one choice of dimensions in which the canary was hit at all. Few are: hits are
/// rare, and a cell cannot be found whose canary was not hit.
fn cells(leaves: &[&Leaf], cuboid: &Cuboid, ratios: &[f64], temper: f64) -> Vec<Cell> {
    let mut hits: RapidHashMap<Key, u64> = RapidHashMap::default();
    for leaf in leaves.iter().filter(|leaf| leaf.tick.canary.hits > 0) {
        *hits.entry(leaf.key.masked(cuboid.mask)).or_default() += leaf.tick.canary.hits;
    }
    hits.retain(|_, hits| *hits >= HITS_MIN);
    let wanted: RapidHashSet<Key> = hits.into_keys().collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: RapidHashMap<Key, Cell> = RapidHashMap::default();
    for leaf in leaves {
        let key = leaf.key.masked(cuboid.mask);
        if !wanted.contains(&key) {
            continue;
        }
        let cell = found.entry(key).or_insert_with(|| Cell {
            mask: cuboid.mask,
            key,
            epochs: Vec::new(),
            first_hit_ms: i64::MAX,
            log_weight: cuboid.log_weight,
            log_e: 0.0,
            explained: 0.0,
        });
        match cell.epochs.iter_mut().find(|(epoch, _)| *epoch == leaf.epoch) {
            Some((_, tick)) => tick.add(&leaf.tick),
            None => cell.epochs.push((leaf.epoch, leaf.tick)),
        }
        cell.first_hit_ms = cell.first_hit_ms.min(leaf.first_hit_ms);
    }
    let mut cells: Vec<Cell> = found.into_values().collect();
    for cell in &mut cells {
        let logs: Vec<f64> = ratios.iter().map(|ratio| temper * cell.gain(*ratio)).collect();
        cell.log_e = log_sum_exp(logs.iter().copied()) - real(ratios.len() as u64).ln();
        cell.explained = temper * cell.gain(cell.ratio());
    }
    cells
}

/// Of the cells that were found and those within them, the likeliest to be the cohort: the one that
/// explains most, for how many of its kind there are; and of a cell of which only parts are worse,
/// the worst part.
fn likeliest<'c>(cells: &'c [Cell], found: &[usize]) -> Option<&'c Cell> {
    let is_candidate = |cell: &&Cell| found.iter().any(|at| cell.is_within(&cells[*at]));
    let mut best = cells.iter().filter(is_candidate).max_by(|a, b| a.order(b))?;
    while let Some(part) = worst_part(cells, best) {
        best = part;
    }
    Some(best)
}

/// The worst part of a cell, where one more dimension tells far more than the cell itself: where
/// its parts differ by more than chance lets them.
fn worst_part<'c>(cells: &'c [Cell], whole: &Cell) -> Option<&'c Cell> {
    let part_masks = (0..DIMENSIONS_MAX).map(|at| whole.mask | 0xFFFF << (16 * at));
    let parts = |mask: u128| cells.iter().filter(move |cell| cell.mask == mask);
    part_masks.filter(|mask| *mask != whole.mask).find_map(|mask| {
        let of_whole = || parts(mask).filter(|cell| cell.is_within(whole));
        let told: f64 = of_whole().map(|cell| cell.explained).sum();
        let chance = real(of_whole().count() as u64) + UNEVEN;
        let worst = of_whole().max_by(|a, b| a.order(b))?;
        (told > whole.explained + chance).then_some(worst)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand units for each of 3 x 2 x 2 values, one in ten on the canary, of which those that
    /// `is_bad` tells are hit every other time.
    fn world(is_bad: impl Fn([u16; 3]) -> bool) -> Cohorts {
        let mut cohorts = Cohorts::new(3);
        for (locale, age, platform) in
            (0..3).flat_map(|a| (0..2).flat_map(move |b| (0..2).map(move |c| (a, b, c))))
        {
            for unit in 0..1_000_i64 {
                let values = [locale, age, platform];
                let arm = if unit % 10 == 0 { Arm::Canary } else { Arm::Control };
                let is_hit =
                    unit % 250 == 1 || arm == Arm::Canary && unit % 20 == 0 && is_bad(values);
                cohorts.observe(arm, &values, is_hit, unit);
            }
        }
        cohorts
    }

    fn check(is_bad: impl Fn([u16; 3]) -> bool, expected: &[&[(usize, u16)]]) {
        let found = world(is_bad).scan(0.05, 1.0);
        let fixed: Vec<&[(usize, u16)]> = found.iter().map(|one| one.fixed.as_slice()).collect();
        assert_eq!(fixed, expected);
    }

    #[test]
    fn the_smallest_group_that_explains_it_is_named() {
        check(|_| false, &[]);
        check(|_| true, &[&[]]);
        check(|[locale, ..]| locale == 2, &[&[(0, 2)]]);
        check(|[locale, age, _]| (locale, age) == (2, 1), &[&[(0, 2), (1, 1)]]);
        check(|values| values == [0, 1, 0], &[&[(0, 0), (1, 1), (2, 0)]]);
    }

    #[test]
    fn two_troubles_are_two_cohorts() {
        check(
            |[locale, age, platform]| (locale, age) == (2, 1) || (locale, platform) == (0, 1),
            &[&[(0, 0), (2, 1)], &[(0, 2), (1, 1)]],
        );
    }

    #[test]
    fn since_when_and_how_many_are_told() {
        let found = world(|[locale, ..]| locale == 1).scan(0.05, 1.0);
        assert_eq!(found[0].tick.canary, Count { units: 400, hits: 200 });
        assert_eq!(found[0].tick.control, Count { units: 3_600, hits: 16 });
        assert_eq!(found[0].since_ms, 0);
    }

    /// The base rate grows tenfold while the canary's share grows: added up, the canary would
    /// look far worse than control in everything.
    #[test]
    fn what_was_split_otherwise_is_not_added_up() {
        let run = |is_told: bool| {
            let mut cohorts = Cohorts::new(1);
            for unit in 0..20_000_i64 {
                let is_late = unit >= 10_000;
                if unit == 10_000 && is_told {
                    cohorts.turn();
                }
                let is_canary = unit % 20 < if is_late { 10 } else { 1 };
                let arm = if is_canary { Arm::Canary } else { Arm::Control };
                let hits_in = if is_late { 30 } else { 300 };
                cohorts.observe(arm, &[0], unit / 20 % hits_in == 0, unit);
            }
            cohorts.scan(0.05, 1.0).len()
        };
        assert_eq!((run(true), run(false)), (0, 1));
    }
}
