//! A rollout as the evidence shows it: what two versions of a component answered, seam by seam and
//! day by day, on days on which both answered at the same time.
//!
//! Refuses to know how a judgement is shown.

use crate::analysis::error::AnalysisError;
use crate::analysis::intake::{Account, Arms};
use crate::analysis::recorded::Recorded;
use crate::inventory::Kept;
use plumb_rollout::body::Answers;
use plumb_rollout::judge::{Judge, Moment, Settings};
use plumb_rollout::latency::BORDERS_MS;
use plumb_rollout::tick::Arm;
use plumb_rollout::watch::Counting;
use plumb_shape::profile::Profile;
use plumb_shape::tally::Tally;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What evidence does not hold.
const UNSEEN: &[&str] = &[
    "users, and groups of them: each request counts",
    "whether failures are those of one caller: at least one seam on one day is left out",
    "retries, and work that is handed over",
    "when within a day: days count on which both versions answered for most of the time of one",
];

/// What one seam answered on one day, by arm.
type Pair = [Option<Profile>; 2];

/// What one reader was answered on one day: each operation.
type Day = BTreeMap<String, Pair>;

/// Everything that both versions answered, by environment, reader and day.
type Days<'w> = BTreeMap<(&'w str, &'w str, i32), Day>;

/// From when to when both versions answered, by environment and day; Unix milliseconds.
type Spans<'w> = BTreeMap<(&'w str, i32), (i64, i64)>;

/// Compares two versions of a component by windows of the store. Where nobody names them, they are
/// the two of the newest day that has two: the known one is that of the earlier day, or else that
/// with more exchanges.
///
/// # Errors
///
/// When it is not clear which versions are compared.
pub fn of_windows(
    windows: &[Kept],
    component: &str,
    arms: Option<Arms>,
    settings: Settings,
) -> Result<Recorded, AnalysisError> {
    let arms = match arms {
        Some(arms) => arms,
        None => newest_two(windows, component)?,
    };
    let (days, mut account) = both(windows, &arms);
    let settings = Settings { counting: Counting::Spans, dimensions: 0, ..settings };
    let mut judge = Judge::new(settings);
    let spans = together(&days);
    let of = |(environment, _, day): &(&str, &str, i32)| spans.get(&(*environment, *day)).copied();
    let mut in_time: Vec<_> = days.iter().map(|(key, seams)| (of(key), seams)).collect();
    in_time.sort_by_key(|(span, _)| *span);
    for (span, seams) in in_time {
        for pair in seams.values() {
            let exchanges: u64 = pair.iter().flatten().map(|one| one.total().count).sum();
            match (span, pair) {
                (Some(span), [Some(control), Some(canary)]) => {
                    account.taken += exchanges;
                    tell(&mut judge, [control, canary], span);
                }
                _ => account.alone += exchanges,
            }
        }
    }
    // Two days of one reader are what control can be compared with itself by.
    for (key, seams) in &days {
        let answers: Answers<'_> = seams
            .iter()
            .filter(|(_, pair)| pair.iter().all(Option::is_some))
            .map(|(operation, [one, two])| (operation.as_str(), [one.as_ref(), two.as_ref()]))
            .collect();
        if let Some((from_ms, _)) = of(key).filter(|_| !answers.is_empty()) {
            judge.answers(from_ms, &answers);
        }
    }
    Ok(Recorded {
        judge,
        dictionaries: Vec::new(),
        arms,
        account,
        unread: Vec::new(),
        readings: Vec::new(),
        unseen: UNSEEN,
        caution: None,
    })
}

/// Tells the judge what one seam answered on one day, between these moments.
fn tell(judge: &mut Judge, profiles: [&Profile; 2], (from_ms, to_ms): (i64, i64)) {
    let mut moment = Moment::default();
    for (arm, profile) in [Arm::Control, Arm::Canary].into_iter().zip(profiles) {
        count(&mut moment, arm, profile);
    }
    judge.observe(from_ms, &moment);
    judge.heard(to_ms, &moment.failures);
}

fn count(moment: &mut Moment, arm: Arm, profile: &Profile) {
    for (status, outcome) in &profile.outcomes {
        let exchanges = outcome.total().count;
        let failures = moment.failures.arm_mut(arm);
        failures.units += exchanges;
        failures.hits += if *status >= 500 { exchanges } else { 0 };
        for (took, count) in outcome.latencies().about() {
            let took_ms = took.as_secs_f64() * 1_000.0;
            let bucket = BORDERS_MS.partition_point(|border| *border < took_ms);
            moment.latencies.add(arm, bucket, count);
        }
    }
}

