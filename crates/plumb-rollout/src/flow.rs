//! Whether what was accepted is finished: jobs, orders, messages on a queue.
//!
//! A job that vanishes fails nowhere: no status, no log, and the queue is empty. What tells is that
//! it was accepted and not finished. A job enters the comparison "not finished within d" only when
//! it is as old as d, so jobs that are still under way say nothing yet (they are censored), and the
//! mean of the e-values over several d finds loss and lateness alike.
//!
//! A job has two sides that can be at fault: who accepted it (the producer) and who took it up (the
//! handler). Where nobody says who took up a job that vanished, jobs from before the canary's
//! handler appeared stand beside those from after.
//!
//! Refuses to know queues, clocks, and what a job is.

use crate::number::{log_sum_exp, real};
use crate::tick::{Arm, Count, Tick};
use crate::watch::{Counting, Watch};
use rapidhash::RapidHashMap;
use std::collections::BTreeMap;

/// After how long a job is asked for, in milliseconds: each three times as long as the one before.
pub const DEADLINES_MS: [i64; 9] =
    [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_600_000, 10_800_000];

/// The most jobs that are remembered at once, some 60 bytes each. Beyond that the oldest are
/// forgotten, which only makes the longest deadlines say less.
const OPEN_MAX: usize = 4_000_000;

/// What happened to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was accepted, or laid on a queue, by a producer of this arm.
    Accepted(Arm),
    /// A handler of this arm took it up.
    Started(Arm),
    /// It was finished, by a handler of this arm.
    Finished(Arm),
}

/// Which jobs are compared with which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beside {
    /// Those that the canary's producer accepted, with those of control's, handled by control.
    Producer,
    /// Those that the canary's handler took up, with those that control's did.
    Handler,
    /// Those accepted since the canary's handler appeared, with those from before. Not side by
    /// side: whatever else changed at that moment is in it.
    Before,
}

/// The comparisons side by side.
const SIDE_BY_SIDE: [Beside; 2] = [Beside::Producer, Beside::Handler];

#[derive(Clone, Copy, Debug)]
struct Job {
    producer: Arm,
    handler: Option<Arm>,
    finished_ms: Option<i64>,
}

/// All jobs of one kind so far.
#[derive(Clone, Debug)]
pub struct Flow {
    jobs: RapidHashMap<u64, Job>,
    /// The jobs in the order in which they were accepted, each moment once.
    by_time: BTreeMap<i64, Vec<u64>>,
    canary_since_ms: Option<i64>,
    /// Up to when jobs have been asked for, for each deadline.
    asked_ms: [i64; DEADLINES_MS.len()],
    watches: BTreeMap<Beside, Vec<Watch>>,
    /// All jobs from before the canary's handler appeared, and all from after, by deadline.
    before: [Tick; DEADLINES_MS.len()],
    /// Steps of jobs that were not known to be accepted.
    early: Vec<(u64, i64, Step)>,
    accepted: u64,
    finished: u64,
}

/// What is known of the jobs that were not finished.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unfinished {
    /// Which jobs were compared.
    pub beside: Beside,
    /// The logarithm of the e-value against "the canary finishes as many as control, as soon".
    pub log_e: f64,
    /// The deadline at which that is clearest, in milliseconds.
    pub deadline_ms: i64,
    /// Jobs, and those that were not finished by then.
    pub tick: Tick,
    /// How many times as many are not finished: the likeliest ratio, and between which it lies.
    pub ratio: (f64, (f64, f64)),
}

impl Flow {
    /// Nothing seen yet; see [`Watch::new`].
    #[must_use]
    pub fn new(bearable: f64) -> Self {
        let watches = || vec![Watch::new(Counting::Units, bearable).patient(); DEADLINES_MS.len()];
        Self {
            jobs: RapidHashMap::default(),
            by_time: BTreeMap::new(),
            canary_since_ms: None,
            asked_ms: [i64::MIN; DEADLINES_MS.len()],
            watches: SIDE_BY_SIDE.into_iter().map(|beside| (beside, watches())).collect(),
            before: [Tick::default(); DEADLINES_MS.len()],
            early: Vec::new(),
            accepted: 0,
            finished: 0,
        }
    }

