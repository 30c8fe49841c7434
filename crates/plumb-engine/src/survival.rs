//! How long things stay, from some that went and some that were still there when last looked at:
//! the estimator of Kaplan and Meier, and what a handful of cases bounds.
//!
//! Refuses to know what it was that stayed.

use std::time::Duration;

/// The share that may be left, and the doubt that may be left, where something is said at 95 %.
pub const LEFT: f64 = 0.05;

/// What products of fractions may be off by; shares of so many cases differ by far more.
const ROUNDING: f64 = 1e-9;

/// One case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stayed {
    /// How long it stayed; where it is not over, how long so far.
    pub length: Duration,
    /// Whether it went. Where not, it was still there when it was last looked at.
    pub is_over: bool,
}

/// A length at which some went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The length.
    pub at: Duration,
    /// The share that stays longer, from 0 to 1.
    pub left: f64,
}

/// The share that stays longer than each length at which one went, shortest first. A case that is
/// not over counts as being there until its length, and as nothing after it.
///
/// Kaplan and Meier, Nonparametric estimation from incomplete observations, 1958.
#[must_use]
pub fn survival(cases: &[Stayed]) -> Vec<Step> {
    let mut cases = cases.to_vec();
    cases.sort_by_key(|one| one.length);
    let mut steps: Vec<Step> = Vec::new();
    let mut left = 1.0;
    for group in cases.chunk_by(|one, other| one.length == other.length) {
        let at = group[0].length;
        let there = cases.iter().filter(|one| one.length >= at).count();
        let went = group.iter().filter(|one| one.is_over).count();
        if went > 0 {
            left *= 1.0 - ratio(went, there);
            steps.push(Step { at, left });
        }
    }
    steps
}

/// The shortest length beyond which at most [`LEFT`] of all stay; `None` where so many cases are
/// not over that nobody can say.
#[must_use]
pub fn bound(steps: &[Step]) -> Option<Duration> {
    steps.iter().find(|step| step.left <= LEFT + ROUNDING).map(|step| step.at)
}

/// The largest share of all that may stay longer than every one of `cases` did, with 95 %
/// confidence: `1 - 0.05^(1/n)`, which is about `3/n`. Everything where there is no case.
///
/// Clopper and Pearson, The use of confidence or fiducial limits, 1934, for none of n.
#[must_use]
pub fn share_beyond(cases: usize) -> f64 {
    if cases == 0 { 1.0 } else { 1.0 - LEFT.powf(ratio(1, cases)) }
}

/// A fraction of counts; no evidence counts beyond what a float tells apart.
fn ratio(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn case(hours: u64, is_over: bool) -> Stayed {
        Stayed { length: Duration::from_hours(hours), is_over }
    }

    /// Remissions of 21 patients under 6-mercaptopurine (Freireich and others, 1963), as every
    /// textbook works them out by hand.
    #[test]
    fn a_table_worked_out_by_hand() {
        let over = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|length| case(length, true));
        let open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|length| case(length, false));
        let steps = survival(&[&over[..], &open[..]].concat());
        let rounded: Vec<(u64, u32)> = steps
            .iter()
            .map(|step| {
                let thousandths = (0..=1_000).find(|it| f64::from(*it) + 0.5 > step.left * 1_000.0);
                (step.at.as_secs() / 3_600, thousandths.unwrap())
            })
            .collect();
        let expected = [(6, 857), (7, 807), (10, 753), (13, 690), (16, 627), (22, 538), (23, 448)];
        assert_eq!(rounded, expected);
        assert_eq!(bound(&steps), None);
    }

    #[test]
    fn where_all_went_the_bound_leaves_one_of_twenty() {
        let cases: Vec<Stayed> = (1..=20).map(|length| case(length, true)).collect();
        assert_eq!(bound(&survival(&cases)), Some(Duration::from_hours(19)));
        assert_eq!(bound(&survival(&cases[..3])), Some(Duration::from_hours(3)));
        assert_eq!(bound(&survival(&[])), None);
    }

    #[test]
    fn few_cases_bound_little() {
        let percent = |cases| (share_beyond(cases) * 100.0).round();
        assert_eq!([0, 1, 3, 10, 59].map(percent), [100.0, 95.0, 63.0, 26.0, 5.0]);
    }

    fn cases() -> impl Strategy<Value = Vec<Stayed>> {
        vec((0_u64..8, any::<bool>()).prop_map(|(length, is_over)| case(length, is_over)), 1..24)
    }

    fn left_at(steps: &[Step], at: Duration) -> f64 {
        steps.iter().rev().find(|step| step.at <= at).map_or(1.0, |step| step.left)
    }

    proptest! {
        #[test]
        fn what_is_not_over_only_lengthens(
            known in cases(),
            which in any::<prop::sample::Index>(),
        ) {
            let mut open = known.clone();
            which.get_mut(&mut open).is_over = false;
            let (known, open) = (survival(&known), survival(&open));
            for hours in 0..9 {
                let at = Duration::from_hours(hours);
                prop_assert!(left_at(&open, at) >= left_at(&known, at) - ROUNDING);
            }
            let longest = |steps: &[Step]| bound(steps).unwrap_or(Duration::MAX);
            prop_assert!(longest(&open) >= longest(&known));
        }

        #[test]
        fn shares_fall_and_the_order_of_cases_says_nothing(known in cases()) {
            let steps = survival(&known);
            let falls = |pair: &[Step]| pair[0].at < pair[1].at && pair[0].left > pair[1].left;
            prop_assert!(steps.windows(2).all(falls));
            prop_assert!(steps.iter().all(|step| (-ROUNDING..=1.0).contains(&step.left)));
            let reversed: Vec<Stayed> = known.into_iter().rev().collect();
            prop_assert_eq!(survival(&reversed), steps);
        }

        #[test]
        fn where_all_went_the_share_is_counted(lengths in vec(0_u64..8, 1..24)) {
            let known: Vec<Stayed> = lengths.iter().map(|length| case(*length, true)).collect();
            for step in survival(&known) {
                let longer = known.iter().filter(|one| one.length > step.at).count();
                prop_assert!((step.left - ratio(longer, known.len())).abs() < ROUNDING);
            }
        }
    }
}
