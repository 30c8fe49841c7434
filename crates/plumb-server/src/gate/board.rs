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
