//! Chance from a seed: the same draws on every machine (SplitMix64, by G. Steele, D. Lea and
//! C. Flood, OOPSLA 2014).

#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    /// True with this probability.
    pub(super) fn is(&mut self, share: f64) -> bool {
        const STEPS: u32 = 1 << 30;
        let drawn = u32::try_from(self.next() >> 34).unwrap();
        f64::from(drawn) < share * f64::from(STEPS)
    }
}
