//! Where the newest judgement hangs for all who ask, and the few numbers of those before it.
//!
//! Refuses to know who puts it there, and who asks.

use plumb_wire::gated::Gated;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Judgements whose numbers are remembered: an hour of one a second.
const POINTS_MAX: usize = 3_600;

/// The least age at which a judgement is nobody's any more, in milliseconds.
const OUTLIVED_MS: i64 = 15_000;

/// How many times as old as its successor should be a judgement may become.
const OUTLIVED_TIMES: i64 = 10;

/// The numbers of one judgement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// 1 for a pass, 0 for a fail, a half for neither.
    pub verdict: f64,
    /// The e-value.
    pub e_value: f64,
    /// At least so many times as often.
    pub low: f64,
}

/// Where the newest judgement hangs.
#[derive(Debug)]
pub struct Board {
    hung: Mutex<Hung>,
}

#[derive(Debug)]
struct Hung {
    every_ms: i64,
    newest: Arc<Gated>,
    points: VecDeque<Point>,
}

impl Board {
    /// A board with its first judgement; there should be another every `every_ms` milliseconds.
    #[must_use]
    pub fn new(first: Gated, every_ms: i64) -> Self {
        let points = VecDeque::from([point(&first)]);
        Self { hung: Mutex::new(Hung { every_ms, newest: Arc::new(first), points }) }
    }

    /// Hangs up a newer judgement; the next one should follow after `every_ms` milliseconds.
    pub fn put(&self, gated: Gated, every_ms: i64) {
        let mut hung = self.hung();
        hung.every_ms = every_ms;
        hung.points.push_back(point(&gated));
        if hung.points.len() > POINTS_MAX {
            hung.points.pop_front();
        }
        hung.newest = Arc::new(gated);
    }

    /// The judgement that counts at this moment, Unix milliseconds. One that should have been
    /// followed by another long ago says nothing about now.
    #[must_use]
    pub fn now(&self, now_ms: i64) -> Arc<Gated> {
        let (newest, every_ms) = {
            let hung = self.hung();
            (Arc::clone(&hung.newest), hung.every_ms)
        };
        let age_ms = now_ms.saturating_sub(newest.at_ms);
        let limit = OUTLIVED_MS.max(every_ms.saturating_mul(OUTLIVED_TIMES));
        if age_ms <= limit {
            return newest;
        }
        let why = format!("the last judgement is {} s old, so nothing is known", age_ms / 1_000);
        Arc::new(newest.as_ref().clone().outlived(why))
    }

    /// How often there is another judgement, in milliseconds.
    #[must_use]
    pub fn every_ms(&self) -> i64 {
        self.hung().every_ms
    }

    /// The numbers of the last judgement at or before a moment, Unix milliseconds, none of those
    /// older than `back_ms`.
    #[must_use]
    pub fn at(&self, at_ms: i64, back_ms: i64) -> Option<Point> {
        let hung = self.hung();
        let end = hung.points.partition_point(|point| point.at_ms <= at_ms);
        let point = hung.points.get(end.checked_sub(1)?)?;
        (at_ms.saturating_sub(point.at_ms) <= back_ms).then_some(*point)
    }

    fn hung(&self) -> MutexGuard<'_, Hung> {
        self.hung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The numbers of a judgement.
#[must_use]
pub fn point(gated: &Gated) -> Point {
    Point {
        at_ms: gated.at_ms,
        verdict: gated.score(),
        e_value: gated.e_value(),
        low: gated.effect().0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judge::{Judge, Moment, Settings};
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::tick::{Count, Tick};
    use plumb_wire::gated::{Beside, gated};
    use plumb_wire::judged::Judged;

    /// A judgement of this moment, of a canary that is good or bad.
    fn of(at_ms: i64, is_bad: bool) -> Gated {
        let mut judge = Judge::new(Settings::default());
        for tick in 0..100 {
            let canary = Count::new(1_000, if is_bad { 20 } else { 0 });
            let failures = Tick { control: Count::new(1_000, 0), canary };
            judge.observe(at_ms - 100 + tick, &Moment { failures, ..Moment::default() });
        }
        let judgement = judge.judge(at_ms, WayBack::Open);
        let judged = Judged {
            control: "1",
            canary: "2",
            unit: "request",
            dimensions: &[],
            value_of: &|_, _| String::new(),
            judgement: &judgement,
        };
        let (of_failures, alpha) = (judge.of_failures(), judge.alpha());
        gated(&judged, Beside { of_failures, alpha, at_ms, notes: Vec::new(), caution: None })
    }

    #[test]
    fn a_judgement_that_nobody_renews_is_neither_yes_nor_no() {
        let board = Board::new(of(1_000, false), 1_000);
        assert_eq!(board.now(2_000).verdict(), "pass");
        assert_eq!(board.now(1_000 + OUTLIVED_MS + 1).verdict(), "inconclusive");
        board.put(of(50_000, true), 10_000);
        assert_eq!(board.now(50_000 + OUTLIVED_MS + 1).verdict(), "fail");
        let late = board.now(50_000 + 100_001);
        assert_eq!(late.verdict(), "inconclusive");
        assert_eq!(late.reason, "the last judgement is 100 s old, so nothing is known");
    }

    #[test]
    fn numbers_of_the_past_are_found_and_bounded() {
        let board = Board::new(of(1_000, false), 1_000);
        board.put(of(2_000, true), 1_000);
        assert_eq!(board.at(999, 5_000), None);
        assert!(board.at(1_999, 5_000).is_some_and(|point| point.verdict > 0.9));
        assert!(board.at(2_000, 5_000).is_some_and(|point| point.verdict < 0.1));
        assert_eq!(board.at(10_000, 5_000), None);
        let bad = of(3_000, true);
        (0..POINTS_MAX).for_each(|_| board.put(bad.clone(), 1_000));
        assert_eq!(board.at(2_500, 5_000), None);
    }
}
