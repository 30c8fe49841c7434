//! Counters of a Prometheus as a judge's source: asked again and again for what came since, and
//! for all of it by whoever comes new.
//!
//! Refuses to count.

use crate::failure::{Failure, usage};
use crate::remote::secret;
use crate::told::told;
use plumb_engine::analysis::counters::Counters;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::rollout::judge::{Asked, Judge, Judged};
use plumb_engine::rollout::spec::{Address, PrometheusSpec};
use plumb_rollout::judge::Settings;
use plumb_rollout::judgement::{Judgement, WayBack};
use plumb_server::client::trusted;
use plumb_server::series::{Moments, Prometheus, Queries};
use plumb_wire::judged;

/// How long before the rollout to begin: what is learned of control then makes answers sooner.
const BEFORE_MS: i64 = 3_600_000;

/// Moments that are asked for at once; Prometheus refuses more than eleven thousand.
const STEPS_MAX: i64 = 240;

/// Questions at one look: whoever comes late to a long rollout takes some looks to be there.
const PARTS_MAX: usize = 48;

/// How long no request may be heard of at least until a version counts as silent.
const SILENT_MS: i64 = 120_000;

/// Counters, followed.
#[derive(Debug)]
pub(crate) struct ByPrometheus {
    source: Prometheus,
    queries: Queries,
    label: String,
    step_ms: i64,
    counters: Option<Counters>,
    /// The first moment that was not asked for yet, Unix milliseconds.
    next_ms: i64,
}

/// Between which moments to ask, Unix milliseconds, and who is who.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) arms: Arms,
    pub(crate) settings: Settings,
}

impl ByPrometheus {
    /// The one that is meant.
    ///
    /// # Errors
    /// When its address is none, cannot be read, or would show a password to a network.
    pub(crate) fn new(spec: &PrometheusSpec) -> Result<Self, Failure> {
        let url = match &spec.url {
            Address::Url(url) => url.clone(),
            Address::File(file) => secret(file)?,
        };
        let help = "write it like `http://prometheus:9090`";
        // What is no address is not quoted: it may hold a password.
        let source = Prometheus::new(&url, trusted(None)?)
            .ok_or_else(|| usage("the address of Prometheus is none", help))?;
        if source.is_overheard() {
            let help = "name it by `https://`, or reach it through this machine";
            return Err(usage("a password would go over the network in the clear", help));
        }
        let queries = Queries {
            total: spec.total.clone(),
            bad: spec.bad.clone(),
            latency: spec.latency.clone(),
        };
        let step_ms = i64::try_from(spec.step.as_millis()).unwrap_or(i64::MAX);
        let label = spec.label.clone();
        Ok(Self { source, queries, label, step_ms, counters: None, next_ms: 0 })
    }

    /// Asks for what came since the last time, up to a step ago: what a target just told is there
    /// by then for each question. Gives everything that is known, once all of it is.
    pub(crate) fn follow(&mut self, span: &Span) -> Result<&Counters, String> {
        let step_ms = self.step_ms;
        let counters = self.counters.get_or_insert_with(|| {
            // On a grid, so that whoever comes new asks for the same moments.
            self.next_ms = span.from_ms.max(0) / step_ms * step_ms;
            let silent_ms = SILENT_MS.max(step_ms.saturating_mul(4));
            let settings = Settings { silent_ms, ..span.settings.clone() };
            Counters::new(&self.label, span.arms.clone(), settings)
        });
        let last_ms = (span.to_ms - step_ms).max(0) / step_ms * step_ms;
        for _ in 0..PARTS_MAX {
            if self.next_ms > last_ms {
                return Ok(counters);
            }
            let to_ms = last_ms.min(self.next_ms + (STEPS_MAX - 1) * step_ms);
            let moments = Moments { from_ms: self.next_ms, to_ms, step_ms };
            counters.take(&self.source.told(&self.queries, moments)?);
            self.next_ms = to_ms + step_ms;
        }
        let left = (last_ms - self.next_ms) / step_ms;
        Err(format!("the past is still being read, {left} moments are left"))
    }
}

/// What is known at a moment, with what is missing.
pub(crate) fn judgement(counters: &Counters, now_ms: i64, way_back: WayBack) -> Judgement {
    cautious(counters.judge().judge(now_ms, way_back), counters.caution())
}

/// The same with what is missing, if anything is.
pub(crate) fn cautious(judgement: Judgement, missing: Option<String>) -> Judgement {
    match missing {
        None => judgement,
        Some(why) => judgement.without(why),
    }
}

impl Judge for ByPrometheus {
    fn judge(&mut self, asked: &Asked<'_>) -> Judged {
        let span = Span {
            from_ms: asked.began_ms - BEFORE_MS,
            to_ms: asked.now_ms,
            arms: Arms { control: asked.control.to_owned(), canary: asked.canary.to_owned() },
            settings: Settings::default(),
        };
        let counters = match self.follow(&span) {
            Ok(counters) => counters,
            Err(why) => return Judged::cannot_tell(why),
        };
        let judgement = judgement(counters, asked.now_ms, asked.way_back.clone());
        let words = judged::Judged {
            control: asked.control,
            canary: asked.canary,
            unit: counters.judge().counting().noun(),
            dimensions: &[],
            value_of: &|_, _| String::new(),
            judgement: &judgement,
        };
        told(counters.judge(), &words)
    }
}
