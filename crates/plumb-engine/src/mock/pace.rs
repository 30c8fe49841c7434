//! How long answers took, and how long the next one is to take, without chance.
//!
//! Refuses to know clocks: whoever answers waits.

use plumb_shape::latency::Latencies;
use plumb_shape::profile::Profile;
use std::collections::BTreeMap;
use std::time::Duration;

/// The golden section of all shares: steps of this length come close to every share soon, and stay
/// as evenly spread whatever their number (H. Weyl, Math. Ann. 77, 1916).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The latencies of one operation by status, and how many of them were taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace(BTreeMap<u16, (Latencies, u64)>);

impl Pace {
    /// As it was seen.
    pub(crate) fn of_profile(profile: &Profile) -> Self {
        let each = profile.latencies().into_iter();
        Self(each.map(|(status, known)| (status, (known.clone(), 0))).collect())
    }

    /// How long the next answer of a status is to take; nothing where that was never known.
    pub(crate) fn next(&mut self, status: u16) -> Duration {
        let Some((latencies, taken)) = self.0.get_mut(&status) else { return Duration::ZERO };
        *taken = taken.wrapping_add(1);
        latencies.at(taken.wrapping_mul(STEP)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_come_in_the_proportions_seen() {
        let mut seen = Latencies::default();
        (0..3).for_each(|_| seen.observe(Duration::from_millis(2)));
        seen.observe(Duration::from_millis(900));
        let mut pace = Pace(BTreeMap::from([(200, (seen, 0))]));
        let taken: Vec<Duration> = (0..400).map(|_| pace.next(200)).collect();
        let slow = taken.iter().filter(|took| **took > Duration::from_millis(500)).count();
        assert!((98..=102).contains(&slow), "{slow}");
        assert_eq!(pace.next(503), Duration::ZERO);
    }
}
