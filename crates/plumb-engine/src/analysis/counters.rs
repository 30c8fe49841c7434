//! Counters that only ever grow, as metrics keep them: what happened between two looks at them, by
//! version, given to the judge.
//!
//! A counter that shrank was started anew and counts from nothing, as Prometheus has it. Each
//! series is followed by itself, and only what it grew by is added up. Refuses to know where series
//! come from.

use crate::analysis::intake::Arms;
use plumb_rollout::judge::{Judge, Moment, Settings};
use plumb_rollout::latency::BORDERS_MS;
use plumb_rollout::tick::{Arm, Count};
use plumb_rollout::watch::Counting;
use std::collections::{BTreeMap, BTreeSet};

/// The label of a histogram's bucket: the longest of what it counts, in seconds.
const LE: &str = "le";

/// Versions that are named when none of the two is there.
const NAMED_MAX: usize = 5;

/// A counter with its labels, at moments in Unix milliseconds, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Names and values.
    pub labels: BTreeMap<String, String>,
    /// Moments and values.
    pub points: Vec<(i64, f64)>,
}

/// What was asked for, over the same moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Everything that happened.
    pub total: Vec<Series>,
    /// What of it failed.
    pub bad: Vec<Series>,
    /// How long it took, in buckets; none where nobody asked.
    pub latency: Option<Vec<Series>>,
    /// What whoever was asked warned of.
    pub warnings: Vec<String>,
}

/// Counters of two versions, followed.
#[derive(Clone, Debug)]
pub struct Counters {
    label: String,
    arms: Arms,
    judge: Judge,
    total: Followed,
    bad: Followed,
    latency: Followed,
    /// Since when each arm is there: what its counters were then is nobody's growth.
    since_ms: [Option<i64>; 2],
    asks_latency: bool,
    /// The borders of each arm's buckets, in the order of their bits.
    borders: [BTreeSet<u64>; 2],
    others: BTreeSet<String>,
    warning: Option<String>,
    has_latency: [bool; 2],
    /// What is left in each bucket of growth that is no whole number.
    rests: BTreeMap<(usize, u64), f64>,
}

/// Series by their labels, with what each was last.
#[derive(Clone, Debug, Default)]
struct Followed {
    last: BTreeMap<BTreeMap<String, String>, f64>,
    /// Whether any series of an arm was ever there.
    is_there: [bool; 2],
    /// What is left of growth that is no whole number.
    rest: [f64; 2],
}

/// What grew at one moment: by arm, and by bucket where there are some.
type Growth = BTreeMap<i64, [BTreeMap<u64, f64>; 2]>;

impl Counters {
    /// Two versions, told apart by this label. Looks lie ten seconds apart or more.
    #[must_use]
    pub fn new(label: &str, arms: Arms, settings: Settings) -> Self {
        Self {
            label: label.to_owned(),
            arms,
            judge: Judge::new(Settings { counting: Counting::Spans, ..settings }),
            total: Followed::default(),
            bad: Followed::default(),
            latency: Followed::default(),
            since_ms: [None; 2],
            asks_latency: false,
            borders: [BTreeSet::new(), BTreeSet::new()],
            others: BTreeSet::new(),
            warning: None,
            has_latency: [false; 2],
            rests: BTreeMap::new(),
        }
    }

    /// The same, with a new version that runs since this moment, Unix milliseconds.
    #[must_use]
    pub fn since(mut self, began_ms: Option<i64>) -> Self {
        began_ms.into_iter().for_each(|at_ms| self.judge.begin(at_ms));
        self
    }

