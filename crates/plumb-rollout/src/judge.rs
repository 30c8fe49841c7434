//! The judge: everything that is known of a rollout, and what to do now.
//!
//! The false alarms of a whole rollout together are held to α: each family of questions that is
//! asked (failures, latencies, bodies, ...) has its part of it. Nothing passes because time ran
//! out or nothing was heard.
//!
//! Refuses to know clocks, where counts come from, and how a verdict is worded.

use crate::body::{Answers, Bodies};
use crate::cohort::Cohorts;
use crate::flow::Flow;
use crate::latency::{Latencies, Latency};
use crate::tick::{Arm, Tick};
use crate::watch::{Counting, Watch};
use std::collections::BTreeMap;

/// What is asked for, and how sure an answer must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// With which probability, at most, a healthy rollout is ever called worse.
    pub alpha: f64,
    /// Which share of the differences that people are asked to look at may be none.
    pub discovery_rate: f64,
    /// With which probability, at most, a canary is promoted that is worse than is bearable.
    pub beta: f64,
    /// From how many times as many failures on a canary is worse, more than 1: less is no reason
    /// to stop, however certain it is.
    pub material: f64,
    /// From how many times as many failures on a canary must not be promoted, more than 1.
    pub bearable: f64,
    /// The share of failures below which nobody minds, between 0 and 1: a canary that lies below it
    /// may be promoted even where control never fails and a ratio says nothing.
    pub negligible: f64,
    /// The share of the units that the canary is meant to have; none where nobody said.
    pub share: Option<f64>,
    /// What is counted.
    pub counting: Counting,
    /// After how long without any unit an arm counts as silent, in milliseconds.
    pub silent_ms: i64,
    /// How many dimensions units have.
    pub dimensions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            discovery_rate: 0.05,
            beta: 0.05,
            material: 1.1,
            bearable: 1.5,
            negligible: 0.001,
            share: None,
            counting: Counting::Requests,
            silent_ms: 120_000,
            dimensions: 0,
        }
    }
}

/// What is asked of every unit, without anybody having named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Units that failed.
    Failures,
    /// How long answers took.
    Latency,
    /// Units that asked again.
    Retries,
    /// Answers that say failure under a status that does not, and statuses of errors.
    Bodies,
    /// Work that was accepted and not finished.
    Unfinished,
    /// What somebody measures elsewhere, by name.
    Measures,
    /// Failures in some group of users.
    Cohorts,
}

/// What happened in one short time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// Units, and those that failed.
    pub failures: Tick,
    /// Units, and those that asked again; nothing where retries are not known.
    pub retries: Tick,
    /// How long answers took.
    pub latencies: Latencies,
}

/// Everything known of one rollout.
#[derive(Clone, Debug)]
pub struct Judge {
    pub(crate) settings: Settings,
    pub(crate) failures: Watch,
    pub(crate) retries: Watch,
    pub(crate) latency: Latency,
    pub(crate) bodies: Bodies,
    pub(crate) cohorts: Cohorts,
    pub(crate) flows: BTreeMap<String, Flow>,
    pub(crate) measures: BTreeMap<String, Watch>,
    /// Units on each arm since the split was last changed.
    pub(crate) split: Tick,
    pub(crate) began_ms: Option<i64>,
    pub(crate) first_ms: Option<i64>,
    pub(crate) last_ms: Option<i64>,
    pub(crate) last_seen_ms: [Option<i64>; 2],
    /// The moment of each tick of `failures`, so that a tick can be told as a time.
    pub(crate) times_ms: Vec<i64>,
}

