//! What could not be read of recorded files, and when that takes a yes away.
//!
//! Refuses to know any format.

use std::io;

/// Lines that are told of one by one.
const TOLD_MAX: usize = 20;

/// One unread line in so many takes a yes away: those that were not read may be those that failed.
const PART_MAX: u64 = 100;

/// What could not be read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// All lines that could not be read.
    pub lines: u64,
    /// All lines that were looked at; 0 for a file that has none.
    pub of: u64,
    /// Whether the file breaks off, so that nobody knows how much is missing.
    pub is_cut: bool,
    /// The first of them: the number of the line, from 1, and what is wrong with it.
    pub first: Vec<(u64, String)>,
}

impl Unread {
    /// Columns that hold lists: whole columns, which stand above the first line.
    pub(crate) fn of_lists(names: &[String]) -> Self {
        let mut unread = Self::default();
        names.iter().for_each(|name| unread.add(0, format!("column `{name}` holds lists")));
        unread
    }

    pub(crate) fn add(&mut self, line: u64, reason: String) {
        self.lines += 1;
        if self.first.len() < TOLD_MAX {
            self.first.push((line, reason));
        }
    }

    /// Behind this line nothing could be read any more.
    pub(crate) fn break_off(&mut self, line: u64, err: &io::Error) {
        self.is_cut = true;
        self.add(line, format!("the file breaks off: {err}"));
    }

    /// Why a yes would rest on too little of this file.
    pub(crate) fn caution(&self, name: &str) -> Option<String> {
        if self.is_cut {
            return Some(format!("{name} breaks off, so it is not known what is missing"));
        }
        let is_much = self.of > 0 && is_much(self.lines, self.of);
        is_much.then(|| format!("{} of {} lines of {name} could not be read", self.lines, self.of))
    }
}

/// Whether so many unread ones among all take a yes away.
pub(crate) const fn is_much(unread: u64, of: u64) -> bool {
    unread > of / PART_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_hundred_may_be_unread() {
        let unread = |lines, of| Unread { lines, of, ..Unread::default() };
        assert_eq!(unread(0, 0).caution("a"), None);
        assert_eq!(unread(2, 200).caution("a"), None);
        let told = "2 of 199 lines of a could not be read";
        assert_eq!(unread(2, 199).caution("a").as_deref(), Some(told));
        assert_eq!(Unread::of_lists(&["b".to_owned()]).caution("a"), None);
    }

    #[test]
    fn what_breaks_off_may_miss_anything() {
        let mut unread = Unread { of: 10_000, ..Unread::default() };
        unread.break_off(10_000, &io::ErrorKind::UnexpectedEof.into());
        assert!(unread.caution("a").is_some_and(|why| why.contains("breaks off")));
    }
}
