//! What is known of a rollout at one moment: the verdict, and everything that it rests on.
//!
//! Refuses to know where counts come from, and words.

use crate::body::{Fact, Meaning, is_below};
use crate::cohort::Cohort;
use crate::flow::Beside;
use crate::forecast::Setting;
use crate::judge::{Family, Judge};
use crate::number::{log_sum_exp, real};
use crate::split;
use crate::tick::{Arm, Count, Tick};
use crate::verdict::Verdict;
use crate::watch::Watch;

/// The level at which a split is said to be another than was meant: every verdict rests on it.
const SPLIT_ALPHA: f64 = 0.001;

/// Whether the old version can be gone back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// It can.
    Open,
    /// It cannot, for this reason.
    Closed(String),
    /// Nobody has told; for this reason, where there is one.
    Unknown(String),
}

/// What a difference is about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// Units that failed, all of them or those of a cohort.
    Failures,
    /// Answers that took longer than this, in milliseconds.
    Slower(f64),
    /// Units that asked again.
    Retries,
    /// What the answers of an operation show; whether it is shown or lacking.
    Body(String, Fact, bool),
    /// Work of this name that was not finished within these milliseconds.
    Unfinished(String, Beside, i64),
    /// What is measured elsewhere under this name.
    Measure(String),
}

/// One way in which the canary differs from control.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What it is about.
    pub about: About,
    /// What it means.
    pub meaning: Meaning,
    /// Whom it hits; none for everybody.
    pub cohort: Option<Cohort>,
    /// Units and hits.
    pub tick: Tick,
    /// How many times as often: the likeliest, and between which it lies with probability 1 - α.
    pub ratio: (f64, (f64, f64)),
    /// The logarithm of the e-value: at most one in so many healthy rollouts shows as much.
    pub log_e: f64,
    /// Since when, Unix milliseconds, where it is known.
    pub since_ms: Option<i64>,
}

/// Why nothing may be concluded, or only with care.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The split is not the one that was meant: the share that was, and between which the real one
    /// lies.
    Split(f64, (f64, f64)),
    /// An arm has not been heard of since this moment, or never.
    Silent(Arm, Option<i64>),
    /// Something that was asked for is not there, for this reason.
    Missing(String),
    /// Too many different facts or groups for all to be compared; how many were left out.
    LeftOut(u64),
}

/// What is known of a rollout at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What to do.
    pub verdict: Verdict,
    /// Whether there is a way back.
    pub way_back: WayBack,
    /// In what the canary is worse, for certain, the clearest first.
    pub worse: Vec<Difference>,
    /// What else differs: not certain enough to stop for, or no harm by itself.
    pub differs: Vec<Difference>,
    /// Why to be careful.
    pub doubts: Vec<Doubt>,
    /// What two halves of control itself disagree about: the operation and the fact.
    pub noise: Vec<(String, Fact)>,
    /// Units and failures.
    pub failures: Tick,
    /// Variance over mean of the failures, by which their evidence is divided.
    pub dispersion: f64,
    /// The canary's share of the units since the split last changed: the one that was meant, and
    /// between which the real one lies.
    pub share: (Option<f64>, (f64, f64)),
    /// About how many more units both arms need until a canary like this can be promoted; none
    /// where that is not known.
    pub units_needed: Option<u64>,
    /// Which families of questions were asked, and with which part of α.
    pub families: Vec<(Family, f64)>,
    /// From when to when, Unix milliseconds.
    pub span_ms: Option<(i64, i64)>,
}

impl Judgement {
    /// The same where something that was asked for is not there: no yes can rest on the rest, and
    /// no more of it makes one. What is worse stays so.
    #[must_use]
    pub fn without(mut self, why: String) -> Self {
        if matches!(self.verdict, Verdict::Promote | Verdict::CannotTell | Verdict::Hold) {
            (self.verdict, self.units_needed) = (Verdict::Hold, None);
        }
        self.doubts.insert(0, Doubt::Missing(why));
        self
    }
}

impl Judge {
    /// What to do at this moment.
    #[must_use]
    pub fn judge(&self, now_ms: i64, way_back: WayBack) -> Judgement {
        let families = self.families();
        let (certain, likely) = self.in_cohorts(&families);
        let worse = self.worse(&families, certain);
        let differs = self.differs(&worse, likely);
        let doubts = self.doubts(now_ms);
        let (verdict, units_needed) = self.verdict(&worse, &differs, &doubts, &way_back);
        Judgement {
            verdict,
            way_back,
            worse,
            differs,
            doubts,
            noise: self
                .bodies
                .noise()
                .map(|(name, fact)| (name.to_owned(), fact.clone()))
                .collect(),
            failures: self.failures.so_far(),
            dispersion: self.failures.dispersion(),
            share: (self.settings.share, self.real_share()),
            units_needed,
            families,
            span_ms: self.first_ms.zip(self.last_ms),
        }
    }

