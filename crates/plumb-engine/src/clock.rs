//! The clock, and how people write moments and lengths of time.
//!
//! The one file that may ask the system for the time; everything else is told it. Refuses to know
//! time zones: days are days in UTC.

use crate::excerpt::excerpt;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// The longest length of time that is taken: a hundred years. A longer one is a slip of the hand.
const SPAN_MS_MAX: i64 = 36_500 * DAY_MS;

/// The longest text that is tried as a time; RFC 3339 with nanoseconds and offset needs 35.
const TIME_CHARS_MAX: usize = 64;

/// Letters of a unit and its milliseconds.
const UNITS: [(char, i64); 5] =
    [('s', 1_000), ('m', 60_000), ('h', 3_600_000), ('d', DAY_MS), ('w', 7 * DAY_MS)];

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClockError {
    /// Not a moment.
    #[error("`{text}` is neither a date nor a time with its offset")]
    Moment {
        /// What was written, shortened.
        text: String,
    },
    /// Not a length of time.
    #[error("`{text}` is not a length of time")]
    Span {
        /// What was written, shortened.
        text: String,
    },
    /// A length of time that is zero or beyond a hundred years.
    #[error("`{text}` is not between one second and a hundred years")]
    SpanRange {
        /// What was written, shortened.
        text: String,
    },
}

impl ClockError {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Moment { .. } => "write a date, `2026-12-31`, or a time, `2026-12-31T08:00:00Z`",
            Self::Span { .. } | Self::SpanRange { .. } => {
                "write a whole number and a unit: `30s`, `90m`, `36h`, `14d` or `2w`"
            }
        }
    }
}

/// Now, in Unix milliseconds. Before 1970 it is negative; it never fails.
#[must_use]
pub fn now_ms() -> i64 {
    match system_time().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// Now, since 1970-01-01T00:00Z, as finely as the system tells; zero before.
#[must_use]
pub fn since_epoch() -> Duration {
    system_time().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn system_time() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "the one place where the system's time enters")]
    SystemTime::now()
}

/// The moment that a text means, in Unix milliseconds: RFC 3339 with an offset, or a date, which is
/// its first moment in UTC.
///
/// # Errors
/// [`ClockError::Moment`] for everything else, and so for a time without offset.
pub fn parse_moment(text: &str) -> Result<i64, ClockError> {
    let refused = || ClockError::Moment { text: excerpt(text) };
    if text.len() > TIME_CHARS_MAX {
        return Err(refused());
    }
    if let Some(day) = parse_day(text) {
        return Ok(i64::from(day) * DAY_MS);
    }
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| refused())
}

/// The length of time that a text means, in milliseconds: a whole number and one of `s`, `m`, `h`,
/// `d`, `w`.
///
/// # Errors
/// [`ClockError::Span`] for another form, [`ClockError::SpanRange`] for less than a second or more
/// than a hundred years.
pub fn parse_span(text: &str) -> Result<i64, ClockError> {
    let refused = || ClockError::Span { text: excerpt(text) };
    let last = text.chars().next_back().ok_or_else(refused)?;
    let number = &text[..text.len() - last.len_utf8()];
    let unit = UNITS.iter().find(|(letter, _)| *letter == last).ok_or_else(refused)?;
    if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(refused());
    }
    // Digits that do not fit are a number beyond the range.
    let count = number.parse::<i64>().unwrap_or(i64::MAX);
    match count.checked_mul(unit.1) {
        Some(ms) if ms > 0 && ms <= SPAN_MS_MAX => Ok(ms),
        _ => Err(ClockError::SpanRange { text: excerpt(text) }),
    }
}

/// The day that a date `2026-12-31` means, in days since 1970-01-01; `None` for every other text.
#[must_use]
pub fn parse_day(text: &str) -> Option<i32> {
    const DATE_CHARS: usize = "2026-12-31".len();
    if text.len() != DATE_CHARS {
        return None;
    }
    let date: Date = text.parse().ok()?;
    let midnight = TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok()?;
    Some(day_of(midnight.as_millisecond()))
}

/// The day in UTC that a moment in Unix milliseconds lies in, in days since 1970-01-01; the nearest
/// that can be told for moments millions of years away.
#[must_use]
pub fn day_of(moment_ms: i64) -> i32 {
    let day = moment_ms.div_euclid(DAY_MS);
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// A day, in days since 1970-01-01, as people and TOML write it: `2026-12-31`. Days beyond the
/// year 9999 are written as the last one of it, days before the year 0 as the first.
#[must_use]
pub fn day_text(day: i32) -> String {
    const LAST: &str = "9999-12-31";
    const FIRST: &str = "0000-01-01";
    let beyond = if day < 0 { FIRST } else { LAST };
    let Ok(moment) = Timestamp::from_millisecond(i64::from(day) * DAY_MS) else {
        return beyond.to_owned();
    };
    let date = TimeZone::UTC.to_datetime(moment).date();
    if date.year() < 0 { beyond.to_owned() } else { date.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_moment(text: &str, expected: Result<i64, &str>) {
        let found = parse_moment(text).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[track_caller]
    fn check_span(text: &str, expected: Result<i64, &str>) {
        let found = parse_span(text).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn moments() {
        check_moment("1970-01-01", Ok(0));
        check_moment("1970-01-02", Ok(DAY_MS));
        check_moment("1969-12-31", Ok(-DAY_MS));
        check_moment("2026-11-21T00:26:06.318Z", Ok(1_795_220_766_318));
        check_moment("2026-11-21T02:26:06.318+02:00", Ok(1_795_220_766_318));
        for text in ["", "now", "2026-02-30", "2026-11-21T00:26:06", "21.11.2026", "2026-11"] {
            let expected = format!("`{text}` is neither a date nor a time with its offset");
            check_moment(text, Err(&expected));
        }
    }

    #[test]
    fn spans() {
        check_span("30s", Ok(30_000));
        check_span("90m", Ok(5_400_000));
        check_span("36h", Ok(129_600_000));
        check_span("14d", Ok(14 * DAY_MS));
        check_span("2w", Ok(14 * DAY_MS));
        check_span("36500d", Ok(SPAN_MS_MAX));
        for text in ["", "d", "14", "14 d", "-1d", "1.5h", "1h30m", "14D", "٣d", "5ü", "+5d"] {
            check_span(text, Err(&format!("`{text}` is not a length of time")));
        }
        for text in ["0s", "36501d", "99999999999999999999w", "9223372036854775807w"] {
            check_span(
                text,
                Err(&format!("`{text}` is not between one second and a hundred years")),
            );
        }
    }

    #[test]
    fn days_are_written_as_they_are_read() {
        for day in ["0001-01-01", "1969-12-31", "1970-01-01", "2026-12-31", "9999-12-30"] {
            assert_eq!(day_text(parse_day(day).unwrap()), day);
        }
        assert_eq!(day_text(i32::MAX), "9999-12-31");
        assert_eq!(day_text(i32::MIN), "0000-01-01");
        assert_eq!(day_of(-1), -1);
        assert_eq!(day_of(i64::MAX), i32::MAX);
        assert_eq!(parse_day("2026-12-31T08:00:00Z"), None);
    }

    #[test]
    fn now_lies_after_the_year_2020() {
        assert!(now_ms() > parse_moment("2020-01-01").unwrap());
    }
}