/// The windows of both versions, joined by seam and day, and what is of neither.
fn both<'w>(windows: &'w [Kept], arms: &Arms) -> (Days<'w>, Account) {
    let (mut days, mut account) = (Days::new(), Account::default());
    for Kept { key, profile } in windows {
        let exchanges = profile.total().count;
        if key.version.is_empty() {
            account.nameless += exchanges;
            continue;
        }
        let Some(arm) = arms.arm(&key.version) else {
            account.others += exchanges;
            continue;
        };
        let day = days.entry((&key.environment, &key.reader, key.day)).or_default();
        let pair = day.entry(key.operation.clone()).or_default();
        let slot = &mut pair[usize::from(arm == Arm::Canary)];
        *slot = Some(slot.take().map_or_else(|| profile.clone(), |one| one.merge(profile)));
    }
    (days, account)
}

/// The days on which both versions answered at the same time for at least half of the time of the
/// one that answered for shorter, and from when to when both did. Exchanges that tell no time were
/// there all day.
fn together<'w>(days: &Days<'w>) -> Spans<'w> {
    let mut tallies: BTreeMap<(&str, i32), [Option<Tally>; 2]> = BTreeMap::new();
    for ((environment, _, day), seams) in days {
        let both = tallies.entry((*environment, *day)).or_default();
        for pair in seams.values() {
            for (slot, profile) in both.iter_mut().zip(pair) {
                let Some(profile) = profile else { continue };
                let total = profile.total();
                slot.get_or_insert(Tally::EMPTY).merge(total);
            }
        }
    }
    let span = |day: i32, tally: Tally| {
        const DAY_MS: i64 = 86_400_000;
        let begin = i64::from(day) * DAY_MS;
        (tally.first_ms.unwrap_or(begin), tally.last_ms.unwrap_or(begin + DAY_MS))
    };
    let met = tallies.into_iter().filter_map(|((environment, day), [control, canary])| {
        let (one, two) = (span(day, control?), span(day, canary?));
        let (from, to) = (one.0.max(two.0), one.1.min(two.1));
        let shorter = (one.1 - one.0).min(two.1 - two.0);
        (from <= to && 2 * (to - from) >= shorter).then_some(((environment, day), (from, to)))
    });
    met.collect()
}

