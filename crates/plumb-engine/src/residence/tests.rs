//! What releases, sightings and backlogs tell of how long things stay.

use super::*;
use crate::backlogs::Measure;
use proptest::collection::vec;
use proptest::prelude::*;

/// Ten in the morning of a day, Unix milliseconds.
fn at(day: i32) -> i64 {
    i64::from(day) * DAY_MS + 36_000_000
}

fn released(version: &str, day: i32) -> Release {
    let (component, environment) = ("api".to_owned(), "live".to_owned());
    Release { at_ms: at(day), component, version: version.to_owned(), environment }
}

/// A version that was seen until noon of each of these days.
fn seen(version: &str, days: &[i32]) -> Vec<Sighting> {
    let sighting = |day: &i32| Sighting {
        component: "api".to_owned(),
        version: version.to_owned(),
        environment: "live".to_owned(),
        day: *day,
        last_ms: at(*day) + 7_200_000,
    };
    days.iter().map(sighting).collect()
}

/// Hours that each old version stayed; negative where that is not over.
#[track_caller]
fn check(releases: &[Release], sightings: &[Vec<Sighting>], expected: &[i64]) {
    let spells = spells("api", releases, &sightings.concat());
    let hours = |one: &Spell| {
        let hours = i64::try_from(one.stayed.length.as_secs() / 3_600).unwrap();
        if one.stayed.is_over { hours } else { -hours }
    };
    assert_eq!(spells.iter().map(hours).collect::<Vec<_>>(), expected);
}

#[test]
fn an_old_version_stays_until_a_day_on_which_only_others_are_seen() {
    let two = [released("1", 1), released("2", 5)];
    check(&two, &[seen("1", &[4, 5, 6]), seen("2", &[5, 6, 7])], &[38]);
    check(&two, &[seen("1", &[4]), seen("2", &[5, 6])], &[14]);
    // Nobody looked on day 7.
    check(&two, &[seen("1", &[4, 5, 6]), seen("2", &[5, 6, 8])], &[62]);
}

#[test]
fn what_is_still_seen_is_not_over() {
    let two = [released("1", 1), released("2", 5)];
    check(&two, &[seen("1", &[4, 5, 6]), seen("2", &[5, 6])], &[-26]);
    check(&two, &[seen("1", &[4, 5, 6]), seen("2", &[5])], &[-26]);
}

#[test]
fn what_nobody_watched_is_left_out() {
    let two = [released("1", 1), released("2", 5)];
    check(&two, &[seen("2", &[5, 6])], &[]);
    check(&two, &[seen("1", &[1, 2])], &[]);
    check(&two, &[], &[]);
    check(&[released("1", 1), released("1", 5)], &[seen("1", &[4, 6])], &[]);
    let elsewhere = Release { environment: "test".to_owned(), ..released("2", 5) };
    check(&[released("1", 1), elsewhere], &[seen("1", &[4]), seen("2", &[6])], &[]);
}

#[test]
fn a_version_that_comes_back_is_old_no_more() {
    let back = [released("1", 1), released("2", 5), released("1", 6)];
    let sightings = [seen("1", &[4, 5, 6, 7]), seen("2", &[5, 6]), seen("1", &[8])];
    // Version 1 was there when it came back; version 2 stayed for the rest of day 6.
    check(&back, &sightings, &[-24, 14]);
}

fn spell_of(hours: u64, is_over: bool) -> Spell {
    let stayed = Stayed { length: Duration::from_hours(hours), is_over };
    Spell { stayed, watched: Duration::from_hours(hours + 1), overlaps: true }
}

#[track_caller]
fn check_limit(hours: &[(u64, bool)], limit: Option<u64>, basis: &str) {
    let spells: Vec<Spell> = hours.iter().map(|one| spell_of(one.0, one.1)).collect();
    let found = residence(&spells);
    assert_eq!(found.limit.map(|limit| limit.as_secs() / 3_600), limit);
    assert_eq!(found.basis, basis);
}

#[test]
fn limits_say_what_they_rest_on() {
    check_limit(&[], None, "0 releases watched, 3 are needed");
    check_limit(&[(5, true), (5, true)], None, "2 releases watched, 3 are needed");
    check_limit(&[(5, false); 3], None, "the old version was still seen after each of 3 releases");
    check_limit(
        &[(14, true), (38, true), (300, false)],
        None,
        "an old version was still seen 300h after a release",
    );
    check_limit(
        &[(14, true), (48, true), (14, true), (10, false)],
        Some(48),
        "seen over 4 releases, 1 of them not over; the longest 2d, 95 % within 2d; at 95 % \
         confidence at most 95 % of releases take longer; known to the day",
    );
}

#[test]
fn versions_that_never_met_tell_nothing() {
    let apart = Spell { overlaps: false, ..spell_of(14, true) };
    let found = residence(&[apart; 5]);
    assert_eq!(found.limit, None);
    assert_eq!(found.basis, "no old version was ever seen beside its successor");
}

fn backlog(consumer: &str, days: (i32, i32), oldest_age_ms: Option<u64>) -> KeptBacklog {
    let measure = |day| Measure { oldest_age_ms, at_ms: at(day), ..Measure::default() };
    KeptBacklog {
        destination: "orders".to_owned(),
        consumer: consumer.to_owned(),
        environment: String::new(),
        last: measure(days.1),
        highest: measure(days.0),
    }
}

#[track_caller]
fn check_messages(backlogs: &[KeptBacklog], limit_h: Option<u64>, basis: &str) {
    let found = of_messages(backlogs, &BTreeSet::from(["orders".to_owned()]), "billing");
    assert_eq!(found.limit.map(|limit| limit.as_secs() / 3_600), limit_h);
    assert_eq!(found.basis, basis);
}

#[test]
fn messages_lie_as_long_as_the_oldest_did() {
    let told = "the oldest message that the broker told of from 1970-01-02 to 1970-01-05";
    let hour = 3_600_000;
    check_messages(&[backlog("x", (1, 4), Some(hour + 1))], Some(2), told);
    let both = [backlog("x", (1, 4), Some(9 * hour)), backlog("Billing", (1, 4), Some(0))];
    check_messages(&both, Some(1), told);
    let elsewhere = KeptBacklog { destination: "ORDERS".to_owned(), ..both[1].clone() };
    check_messages(&[elsewhere], Some(1), told);
    check_messages(&[], None, "no broker was asked how old the messages are that lie there");
    let untold = backlog("x", (1, 4), None);
    let why = "the broker does not tell how old the messages are that lie there";
    check_messages(&[untold], None, why);
    let hasty = backlog("x", (4, 4), Some(hour));
    check_messages(&[hasty], None, "the messages that lie there were measured for less than a day");
}

fn some_spells() -> impl Strategy<Value = Vec<Spell>> {
    vec((1_u64..200, any::<bool>()).prop_map(|(hours, is_over)| spell_of(hours, is_over)), 0..30)
}

proptest! {
    #[test]
    fn what_is_not_over_only_lengthens_a_limit(
        known in some_spells(),
        which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!known.is_empty());
        let mut open = known.clone();
        which.get_mut(&mut open).stayed.is_over = false;
        let limit = |spells: &[Spell]| residence(spells).limit.unwrap_or(Duration::MAX);
        prop_assert!(limit(&open) >= limit(&known));
    }

    #[test]
    fn a_limit_is_never_below_the_longest_that_was_seen(known in some_spells()) {
        if let Some(limit) = residence(&known).limit {
            prop_assert!(known.iter().all(|one| one.stayed.length <= limit));
        }
    }
}
