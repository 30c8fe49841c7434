//! A share of traffic, from nothing to all of it.
//!
//! Refuses to know what traffic is, and who divides it.

use std::fmt;

/// A share in millionths: fine enough for a cohort of one in a million, and without rounding in
/// whatever way people write percentages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(1_000_000);

    /// So many millionths; `None` beyond the whole.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Option<Self> {
        if ppm <= Self::WHOLE.0 { Some(Self(ppm)) } else { None }
    }

    /// The millionths, at most 1,000,000.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// The share that a text means: `5%`, `2.5 %`, `0.0001%`. `None` for any other form, for more
    /// than 100 % and for what is finer than a millionth.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const FRACTION_DIGITS: usize = 4;
        let number = text.strip_suffix('%')?.trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || fraction.len() > FRACTION_DIGITS {
            return None;
        }
        let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 100)?;
        let fraction: u32 = format!("{fraction:0<FRACTION_DIGITS$}").parse().ok()?;
        Self::from_ppm(whole * 10_000 + fraction)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 10_000, self.0 % 10_000);
        if fraction == 0 {
            return write!(out, "{whole} %");
        }
        let digits = format!("{fraction:04}");
        write!(out, "{whole}.{} %", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_that_are_none() {
        for text in ["", "%", "5", "-1%", "101%", "100.0001%", "1.00001%", "1,5%", "1.%", ".5%"] {
            assert_eq!(Share::parse(text), None, "{text}");
        }
        assert_eq!(Share::parse("100%"), Some(Share::WHOLE));
        assert_eq!(Share::parse("0.05%").map(Share::ppm), Some(500));
    }

    proptest! {
        #[test]
        fn a_share_is_read_as_it_is_written(ppm in 0_u32..=1_000_000) {
            let share = Share::from_ppm(ppm).unwrap();
            prop_assert_eq!(Share::parse(&share.to_string()), Some(share));
        }
    }
}