/// The two versions of the newest day that has two.
fn newest_two(windows: &[Kept], component: &str) -> Result<Arms, AnalysisError> {
    let named = || windows.iter().filter(|one| !one.key.version.is_empty());
    let mut days: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
    for one in named() {
        days.entry(one.key.day).or_default().insert(&one.key.version);
    }
    let Some(versions) = days.values().rev().find(|versions| versions.len() > 1) else {
        let all: BTreeSet<&str> = named().map(|one| one.key.version.as_str()).collect();
        let seen = match all.len() {
            0 => "no version of it was seen".to_owned(),
            1 => format!("only `{}` was seen", all.into_iter().collect::<String>()),
            _ => "no two were seen on one day".to_owned(),
        };
        return Err(AnalysisError::NotSeen { component: component.to_owned(), found: seen });
    };
    let age = |version: &str| {
        let of = || named().filter(|one| one.key.version == version);
        let exchanges: u64 = of().map(|one| one.profile.total().count).sum();
        (of().map(|one| one.key.day).min(), Reverse(exchanges))
    };
    let mut versions: Vec<&str> = versions.iter().copied().collect();
    versions.sort_by_key(|version| age(version));
    match versions[..] {
        [known, new] => Ok(Arms::of(known.to_owned(), new.to_owned())),
        _ => {
            let found = format!("on one day `{}` were seen", versions.join("`, `"));
            Err(AnalysisError::Versions { found })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judgement::{Judgement, WayBack};
    use plumb_rollout::verdict::Verdict;
    use plumb_shape::fold::Fold;
    use plumb_shape::literal::LiteralKey;
    use plumb_store::store::WindowKey;
    use std::sync::Arc;
    use std::time::Duration;

    const DAY_MS: i64 = 86_400_000;
    const FIRST_DAY: i32 = 20_778;

    /// What one version answered at one of the seams on one day: `all` exchanges within its hours,
    /// of which `failed` failed.
    fn window(version: &str, at: (i32, usize), hours: (i64, i64), counts: (u64, u64)) -> Kept {
        let (day, seam) = at;
        let begin = i64::from(FIRST_DAY + day) * DAY_MS;
        let (from_ms, to_ms) = (begin + hours.0 * 3_600_000, begin + hours.1 * 3_600_000);
        let outcome = |count: u64| {
            let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
            for one in 0..count {
                let at_ms = if one == 0 { from_ms } else { to_ms };
                fold.begin(Some(at_ms));
                fold.took(Duration::from_millis(20));
                fold.commit();
            }
            fold.seal()
        };
        let (all, failed) = counts;
        let outcomes = [(200, all - failed), (500, failed)];
        let outcomes = outcomes.into_iter().filter(|(_, count)| *count > 0);
        let outcomes = outcomes.map(|(status, count)| (status, outcome(count))).collect();
        let key = WindowKey {
            writer: "shop".to_owned(),
            reader: "web".to_owned(),
            operation: format!("GET /{seam}"),
            version: version.to_owned(),
            environment: String::new(),
            day: FIRST_DAY + day,
        };
        Kept { key, profile: Profile { outcomes } }
    }

    /// Both versions at so many seams on so many days.
    fn windows(days: i32, seams: usize, failed: [u64; 2]) -> Vec<Kept> {
        let each = (0..days).flat_map(|day| (0..seams).map(move |seam| (day, seam)));
        each.flat_map(|at| {
            [window("1", at, (0, 23), (400, failed[0])), window("2", at, (9, 17), (100, failed[1]))]
        })
        .collect()
    }

    fn judged(windows: &[Kept]) -> (Recorded, Judgement) {
        let recorded = of_windows(windows, "shop", None, Settings::default()).unwrap();
        let now_ms = recorded.judge.last_ms().unwrap_or_default();
        let judgement = recorded.judge.judge(now_ms, WayBack::Open);
        (recorded, judgement)
    }

    #[test]
    fn a_version_that_fails_everywhere_is_rolled_back_and_one_that_does_not_is_not() {
        let (recorded, judgement) = judged(&windows(2, 6, [2, 10]));
        assert_eq!(judgement.verdict, Verdict::RollBack);
        let arms = Arms { control: "1".to_owned(), canary: "2".to_owned() };
        assert_eq!((recorded.arms, recorded.account.taken), (arms, 6_000));
        assert_eq!((judgement.failures.control.hits, judgement.failures.canary.hits), (24, 120));
        let (_, judgement) = judged(&windows(2, 6, [4, 1]));
        assert_ne!(judgement.verdict, Verdict::RollBack);
    }

    #[test]
    fn one_seam_on_one_day_decides_nothing() {
        let (_, judgement) = judged(&windows(1, 1, [0, 50]));
        assert_eq!(judgement.verdict, Verdict::CannotTell);
    }

    #[test]
    fn one_caller_that_fails_again_and_again_is_no_reason_to_roll_back() {
        let mut seen = windows(3, 6, [2, 0]);
        seen.retain(|one| {
            one.key.version == "1" || one.key.day > FIRST_DAY || one.key.operation != "GET /0"
        });
        seen.push(window("2", (0, 0), (9, 17), (160, 60)));
        let (_, judgement) = judged(&seen);
        assert_eq!(judgement.failures.canary.hits, 60);
        assert_ne!(judgement.verdict, Verdict::RollBack);
    }

    #[test]
    fn what_only_one_version_answered_or_when_the_other_did_not_is_left_out() {
        let mut seen = windows(1, 2, [0, 0]);
        seen.push(window("1", (0, 9), (0, 23), (70, 0)));
        seen.push(window("1", (1, 0), (0, 9), (80, 0)));
        seen.push(window("2", (1, 0), (8, 23), (90, 0)));
        seen.push(window("0", (0, 0), (0, 1), (5, 0)));
        seen.push(window("", (0, 0), (0, 1), (6, 0)));
        let arms = Some(Arms { control: "1".to_owned(), canary: "2".to_owned() });
        let recorded = of_windows(&seen, "shop", arms, Settings::default()).unwrap();
        let expected =
            Account { taken: 1_000, alone: 240, others: 5, nameless: 6, ..Account::default() };
        assert_eq!(recorded.account, expected);
    }

    #[test]
    fn versions_that_are_not_clear_are_told() {
        let told = |seen: &[Kept]| match of_windows(seen, "shop", None, Settings::default()) {
            Err(AnalysisError::Versions { found } | AnalysisError::NotSeen { found, .. }) => found,
            other => format!("{other:?}"),
        };
        assert_eq!(told(&[]), "no version of it was seen");
        let one = window("1", (0, 0), (0, 1), (5, 0));
        assert_eq!(told(std::slice::from_ref(&one)), "only `1` was seen");
        let later = window("2", (1, 0), (0, 1), (5, 0));
        assert_eq!(told(&[one.clone(), later.clone()]), "no two were seen on one day");
        let both = [one.clone(), later, window("1", (1, 0), (0, 1), (1, 0))];
        let recorded = of_windows(&both, "shop", None, Settings::default()).unwrap();
        assert_eq!(recorded.arms.control, "1", "it was there on an earlier day");
        let three = ["1", "2", "3"].map(|version| window(version, (0, 0), (0, 1), (5, 0)));
        assert_eq!(told(&three), "on one day `1`, `2`, `3` were seen");
    }
}