    fn verdict(
        &self,
        worse: &[Difference],
        differs: &[Difference],
        doubts: &[Doubt],
        way_back: &WayBack,
    ) -> (Verdict, Option<u64>) {
        let has_doubt = doubts.iter().any(|doubt| !matches!(doubt, Doubt::LeftOut(_)));
        let is_told = differs.iter().any(|one| one.meaning > Meaning::Addition);
        match (worse.is_empty(), way_back) {
            (false, WayBack::Closed(_)) => (Verdict::Freeze, None),
            (false, _) => (Verdict::RollBack, None),
            _ if has_doubt || is_told => (Verdict::Hold, None),
            _ => match self.missing() {
                None => (Verdict::Promote, None),
                Some(needed) => (Verdict::CannotTell, needed),
            },
        }
    }

    /// In what the canary is certainly worse.
    fn worse(&self, families: &[(Family, f64)], in_cohorts: Vec<Difference>) -> Vec<Difference> {
        let mut found = in_cohorts;
        for (family, part) in families {
            let alpha = self.settings.alpha * part;
            match family {
                Family::Failures => {
                    found.extend(self.is_worse(About::Failures, &self.failures, alpha))
                }
                Family::Retries => {
                    found.extend(self.is_worse(About::Retries, &self.retries, alpha))
                }
                Family::Measures => {
                    let alpha = alpha / real(self.measures.len() as u64);
                    let all = self.measures.iter();
                    found.extend(all.filter_map(|(name, watch)| {
                        self.is_worse(About::Measure(name.clone()), watch, alpha)
                    }));
                }
                Family::Latency => found.extend(self.is_slower(alpha)),
                Family::Bodies => found.extend(self.bodies_differ(alpha, Some(Meaning::Harm))),
                Family::Unfinished => found.extend(self.is_unfinished(alpha, true)),
                Family::Cohorts => {}
            }
        }
        let is_named =
            found.iter().any(|one| one.cohort.as_ref().is_some_and(|c| !c.fixed.is_empty()));
        if is_named {
            found.retain(|one| one.about != About::Failures || one.cohort.is_some());
        } else {
            found.retain(|one| one.cohort.is_none());
        }
        found.sort_by(|a, b| b.log_e.total_cmp(&a.log_e));
        found
    }

    /// What people should look at: found with fewer misses and some false alarms.
    fn differs(&self, worse: &[Difference], in_cohorts: Vec<Difference>) -> Vec<Difference> {
        let rate = self.settings.discovery_rate;
        let mut found = self.bodies_differ(rate, None);
        if worse.is_empty() {
            found.extend(in_cohorts);
        }
        found.extend(self.is_unfinished(rate, false));
        found.retain(|one| worse.iter().all(|known| known.about != one.about));
        found
    }

    fn is_worse(&self, about: About, watch: &Watch, alpha: f64) -> Option<Difference> {
        let log_e = watch.log_more();
        let ratio = watch.ratio(self.settings.alpha);
        let is_found = log_e >= -alpha.ln() && ratio.0 >= self.settings.material;
        is_found.then(|| Difference {
            about,
            meaning: Meaning::Harm,
            cohort: None,
            tick: watch.so_far(),
            ratio,
            log_e,
            since_ms: self.time_of(watch.since()),
        })
    }

    /// The moment of a tick, told from the first one.
    fn time_of(&self, tick: u64) -> Option<i64> {
        let at = usize::try_from(tick).ok()?;
        self.times_ms.get(at.min(self.times_ms.len().saturating_sub(1))).copied()
    }

    fn is_slower(&self, alpha: f64) -> Option<Difference> {
        let log_e = self.latency.log_more();
        let (border_ms, watch) = self.latency.clearest()?;
        let found = self.is_worse(About::Slower(border_ms), watch, 1.0)?;
        (log_e >= -alpha.ln()).then_some(Difference { log_e, ..found })
    }

    fn bodies_differ(&self, rate: f64, only: Option<Meaning>) -> Vec<Difference> {
        let found = self.bodies.differing(rate, only);
        let is_part = |at: usize| {
            let whole = &found[at];
            found.iter().any(|other| {
                other.operation == whole.operation
                    && other.meaning == whole.meaning
                    && is_below(whole.fact, other.fact)
            })
        };
        let kept = (0..found.len()).filter(|at| !is_part(*at)).map(|at| &found[at]);
        kept.map(|one| Difference {
            about: About::Body(one.operation.to_owned(), one.fact.clone(), one.is_lack),
            meaning: one.meaning,
            cohort: None,
            tick: one.watch.so_far(),
            ratio: one.watch.ratio(self.settings.alpha),
            log_e: one.log_e,
            since_ms: None,
        })
        .collect()
    }

    /// Work that is not finished; side by side, which may stop a rollout, or beside what was
    /// before, which may not.
    fn is_unfinished(&self, alpha: f64, side_by_side: bool) -> Vec<Difference> {
        let mut found = Vec::new();
        let alpha = alpha / real(2 * self.flows.len().max(1) as u64);
        for (name, flow) in &self.flows {
            for one in flow.unfinished(self.settings.alpha) {
                let is_asked = (one.beside != Beside::Before) == side_by_side;
                if is_asked && one.log_e >= -alpha.ln() && one.ratio.0 >= self.settings.material {
                    found.push(Difference {
                        about: About::Unfinished(name.clone(), one.beside, one.deadline_ms),
                        meaning: Meaning::Harm,
                        cohort: None,
                        tick: one.tick,
                        ratio: one.ratio,
                        log_e: one.log_e,
                        since_ms: None,
                    });
                }
            }
        }
        found
    }

