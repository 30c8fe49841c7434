//! What is watched all the time, whether it differs or not: each question with the interval that
//! its answer lies in now.
//!
//! Refuses to decide anything by it.

use crate::body::Meaning;
use crate::flow::Beside;
use crate::judge::Judge;
use crate::judgement::{About, Difference};
use crate::watch::Watch;

impl Judge {
    /// What is watched, with what is known of it now. Facts in answers are not among it: there are
    /// hundreds, and those that differ stand in a judgement.
    #[must_use]
    pub fn watched(&self) -> Vec<Difference> {
        let mut all = Vec::new();
        all.extend(self.asked(About::Failures, &self.failures));
        all.extend(self.asked(About::Retries, &self.retries));
        if let Some((border_ms, watch)) = self.latency.clearest() {
            all.extend(self.asked(About::Slower(border_ms), watch));
        }
        let measures = self.measures.iter();
        all.extend(measures.filter_map(|(name, it)| self.asked(About::Measure(name.clone()), it)));
        for (name, flow) in &self.flows {
            let unfinished = flow.unfinished(self.settings.alpha).into_iter();
            all.extend(unfinished.filter(|one| one.beside != Beside::Before).map(|one| {
                let about = About::Unfinished(name.clone(), one.beside, one.deadline_ms);
                let (tick, ratio, log_e) = (one.tick, one.ratio, one.log_e);
                let (meaning, cohort, since_ms) = (Meaning::Harm, None, None);
                Difference { about, meaning, cohort, tick, ratio, log_e, since_ms }
            }));
        }
        all
    }

    /// Each kind of work by its name, with how many jobs were accepted and how many of them were
    /// finished.
    pub fn work(&self) -> impl Iterator<Item = (&str, (u64, u64))> {
        self.flows.iter().map(|(name, flow)| (name.as_str(), flow.so_far()))
    }

    /// Nothing where nobody was asked.
    fn asked(&self, about: About, watch: &Watch) -> Option<Difference> {
        let tick = watch.so_far();
        let is_asked = tick.canary.units + tick.control.units > 0;
        is_asked.then(|| Difference {
            about,
            meaning: Meaning::Harm,
            cohort: None,
            tick,
            ratio: watch.ratio(self.settings.alpha),
            log_e: watch.log_more(),
            since_ms: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Judge, Moment, Settings};
    use crate::judgement::About;
    use crate::tick::{Count, Tick};

    #[test]
    fn what_is_asked_is_watched_before_anything_differs() {
        let mut judge = Judge::new(Settings::default());
        assert!(judge.watched().is_empty());
        let failures = Tick { control: Count::new(90, 3), canary: Count::new(10, 0) };
        for second in 0..60 {
            judge.observe(second * 1_000, &Moment { failures, ..Moment::default() });
        }
        let watched = judge.watched();
        assert_eq!(watched.len(), 1, "{watched:?}");
        let (_, (low, high)) = watched[0].ratio;
        assert_eq!(watched[0].about, About::Failures);
        assert!(low < 0.1 && high < 1.0, "{low} {high}");
        judge.measure("dead letters", 61_000, &failures);
        let about = |one: &super::Difference| one.about.clone();
        let measure = About::Measure("dead letters".to_owned());
        assert!(judge.watched().iter().map(about).any(|it| it == measure));
    }
}
