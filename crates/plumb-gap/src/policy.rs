//! Policy: how much evidence is enough and how old is too old. Everything that is judgement rather
//! than fact has its number here.

/// How evidence is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The moment of judgement, Unix milliseconds.
    pub now_ms: i64,
    /// Evidence whose last exchange is older than this is stale, in milliseconds.
    pub max_age_ms: i64,
    /// Fewer exchanges than this never make an assumption hold. With n exchanges and no absence,
    /// absence is bounded by about 3/n at 95 % (the rule of three): 30 bounds it at 10 %.
    pub samples_min: u64,
}

/// From this many recorded examples on, recordings are taken as a sample of traffic, and what is
/// rare in one sample and missing in the other is left to chance.
pub const SAMPLE_EXAMPLES_MIN: u64 = 30;

/// From this many recorded exchanges on, a file is a capture of traffic as it came and no choice of
/// examples: nobody picks a hundred by hand.
pub const CAPTURE_EXAMPLES_MIN: u64 = 100;

/// A difference between two samples is reported when chance explains it less often than this: one
/// false field in 10,000.
const CHANCE_MAX: f64 = 1e-4;

/// True when chance alone may explain that something was in none of `absent_in` exchanges and in
/// `count` of `of` others, if both are samples of the same traffic: the `count` sightings would all
/// have to fall on one side, which they do with probability (of / (of + absent_in))^count.
#[must_use]
pub fn is_chance(count: u64, of: u64, absent_in: u64) -> bool {
    let share = to_f64(of) / to_f64(of.saturating_add(absent_in)).max(1.0);
    share.powf(to_f64(count)) > CHANCE_MAX
}

/// The largest share of exceptions that `exchanges` without any leave possible at 95 %: the p for
/// which (1 - p)^n is 5 %. About 3/n, the rule of three (J. A. Hanley and A. Lippman-Hand, JAMA
/// 249, 1983). 1 without exchanges.
#[must_use]
pub fn exceptions_max(exchanges: u64) -> f64 {
    if exchanges == 0 { 1.0 } else { 1.0 - 0.05_f64.powf(1.0 / to_f64(exchanges)) }
}

/// A count as a floating-point number; exact up to 2^53.
#[must_use]
pub fn to_f64(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts beyond 2^53 need no more precision")]
    {
        count as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_three_bounds_what_was_not_seen() {
        assert!((exceptions_max(30) - 0.095).abs() < 0.001);
        assert!((exceptions_max(1_000) - 0.003).abs() < 0.000_1);
        assert!((exceptions_max(1) - 0.95).abs() < 0.001);
    }

    #[test]
    fn rare_traits_are_left_to_chance() {
        assert!(is_chance(1, 1_000, 1_000));
        assert!(is_chance(13, 1_000, 1_000));
        assert!(!is_chance(14, 1_000, 1_000));
        assert!(!is_chance(5, 10, 1_000));
    }
}
