//! Hours of a day at a place: `22:00-05:00` in `Europe/Berlin`.
//!
//! Refuses to know what happens in them.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use std::fmt;

/// Hours of every day.
#[derive(Clone, Debug)]
pub struct Hours {
    from: Time,
    /// Not in them any more. Before `from` when they go past midnight.
    until: Time,
    zone: TimeZone,
}

/// The longest text that is tried.
const CHARS_MAX: usize = 64;

impl Hours {
    /// The hours that a text means: two times of day with a dash between them. `None` for any
    /// other form, and for two that are the same.
    #[must_use]
    pub fn parse(text: &str, zone: TimeZone) -> Option<Self> {
        let (from, until) = text.split_once('-').filter(|_| text.len() <= CHARS_MAX)?;
        let (from, until) = (time(from.trim())?, time(until.trim())?);
        (from != until).then_some(Self { from, until, zone })
    }

    /// Whether a moment, in Unix milliseconds, lies in them.
    #[must_use]
    pub fn is_open(&self, now_ms: i64) -> bool {
        let Ok(now) = Timestamp::from_millisecond(now_ms) else { return false };
        let now = self.zone.to_datetime(now).time();
        if self.from < self.until {
            self.from <= now && now < self.until
        } else {
            self.from <= now || now < self.until
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        write!(out, "{}-{}", minutes(self.from), minutes(self.until))?;
        match (self.zone.iana_name(), self.zone.to_fixed_offset()) {
            (Some(name), _) => write!(out, " {name}"),
            (None, Ok(offset)) => write!(out, " {offset}"),
            (None, Err(_)) => Ok(()),
        }
    }
}

/// The zone that a text means: `UTC`, an offset such as `+02:00`, or a name that this machine's
/// database of zones has. `None` for every other.
#[must_use]
pub fn zone(text: &str) -> Option<TimeZone> {
    if text == "UTC" || text == "Z" {
        return Some(TimeZone::UTC);
    }
    if text.len() > CHARS_MAX {
        return None;
    }
    let Some(sign) = text.chars().next().filter(|sign| matches!(sign, '+' | '-')) else {
        return TimeZone::get(text).ok();
    };
    let time = time(text.get(1..)?)?;
    let seconds = (i32::from(time.hour()) * 60 + i32::from(time.minute())) * 60;
    let seconds = if sign == '-' { -seconds } else { seconds };
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| -> Option<i8> {
        let is_plain = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|_| is_plain)
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_moment;

    #[track_caller]
    fn check(hours: &str, in_zone: &str, moment: &str, expected: bool) {
        let hours = Hours::parse(hours, zone(in_zone).unwrap()).unwrap();
        assert_eq!(hours.is_open(parse_moment(moment).unwrap()), expected, "{moment}");
    }

    #[test]
    fn hours_past_midnight_and_in_zones() {
        check("09:00-17:00", "UTC", "2026-11-21T09:00:00Z", true);
        check("09:00-17:00", "UTC", "2026-11-21T17:00:00Z", false);
        check("22:00-05:00", "UTC", "2026-11-21T23:30:00Z", true);
        check("22:00-05:00", "UTC", "2026-11-21T04:59:00Z", true);
        check("22:00-05:00", "UTC", "2026-11-21T12:00:00Z", false);
        check("22:00-05:00", "+02:00", "2026-11-21T20:00:00Z", true);
        check("22:00-05:00", "-02:00", "2026-11-21T20:00:00Z", false);
    }

    #[test]
    fn what_is_no_hours() {
        for text in
            ["", "22-05", "22:00", "22:00-22:00", "24:00-05:00", "+1:00-05:00", "9:00-17:00"]
        {
            assert!(Hours::parse(text, TimeZone::UTC).is_none(), "{text}");
        }
        for text in ["Nowhere/AtAll", "+2", "+99:00", ""] {
            assert!(zone(text).is_none(), "{text}");
        }
    }
}
