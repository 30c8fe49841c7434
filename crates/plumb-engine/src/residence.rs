//! Residence: how long old versions stayed after their successors were released, and how long
//! messages lay in a queue, as it was seen.
//!
//! Days are what the evidence keeps apart, so an old version is taken to have stayed until the
//! first later day on which its component was seen without it. Refuses to guess: too few releases,
//! or none that anybody saw the end of, give no limit.

use crate::backlogs::KeptBacklog;
use crate::clock::{DAY_MS, day_of, day_text};
use crate::sighting::Sighting;
use crate::survival::{Stayed, bound, share_beyond, survival};
use plumb_gap::release::Release;
use std::collections::BTreeSet;
use std::time::Duration;

/// Releases below which nothing is said: with two, the next one outlasts both as often as not.
const RELEASES_MIN: usize = 3;

/// How long a queue must have been measured: most of them fill and drain with the day.
const MEASURED_MS_MIN: i64 = DAY_MS;

/// Seconds that limits are rounded up to.
const ROUNDED_TO_S: u64 = 3_600;

/// How long something stays, as far as that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residence {
    /// How long at most; `None` where too little was seen to say.
    pub limit: Option<Duration>,
    /// What that rests on, or why there is none, in words for people.
    pub basis: String,
}

/// How long an old version stayed beside its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// How long it stayed.
    pub stayed: Stayed,
    /// How long anybody looked.
    pub watched: Duration,
    /// Whether it was seen at all after its successor was released.
    pub overlaps: bool,
}

/// How long old versions of a component stayed, for each release of it that somebody watched.
/// A release that nobody watched, or whose predecessor was never seen, is left out.
#[must_use]
pub fn spells(component: &str, releases: &[Release], sightings: &[Sighting]) -> Vec<Spell> {
    let mut of: Vec<&Release> = releases.iter().filter(|one| one.component == component).collect();
    if of.len() < 2 {
        return Vec::new();
    }
    let seen: Vec<&Sighting> = sightings.iter().filter(|one| one.component == component).collect();
    of.sort_by_key(|one| (&one.environment, one.at_ms, &one.version));
    let mut spells = Vec::new();
    for group in of.chunk_by(|one, other| one.environment == other.environment) {
        let environment = &group[0].environment;
        let is_there = |one: &&&Sighting| environment.is_empty() || one.environment == *environment;
        let here: Vec<&Sighting> = seen.iter().filter(is_there).copied().collect();
        for (at, pair) in group.windows(2).enumerate() {
            let [old, new] = [pair[0], pair[1]];
            // What comes back is no old version any more.
            let back = group[at + 2..].iter().find(|one| one.version == old.version);
            let until_ms = back.map_or(i64::MAX, |one| one.at_ms);
            let asked = Asked { old: &old.version, at_ms: new.at_ms, until_ms };
            spells.extend(spell(&here, asked).filter(|_| old.version != new.version));
        }
    }
    spells
}

/// Which version is asked about, when its successor was released, and until when it counts as old.
#[derive(Clone, Copy)]
struct Asked<'a> {
    old: &'a str,
    at_ms: i64,
    until_ms: i64,
}

fn spell(seen: &[&Sighting], asked: Asked<'_>) -> Option<Spell> {
    let Asked { old, at_ms, until_ms } = asked;
    let begins_ms = |day: i32| i64::from(day).saturating_mul(DAY_MS);
    let counts = |one: &&&Sighting| begins_ms(one.day) < until_ms;
    let last = |one: &&Sighting| one.last_ms.min(until_ms);
    let of_old = seen.iter().filter(counts).filter(|one| one.version == old);
    let old_ms = of_old.map(last).max()?;
    let watched_ms = seen.iter().filter(counts).map(last).max()?;
    let last_day = day_of(old_ms.max(at_ms));
    let gone = seen.iter().filter(counts).map(|one| one.day).filter(|day| *day > last_day).min();
    let stayed_ms = gone.map_or(old_ms, begins_ms).saturating_sub(at_ms);
    if stayed_ms <= 0 {
        return None;
    }
    let length = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    Some(Spell {
        stayed: Stayed { length: length(stayed_ms), is_over: gone.is_some() },
        watched: length(watched_ms.saturating_sub(at_ms)),
        overlaps: old_ms > at_ms,
    })
}

