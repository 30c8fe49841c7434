//! Whether the canary is slower anywhere in the distribution of its latencies.
//!
//! For each border between buckets, one question: how many took longer? The mean of their e-values
//! is an e-value whatever they have to do with each other, and the border that says most tells
//! where the canary is slower. Histograms suffice; a slow tail is seen that no band of the whole
//! distribution shows.
//!
//! Refuses to know where latencies come from.

use crate::number::{log_sum_exp, real};
use crate::tick::{Arm, Count, Tick};
use crate::watch::{Counting, Watch};

/// Borders between buckets, in milliseconds: each is half as much again as the one before, which is
/// fine enough to see a tail move, and coarse enough for few questions.
pub const BORDERS_MS: [f64; 24] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 25.0, 35.0, 50.0, 75.0, 100.0, 150.0, 250.0, 350.0, 500.0, 750.0,
    1_000.0, 1_500.0, 2_500.0, 3_500.0, 5_000.0, 7_500.0, 10_000.0, 30_000.0, 60_000.0,
];

/// The latencies of both arms in one tick: how many fell between two borders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    control: [u64; BORDERS_MS.len() + 1],
    canary: [u64; BORDERS_MS.len() + 1],
}

impl Latencies {
    /// Takes in one latency, in milliseconds; one that is no number or negative is left out.
    pub fn observe(&mut self, arm: Arm, latency_ms: f64) {
        if latency_ms >= 0.0 {
            self.add(arm, BORDERS_MS.partition_point(|border| *border < latency_ms), 1);
        }
    }

    /// Adds `count` latencies to a bucket, that below `BORDERS_MS[bucket]` and not below the border
    /// before; one beyond the last border is the last bucket.
    pub fn add(&mut self, arm: Arm, bucket: usize, count: u64) {
        let buckets = match arm {
            Arm::Control => &mut self.control,
            Arm::Canary => &mut self.canary,
        };
        buckets[bucket.min(BORDERS_MS.len())] += count;
    }

    fn is_empty(&self) -> bool {
        self.control.iter().chain(&self.canary).all(|count| *count == 0)
    }
}

/// What is known so far of how long things took.
#[derive(Clone, Debug)]
pub struct Latency {
    watches: Vec<Watch>,
}

impl Latency {
    /// Nothing seen yet; see [`Watch::new`].
    #[must_use]
    pub fn new(counting: Counting, bearable: f64) -> Self {
        Self { watches: vec![Watch::new(counting, bearable); BORDERS_MS.len()] }
    }

    /// Takes in the next tick.
    pub fn observe(&mut self, latencies: &Latencies) {
        if latencies.is_empty() {
            return;
        }
        let all = |buckets: &[u64]| buckets.iter().sum::<u64>();
        let units = (all(&latencies.control), all(&latencies.canary));
        let units_alone = Tick { control: Count::new(units.0, 0), canary: Count::new(units.1, 0) };
        let exposure = self.watches.first().map(|watch| watch.exposure(&units_alone));
        let exposure = exposure.unwrap_or_default();
        for (at, watch) in self.watches.iter_mut().enumerate() {
            let slower = |buckets: &[u64]| all(&buckets[at + 1..]);
            let tick = Tick {
                control: Count::new(units.0, slower(&latencies.control)),
                canary: Count::new(units.1, slower(&latencies.canary)),
            };
            watch.observe_exposed(&tick, &exposure);
        }
    }

    /// The logarithm of the e-value against "the canary is nowhere slower".
    #[must_use]
    pub fn log_more(&self) -> f64 {
        log_sum_exp(self.watches.iter().map(Watch::log_more)) - real(self.watches.len() as u64).ln()
    }

    /// The border beyond which the canary's surplus is clearest, in milliseconds, and its counts.
    #[must_use]
    pub fn clearest(&self) -> Option<(f64, &Watch)> {
        let borders = BORDERS_MS.into_iter().zip(&self.watches);
        borders.max_by(|a, b| a.1.log_more().total_cmp(&b.1.log_more()))
    }

    /// The question about the slow tail: the first border beyond which at most one in twenty of
    /// control's answers lies.
    #[must_use]
    pub fn tail(&self) -> &Watch {
        let is_tail = |watch: &&Watch| watch.so_far().control.share() <= 0.05;
        self.watches.iter().find(is_tail).unwrap_or(&self.watches[BORDERS_MS.len() - 1])
    }

    /// How many latencies were taken in.
    #[must_use]
    pub fn so_far(&self) -> u64 {
        self.watches.first().map_or(0, |watch| {
            let tick = watch.so_far();
            tick.control.units + tick.canary.units
        })
    }
}
