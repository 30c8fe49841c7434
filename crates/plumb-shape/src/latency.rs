//! Latencies: how long answers took, counted in buckets that never move.
//!
//! Four buckets to each doubling, so that every latency is told to within a quarter of itself, from
//! a microsecond to more than an hour. Where a bucket begins does not depend on what was seen:
//! joining is adding up, in any order. Refuses to know clocks.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Buckets to a doubling, as a power of two.
const FINE_BITS: u32 = 2;

/// Microseconds that all longer latencies count as: 71 minutes. No caller waits longer.
const MICROS_MAX: u64 = (1 << 32) - 1;

/// The last bucket.
const BUCKET_MAX: u8 = bucket_of(MICROS_MAX);

/// How many answers took how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// Answers by bucket; no bucket is empty.
    counts: BTreeMap<u8, u64>,
}

impl Latencies {
    /// Counts one answer.
    pub fn observe(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(MICROS_MAX).min(MICROS_MAX);
        let slot = self.counts.entry(bucket_of(micros)).or_default();
        *slot = slot.saturating_add(1);
    }

    /// Joins latencies of other exchanges. Counts stop at their largest value.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            let slot = self.counts.entry(*bucket).or_default();
            *slot = slot.saturating_add(*count);
        }
    }

    /// How many answers there were whose latency is known.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many answers took about how long, the fastest first; to within an eighth.
    pub fn about(&self) -> impl Iterator<Item = (Duration, u64)> {
        let about = |bucket: u8| Duration::from_micros(middle_of(bucket));
        self.counts.iter().map(move |(bucket, count)| (about(*bucket), *count))
    }

    /// How long the answer took that stands at this share of all, the fastest first: 0 is the
    /// fastest, [`u64::MAX`] the slowest. To within an eighth, and none without any.
    #[must_use]
    pub fn at(&self, share: u64) -> Option<Duration> {
        let before = (u128::from(share) * u128::from(self.count())) >> 64;
        let mut passed = 0_u128;
        let found = self.counts.iter().find(|(_, count)| {
            passed += u128::from(**count);
            passed > before
        });
        found.map(|(bucket, _)| Duration::from_micros(middle_of(*bucket)))
    }

    /// True when counting could have made this, of so many exchanges.
    pub(crate) fn is_sound(&self, exchanges: u64) -> bool {
        let is_sound = |(bucket, count): (&u8, &u64)| *bucket <= BUCKET_MAX && *count > 0;
        self.counts.iter().all(is_sound) && self.count() <= exchanges
    }
}

/// Below four microseconds each has a bucket; above, a bucket is the highest bit and the two below.
const fn bucket_of(micros: u64) -> u8 {
    if micros < 1 << FINE_BITS {
        return micros.to_le_bytes()[0];
    }
    let shift = 63 - micros.leading_zeros() - FINE_BITS;
    let fine = (micros >> shift) - (1 << FINE_BITS);
    let coarse = (shift + 1) << FINE_BITS;
    coarse.to_le_bytes()[0] + fine.to_le_bytes()[0]
}

/// The latency in the middle of a bucket, in microseconds.
fn middle_of(bucket: u8) -> u64 {
    let (coarse, fine) = (u64::from(bucket) >> FINE_BITS, u64::from(bucket) & 3);
    match coarse.checked_sub(1) {
        None => fine,
        Some(shift) => (((1 << FINE_BITS) + fine) << shift) + ((1 << shift) >> 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(micros: &[u64]) -> Latencies {
        let mut all = Latencies::default();
        micros.iter().for_each(|micros| all.observe(Duration::from_micros(*micros)));
        all
    }

    fn joined(parts: [&Latencies; 2]) -> Latencies {
        let mut all = parts[0].clone();
        all.merge(parts[1]);
        all
    }

    #[test]
    fn a_share_finds_its_answer() {
        let all = seen(&[1, 100, 100, 5_000_000]);
        let at = |share| all.at(share).unwrap().as_micros();
        let quarter = 1 << 62;
        assert_eq!((at(0), at(quarter), at(2 * quarter), at(u64::MAX)), (1, 104, 104, 4_718_592));
        assert_eq!(Latencies::default().at(0), None);
        assert_eq!(seen(&[u64::MAX]), seen(&[MICROS_MAX]));
        let about: Vec<_> = all.about().map(|(took, count)| (took.as_micros(), count)).collect();
        assert_eq!(about, [(1, 1), (104, 2), (4_718_592, 1)]);
    }

    #[test]
    fn what_counting_cannot_make_is_unsound() {
        assert!(seen(&[7, 9]).is_sound(2));
        assert!(!seen(&[7, 9]).is_sound(1));
        assert!(!Latencies { counts: BTreeMap::from([(BUCKET_MAX + 1, 1)]) }.is_sound(9));
        assert!(!Latencies { counts: BTreeMap::from([(1, 0)]) }.is_sound(9));
    }

    proptest! {
        #[test]
        fn a_bucket_tells_its_latencies_to_within_an_eighth(micros in 0..=MICROS_MAX) {
            let told = middle_of(bucket_of(micros));
            prop_assert!(told.abs_diff(micros) * 8 <= micros, "{micros} {told}");
            prop_assert_eq!(bucket_of(told), bucket_of(micros));
            prop_assert!(bucket_of(micros.saturating_sub(1)) <= bucket_of(micros));
        }

        #[test]
        fn merge_is_commutative_and_associative(
            one in prop::collection::vec(any::<u64>(), 0..9),
            two in prop::collection::vec(0..9_999_u64, 0..9),
            three in prop::collection::vec(0..99_u64, 0..9),
        ) {
            let (a, b, c) = (seen(&one), seen(&two), seen(&three));
            prop_assert_eq!(joined([&a, &b]), joined([&b, &a]));
            prop_assert_eq!(joined([&joined([&a, &b]), &c]), joined([&a, &joined([&b, &c])]));
            prop_assert_eq!(joined([&a, &b]), seen(&[one, two].concat()));
            prop_assert_eq!(joined([&a, &Latencies::default()]), a);
        }
    }
}
