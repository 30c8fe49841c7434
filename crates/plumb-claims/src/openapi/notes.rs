//! Collects what a specification says and was not read, while the same schema is met again and
//! again from every operation: each thing is told once.
//!
//! Refuses to know what is read and why something is not.

use crate::openapi::refs::Spot;
use crate::reading::Unread;
use crate::unread_tally::{UnreadTally, Why};
use std::collections::{BTreeMap, BTreeSet};

/// What was met and not read. Bounded by the size of the specification: a place is kept once.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    told: BTreeMap<(String, u32, String), String>,
    met: BTreeSet<(String, usize, Why)>,
    tallies: BTreeMap<String, UnreadTally>,
}

impl Notes {
    /// Tells of one thing at its own line.
    pub(crate) fn tell(&mut self, unread: Unread) {
        self.told.entry((unread.file, unread.line, unread.reason)).or_insert(unread.remedy);
    }

    /// Tells of one thing where `spot` stands.
    pub(crate) fn tell_at(&mut self, spot: Spot<'_>, reason: &str, remedy: &str) {
        self.tell(Unread {
            file: spot.file.to_owned(),
            line: spot.node.line,
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    /// Counts one place for a reason that is told once for each file.
    pub(crate) fn count(&mut self, spot: Spot<'_>, why: Why) {
        if self.met.insert((spot.file.to_owned(), spot.node.start, why)) {
            self.tallies.entry(spot.file.to_owned()).or_default().add(spot.node.line, why);
        }
    }

    /// Everything that was told, in the order of files and lines.
    pub(crate) fn into_unread(self) -> Vec<Unread> {
        let told = self.told.into_iter();
        let mut unread: Vec<Unread> = told
            .map(|((file, line, reason), remedy)| Unread { file, line, reason, remedy })
            .collect();
        for (file, tally) in self.tallies {
            unread.extend(tally.into_unread(&file));
        }
        unread.sort_by(|one, two| (&one.file, one.line).cmp(&(&two.file, two.line)));
        unread
    }
}
