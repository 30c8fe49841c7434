//! Acceptances: findings that a team has decided to live with until a day.
//!
//! Refuses to know what a finding is beyond its key.

use crate::clock::day_of;

/// A finding that does not count, until when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The key of the finding.
    pub finding: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day, in UTC, on which it is; days since 1970-01-01.
    pub until_day: i32,
    /// Who accepted it.
    pub by: Option<String>,
}

impl Accept {
    /// True up to the last moment of its last day; the moment is in Unix milliseconds.
    #[must_use]
    pub fn is_live(&self, moment_ms: i64) -> bool {
        day_of(moment_ms) <= self.until_day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{parse_day, parse_moment};

    #[test]
    fn an_acceptance_lives_through_its_last_day() {
        let accept = Accept {
            finding: "a".to_owned(),
            reason: "b".to_owned(),
            until_day: parse_day("2026-12-31").unwrap(),
            by: None,
        };
        assert!(accept.is_live(parse_moment("2026-12-31T23:59:59.999Z").unwrap()));
        assert!(!accept.is_live(parse_moment("2027-01-01").unwrap()));
    }
}
