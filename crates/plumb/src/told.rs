//! What a judge of Plumb's own tells a rollout: the verdict, its sentence, and what people can
//! watch meanwhile.
//!
//! Refuses to judge.

use plumb_engine::rollout::judge::Judged;
use plumb_engine::rollout::rests::{Rests, Standing, WATCHED_MAX, WORK_MAX, Watched, Work};
use plumb_rollout::judge::Judge;
use plumb_rollout::judgement::Difference;
use plumb_wire::harmless::harmless_short;
use plumb_wire::judged::{self, clause, sentence};
use std::cmp::Reverse;

/// Beyond the largest ratio that is kept, only a lower limit is known.
const RATIO_MAX: f64 = 49.0;

/// Letters of the name of a kind of work.
const FLOW_LETTERS_MAX: usize = 120;

/// A judgement as a rollout takes it.
pub(crate) fn told(judge: &Judge, words: &judged::Judged<'_>) -> Judged {
    let judgement = words.judgement;
    let of = |standing, all: &[Difference]| -> Vec<(Standing, Difference)> {
        all.iter().map(|one| (standing, one.clone())).collect()
    };
    let mut all = of(Standing::Worse, &judgement.worse);
    all.extend(of(Standing::Differs, &judgement.differs));
    for one in judge.watched() {
        let is_told =
            all.iter().any(|(_, known)| known.about == one.about && known.cohort == one.cohort);
        if !is_told {
            all.push((Standing::Open, one));
        }
    }
    let watched = all.iter().take(WATCHED_MAX).map(|(standing, one)| {
        let (words, cohort) = clause(words, one);
        let (_, (low, high)) = one.ratio;
        Watched {
            words,
            cohort,
            standing: *standing,
            at_least: if low.is_finite() { thousandths(low) } else { 0.0 },
            at_most: (high <= RATIO_MAX).then(|| thousandths(high)),
        }
    });
    Judged {
        verdict: judgement.verdict,
        sentence: sentence(words),
        rests: Rests {
            watched: watched.collect(),
            needed: judgement.units_needed,
            unit: words.unit.to_owned(),
            work: work(judge),
        },
    }
}

/// Kinds of work, the one with most that is not finished first.
fn work(judge: &Judge) -> Vec<Work> {
    let all = judge.work().map(|(flow, (accepted, finished))| Work {
        flow: harmless_short(flow, FLOW_LETTERS_MAX).into_owned(),
        accepted,
        finished,
    });
    let mut all: Vec<Work> = all.collect();
    all.sort_by_key(|one| Reverse(one.accepted.saturating_sub(one.finished)));
    all.truncate(WORK_MAX);
    all
}

/// To a thousandth; an interval has no finer ends.
fn thousandths(ratio: f64) -> f64 {
    (ratio * 1_000.0).round() / 1_000.0
}
