//! From rows to moments: rows come about in order of time and are counted second by second.
//!
//! Refuses to know files.

use crate::analysis::dictionary::Dictionary;
use crate::analysis::row::Row;
use plumb_rollout::cohort::DIMENSIONS_MAX;
use plumb_rollout::flow::Step;
use plumb_rollout::judge::{Judge, Moment, Settings};
use plumb_rollout::split;
use plumb_rollout::tick::{Arm, Tick};
use plumb_rollout::watch::Counting;
use rapidhash::RapidHashSet;
use std::collections::BTreeMap;

/// How many ticks stay open for rows that come late.
const OPEN_TICKS: i64 = 60;

/// How many stay open where files are read one after the other and tell of the same time: some
/// 250 MB.
const OPEN_TICKS_MAX: i64 = 500_000;

/// The most units that failed and are remembered: 64 MB. Failures of further units count request
/// by request.
const FAILED_MAX: usize = 4_000_000;

/// How many seconds are looked at together when a split may have changed.
const SPLIT_TICKS: u32 = 10;

/// How much a split must change before it is another: the factor of its odds, and the e-value as a
/// logarithm.
const SPLIT_CHANGE: (f64, f64) = (1.25, 6.9);

/// The kind of work of a job that has none.
const WORK: &str = "work";

/// Who is who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arms {
    /// The version that is known.
    pub control: String,
    /// The version that is new.
    pub canary: String,
}

/// Words that name the arms themselves, in any case.
const CONTROL: &[&str] = &["control", "baseline", "stable", "primary", "old"];
const CANARY: &[&str] = &["canary", "experiment", "treatment", "candidate", "new"];

impl Arms {
    /// Two versions, the usual one first, unless words that name the arms say otherwise.
    #[must_use]
    pub fn of(usual: String, rare: String) -> Self {
        if is_one_of(CANARY, &usual) && !is_one_of(CANARY, &rare) {
            return Self { control: rare, canary: usual };
        }
        Self { control: usual, canary: rare }
    }

    /// Which arm a version belongs to; none for others.
    #[must_use]
    pub fn arm(&self, version: &str) -> Option<Arm> {
        match version {
            _ if version == self.control => Some(Arm::Control),
            _ if version == self.canary => Some(Arm::Canary),
            _ if is_one_of(CONTROL, version) => Some(Arm::Control),
            _ if is_one_of(CANARY, version) => Some(Arm::Canary),
            _ => None,
        }
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What was taken in, and what could not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Rows that count.
    pub taken: u64,
    /// Rows of versions that are not compared.
    pub others: u64,
    /// Rows that name no version.
    pub nameless: u64,
    /// Exchanges of components other than the one that is judged.
    pub elsewhere: u64,
    /// Exchanges at seams and on days of which only one of both versions is known.
    pub alone: u64,
    /// Rows without a moment that was understood.
    pub without_time: u64,
    /// Rows that came after their second was closed, and were counted in a later one.
    pub late: u64,
}

/// Counts rows, and hands each second to the judge when no more of it is expected.
#[derive(Debug)]
pub struct Intake {
    judge: Judge,
    arms: Arms,
    component: Option<String>,
    tick_ms: i64,
    counts_units: bool,
    /// Whether the split is looked at and not said.
    finds_split: bool,
    open: BTreeMap<i64, Moment>,
    open_ticks: i64,
    /// The tick of the row before, since most rows are of the same.
    last_tick: i64,
    failed: RapidHashSet<u64>,
    dictionaries: Vec<Dictionary>,
    account: Account,
    recent: (u32, Tick),
    epoch: Tick,
}

impl Intake {
    /// Nothing taken in yet. `tick_ms` is the length of a tick, at least 1.
    #[must_use]
    pub fn new(settings: Settings, arms: Arms, tick_ms: i64) -> Self {
        Self {
            counts_units: settings.counting == Counting::Units,
            finds_split: settings.share.is_none(),
            dictionaries: vec![Dictionary::default(); settings.dimensions.min(DIMENSIONS_MAX)],
            judge: Judge::new(settings),
            arms,
            component: None,
            tick_ms: tick_ms.max(1),
            open: BTreeMap::new(),
            open_ticks: OPEN_TICKS,
            last_tick: i64::MIN,
            failed: RapidHashSet::default(),
            account: Account::default(),
            recent: (0, Tick::default()),
            epoch: Tick::default(),
        }
    }

    /// Counts only what this component answered.
    #[must_use]
    pub fn of_component(self, component: Option<String>) -> Self {
        Self { component, ..self }
    }

    /// Waits with everything until the end, for files that tell of the same time one by one.
    pub fn wait(&mut self) {
        self.open_ticks = OPEN_TICKS_MAX;
    }