    /// Takes in a step of a job. Steps come about in order of time; one that comes before the job
    /// was accepted waits until [`Flow::ask`].
    pub fn observe(&mut self, job: u64, at_ms: i64, step: Step) {
        if let Step::Started(Arm::Canary) | Step::Finished(Arm::Canary) = step {
            let since = self.canary_since_ms.get_or_insert(at_ms);
            *since = at_ms.min(*since);
        }
        match (step, self.jobs.get_mut(&job)) {
            (Step::Accepted(producer), None) => {
                self.accepted += 1;
                self.jobs.insert(job, Job { producer, handler: None, finished_ms: None });
                self.by_time.entry(at_ms).or_default().push(job);
                if self.jobs.len() > OPEN_MAX {
                    self.forget();
                }
            }
            (Step::Accepted(_), Some(_)) => {}
            (Step::Started(arm), Some(job)) => job.handler = Some(arm),
            (Step::Finished(arm), Some(job)) => {
                self.finished += u64::from(job.finished_ms.is_none());
                job.handler = Some(arm);
                job.finished_ms = Some(job.finished_ms.map_or(at_ms, |known| known.min(at_ms)));
            }
            (_, None) if self.early.len() < OPEN_MAX => self.early.push((job, at_ms, step)),
            (_, None) => {}
        }
    }

    fn forget(&mut self) {
        if let Some((_, jobs)) = self.by_time.pop_first() {
            jobs.iter().for_each(|job| {
                self.jobs.remove(job);
            });
        }
    }

    /// Asks for all jobs that have become old enough. To be called at every tick, with the moment
    /// up to which all steps are known.
    pub fn ask(&mut self, now_ms: i64) {
        for (job, at_ms, step) in std::mem::take(&mut self.early) {
            if self.jobs.contains_key(&job) {
                self.observe(job, at_ms, step);
            }
        }
        for (at, deadline_ms) in DEADLINES_MS.into_iter().enumerate() {
            let until_ms = now_ms.saturating_sub(deadline_ms);
            if until_ms > self.asked_ms[at] {
                self.ask_for(at, deadline_ms, until_ms);
                self.asked_ms[at] = until_ms;
            }
        }
    }

    /// Asks whether jobs accepted before a moment, and not asked for yet, met a deadline.
    fn ask_for(&mut self, at: usize, deadline_ms: i64, until_ms: i64) {
        let mut ticks = [Tick::default(); SIDE_BY_SIDE.len()];
        let due = self.by_time.range(self.asked_ms[at]..until_ms);
        for (accepted_ms, job) in due.flat_map(|(at, jobs)| jobs.iter().map(move |job| (*at, job)))
        {
            let Some(job) = self.jobs.get(job) else { continue };
            let in_time = |finished_ms: i64| finished_ms - accepted_ms <= deadline_ms;
            let is_late = !job.finished_ms.is_some_and(in_time);
            let count = Count { units: 1, hits: u64::from(is_late) };
            for (beside, tick) in SIDE_BY_SIDE.into_iter().zip(&mut ticks) {
                if let Some(arm) = job.arm(beside) {
                    tick.arm_mut(arm).add(count);
                }
            }
            if let Some(since_ms) = self.canary_since_ms {
                let arm = if accepted_ms < since_ms { Arm::Control } else { Arm::Canary };
                self.before[at].arm_mut(arm).add(count);
            }
        }
        for (beside, tick) in SIDE_BY_SIDE.into_iter().zip(ticks) {
            let watch = self.watches.get_mut(&beside).and_then(|all| all.get_mut(at));
            watch.into_iter().for_each(|watch| watch.observe(&tick));
        }
    }

    /// Says that the canary's handlers run since this moment, for those that never say so.
    pub fn begin(&mut self, at_ms: i64) {
        let since_ms = self.canary_since_ms.get_or_insert(at_ms);
        *since_ms = at_ms.min(*since_ms);
    }

    /// How many jobs were accepted, and how many of them finished.
    #[must_use]
    pub fn so_far(&self) -> (u64, u64) {
        (self.accepted, self.finished)
    }

    /// What is known of the jobs that were not finished, by which were compared.
    #[must_use]
    pub fn unfinished(&self, alpha: f64) -> Vec<Unfinished> {
        let before: Vec<Watch> = self.before.iter().map(one_block).collect();
        let all = self.watches.iter().map(|(beside, watches)| (*beside, watches.as_slice()));
        all.chain([(Beside::Before, before.as_slice())])
            .filter_map(|(beside, watches)| unfinished(beside, watches, alpha))
            .collect()
    }

    /// The logarithm of the e-value against "the canary's side leaves at least `bearable` times as
    /// many unfinished", at the longest deadline that both sides have jobs for; none without such.
    #[must_use]
    pub fn log_fewer(&self, beside: Beside, bearable: f64) -> Option<f64> {
        let last = self.watches.get(&beside)?.iter().rev().find(|watch| is_asked(watch))?;
        Some(last.log_fewer(bearable))
    }
}

