//! The times in which one arm was hit most.
//!
//! Refuses to know what follows from them.

use crate::number::real;
use crate::tick::{Arm, Count, Tick};
use statrs::function::erf::erfc_inv;

/// How many ticks a block has. A window moves on by a block, and not by a tick, so that little has
/// to be kept where many questions are asked at once.
const BLOCK: u32 = 10;

/// How many blocks a window has: so long that a burst over 60 ticks, the longest span over which
/// [`crate::dispersion`] looks, falls into one window however it lies.
const BLOCKS: usize = 7;

/// How often chance alone may make a larger burst than what counts as chance.
const CHANCE: f64 = 0.05;

/// The largest bursts of both arms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bursts {
    /// In one tick, by arm: canary and control.
    in_a_tick: [Tick; 2],
    /// In a window of 61 to 70 ticks.
    in_a_window: [Tick; 2],
    /// What happened lately, and in which block how many ticks were.
    blocks: [Tick; BLOCKS],
    block: usize,
    filled: u32,
    so_far: Tick,
    ticks: u64,
}

impl Bursts {
    /// Takes in a tick.
    pub(crate) fn observe(&mut self, tick: &Tick) {
        if self.filled == BLOCK {
            self.block = (self.block + 1) % BLOCKS;
            self.blocks[self.block] = Tick::default();
            self.filled = 0;
        }
        self.filled += 1;
        self.so_far.add(tick);
        self.ticks += 1;
        self.blocks[self.block].add(tick);
        if tick.canary.hits == 0 && tick.control.hits == 0 {
            return;
        }
        let mut window = Tick::default();
        self.blocks.iter().for_each(|block| window.add(block));
        for (at, arm) in [Arm::Canary, Arm::Control].into_iter().enumerate() {
            raise(&mut self.in_a_tick[at], tick, arm);
            raise(&mut self.in_a_window[at], &window, arm);
        }
    }

    /// The largest burst of an arm, and how many of its hits are too many for chance. Where hits
    /// come one by one a burst is a tick's, and chance makes some of them; otherwise it is a
    /// window's, and all hits but one are too many.
    pub(crate) fn excess(&self, arm: Arm, are_lone: bool) -> (&Tick, f64) {
        let burst = self.largest(arm, are_lone);
        let hits = real(burst.arm(arm).hits);
        let usual = if are_lone { self.usual(arm, burst.arm(arm)) } else { 1.0 };
        (burst, (hits - usual).max(0.0))
    }

    /// The largest count in any tick that chance makes at the rate of all other ticks, at least 1:
    /// a quantile of a Poisson distribution (E. Cornish and R. Fisher, 1938).
    fn usual(&self, arm: Arm, burst: Count) -> f64 {
        let all = self.so_far.arm(arm);
        let others = real(all.units.saturating_sub(burst.units)).max(1.0);
        let rate = real(all.hits.saturating_sub(burst.hits)) / others * real(burst.units);
        let quantile = std::f64::consts::SQRT_2 * erfc_inv(2.0 * CHANCE / real(self.ticks.max(1)));
        let largest = rate + quantile * rate.sqrt() + (quantile * quantile - 1.0) / 6.0;
        if rate > 0.0 { largest.floor().max(1.0) } else { 1.0 }
    }

    /// When an arm was hit most: the tick, or the window.
    fn largest(&self, arm: Arm, is_tick: bool) -> &Tick {
        let largest = if is_tick { &self.in_a_tick } else { &self.in_a_window };
        match arm {
            Arm::Canary => &largest[0],
            Arm::Control => &largest[1],
        }
    }
}

fn raise(largest: &mut Tick, now: &Tick, arm: Arm) {
    if now.arm(arm).hits > largest.arm(arm).hits {
        *largest = *now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tick::Count;

    fn tick(canary: u64, control: u64) -> Tick {
        Tick { control: Count::new(95, control), canary: Count::new(5, canary) }
    }

    #[test]
    fn what_chance_makes_is_not_too_much() {
        let mut bursts = Bursts::default();
        (0..80_u64).for_each(|at| bursts.observe(&tick(u64::from(at % 16 == 5), 0)));
        bursts.observe(&tick(2, 0));
        assert!(bursts.excess(Arm::Canary, true).1 < 0.5);
        bursts.observe(&tick(20, 0));
        assert!(bursts.excess(Arm::Canary, true).1 >= 15.0);
        let mut alone = Bursts::default();
        alone.observe(&tick(20, 0));
        assert!(alone.excess(Arm::Canary, true).1 > 18.5);
    }

    #[test]
    fn a_burst_is_found_in_its_tick_and_in_its_time() {
        let mut bursts = Bursts::default();
        for at in 0..1_000_u64 {
            let is_burst = (333..393).contains(&at);
            bursts.observe(&tick(u64::from(is_burst && at % 2 == 0), u64::from(at == 7) * 3));
        }
        assert_eq!(bursts.largest(Arm::Canary, true).canary.hits, 1);
        assert_eq!(bursts.largest(Arm::Canary, false).canary.hits, 30);
        assert_eq!(bursts.largest(Arm::Control, true).control.hits, 3);
        assert!(bursts.largest(Arm::Canary, false).canary.units <= 70 * 5);
    }
}