    /// Takes in a row; of this arm, where `arm` says so, else of that which its version belongs to.
    /// Answers whether it counts.
    pub fn take(&mut self, row: &Row<'_>, arm: Option<Arm>) -> bool {
        let Some(at_ms) = row.at_ms else {
            self.account.without_time += 1;
            return false;
        };
        if !row.is_of(self.component.as_deref()) {
            self.account.elsewhere += 1;
            return false;
        }
        let told = || self.arms.arm(row.version.as_deref()?);
        let arm = arm.or_else(told);
        if let (Some(job), Some(step)) = (row.job, row.step.as_deref()) {
            self.take_step(row, (job, step), (at_ms, arm));
            return true;
        }
        let Some(arm) = arm else {
            match row.version {
                Some(_) => self.account.others += 1,
                None => self.account.nameless += 1,
            }
            return false;
        };
        self.take_one(row, arm, at_ms);
        true
    }

    fn take_one(&mut self, row: &Row<'_>, arm: Arm, at_ms: i64) {
        self.account.taken += 1;
        let tick = self.tick(at_ms);
        let is_hit = self.count(arm, tick, row);
        if let Some(is_hit) = is_hit
            && !self.dictionaries.is_empty()
        {
            let mut values = [0; DIMENSIONS_MAX];
            let all = self.dictionaries.iter_mut().zip(&row.values);
            for (slot, (dictionary, value)) in values.iter_mut().zip(all) {
                *slot = dictionary.number(value.as_deref());
            }
            self.judge.unit(arm, &values[..self.dictionaries.len()], is_hit, at_ms);
        }
    }

    /// Counts a row in its tick. Answers whether it is a hit of a unit that was not hit before;
    /// none where its unit does not count any more, since it was hit already.
    fn count(&mut self, arm: Arm, tick: i64, row: &Row<'_>) -> Option<bool> {
        let is_hit = row.is_failure();
        let is_counted = match row.unit.filter(|_| self.counts_units) {
            Some(unit) if self.failed.contains(&unit) => false,
            Some(unit) => {
                if is_hit && self.failed.len() < FAILED_MAX {
                    self.failed.insert(unit);
                }
                true
            }
            None => true,
        };
        let moment = self.open.entry(tick).or_default();
        if is_counted {
            let count = moment.failures.arm_mut(arm);
            count.units += 1;
            count.hits += u64::from(is_hit);
        }
        if let Some(latency_ms) = row.latency_ms {
            moment.latencies.observe(arm, latency_ms);
        }
        if let Some(is_retry) = row.retry {
            let count = moment.retries.arm_mut(arm);
            count.units += 1;
            count.hits += u64::from(is_retry);
        }
        if tick != self.last_tick {
            self.last_tick = tick;
            self.close();
        }
        is_counted.then_some(is_hit)
    }

    /// The tick of a moment; the first open one for a row that comes too late.
    fn tick(&mut self, at_ms: i64) -> i64 {
        let tick = at_ms.div_euclid(self.tick_ms);
        if tick == self.last_tick {
            return tick;
        }
        match (self.open.first_key_value(), self.open.last_key_value()) {
            (Some((first, _)), Some((last, _)))
                if tick < *first && tick < last - self.open_ticks =>
            {
                self.account.late += 1;
                *first
            }
            _ => tick,
        }
    }

    fn take_step(&mut self, row: &Row<'_>, (job, step): (u64, &str), at: (i64, Option<Arm>)) {
        let (at_ms, arm) = at;
        let arm_or_control = arm.unwrap_or(Arm::Control);
        let step = match step.to_ascii_lowercase().as_str() {
            "accepted" | "enqueued" | "published" | "sent" | "queued" | "task-sent" => {
                Step::Accepted(arm_or_control)
            }
            "started" | "received" | "task-received" | "task-started" => match arm {
                Some(arm) => Step::Started(arm),
                None => return self.account.others += 1,
            },
            "finished" | "succeeded" | "done" | "completed" | "task-succeeded" => {
                Step::Finished(arm_or_control)
            }
            _ => return self.account.others += 1,
        };
        self.account.taken += 1;
        let flow = self.judge.flow(row.flow.as_deref().unwrap_or(WORK));
        flow.observe(job, at_ms, step);
        flow.ask(at_ms);
        if let Some(arm) = arm {
            let mut heard = Tick::default();
            heard.arm_mut(arm).units = 1;
            self.judge.heard(at_ms, &heard);
        }
    }

    fn close(&mut self) {
        while let (Some((first, _)), Some((last, _))) =
            (self.open.first_key_value(), self.open.last_key_value())
        {
            if last - first <= self.open_ticks {
                return;
            }
            self.close_first();
        }
    }

    fn close_first(&mut self) {
        let Some((tick, moment)) = self.open.pop_first() else { return };
        if tick == self.last_tick {
            self.last_tick = i64::MIN;
        }
        if self.finds_split {
            self.look_at_split(&moment.failures);
        }
        self.judge.observe(tick * self.tick_ms, &moment);
    }

    /// Tells the judge when traffic is split in another way than before.
    fn look_at_split(&mut self, tick: &Tick) {
        self.recent.1.add(tick);
        self.recent.0 += 1;
        if self.recent.0 < SPLIT_TICKS {
            return;
        }
        let (_, recent) = std::mem::take(&mut self.recent);
        if is_other_split(&self.epoch, &recent) {
            self.judge.turn(None);
            self.epoch = Tick::default();
        }
        self.epoch.add(&recent);
    }

