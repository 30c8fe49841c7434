//! How often healthy rollouts are stopped, and how soon harmful ones, beside what others would do
//! with the same requests.
//!
//! Refuses to know how the tests work, and files.

#![expect(clippy::print_stdout, reason = "the measured figures are this program's data")]

mod peers;
mod random;
mod report;
mod slow;
mod traffic;
mod trial;

use random::Random;
use slow::Slower;
use traffic::{Failures, Setting, Weights};

/// How many healthy rollouts of each setting, and how many harmful ones.
const RUNS: [u64; 2] = [2_000, 1_000];

const PLAIN: Setting = Setting {
    name: "",
    base: 0.001,
    ratio: 1.0,
    weights: Weights::Constant(0.05),
    drifts: false,
    failures: Failures::OneByOne,
};

fn healthy() -> Vec<Setting> {
    let ramp = Setting { weights: Weights::Ramp, drifts: true, ..PLAIN };
    let together = |mean: f64| Failures::Bursts { mean, is_spread: false };
    let spread = |mean: f64| Failures::Bursts { mean, is_spread: true };
    let users = |mean: f64| Failures::Users { mean };
    let burst = |name, failures| Setting { name, base: 0.002, failures, ..PLAIN };
    vec![
        Setting { name: "0.1 %", ..PLAIN },
        Setting { name: "1 %", base: 0.01, ..PLAIN },
        Setting { name: "0.05 %, rare", base: 0.000_5, ..PLAIN },
        Setting { name: "0.1 %, drifting", drifts: true, ..PLAIN },
        Setting { name: "1 %, drifting", drifts: true, base: 0.01, ..PLAIN },
        Setting { name: "0.05 %, drifting, weight ramped", base: 0.000_5, ..ramp },
        Setting { name: "1 %, drifting, weight ramped", base: 0.01, ..ramp },
        Setting { name: "20 %, drifting, weight ramped", base: 0.2, ..ramp },
        burst("0.2 % in bursts of 2", together(2.0)),
        burst("0.2 % in bursts of 5", together(5.0)),
        burst("0.2 % in bursts of 20", together(20.0)),
        burst("0.2 % in bursts of 2 over 30 s", spread(2.0)),
        burst("0.2 % in bursts of 5 over 30 s", spread(5.0)),
        burst("0.2 % in bursts of 20 over 30 s", spread(20.0)),
        burst("bursts of 2, users counted", users(2.0)),
        burst("bursts of 5, users counted", users(5.0)),
        burst("bursts of 20, users counted", users(20.0)),
    ]
}

fn harmful() -> Vec<Setting> {
    let plain = |name, base: f64, worse: f64| Setting { name, base, ratio: worse / base, ..PLAIN };
    let burst = |name, mean: f64| {
        let failures = Failures::Bursts { mean, is_spread: false };
        Setting { name, base: 0.002, ratio: 5.0, failures, ..PLAIN }
    };
    let users = |mean: f64| Failures::Users { mean };
    vec![
        plain("0.1 to 0.2 %", 0.001, 0.002),
        plain("0.1 to 0.5 %", 0.001, 0.005),
        plain("0.1 to 1 %", 0.001, 0.01),
        plain("1 to 1.5 %", 0.01, 0.015),
        plain("1 to 2 %", 0.01, 0.02),
        burst("0.2 to 1 %, bursts of 2", 2.0),
        burst("0.2 to 1 %, bursts of 5", 5.0),
        burst("0.2 to 1 %, bursts of 20", 20.0),
        Setting { failures: users(5.0), ..burst("the same of 5, users counted", 5.0) },
        Setting { failures: users(1.0), ..plain("0.1 to 0.5 %, users counted", 0.001, 0.005) },
        Setting { failures: users(1.0), ..plain("0.1 to 1 %, users counted", 0.001, 0.01) },
    ]
}

fn slower() -> Vec<Slower> {
    vec![
        Slower { name: "latency: everything × 1.1", times: 1.1, tail: 0.0 },
        Slower { name: "latency: everything × 1.3", times: 1.3, tail: 0.0 },
        Slower { name: "latency: 0.5 % of requests + 600 ms", times: 1.0, tail: 0.005 },
        Slower { name: "latency: 2 % of requests + 600 ms", times: 1.0, tail: 0.02 },
    ]
}

/// What the arguments ask for: how many runs, as a number, and a part of the names of settings.
struct Wanted {
    runs: [u64; 2],
    parts: Vec<String>,
}

impl Wanted {
    fn of_arguments() -> Self {
        let arguments = || std::env::args().skip(1).filter(|one| !one.starts_with('-'));
        let runs = arguments().find_map(|one| one.parse().ok()).map_or(RUNS, |runs| [runs; 2]);
        let parts = arguments().filter(|one| one.parse::<u64>().is_err()).collect();
        Self { runs, parts }
    }

    fn asks_for(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| name.contains(part))
    }
}

fn main() {
    let wanted = Wanted::of_arguments();
    println!("{}", report::head("healthy"));
    for setting in healthy().iter().filter(|one| wanted.asks_for(one.name)) {
        let runs = trial::many(wanted.runs[0], |run| trial::judge(setting, Random::new(1, run)));
        println!("{}", report::false_stops(setting.name, &runs));
    }
    let same = Slower { name: "latency: the same", times: 1.0, tail: 0.0 };
    if wanted.asks_for(same.name) {
        let runs = trial::many(wanted.runs[0], |run| slow::judge(&same, Random::new(3, run)));
        println!("{}", report::false_stops(same.name, &runs));
    }
    println!("\n{}", report::head("harmful"));
    for setting in harmful().iter().filter(|one| wanted.asks_for(one.name)) {
        let runs = trial::many(wanted.runs[1], |run| trial::judge(setting, Random::new(2, run)));
        println!("{}", report::delays(setting.name, &runs));
    }
    for setting in slower().iter().filter(|one| wanted.asks_for(one.name)) {
        let runs = trial::many(wanted.runs[1], |run| slow::judge(setting, Random::new(4, run)));
        println!("{}", report::delays(setting.name, &runs));
    }
}
