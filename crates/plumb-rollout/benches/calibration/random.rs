//! Numbers that look random, the same ones for the same seed.
//!
//! Refuses to know what they are used for.

/// A generator of G. Steele, D. Lea and C. Flood (2014): quick, and good enough to imitate traffic.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Two seeds that differ in either number share nothing.
    pub(crate) fn new(setting: u64, run: u64) -> Self {
        let mut random = Self(setting.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (run << 20));
        Self(random.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below `end`, which is small.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(((self.next() >> 32) * end as u64) >> 32).unwrap_or(0)
    }

    /// Above 0 and at most 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// A count of what comes by itself, `mean` times on average; `mean` is below 700.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let end = (-mean).exp();
        let (mut left, mut count) = (self.unit(), 0);
        while left > end {
            left *= self.unit();
            count += 1;
        }
        count
    }

    /// How many of `count` have what the share `chance` has.
    pub(crate) fn binomial(&mut self, count: u64, chance: f64) -> u64 {
        if chance <= 0.0 {
            return 0;
        }
        // From one that has it to the next, which is quick where few have it.
        let scale = 1.0 / (1.0 - chance.min(1.0 - 1e-12)).ln();
        let (mut at, mut found) = (0_u64, 0);
        loop {
            at = at.saturating_add(whole(self.unit().ln() * scale).saturating_add(1));
            if at > count {
                return found;
            }
            found += 1;
        }
    }

    /// At least 1, and `mean` on average: with each, the next comes with the same chance.
    pub(crate) fn geometric(&mut self, mean: f64) -> u64 {
        if mean <= 1.0 {
            return 1;
        }
        whole(self.unit().ln() / (1.0 - 1.0 / mean).ln()).saturating_add(1)
    }

    /// A value of the standard normal distribution.
    pub(crate) fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.unit();
        (-2.0 * self.unit().ln()).sqrt() * angle.cos()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}
