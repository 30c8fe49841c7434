//! Counts what a cassette says and was not read: one line per reason, however many interactions
//! share it, so that a file of thousands of compressed bodies is one thing to do.
//!
//! Refuses to know what the reasons mean.

use crate::reading::Unread;
use std::collections::BTreeMap;

/// Why something was not read, and what to do about it. Both are fixed texts, which bounds a tally
/// by the number of reasons in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Why {
    /// Lower case, no full stop.
    pub(crate) reason: &'static str,
    /// Lower case, no full stop.
    pub(crate) remedy: &'static str,
}

/// How often each reason came up, and at which line first.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnreadTally {
    first_and_count: BTreeMap<Why, (u32, usize)>,
}

impl UnreadTally {
    /// Counts one more place for this reason.
    pub(crate) fn add(&mut self, line: u32, why: Why) {
        self.add_times(line, why, 1);
    }

    fn add_times(&mut self, line: u32, why: Why, times: usize) {
        let (first, count) = self.first_and_count.entry(why).or_insert((line, 0));
        *first = line.min(*first);
        *count += times;
    }

    /// Takes in what was counted elsewhere in the same file.
    pub(crate) fn merge(&mut self, other: Self) {
        for (why, (line, count)) in other.first_and_count {
            self.add_times(line, why, count);
        }
    }

    /// What was found; counted when it was not.
    pub(crate) fn need<T>(&mut self, found: Option<T>, line: u32, why: Why) -> Option<T> {
        if found.is_none() {
            self.add(line, why);
        }
        found
    }

    /// One [`Unread`] for each reason, in the order of lines.
    pub(crate) fn into_unread(self, file: &str) -> Vec<Unread> {
        let mut unread: Vec<Unread> = self
            .first_and_count
            .into_iter()
            .map(|(why, (line, count))| Unread {
                file: file.to_owned(),
                line,
                reason: counted(why.reason, count),
                remedy: why.remedy.to_owned(),
            })
            .collect();
        unread.sort_by_key(|unread| unread.line);
        unread
    }
}

fn counted(reason: &str, count: usize) -> String {
    if count == 1 { reason.to_owned() } else { format!("{reason} ({count} times)") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_once_with_its_first_line() {
        let late = Why { reason: "a body is compressed", remedy: "record it plain" };
        let early = Why { reason: "no answer", remedy: "record it again" };
        let mut tally = UnreadTally::default();
        for (line, why) in [(9, late), (7, late), (3, early)] {
            tally.add(line, why);
        }
        let said: Vec<(u32, String)> =
            tally.into_unread("a.yaml").into_iter().map(|it| (it.line, it.reason)).collect();
        let twice = "a body is compressed (2 times)".to_owned();
        assert_eq!(said, [(3, "no answer".to_owned()), (7, twice)]);
    }
}