    /// Takes in what was told. What comes later is told later.
    pub fn take(&mut self, told: &Told) {
        self.asks_latency |= told.latency.is_some();
        self.warning = self.warning.take().or_else(|| told.warnings.first().cloned());
        for series in &told.total {
            let Some(arm) = self.arm(series) else {
                self.note_other(series);
                continue;
            };
            let first_ms = series.points.first().map(|(at_ms, _)| *at_ms);
            let since_ms = &mut self.since_ms[index(arm)];
            *since_ms = match (*since_ms, first_ms) {
                (Some(known), Some(first)) => Some(known.min(first)),
                (known, first) => known.or(first),
            };
        }
        let mut all = [&mut self.total, &mut self.bad, &mut self.latency].map(std::mem::take);
        let latency = told.latency.as_deref().unwrap_or_default();
        let of = [&told.total[..], &told.bad, latency];
        let grown = [0, 1, 2].map(|at: usize| self.grown(&mut all[at], of[at]));
        [self.total, self.bad, self.latency] = all;
        self.observe(&grown);
    }

    /// What is known so far.
    #[must_use]
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// Who is who.
    #[must_use]
    pub fn arms(&self) -> &Arms {
        &self.arms
    }

    /// Why a yes would rest on too little of what there is.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        let name = |arm: usize| [&self.arms.control, &self.arms.canary][arm];
        if self.since_ms == [None; 2] {
            let others: Vec<&str> =
                self.others.iter().take(NAMED_MAX).map(String::as_str).collect();
            let others = if others.is_empty() { "nothing".to_owned() } else { others.join(", ") };
            return Some(format!(
                "no series of `total` has `{}` or `{}` as its label `{}`; there is {others}",
                self.arms.control, self.arms.canary, self.label
            ));
        }
        let missing = self.since_ms.iter().position(Option::is_none);
        if let Some(arm) = missing {
            return Some(format!("no series of `total` is of {}", name(arm)));
        }
        if self.bad.is_there == [false; 2] {
            return Some(
                "no series of `bad` was ever told: a failure that never happened and a query that \
                 finds none look alike; let it tell zero, as `… or 0 * …` does"
                    .to_owned(),
            );
        }
        if self.asks_latency {
            if let Some(arm) = self.has_latency.iter().position(|has| !has) {
                return Some(format!("no bucket of `latency` is of {}", name(arm)));
            }
            if self.borders[0] != self.borders[1] {
                return Some("both versions count latencies in other buckets".to_owned());
            }
        }
        self.warning.as_ref().map(|warning| format!("not all of it was there: {warning}"))
    }

    fn arm(&self, series: &Series) -> Option<Arm> {
        self.arms.arm(series.labels.get(&self.label)?)
    }

    fn note_other(&mut self, series: &Series) {
        let version = series.labels.get(&self.label).cloned();
        if self.others.len() < NAMED_MAX {
            self.others.insert(version.unwrap_or_else(|| "series without that label".to_owned()));
        }
    }

    /// By how much series of both arms grew at each moment.
    fn grown(&mut self, followed: &mut Followed, all: &[Series]) -> Growth {
        let mut growth = Growth::new();
        for series in all {
            let Some(arm) = self.arm(series) else { continue };
            let arm = index(arm);
            let Some(since_ms) = self.since_ms[arm] else { continue };
            followed.is_there[arm] = true;
            let border = match series.labels.get(LE) {
                None => 0,
                // Neither is a border of what only grows.
                Some(le) => match le.parse::<f64>() {
                    Ok(le) if le >= 0.0 => le.abs().to_bits(),
                    _ => continue,
                },
            };
            let mut last = followed.last.get(&series.labels).copied();
            for (at_ms, value) in &series.points {
                if !value.is_finite() {
                    continue;
                }
                let grown = match last {
                    Some(last) if *value >= last => value - last,
                    // It was started anew.
                    Some(_) => *value,
                    // It was there before anybody looked.
                    None if *at_ms <= since_ms => 0.0,
                    // It came under way: what is told for the first time happened just then.
                    None => *value,
                };
                last = Some(*value);
                *growth.entry(*at_ms).or_default()[arm].entry(border).or_default() += grown;
            }
            if let Some(last) = last {
                followed.last.insert(series.labels.clone(), last);
            }
        }
        growth
    }

    fn observe(&mut self, [total, bad, latency]: &[Growth; 3]) {
        for (at_ms, units) in total {
            let mut moment = Moment::default();
            for arm in [Arm::Control, Arm::Canary] {
                let sum = |growth: &BTreeMap<u64, f64>| growth.values().sum::<f64>();
                let units = whole(&mut self.total.rest[index(arm)], sum(&units[index(arm)]));
                let hits = bad.get(at_ms).map_or(0.0, |bad| sum(&bad[index(arm)]));
                let hits = whole(&mut self.bad.rest[index(arm)], hits);
                *moment.failures.arm_mut(arm) = Count::new(units, hits);
                if let Some(buckets) = latency.get(at_ms) {
                    self.add_latencies(&mut moment, arm, &buckets[index(arm)]);
                }
            }
            if moment.failures.control.units + moment.failures.canary.units > 0 {
                self.judge.observe(*at_ms, &moment);
            }
        }
    }

    /// Buckets hold all that is shorter, so that each is what it has more than the one before.
    fn add_latencies(&mut self, moment: &mut Moment, arm: Arm, buckets: &BTreeMap<u64, f64>) {
        let mut before = 0.0;
        // Bits of numbers that are not negative lie in the order of the numbers.
        for (bits, grown) in buckets {
            self.has_latency[index(arm)] = true;
            self.borders[index(arm)].insert(*bits);
            let border_ms = f64::from_bits(*bits) * 1_000.0;
            let bucket = BORDERS_MS.partition_point(|border| *border < border_ms);
            let rest = self.rests.entry((index(arm), *bits)).or_default();
            let count = whole(rest, (grown - before).max(0.0));
            moment.latencies.add(arm, bucket, count);
            before = grown.max(before);
        }
    }
}

