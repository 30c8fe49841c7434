//! Latencies of both versions, second by second, and who says that the canary is slower.
//!
//! Refuses to know counts of failures.

use crate::peers::{Series, Textbook, Threshold};
use crate::random::Random;
use crate::traffic::{REQUESTS, WATCHED};
use crate::trial::{ALPHA, BEFORE, POINTS, RATIO_MIN, Stops};
use plumb_rollout::latency::{Latencies, Latency};
use plumb_rollout::tick::{Arm, Count, Tick};
use plumb_rollout::watch::Counting;

/// The median of control's latencies, in milliseconds, which are log-normal.
const MEDIAN_MS: f64 = 50.0;

/// The standard deviation of their logarithms.
const WIDTH: f64 = 0.6;

/// What the slow tail takes longer, in milliseconds.
const LATER_MS: f64 = 600.0;

/// The canary's share of the requests.
const WEIGHT: f64 = 0.05;

/// What others are told to compare: the success rate of requests below this, in milliseconds,
/// as a textbook would, and minutes whose p99 lies beyond it. The default of examples.
const LIMIT_MS: f64 = 500.0;

/// What the canary does with latencies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slower {
    pub(crate) name: &'static str,
    /// How many times as long everything takes.
    pub(crate) times: f64,
    /// The share of requests that take [`LATER_MS`] longer.
    pub(crate) tail: f64,
}

/// Judges one rollout, for as long as anybody watches; those that look once or by the minute are
/// shown each minute's p99.
pub(crate) fn judge(slower: &Slower, random: Random) -> Stops {
    let mut random = random;
    let (mut latency, mut textbook) = (Latency::new(Counting::Requests, 1.5), Textbook::default());
    let (mut threshold, mut series) = (Threshold::default(), Series::default());
    let mut minute = [Vec::new(), Vec::new()];
    let mut stops = Stops::default();
    let mut at_once = latency.clone();
    let plain = Slower { times: 1.0, tail: 0.0, ..*slower };
    for _ in 0..BEFORE {
        latency.observe(&second(&mut random, &plain, 0.0).0);
    }
    for at in 1..=60 * POINTS[1] {
        let (latencies, counts, [canary, baseline]) = second(&mut random, slower, WEIGHT);
        if at <= WATCHED {
            for (latency, stop) in
                [(&mut latency, &mut stops.plumb), (&mut at_once, &mut stops.at_once)]
            {
                if stop.is_none() {
                    latency.observe(&latencies);
                    *stop = is_stopped(latency).then_some(at);
                }
            }
            if stops.textbook.is_none() {
                stops.textbook = textbook.observe(&counts).then_some(at);
            }
        }
        minute[0].extend(canary);
        minute[1].extend(baseline);
        if at % 60 == 0 {
            let [canary, baseline] = minute.each_mut().map(p99);
            stops.minute(at, threshold.minute(canary > LIMIT_MS));
            series.push(canary, baseline);
            stops.look(at, &series);
        }
    }
    stops
}

/// Whether the clearest border says that enough more take longer.
fn is_stopped(latency: &Latency) -> bool {
    latency.log_more() >= -ALPHA.ln()
        && latency.clearest().is_some_and(|(_, watch)| watch.ratio(ALPHA).0 >= RATIO_MIN)
}

/// One second: all latencies in buckets, how many took longer than the limit, and those of the
/// canary and of a baseline as large.
fn second(random: &mut Random, slower: &Slower, weight: f64) -> (Latencies, Tick, [Vec<f64>; 2]) {
    let (mut latencies, mut counts) = (Latencies::default(), Tick::default());
    let mut kept = [Vec::new(), Vec::new()];
    for (arm, share) in [weight, weight, 1.0 - 2.0 * weight].into_iter().enumerate() {
        for _ in 0..if share > 0.0 { random.poisson(REQUESTS * share) } else { 0 } {
            let base = MEDIAN_MS * (WIDTH * random.normal()).exp();
            let is_canary = arm == 0;
            let is_late = is_canary && random.unit() <= slower.tail;
            let late = if is_late { LATER_MS } else { 0.0 };
            let taken = if is_canary { base * slower.times + late } else { base };
            let side = if is_canary { Arm::Canary } else { Arm::Control };
            latencies.observe(side, taken);
            counts.arm_mut(side).add(Count::new(1, u64::from(taken > LIMIT_MS)));
            if let Some(kept) = kept.get_mut(arm) {
                kept.push(taken);
            }
        }
    }
    (latencies, counts, kept)
}

/// Takes the values out and gives the one below which 99 of 100 lie; 0 without values.
fn p99(values: &mut Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * 99).div_ceil(100).saturating_sub(1);
    let found = values.get(at).copied().unwrap_or(0.0);
    values.clear();
    found
}
