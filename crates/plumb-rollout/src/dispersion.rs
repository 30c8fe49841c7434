//! How much hits hang together: the variance of their counts over their mean.
//!
//! A retry storm or one unhappy user hits many times. Where each hit is counted, a sequential test
//! then finds differences that are none: with five hits at a time, four in ten healthy releases.
//! One over the dispersion, as the exponent of an e-value, brings that back.
//!
//! Refuses to know what is counted.

use crate::number::real;
use crate::tick::Count;

/// The spans over which hits may hang together, in ticks. A burst that is spread over more ticks
/// than one hangs together only when these are seen as one.
const SPANS: [u32; 3] = [1, 10, 60];

/// How many standard errors a dispersion must lie above 1 to be one. Below that, tempering would
/// slow down every rollout for noise.
const ERRORS_MIN: f64 = 3.0;

/// How many pairs of neighbours, and how many hits in them, must have been seen before it is known
/// whether hits hang together: with 30, the error of a dispersion of 1 is a third.
const PAIRS_MIN: u32 = 30;
const HITS_MIN: u64 = 50;

/// The dispersion of one arm's hits.
#[derive(Clone, Debug)]
pub struct Dispersion {
    spans: [Span; SPANS.len()],
}

impl Dispersion {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self { spans: SPANS.map(Span::new) }
    }

    /// Takes in one tick of one arm.
    pub fn observe(&mut self, count: Count) {
        self.spans.iter_mut().for_each(|span| span.observe(count));
    }

    /// Variance over mean, at least 1: the largest over the spans, where it is clearly above 1.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.spans.iter().map(Span::factor).fold(1.0, f64::max)
    }

    /// Whether enough was seen over all spans to believe the factor also where it is 1.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.spans.iter().all(|span| span.pairs >= PAIRS_MIN && span.hits >= HITS_MIN)
    }
}

impl Default for Dispersion {
    fn default() -> Self {
        Self::new()
    }
}

/// The dispersion seen at one length of time, from the differences between neighbours (after
/// J. von Neumann, 1941), so that a rate that drifts does not count as hits hanging together.
#[derive(Clone, Debug)]
struct Span {
    ticks: u32,
    filled: u32,
    now: Count,
    before: Count,
    /// The sum of squared differences of neighbours' shares, each weighed by how much the two tell,
    /// so that a moment with few units does not count as much as one with many.
    squares: f64,
    /// What that sum is expected to be where hits come one by one.
    expected: f64,
    pairs: u32,
    /// The hits of all pairs' later halves.
    hits: u64,
}

impl Span {
    fn new(ticks: u32) -> Self {
        let none = Count::default();
        let (squares, expected) = (0.0, 0.0);
        Self { ticks, filled: 0, now: none, before: none, squares, expected, pairs: 0, hits: 0 }
    }

    fn observe(&mut self, count: Count) {
        self.now.add(count);
        self.filled += 1;
        if self.filled < self.ticks {
            return;
        }
        if self.now.units > 0 && self.before.units > 0 {
            let difference = self.now.share() - self.before.share();
            let (now, before) = (real(self.now.units), real(self.before.units));
            let hits = real(self.now.hits) + real(self.before.hits);
            let weight = now * before / (now + before);
            self.squares += (difference * weight).powi(2);
            self.expected += weight * hits / (now + before);
            self.pairs = self.pairs.saturating_add(1);
            self.hits = self.hits.saturating_add(self.now.hits);
        }
        self.before = std::mem::take(&mut self.now);
        self.filled = 0;
    }

    fn factor(&self) -> f64 {
        if self.expected <= 0.0 || self.hits == 0 {
            return 1.0;
        }
        let factor = self.squares / self.expected;
        // The standard error where counts are those of Poisson and units stay the same: neighbours
        // share a count, and rare hits make a heavy tail.
        let error = (3.0 / f64::from(self.pairs) + 1.0 / real(self.hits)).sqrt();
        if factor > 1.0 + ERRORS_MIN * error { factor } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(counts: impl IntoIterator<Item = Count>) -> f64 {
        let mut dispersion = Dispersion::new();
        counts.into_iter().for_each(|count| dispersion.observe(count));
        dispersion.factor()
    }

    /// Hits of `size` at once, each time after a pause that no two neighbours share.
    fn bursts(size: u64) -> impl Iterator<Item = Count> {
        (0..6_000_u64).map(move |at| Count::new(500, if at * at % 37 == 3 { size } else { 0 }))
    }

    #[test]
    fn hits_one_by_one_are_not_dispersed() {
        assert!((factor(bursts(1)) - 1.0).abs() < 0.2, "{}", factor(bursts(1)));
        assert!((factor([]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn hits_at_once_are_dispersed_by_as_many() {
        let found = factor(bursts(20));
        assert!((15.0..=25.0).contains(&found), "{found}");
    }

    #[test]
    fn hits_that_are_spread_are_found_at_a_longer_span() {
        let spread = (0..6_000_u64).map(|at| Count::new(500, u64::from(at % 700 < 10)));
        let found = factor(spread);
        assert!(found > 4.0, "{found}");
    }

    #[test]
    fn a_rate_that_drifts_is_no_dispersion() {
        let drift = (0..6_000_u64).map(|at| Count::new(100_000, 100 + at / 30));
        assert!((factor(drift) - 1.0).abs() < 1e-9);
    }
}
