//! Results as rows of Markdown.
//!
//! Refuses to know how results came about.

use crate::trial::Stops;
use statrs::function::beta::beta_reg;
use std::fmt::Write;

/// When somebody stopped a rollout.
type Stopped = fn(&Stops) -> Option<u32>;

/// Everybody who can stop a rollout, in the order of columns.
pub(crate) const JUDGES: [(&str, Stopped); 7] = [
    ("**Plumb**", |stops| stops.plumb),
    ("Plumb, without the hour before", |stops| stops.at_once),
    ("Kayenta, 50 points", |stops| stops.kayenta[0]),
    ("Kayenta, 180 points", |stops| stops.kayenta[1]),
    ("three bad minutes", |stops| stops.three_minutes),
    ("`failureLimit: 3`", |stops| stops.argo),
    ("textbook, every second", |stops| stops.textbook),
];

/// The head of a table.
pub(crate) fn head(first: &str) -> String {
    let names: Vec<&str> = JUDGES.iter().map(|(name, _)| *name).collect();
    format!("| {first} | {} |\n|---|{}", names.join(" | "), "---|".repeat(JUDGES.len()))
}

/// How many healthy rollouts were stopped; for Plumb with the limit below which the rate lies.
pub(crate) fn false_stops(name: &str, runs: &[Stops]) -> String {
    let mut row = format!("| {name} |");
    for (at, (_, stopped)) in JUDGES.iter().enumerate() {
        let count = runs.iter().filter(|run| stopped(run).is_some()).count() as u64;
        let rate = percent(real(count) / real(runs.len() as u64));
        let limit = percent(upper(count, runs.len()));
        let limit = if at < 2 { format!(" (≤ {limit})") } else { String::new() };
        let _ = write!(row, " {rate}{limit} |");
    }
    row
}

/// After how many seconds harmful rollouts were stopped: the median over all of them, the time
/// within which nine of ten were, and the share that was stopped at all.
pub(crate) fn delays(name: &str, runs: &[Stops]) -> String {
    let mut row = format!("| {name} |");
    for (judge, stopped) in JUDGES {
        let mut times: Vec<u32> = runs.iter().filter_map(stopped).collect();
        times.sort_unstable();
        let share = percent(real(times.len() as u64) / real(runs.len() as u64));
        let when = |tenths: usize| {
            let at = (runs.len() * tenths).div_ceil(10).saturating_sub(1);
            times.get(at).map_or("–".to_owned(), |time| format!("{time} s"))
        };
        let _ = match judge.starts_with("Kayenta") {
            true => write!(row, " {share} |"),
            false => write!(row, " {}, {}, {share} |", when(5), when(9)),
        };
    }
    row
}

/// The limit of C. Clopper and E. Pearson (1934) below which the true rate lies, at 95 %.
pub(crate) fn upper(count: u64, runs: usize) -> f64 {
    let (count, runs) = (real(count), real(runs as u64));
    if count >= runs {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        // The chance of more hits than were counted.
        let is_below = beta_reg(count + 1.0, runs - count, middle) < 0.95;
        if is_below { low = middle } else { high = middle }
    }
    high
}

fn percent(share: f64) -> String {
    if share == 0.0 || share >= 0.1 {
        format!("{:.0} %", 100.0 * share)
    } else {
        format!("{:.2} %", 100.0 * share)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}
