//! Chance: whether a version stands alone more often than it would if both were the same.
//!
//! Pure arithmetic on counts. Refuses to know what was counted.

use plumb_gap::policy::to_f64;

/// One run in a thousand between two versions that behave alike may report anything at all.
pub(super) const FALSE_RUNS: f64 = 1e-3;

/// How often each of three answers of one and the same version stands alone, given that one does:
/// they are exchangeable.
const SHARE: f64 = 1.0 / 3.0;

/// The counts of one test: how often the single answer stood alone, out of how often one did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) single: u64,
    pub(super) telling: u64,
}

/// How likely the single answer stands alone so often or more often, if all three come from
/// versions that behave alike.
///
/// Three answers of one version to one request are exchangeable, however noisy that version is, and
/// however its noise differs from request to request. So of the trios in which just one stands
/// alone, it is the single one in a third, and their number has a binomial distribution: the sign
/// test, exact and conditional on the trios that tell anything (W. J. Dixon and A. M. Mood, JASA
/// 41, 1946), with 1/3 in the place of 1/2.
pub(super) fn chance(counts: Counts, factorials: &Factorials) -> f64 {
    let Counts { single, telling } = counts;
    if single == 0 {
        return 1.0;
    }
    let ln_first = factorials.ln_choose(telling, single)
        + to_f64(single) * SHARE.ln()
        + to_f64(telling - single) * (1.0 - SHARE).ln();
    let mut term = ln_first.exp();
    let mut sum = term;
    for at in single..telling {
        term *= to_f64(telling - at) / to_f64(at + 1) * (SHARE / (1.0 - SHARE));
        sum += term;
        // Beyond the mean the rest is less than one more such term in a billion.
        if term < sum * 1e-15 {
            break;
        }
    }
    sum.min(1.0)
}

/// The largest chance at which a test of this family still counts, so that the whole family errs
/// with a probability of at most [`FALSE_RUNS`].
///
/// Bonferroni's correction for tests that are discrete: a test that could not have reached the
/// threshold whatever had come out needs no share of it. With `k` the least number such that at
/// most `k` tests could reach `FALSE_RUNS / k`, that is the threshold (R. E. Tarone, Biometrics 46,
/// 1990). It holds however the tests depend on each other, and does not depend on their order.
pub(super) fn threshold(family: &[Counts]) -> f64 {
    let mut least: Vec<f64> = family.iter().map(|one| least_chance(one.telling)).collect();
    least.sort_unstable_by(f64::total_cmp);
    let mut shares = 1_usize;
    loop {
        let level = FALSE_RUNS / to_f64(u64::try_from(shares).unwrap_or(u64::MAX));
        let able = least.partition_point(|least| *least <= level);
        if able <= shares {
            return level;
        }
        shares += 1;
    }
}

/// The least that [`chance`] can be with so many trios that tell anything: all of them against the
/// single answer.
fn least_chance(telling: u64) -> f64 {
    SHARE.powf(to_f64(telling))
}

/// Logarithms of factorials up to a number, summed once for all tests.
#[derive(Debug)]
pub(super) struct Factorials(Vec<f64>);

impl Factorials {
    /// Up to the largest that these tests need.
    pub(super) fn up_to(telling: u64) -> Self {
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for number in 1..=telling {
            sum += to_f64(number).ln();
            sums.push(sum);
        }
        Self(sums)
    }

    fn ln_choose(&self, of: u64, count: u64) -> f64 {
        self.ln(of) - self.ln(count) - self.ln(of - count)
    }

    fn ln(&self, number: u64) -> f64 {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        // INVARIANT: the table reaches the largest count of its family.
        self.0.get(at).copied().unwrap_or(f64::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(single: u64, telling: u64, expected: f64) {
        let got = chance(Counts { single, telling }, &Factorials::up_to(telling));
        assert!((got - expected).abs() <= expected * 1e-9, "{single} of {telling}: {got}");
    }

    #[test]
    fn chances_are_those_of_the_binomial_distribution() {
        check(0, 10, 1.0);
        check(1, 1, 1.0 / 3.0);
        check(2, 2, 1.0 / 9.0);
        check(1, 2, 5.0 / 9.0);
        check(2, 3, 7.0 / 27.0);
        check(20, 20, 3_f64.powi(-20));
        // Σ C(30, k) 2^(30 - k) / 3^30 for k of 20 to 30.
        check(20, 30, 1.937_593_013_703_032e-4);
    }

    #[test]
    fn chances_stay_exact_for_many_trios() {
        let factorials = Factorials::up_to(30_000);
        let at = |single| chance(Counts { single, telling: 30_000 }, &factorials);
        assert!((0.49..0.52).contains(&at(10_000)), "{}", at(10_000));
        assert!(at(9_000) > 0.999_999);
        assert!(at(11_000) < 1e-30);
        assert!(at(30_000) < f64::MIN_POSITIVE);
    }

    #[test]
    fn only_tests_that_could_tell_share_the_threshold() {
        let counts = |telling| Counts { single: 0, telling };
        let quiet = vec![counts(0); 10_000];
        assert!((threshold(&quiet) - FALSE_RUNS).abs() < f64::EPSILON);
        let mut family = quiet;
        family.extend([counts(40); 5]);
        assert!((threshold(&family) - FALSE_RUNS / 5.0).abs() < f64::EPSILON);
        assert!((threshold(&[]) - FALSE_RUNS).abs() < f64::EPSILON);
    }

    /// Trios of one version with all kinds of noise: families of tests err as rarely as promised.
    #[test]
    fn versions_that_behave_alike_are_hardly_ever_told_apart() {
        let mut state = 7_u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
            (state >> 33) % bound
        };
        let factorials = Factorials::up_to(500);
        let (mut families, mut wrong) = (0, 0);
        while families < 2_000 {
            families += 1;
            let family: Vec<Counts> = (0..40)
                .map(|_| {
                    let telling = below(200);
                    let single = (0..telling).filter(|_| below(3) == 0).count() as u64;
                    Counts { single, telling }
                })
                .collect();
            let level = threshold(&family);
            wrong += u32::from(family.iter().any(|one| chance(*one, &factorials) <= level));
        }
        // Two are expected; eleven or more come once in a hundred thousand times.
        assert!(wrong <= 10, "{wrong} of {families} families");
    }
}
