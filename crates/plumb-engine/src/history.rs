//! How the gap was: points in time, kept beside the evidence.
//!
//! Refuses to know how a gap is worked out and how it is drawn.

use crate::shelf::{self, Shelf, ShelfError};
use plumb_gap::report::Summary;
use serde::{Deserialize, Serialize};

/// The kind and the key under which points are kept.
const HISTORY: (&str, &str) = ("history", "gap");

/// Points that are kept. Past it every second one of the older half goes, so that what is long ago
/// is told coarsely and what is new finely.
const POINTS_MAX: usize = 2_000;

/// A point that tells nothing new comes at most every hour.
const QUIET_MS: i64 = 3_600_000;

/// The gap at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When it was judged, Unix milliseconds.
    pub at_ms: i64,
    /// Assumptions that hold.
    pub holds: u64,
    /// Assumptions that reality has left behind.
    pub drifted: u64,
    /// Assumptions whose readers cannot take what is written.
    pub broken: u64,
    /// Assumptions with evidence that is too old.
    pub stale: u64,
    /// Assumptions without evidence enough.
    pub unobserved: u64,
    /// Findings that people live with.
    pub accepted: u64,
    /// The gap, between 0 and 1; none without evidence.
    pub gap: Option<f64>,
    /// The share of behaviour that has not been seen, between 0 and 1.
    pub unseen: Option<f64>,
}

impl Point {
    /// The point of a summary.
    #[must_use]
    pub fn of(at_ms: i64, summary: Summary) -> Self {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self {
            at_ms,
            holds: count(summary.holds),
            drifted: count(summary.drifted),
            broken: count(summary.broken),
            stale: count(summary.stale),
            unobserved: count(summary.unobserved),
            ..Self::default()
        }
    }

    /// Whether it tells something that another one does not.
    fn differs(&self, other: &Self) -> bool {
        Self { at_ms: 0, ..*self } != Self { at_ms: 0, ..*other }
    }
}

/// Every point, oldest first. What an older program kept in another form is as good as nothing.
///
/// # Errors
///
/// When the store cannot be read.
pub fn history(shelf: &Shelf) -> Result<Vec<Point>, ShelfError> {
    Ok(shelf::kept(shelf, HISTORY)?.unwrap_or_default())
}

/// Keeps a point, if it tells something new or an hour has gone by.
///
/// # Errors
///
/// When the store cannot be read or written.
pub fn note(shelf: &mut Shelf, point: Point) -> Result<(), ShelfError> {
    let mut points = history(shelf)?;
    if !is_wanted(&points, &point) {
        return Ok(());
    }
    points.push(point);
    thin(&mut points);
    shelf::keep(shelf, HISTORY, &points)
}

fn is_wanted(points: &[Point], point: &Point) -> bool {
    points.last().is_none_or(|last| {
        point.at_ms > last.at_ms
            && (point.differs(last) || point.at_ms.saturating_sub(last.at_ms) >= QUIET_MS)
    })
}

fn thin(points: &mut Vec<Point>) {
    if points.len() <= POINTS_MAX {
        return;
    }
    let older = points.len() / 2;
    let mut at = 0;
    points.retain(|_| {
        at += 1;
        at > older || at % 2 == 1
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_ms: i64, broken: u64) -> Point {
        Point { at_ms, broken, ..Point::default() }
    }

    #[test]
    fn a_point_is_kept_when_it_tells_something_new() {
        let points = [point(1_000, 2)];
        assert!(is_wanted(&[], &point(0, 0)));
        assert!(is_wanted(&points, &point(1_001, 3)));
        assert!(!is_wanted(&points, &point(1_001, 2)));
        assert!(is_wanted(&points, &point(1_000 + QUIET_MS, 2)));
        assert!(!is_wanted(&points, &point(1_000, 3)), "the clock went back");
    }

    #[test]
    fn what_is_long_ago_is_thinned_and_the_ends_stay() {
        let mut points: Vec<Point> = (0..=2_000).map(|at| point(at, 0)).collect();
        thin(&mut points);
        assert_eq!((points.len(), points[0].at_ms, points[1].at_ms), (1_501, 0, 2));
        assert_eq!(points.last().map(|last| last.at_ms), Some(2_000));
    }
}