    /// Everything there is to judge, when no more rows come, with the values of the dimensions.
    #[must_use]
    pub fn finish(mut self) -> (Judge, Vec<Dictionary>, Account) {
        while !self.open.is_empty() {
            self.close_first();
        }
        (self.judge, self.dictionaries, self.account)
    }

    /// Everything there is to judge now, while more rows come: what is still open counts as it is.
    #[must_use]
    pub fn so_far(&self) -> Judge {
        let mut judge = self.judge.clone();
        for (tick, moment) in &self.open {
            judge.observe(tick * self.tick_ms, moment);
        }
        judge
    }

    /// The values of the dimensions so far.
    #[must_use]
    pub fn dictionaries(&self) -> &[Dictionary] {
        &self.dictionaries
    }

    /// What was taken in so far.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account
    }

    /// The judge, for what does not come in rows.
    pub fn judge_mut(&mut self) -> &mut Judge {
        &mut self.judge
    }
}

fn is_other_split(epoch: &Tick, recent: &Tick) -> bool {
    let (Some(before), Some(now)) = (epoch.canary_share(), recent.canary_share()) else {
        return false;
    };
    if before <= 0.0 || before >= 1.0 {
        return (before - now).abs() > f64::EPSILON;
    }
    let odds = |share: f64| share.max(1e-9) / (1.0 - share).max(1e-9);
    let factor = (odds(now) / odds(before)).ln().abs();
    let counts = [recent.canary.units, recent.control.units];
    let log_e = split::log_e(&counts, &[before, 1.0 - before], split::CONCENTRATION);
    factor > SPLIT_CHANGE.0.ln() && log_e > SPLIT_CHANGE.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::verdict::Verdict;

    fn intake(counting: Counting) -> Intake {
        let arms = Arms { control: "1.0".to_owned(), canary: "1.1".to_owned() };
        Intake::new(Settings { counting, ..Settings::default() }, arms, 1_000)
    }

    /// A hundred requests a second for ten minutes, one in ten on the canary, of which those that
    /// `is_bad` tells fail.
    fn verdict(counting: Counting, is_bad: impl Fn(u64, bool) -> bool) -> Verdict {
        let mut intake = intake(counting);
        for request in 0..60_000_u64 {
            let is_canary = request % 10 == 0;
            let row = Row {
                at_ms: Some(i64::try_from(request).unwrap() * 10),
                version: Some(if is_canary { "1.1" } else { "1.0" }.into()),
                unit: Some(request % 997),
                failed: Some(is_bad(request, is_canary)),
                ..Row::default()
            };
            intake.take(&row, None);
        }
        let (judge, ..) = intake.finish();
        judge.judge(600_000, WayBack::Open).verdict
    }

    #[test]
    fn a_canary_is_rolled_back_or_promoted_when_that_is_certain() {
        let bad = |request: u64, canary: bool| {
            request.is_multiple_of(500) || canary && request % 100 == 50
        };
        assert_eq!(verdict(Counting::Requests, bad), Verdict::RollBack);
        let as_before = |request: u64, _| request.is_multiple_of(333);
        assert_eq!(verdict(Counting::Requests, as_before), Verdict::CannotTell);
        assert_eq!(verdict(Counting::Requests, |_, _| false), Verdict::Promote);
    }

    #[test]
    fn one_unhappy_user_is_no_reason_to_roll_back() {
        let unhappy = |request: u64, canary: bool| canary && request.is_multiple_of(997);
        assert_ne!(verdict(Counting::Units, unhappy), Verdict::RollBack);
    }

    #[test]
    fn rows_that_do_not_belong_are_counted_and_do_not_count() {
        let mut intake = intake(Counting::Requests);
        let row = |at_ms, version: &'static str| Row {
            at_ms,
            version: Some(version.into()),
            ..Row::default()
        };
        intake.take(&row(None, "1.0"), None);
        intake.take(&row(Some(5), "0.9"), None);
        intake.take(&Row { at_ms: Some(5), ..Row::default() }, None);
        intake.take(&row(Some(500_000), "1.0"), None);
        intake.take(&row(Some(900_000), "Canary"), None);
        intake.take(&row(Some(1), "1.0"), None);
        let mut intake = intake.of_component(Some("shop".to_owned()));
        assert!(!intake.take(&row(Some(6), "1.0"), None));
        let expected = Account {
            taken: 3,
            others: 1,
            nameless: 1,
            elsewhere: 1,
            alone: 0,
            without_time: 1,
            late: 1,
        };
        assert_eq!(intake.account(), expected);
    }

    #[test]
    fn a_split_that_changes_is_seen() {
        let tick = |canary, control| {
            let count = plumb_rollout::tick::Count::new;
            Tick { canary: count(canary, 0), control: count(control, 0) }
        };
        assert!(is_other_split(&tick(500, 9_500), &tick(200, 800)));
        assert!(!is_other_split(&tick(500, 9_500), &tick(60, 940)));
        assert!(is_other_split(&tick(0, 9_500), &tick(60, 940)));
        assert!(!is_other_split(&tick(0, 0), &tick(60, 940)));
    }
}