const fn index(arm: Arm) -> usize {
    match arm {
        Arm::Control => 0,
        Arm::Canary => 1,
    }
}

/// The whole part of what is there with a rest; the rest stays for the next time.
fn whole(rest: &mut f64, grown: f64) -> u64 {
    /// Beyond this a counter's steps are lost anyway.
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    let all = (*rest + grown).clamp(0.0, WHOLE_MAX);
    *rest = all.fract();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    let whole = all.trunc() as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::verdict::Verdict;

    fn counters() -> Counters {
        let arms = Arms { control: "1".to_owned(), canary: "2".to_owned() };
        Counters::new("version", arms, Settings::default())
    }

    fn series(labels: &[(&str, &str)], points: &[(i64, f64)]) -> Series {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Series { labels: labels.iter().map(owned).collect(), points: points.to_vec() }
    }

    fn failures(counters: &Counters) -> (Count, Count) {
        let tick = counters.judge().judge(0, WayBack::Open).failures;
        (tick.control, tick.canary)
    }

    #[test]
    fn growth_is_counted_by_series_and_a_reset_counts_from_nothing() {
        let mut counters = counters();
        let (one, two) = ([("version", "1"), ("pod", "a")], [("version", "2"), ("pod", "b")]);
        let first = Told {
            total: vec![
                series(&one, &[(0, 1e6), (15, 1e6 + 90.0), (30, 10.0), (45, 40.0)]),
                series(&two, &[(15, 7.0), (30, 17.0), (45, f64::NAN)]),
                series(&[("version", "0")], &[(0, 5.0), (15, 50.0)]),
            ],
            bad: vec![series(&one, &[(0, 100.0), (15, 101.0)])],
            ..Told::default()
        };
        counters.take(&first);
        // 90, then 10 since it was started anew, then 30; the canary's first value is nobody's.
        assert_eq!(failures(&counters), (Count::new(130, 1), Count::new(10, 0)));
        // A failure that is told for the first time, and a further pod.
        let next = Told {
            total: vec![
                series(&one, &[(60, 41.0)]),
                series(&two, &[(60, 18.0)]),
                series(&[("version", "2"), ("pod", "c")], &[(60, 3.0)]),
            ],
            bad: vec![series(&two, &[(60, 2.0)])],
            ..Told::default()
        };
        counters.take(&next);
        assert_eq!(failures(&counters), (Count::new(131, 1), Count::new(14, 2)));
    }

    fn steady(bad: impl Fn(&str, i64) -> Option<f64>, latency: Option<Vec<Series>>) -> Told {
        let times = || (0..240).map(|step| (step * 15_000, step));
        let of = |version: &str, each: f64| {
            let points: Vec<(i64, f64)> = times()
                .map(|(at, step)| (at, f64::from(u32::try_from(step).unwrap()) * each))
                .collect();
            series(&[("version", version)], &points)
        };
        let bad_of = |version: &str| {
            let points: Vec<(i64, f64)> =
                times().filter_map(|(at, step)| Some((at, bad(version, step)?))).collect();
            (!points.is_empty()).then(|| series(&[("version", version)], &points))
        };
        Told {
            total: vec![of("1", 900.0), of("2", 100.0)],
            bad: ["1", "2"].into_iter().filter_map(bad_of).collect(),
            latency,
            warnings: Vec::new(),
        }
    }

    fn verdict(told: &Told) -> (Verdict, Option<String>) {
        let mut counters = counters();
        counters.take(told);
        let judgement = counters.judge().judge(240 * 15_000, WayBack::Open);
        (judgement.verdict, counters.caution())
    }

    fn real(step: i64) -> f64 {
        f64::from(u32::try_from(step).unwrap())
    }

    #[test]
    fn worse_is_rolled_back_and_what_is_missing_is_no_yes() {
        let worse = |version: &str, step: i64| {
            Some(if version == "2" { real(step) * 5.0 } else { real(step) })
        };
        assert_eq!(verdict(&steady(worse, None)), (Verdict::RollBack, None));
        let none = |_: &str, _| Some(0.0);
        assert_eq!(verdict(&steady(none, None)), (Verdict::Promote, None));
        // The same without a series that tells so.
        let (_, caution) = verdict(&steady(|_, _| None, None));
        assert!(caution.unwrap().contains("no series of `bad` was ever told"));
        let warned = Told { warnings: vec!["a store is away".to_owned()], ..steady(none, None) };
        assert!(verdict(&warned).1.unwrap().ends_with("a store is away"));
        let (said, caution) = verdict(&Told::default());
        assert_ne!(said, Verdict::Promote);
        assert!(caution.unwrap().contains("there is nothing"));
        let mut alone = steady(none, None);
        alone.total.pop();
        let (said, caution) = verdict(&alone);
        assert_ne!(said, Verdict::Promote);
        assert_eq!(caution.as_deref(), Some("no series of `total` is of 2"));
    }

    fn buckets(version: &str, borders: &[(&str, f64)]) -> Vec<Series> {
        let of = |(border, each): &(&str, f64)| {
            let points: Vec<(i64, f64)> =
                (0..240).map(|step| (step * 15_000, real(step) * each)).collect();
            series(&[("version", version), ("le", border)], &points)
        };
        borders.iter().map(of).collect()
    }

    #[test]
    fn a_slow_tail_is_seen_in_buckets_and_buckets_have_to_be_the_same() {
        let none = |_: &str, _| Some(0.0);
        let control = buckets("1", &[("0.1", 850.0), ("0.5", 895.0), ("+Inf", 900.0)]);
        let alike = buckets("2", &[("0.1", 95.0), ("0.5", 99.5), ("+Inf", 100.0)]);
        let slow = buckets("2", &[("0.1", 60.0), ("0.5", 70.0), ("+Inf", 100.0)]);
        let other = buckets("2", &[("0.2", 95.0), ("0.5", 99.5), ("+Inf", 100.0)]);
        let with =
            |canary: &[Series]| verdict(&steady(none, Some([control.as_slice(), canary].concat())));
        assert_eq!(with(&slow), (Verdict::RollBack, None));
        assert_ne!(with(&alike).0, Verdict::RollBack);
        assert!(with(&other).1.unwrap().contains("other buckets"));
        assert!(with(&[]).1.unwrap().contains("no bucket of `latency` is of 2"));
    }
}
