//! Moments as documents write them: RFC 3339 in UTC, with milliseconds.
//!
//! Refuses to know which moment it is now.

use jiff::Timestamp;

/// 0000-01-01T00:00:00Z in Unix milliseconds: RFC 3339 has no earlier year.
const EARLIEST_MS: i64 = -62_167_219_200_000;

/// `2026-11-21T10:02:33.120Z` for Unix milliseconds; `None` outside the years 0000 to 9999.
#[must_use]
pub fn rfc3339(time_ms: i64) -> Option<String> {
    let moment = Timestamp::from_millisecond(time_ms).ok()?;
    (time_ms >= EARLIEST_MS).then(|| format!("{moment:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(time_ms: i64, expected: Option<&str>) {
        assert_eq!(rfc3339(time_ms).as_deref(), expected);
    }

    #[test]
    fn moments_have_milliseconds() {
        check(0, Some("1970-01-01T00:00:00.000Z"));
        check(1_795_255_353_120, Some("2026-11-21T10:02:33.120Z"));
        check(EARLIEST_MS, Some("0000-01-01T00:00:00.000Z"));
    }

    #[test]
    fn moments_that_cannot_be_written_are_none() {
        check(EARLIEST_MS - 1, None);
        check(i64::MAX, None);
    }
}