    /// Groups in which the canary is certainly worse, and, where there are none, those in which it
    /// is so by the rate of discoveries.
    fn in_cohorts(&self, families: &[(Family, f64)]) -> (Vec<Difference>, Vec<Difference>) {
        let Some((_, part)) = families.iter().find(|(family, _)| *family == Family::Cohorts) else {
            return (Vec::new(), Vec::new());
        };
        let rates = [self.settings.alpha * part, self.settings.discovery_rate];
        let (by, cohorts) = self.cohorts.scan_by(&rates, 1.0 / self.failures.dispersion());
        let told = |cohort: Cohort| {
            let mut watch = Watch::new(self.settings.counting, self.settings.bearable);
            watch.observe(&cohort.tick);
            Difference {
                about: About::Failures,
                meaning: Meaning::Harm,
                tick: cohort.tick,
                ratio: watch.ratio(self.settings.alpha),
                log_e: cohort.log_e,
                since_ms: (cohort.since_ms < i64::MAX).then_some(cohort.since_ms),
                cohort: Some(cohort),
            }
        };
        let told = cohorts.into_iter().map(told).collect();
        if by == 0 { (told, Vec::new()) } else { (Vec::new(), told) }
    }

    fn doubts(&self, now_ms: i64) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        if let Some(share) = self.settings.share.filter(|share| *share > 0.0 && *share < 1.0) {
            let counts = [self.split.canary.units, self.split.control.units];
            let log_e = split::log_e(&counts, &[share, 1.0 - share], split::CONCENTRATION);
            if log_e >= -SPLIT_ALPHA.ln() {
                doubts.push(Doubt::Split(share, self.real_share()));
            }
        }
        for (arm, last_ms) in [Arm::Control, Arm::Canary].into_iter().zip(self.last_seen_ms) {
            if last_ms.is_none_or(|last_ms| now_ms - last_ms > self.settings.silent_ms) {
                doubts.push(Doubt::Silent(arm, last_ms));
            }
        }
        let left_out = self.bodies.left_out() + self.cohorts.left_out();
        if left_out > 0 {
            doubts.push(Doubt::LeftOut(left_out));
        }
        doubts
    }

    fn real_share(&self) -> (f64, f64) {
        let all = self.split.canary.units + self.split.control.units;
        split::interval(self.split.canary.units, all, SPLIT_ALPHA)
    }

    /// Whether anything is missing before the canary can be promoted: none if not, else how many
    /// more units it takes, where that can be told.
    fn missing(&self) -> Option<Option<u64>> {
        let needed = -self.settings.beta.ln();
        let bearable = self.settings.bearable;
        let failures = self.failures.so_far();
        let mut is_enough = failures.canary.units > 0 || !self.measures.is_empty();
        let mut units = None;
        if failures.canary.units > 0 {
            let so_far =
                self.failures.log_fewer(bearable).max(self.log_negligible(failures.canary));
            is_enough &= so_far >= needed;
            units = self.units_needed(needed - so_far);
        }
        for watch in self.measures.values() {
            let so_far = watch.log_fewer(bearable).max(self.log_negligible(watch.so_far().canary));
            is_enough &= so_far >= needed;
        }
        if self.latency.so_far() > 0 {
            is_enough &= self.latency.tail().log_fewer(bearable) >= needed;
        }
        for flow in self.flows.values() {
            let beside = flow.unfinished(self.settings.alpha);
            for one in beside.iter().filter(|one| one.beside != Beside::Before) {
                let fewer = flow.log_fewer(one.beside, bearable).unwrap_or_default();
                is_enough &= fewer.max(self.log_negligible(one.tick.canary)) >= needed;
            }
            is_enough &= beside.iter().any(|one| one.beside != Beside::Before);
        }
        if is_enough { None } else { Some(units) }
    }

    /// The logarithm of the e-value against "at least the negligible share of units is hit".
    fn log_negligible(&self, count: Count) -> f64 {
        let limit = self.settings.negligible;
        let parts = [0.0, 0.05, 0.2, 0.5];
        let log = |part: &f64| {
            let share = limit * part;
            let hits = if count.hits == 0 { 0.0 } else { real(count.hits) * part.ln() };
            hits + real(count.units - count.hits) * ((1.0 - share) / (1.0 - limit)).ln()
        };
        log_sum_exp(parts.iter().map(log)) - real(parts.len() as u64).ln()
    }

    /// How many more units both arms need, if the canary is as good as control.
    fn units_needed(&self, missing: f64) -> Option<u64> {
        let failures = self.failures.so_far();
        let share = failures.canary_share().filter(|share| *share > 0.0 && *share < 1.0)?;
        let alpha = (-missing).exp().min(0.999);
        let setting = Setting { share, base: failures.control.share(), alpha };
        self.units_to_promote(&setting)
    }
}
