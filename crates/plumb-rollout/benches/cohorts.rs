//! How soon a small cohort is found and how often it is named rightly; and how fast a whole rollout
//! is scanned. Prints tables in Markdown.
//!
//! Refuses to know files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads a clock and prints what it measured"
)]

use plumb_rollout::cohort::{Cohort, Cohorts};
use plumb_rollout::tick::Arm;
use std::time::Instant;

/// Dimensions of the small world: locales, ages of accounts, platforms.
const VALUES: [u16; 3] = [40, 6, 4];

/// Requests a minute, and the canary's share of them.
const A_MINUTE: u32 = 12_000;
const CANARY: f64 = 0.05;

/// What fails anyway.
const BASE: f64 = 0.002;

/// SplitMix64 (G. Steele and others, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of `values`, each less likely than the one before.
    fn zipf(&mut self, cumulated: &[f64]) -> u16 {
        let at = self.share() * cumulated.last().unwrap();
        u16::try_from(cumulated.partition_point(|sum| *sum <= at)).unwrap()
    }
}

fn cumulated(values: u16) -> Vec<f64> {
    let mut sum = 0.0;
    (1..=values)
        .map(|rank| {
            sum += 1.0 / f64::from(rank);
            sum
        })
        .collect()
}

/// The share of one value.
fn part(cumulated: &[f64], value: u16) -> f64 {
    let at = usize::from(value);
    let before = if at == 0 { 0.0 } else { cumulated[at - 1] };
    (cumulated[at] - before) / cumulated.last().unwrap()
}

struct World {
    cumulated: Vec<Vec<f64>>,
    /// The locale and age that fail on the canary, and how often; none for a healthy one.
    bad: Option<(u16, u16, f64)>,
}

impl World {
    fn new(bad: Option<(u16, u16, f64)>) -> Self {
        Self { cumulated: VALUES.map(cumulated).to_vec(), bad }
    }

    /// The locale and age whose share of the traffic is nearest to the wanted one.
    fn of_share(wanted: f64) -> (u16, u16, f64) {
        let world = Self::new(None);
        let pairs = (0..VALUES[0]).flat_map(|locale| (0..VALUES[1]).map(move |age| (locale, age)));
        let share = |(locale, age): (u16, u16)| {
            part(&world.cumulated[0], locale) * part(&world.cumulated[1], age)
        };
        let nearest = |pair: &(u16, u16)| (share(*pair) / wanted).ln().abs();
        let (locale, age) = pairs.min_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap();
        (locale, age, share((locale, age)))
    }

    fn minute(&self, random: &mut Random, cohorts: &mut Cohorts, minute: i64) {
        for _ in 0..A_MINUTE {
            let values = [0, 1, 2].map(|at: usize| random.zipf(&self.cumulated[at]));
            let arm = if random.share() < CANARY { Arm::Canary } else { Arm::Control };
            let rate = match self.bad {
                Some((locale, age, rate))
                    if arm == Arm::Canary && (values[0], values[1]) == (locale, age) =>
                {
                    rate
                }
                _ => BASE,
            };
            cohorts.observe(arm, &values, random.share() < rate, minute * 60_000);
        }
    }

    /// The minute of the first discovery within an hour, and what was named.
    fn first(&self, seed: u64) -> Option<(i64, Vec<Cohort>)> {
        let mut random = Random(seed);
        let mut cohorts = Cohorts::new(3);
        (1..=60).find_map(|minute| {
            self.minute(&mut random, &mut cohorts, minute);
            let found = cohorts.scan(0.05, 1.0);
            (!found.is_empty()).then_some((minute, found))
        })
    }
}

fn runs<T: Send>(count: u64, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let half = |from: u64| (from..count).step_by(2).map(&run).collect::<Vec<T>>();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut all = half(0);
        all.extend(other.join().unwrap());
        all
    })
}

fn found(wanted: f64, rate: f64, count: u64) {
    let (locale, age, share) = World::of_share(wanted);
    let world = World::new(Some((locale, age, rate)));
    let results = runs(count, |run| world.first(run * 7_919 + 17));
    let exact =
        results.iter().flatten().filter(|(_, named)| named[0].fixed == [(0, locale), (1, age)]);
    let exact = exact.count();
    let mut minutes: Vec<i64> =
        results.iter().map(|one| one.as_ref().map_or(99, |o| o.0)).collect();
    minutes.sort_unstable();
    let times = results.iter().flatten().count();
    println!(
        "| {:.3} % | {:.0} % | {} of {count} | {} min | {} min | {exact} |",
        100.0 * share,
        100.0 * rate,
        times,
        minutes[minutes.len() / 2],
        minutes[minutes.len() * 9 / 10],
    );
}

fn healthy(count: u64) {
    let world = World::new(None);
    let wrong = runs(count, |run| world.first(run * 104_729 + 5)).into_iter().flatten().count();
    println!("\nHealthy, a look each minute of an hour: {wrong} of {count} runs named a cohort.");
}

/// Ten million requests with six dimensions, some of which have many values.
fn scanned() {
    let sizes: [u16; 6] = [40, 6, 4, 200, 30, 12];
    let cumulated = sizes.map(cumulated);
    let mut random = Random(3);
    let mut cohorts = Cohorts::new(6);
    let drawn: Vec<([u16; 6], bool, bool)> = (0..1_000_000)
        .map(|_| {
            let mut at = 0;
            let values = [(); 6].map(|()| {
                at += 1;
                random.zipf(&cumulated[at - 1])
            });
            let canary = random.share() < CANARY;
            let bad = canary && values[0] == 7 && values[3] == 2;
            (values, canary, random.share() < if bad { 0.3 } else { BASE })
        })
        .collect();
    let begun = Instant::now();
    for round in 0..10 {
        for (values, canary, hit) in &drawn {
            let arm = if *canary { Arm::Canary } else { Arm::Control };
            cohorts.observe(arm, values, *hit, round);
        }
    }
    let taken = begun.elapsed();
    let named = cohorts.scan(0.05, 1.0);
    println!(
        "\n10,000,000 requests in six dimensions: taken in in {:.2} s, {} cells scanned in \
         {:.2} s; named: {:?}",
        taken.as_secs_f64(),
        cohorts.cells(),
        (begun.elapsed() - taken).as_secs_f64(),
        named.first().map(|cohort| &cohort.fixed),
    );
}

fn main() {
    let count = std::env::args().find_map(|one| one.parse().ok()).unwrap_or(100);
    println!("| share of traffic | failing | found | median | p90 | named exactly |");
    println!("|---|---|---|---|---|---|");
    for (share, rate) in [(0.0148, 0.3), (0.0035, 0.3), (0.000_95, 0.3), (0.000_95, 1.0)] {
        found(share, rate, count);
    }
    healthy(count * 5);
    scanned();
}