/// How long old versions stay, by how long they stayed: the length by which 95 % had gone, and
/// never less than the longest.
#[must_use]
pub fn residence(spells: &[Spell]) -> Residence {
    let unknown = |basis: String| Residence { limit: None, basis };
    let open = spells.iter().filter(|one| !one.stayed.is_over).count();
    if spells.len() < RELEASES_MIN {
        let watched = count(spells.len());
        return unknown(format!("{watched} watched, {RELEASES_MIN} are needed"));
    }
    if open == spells.len() {
        return unknown(format!("the old version was still seen after each of {open} releases"));
    }
    if !spells.iter().any(|one| one.overlaps) {
        // So it is too where traffic does not tell its version, and releases stand in for it.
        return unknown("no old version was ever seen beside its successor".to_owned());
    }
    let cases: Vec<Stayed> = spells.iter().map(|one| one.stayed).collect();
    let longest = cases.iter().map(|one| one.length).max().unwrap_or_default();
    let Some(by) = bound(&survival(&cases)) else {
        let so_far = length_text(rounded(longest));
        return unknown(format!("an old version was still seen {so_far} after a release"));
    };
    let limit = rounded(longest.max(by));
    let over = spells.iter().filter(|one| one.watched >= longest).count();
    let open = if open > 0 { format!(", {open} of them not over") } else { String::new() };
    let basis = format!(
        "seen over {}{open}; the longest {}, 95 % within {}; at 95 % confidence at most {:.0} % \
         of releases take longer; known to the day",
        count(spells.len()),
        length_text(rounded(longest)),
        length_text(rounded(by)),
        share_beyond(over) * 100.0,
    );
    Residence { limit: Some(limit), basis }
}

/// How long messages lie, by the oldest that a broker told of at any of these destinations. Only
/// the consumer counts that is asked for, where one of them goes by its name; where none of these
/// destinations was measured, everything counts that such a consumer takes.
#[must_use]
pub fn of_messages(
    backlogs: &[KeptBacklog],
    destinations: &BTreeSet<String>,
    consumer: &str,
) -> Residence {
    let unknown = |basis: &str| Residence { limit: None, basis: basis.to_owned() };
    let is_there = |one: &&KeptBacklog| destinations.contains(&one.destination);
    let is_consumer = |one: &&KeptBacklog| one.consumer.eq_ignore_ascii_case(consumer);
    let both = backlogs.iter().filter(is_there).filter(is_consumer);
    let mut those: Vec<&KeptBacklog> = both.collect();
    if those.is_empty() {
        those = backlogs.iter().filter(is_there).collect();
    }
    if those.is_empty() {
        those = backlogs.iter().filter(is_consumer).collect();
    }
    if those.is_empty() {
        return unknown("no broker was asked how old the messages are that lie there");
    }
    let Some(age_ms) = those.iter().filter_map(|one| one.highest.oldest_age_ms).max() else {
        return unknown("the broker does not tell how old the messages are that lie there");
    };
    let from_ms = those.iter().map(|one| one.highest.at_ms).min().unwrap_or_default();
    let to_ms = those.iter().map(|one| one.last.at_ms).max().unwrap_or_default();
    if to_ms.saturating_sub(from_ms) < MEASURED_MS_MIN {
        return unknown("the messages that lie there were measured for less than a day");
    }
    let limit = rounded(Duration::from_millis(age_ms));
    let (from, to) = (day_text(day_of(from_ms)), day_text(day_of(to_ms)));
    let basis = format!("the oldest message that the broker told of from {from} to {to}");
    Residence { limit: Some(limit), basis }
}

/// Up to a whole hour, and one at least.
fn rounded(length: Duration) -> Duration {
    let seconds = length.as_secs() + u64::from(length.subsec_nanos() > 0);
    Duration::from_secs(seconds.max(1).next_multiple_of(ROUNDED_TO_S))
}

fn length_text(length: Duration) -> String {
    let hours = length.as_secs() / 3_600;
    if hours.is_multiple_of(24) { format!("{}d", hours / 24) } else { format!("{hours}h") }
}

fn count(releases: usize) -> String {
    let plural = if releases == 1 { "" } else { "s" };
    format!("{releases} release{plural}")
}

#[cfg(test)]
mod tests;