impl Judge {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let watch = Watch::new(settings.counting, settings.bearable);
        // Units are counted for failures alone; how long ticks are is so for everything.
        let requests = match settings.counting {
            Counting::Spans => Counting::Spans,
            Counting::Units | Counting::Requests => Counting::Requests,
        };
        Self {
            failures: watch.clone(),
            retries: Watch::new(requests, settings.bearable),
            latency: Latency::new(requests, settings.bearable),
            bodies: Bodies::new(settings.bearable),
            cohorts: Cohorts::new(settings.dimensions),
            flows: BTreeMap::new(),
            measures: BTreeMap::new(),
            split: Tick::default(),
            began_ms: None,
            first_ms: None,
            last_ms: None,
            last_seen_ms: [None; 2],
            times_ms: Vec::new(),
            settings,
        }
    }

    /// Takes in the next moment; moments come in order of time.
    pub fn observe(&mut self, at_ms: i64, moment: &Moment) {
        self.heard(at_ms, &moment.failures);
        self.split.add(&moment.failures);
        self.failures.observe(&moment.failures);
        self.times_ms.push(at_ms);
        self.latency.observe(&moment.latencies);
        if moment.retries != Tick::default() {
            self.retries.observe(&moment.retries);
        }
    }

    /// Says that these units were heard of at this moment, where that is known otherwise.
    pub fn heard(&mut self, at_ms: i64, tick: &Tick) {
        self.first_ms.get_or_insert(at_ms);
        self.last_ms = self.last_ms.max(Some(at_ms));
        for (arm, last) in [Arm::Control, Arm::Canary].into_iter().zip(&mut self.last_seen_ms) {
            if tick.arm(arm).units > 0 {
                *last = (*last).max(Some(at_ms));
            }
        }
    }

    /// Takes in one unit for the search for cohorts.
    pub fn unit(&mut self, arm: Arm, values: &[u16], is_hit: bool, at_ms: i64) {
        self.cohorts.observe(arm, values, is_hit, at_ms);
    }

    /// Takes in what the two versions answered in the next time.
    pub fn answers(&mut self, at_ms: i64, answers: &Answers<'_>) {
        let mut tick = Tick::default();
        for profiles in answers.values() {
            for (arm, profile) in [Arm::Control, Arm::Canary].into_iter().zip(profiles) {
                tick.arm_mut(arm).units += profile.map_or(0, |profile| profile.total().count);
            }
        }
        self.heard(at_ms, &tick);
        self.bodies.observe(answers);
    }

    /// Takes in the next tick of something that is measured elsewhere and where more is worse.
    pub fn measure(&mut self, name: &str, at_ms: i64, tick: &Tick) {
        self.heard(at_ms, tick);
        let bearable = self.settings.bearable;
        let new = || Watch::new(Counting::Spans, bearable);
        self.measures.entry(name.to_owned()).or_insert_with(new).observe(tick);
    }

    /// The work of one kind, to be followed from being accepted to being finished.
    pub fn flow(&mut self, name: &str) -> &mut Flow {
        let bearable = self.settings.bearable;
        let began_ms = self.began_ms;
        self.flows.entry(name.to_owned()).or_insert_with(|| {
            let mut flow = Flow::new(bearable);
            began_ms.into_iter().for_each(|at_ms| flow.begin(at_ms));
            flow
        })
    }

    /// Says that from here on traffic is split in another way.
    pub fn turn(&mut self, share: Option<f64>) {
        self.settings.share = share;
        self.split = Tick::default();
        self.cohorts.turn();
    }

    /// What is counted.
    #[must_use]
    pub fn counting(&self) -> Counting {
        self.settings.counting
    }

    /// From when to when anything was heard of, Unix milliseconds.
    #[must_use]
    pub fn span_ms(&self) -> Option<(i64, i64)> {
        self.first_ms.zip(self.last_ms)
    }

    /// The last moment that anything was heard of, Unix milliseconds.
    #[must_use]
    pub fn last_ms(&self) -> Option<i64> {
        self.last_ms
    }

    /// Asks at this moment what became of all work, also of what nothing is heard of any more.
    pub fn ask(&mut self, now_ms: i64) {
        self.flows.values_mut().for_each(|flow| flow.ask(now_ms));
    }

    /// What is known of failures alone: the logarithm of the e-value, and between which the ratio
    /// lies with probability 1 - α.
    #[must_use]
    pub fn of_failures(&self) -> (f64, (f64, f64)) {
        (self.failures.log_more(), self.failures.ratio(self.settings.alpha).1)
    }

    /// With which probability, at most, a healthy rollout is ever called worse.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.settings.alpha
    }

    /// Says that the new version's handlers of all work run since this moment, for those that say
    /// nothing. To be called before work is told of.
    pub fn begin(&mut self, at_ms: i64) {
        self.began_ms = Some(at_ms);
    }

    /// The families of questions that there is anything to ask of, each with its part of α: half
    /// for failures, which is what most rollouts break by, and the rest in equal parts.
    pub(crate) fn families(&self) -> Vec<(Family, f64)> {
        let has = |tick: Tick| tick.control.units + tick.canary.units > 0;
        let asked = [
            (Family::Latency, self.latency.so_far() > 0),
            (Family::Retries, has(self.retries.so_far())),
            (Family::Bodies, self.bodies.compared() > 0),
            (Family::Unfinished, !self.flows.is_empty()),
            (Family::Measures, !self.measures.is_empty()),
            (Family::Cohorts, self.settings.dimensions > 0),
        ];
        let others: Vec<Family> =
            asked.into_iter().filter(|(_, is)| *is).map(|(family, _)| family).collect();
        let is_failures = has(self.failures.so_far());
        let left = match (is_failures, others.is_empty()) {
            (true, true) => 0.0,
            (true, false) => 0.5,
            (false, _) => 1.0,
        };
        let each = left / crate::number::real(others.len().max(1) as u64);
        let failures = is_failures.then_some((Family::Failures, 1.0 - left));
        failures.into_iter().chain(others.into_iter().map(|family| (family, each))).collect()
    }
}