impl Job {
    fn arm(&self, beside: Beside) -> Option<Arm> {
        match beside {
            Beside::Producer => (self.handler != Some(Arm::Canary)).then_some(self.producer),
            Beside::Handler => self.handler,
            Beside::Before => None,
        }
    }
}

/// A comparison of two times, which are one tick each.
fn one_block(tick: &Tick) -> Watch {
    let mut watch = Watch::new(Counting::Units, 1.0);
    watch.observe(tick);
    watch
}

/// Whether there were jobs on both sides.
fn is_asked(watch: &Watch) -> bool {
    let tick = watch.so_far();
    tick.control.units > 0 && tick.canary.units > 0
}

fn unfinished(beside: Beside, watches: &[Watch], alpha: f64) -> Option<Unfinished> {
    let asked = watches.iter().zip(DEADLINES_MS).filter(|(watch, _)| is_asked(watch));
    let (watch, deadline_ms) =
        asked.max_by(|(a, _), (b, _)| a.log_more().total_cmp(&b.log_more()))?;
    let logs: Vec<f64> = watches.iter().map(Watch::log_more).collect();
    Some(Unfinished {
        beside,
        log_e: log_sum_exp(logs.iter().copied()) - real(logs.len() as u64).ln(),
        deadline_ms,
        tick: watch.so_far(),
        ratio: watch.ratio(alpha),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job a second for `jobs` seconds, one in five with the canary, each finished after two
    /// seconds where `is_done` says so.
    fn flow(jobs: u64, names_handler: bool, is_done: impl Fn(u64, Arm) -> bool) -> Flow {
        let mut flow = Flow::new(1.5);
        for job in 0..jobs {
            let at_ms = i64::try_from(job).unwrap() * 1_000;
            let arm = if job % 5 == 0 && job > jobs / 2 { Arm::Canary } else { Arm::Control };
            flow.observe(job, at_ms, Step::Accepted(Arm::Control));
            if names_handler {
                flow.observe(job, at_ms + 10, Step::Started(arm));
            }
            if is_done(job, arm) {
                flow.observe(job, at_ms + 2_000, Step::Finished(arm));
            }
            flow.ask(at_ms);
        }
        flow
    }

    fn log_e(flow: &Flow, beside: Beside) -> f64 {
        let all = flow.unfinished(0.05);
        all.iter().find(|one| one.beside == beside).map_or(0.0, |one| one.log_e)
    }

    #[test]
    fn a_handler_that_drops_one_job_in_fifty_is_found() {
        let bad = flow(20_000, true, |job, arm| arm == Arm::Control || job % 50 != 0);
        assert!(log_e(&bad, Beside::Handler) > 20.0, "{}", log_e(&bad, Beside::Handler));
        let good = flow(20_000, true, |_, _| true);
        assert!(log_e(&good, Beside::Handler) < 0.1);
        let both = flow(20_000, true, |job, _| job % 17 != 0);
        assert!(log_e(&both, Beside::Handler) < 3.0);
    }

    #[test]
    fn a_handler_that_says_nothing_is_found_by_what_was_before() {
        let mut bad = flow(2_000, false, |_, arm| arm == Arm::Control);
        assert!(log_e(&bad, Beside::Before).abs() < 1e-9, "nobody told when it began");
        bad = Flow::new(1.5);
        bad.begin(1_000_000);
        for job in 0..2_000_u64 {
            let at_ms = i64::try_from(job).unwrap() * 1_000;
            bad.observe(job, at_ms, Step::Accepted(Arm::Control));
            if job < 1_000 || job % 5 != 0 {
                bad.observe(job, at_ms + 500, Step::Finished(Arm::Control));
            }
            bad.ask(at_ms);
        }
        assert!(log_e(&bad, Beside::Before) > 20.0);
        assert_eq!(bad.so_far(), (2_000, 1_800));
    }

    #[test]
    fn a_job_that_is_still_young_says_nothing() {
        let mut flow = Flow::new(1.5);
        for job in 0..50 {
            let arm = if job % 2 == 0 { Arm::Canary } else { Arm::Control };
            flow.observe(job, 0, Step::Accepted(Arm::Control));
            flow.observe(job, 1, Step::Started(arm));
        }
        flow.ask(900);
        assert_eq!(flow.unfinished(0.05), []);
        flow.ask(1_001);
        assert_eq!(flow.unfinished(0.05)[0].tick.control, Count { units: 25, hits: 25 });
    }

    #[test]
    fn steps_may_come_before_the_job_is_known() {
        let mut flow = Flow::new(1.5);
        flow.observe(7, 20, Step::Finished(Arm::Control));
        flow.observe(7, 10, Step::Accepted(Arm::Control));
        flow.ask(2_000);
        assert_eq!(flow.so_far(), (1, 1));
    }
}
