//! How often healthy rollouts are stopped, in a small version of the benchmark `calibration`: what
//! keeps them from it must not get lost.
//!
//! Refuses to know how the tests work.

#[path = "../benches/calibration/random.rs"]
#[expect(dead_code, reason = "the benchmark needs more of it")]
mod random;

use plumb_rollout::tick::{Count, Tick};
use plumb_rollout::watch::{Counting, Watch};
use random::Random;

const ALPHA: f64 = 0.01;

/// How many rollouts there are, and how many of them may be stopped: at a level of 1 %, chance
/// stops more of them in one of 260 worlds. The numbers are the same in every run.
const ROLLOUTS: u64 = 300;
const STOPPED_MAX: usize = 8;

/// A healthy service whose hits come in bursts, each of one user.
#[derive(Clone, Copy)]
struct Service {
    /// The share of requests that are hit.
    base: f64,
    /// How many hits a burst has on average.
    burst: f64,
    /// Over how many ticks they are spread.
    spread: usize,
    /// Whether the canary's weight and the base double three times within the rollout.
    is_ramped: bool,
    /// How many ticks a rollout has, of a hundred requests each.
    ticks: u32,
    counting: Counting,
}

const LONE: Service = Service {
    base: 0.002,
    burst: 1.0,
    spread: 1,
    is_ramped: false,
    ticks: 400,
    counting: Counting::Requests,
};

fn is_stopped(service: Service, run: u64) -> bool {
    let mut random = Random::new(5, run);
    let mut watch = Watch::new(service.counting, 1.5);
    let mut coming = vec![[0_u64; 2]; service.spread];
    (0..service.ticks).any(|at| {
        let slot = usize::try_from(at).unwrap_or(0) % service.spread;
        let growth = if service.is_ramped { f64::from(1 << (at * 4 / service.ticks)) } else { 1.0 };
        let weight = 0.05 * growth;
        let [canary, control] = [weight, 1.0 - weight].map(|share| 100.0 * share);
        for (arm, requests) in [canary, control].into_iter().enumerate() {
            for _ in 0..random.poisson(requests * service.base * growth / service.burst) {
                for _ in 0..random.geometric(service.burst) {
                    let later = random.below(service.spread);
                    coming[(slot + later) % service.spread][arm] += 1;
                }
            }
        }
        let hits = std::mem::take(&mut coming[slot]);
        watch.observe(&Tick {
            control: Count::new(random.poisson(control), hits[1]),
            canary: Count::new(random.poisson(canary), hits[0]),
        });
        watch.log_more() >= -ALPHA.ln() && watch.ratio(ALPHA).0 >= 1.1
    })
}

#[track_caller]
fn check(service: Service) {
    let stopped = (0..ROLLOUTS).filter(|run| is_stopped(service, *run)).count();
    assert!(stopped <= STOPPED_MAX, "{stopped} of {ROLLOUTS} healthy rollouts were stopped");
}

#[test]
fn hits_one_by_one_stop_few() {
    check(LONE);
}

/// What tempering is for: where hits come five at a time, a hit is no evidence of its own. Leaving
/// one burst of many out would not change as much.
#[test]
fn hits_in_bursts_say_less_than_as_many_units() {
    let watches = [Counting::Units, Counting::Requests].map(|counting| {
        let mut watch = Watch::new(counting, 1.5);
        for at in 0..6_000_u64 {
            let burst = |of: u64| if at * at % 37 < of { 5 } else { 0 };
            watch.observe(&Tick {
                control: Count::new(500, burst(2)),
                canary: Count::new(500, burst(5)),
            });
        }
        watch.log_more()
    });
    assert!(watches[1] > 0.0 && watches[1] < 0.4 * watches[0], "{watches:?}");
}

/// What leaving bursts out is for: when the first one comes, nothing is known of them yet.
#[test]
fn the_first_burst_stops_few() {
    check(Service { base: 0.002, burst: 5.0, ..LONE });
}

/// What leaving out the hits of a longer time is for.
#[test]
fn the_first_burst_stops_few_when_it_lasts() {
    check(Service { base: 0.002, burst: 5.0, spread: 30, ..LONE });
}

/// What conditioning on ticks is for: the base and the canary's weight grow together.
#[test]
fn a_weight_that_grows_with_the_base_stops_few() {
    check(Service { base: 0.02, is_ramped: true, counting: Counting::Units, ..LONE });
}
